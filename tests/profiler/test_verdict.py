"""The table of verdicts, case by case."""

from __future__ import annotations

import pytest

from unifw.profiler._statistics import Interval
from unifw.profiler._verdict import Evidence, decide

ANCHOR = Evidence(rounds=30)


def rival(low: float, high: float, **other: object) -> Evidence:
    return Evidence(rounds=30, ratio=Interval((low + high) / 2, low, high), **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("evidence", "word", "reason"),
    [
        (rival(1.10, 1.20), "SLOWER", ""),
        (rival(0.99, 1.02), "SAME", ""),
        (rival(0.80, 0.90), "FASTER", ""),
        (rival(1.01, 1.08), "UNDECIDED", "ratio between 1.01 and 1.08"),
        (rival(0.90, 1.10), "UNDECIDED", "ratio between 0.90 and 1.10"),
        (rival(1.10, 1.20, doubt="others took 30% of its CPU time"), "UNDECIDED", "others took"),
        (rival(1.10, 1.20, invalid="gradient body/0/kernel is off by 3e-01"), "INVALID", "body/0/kernel"),
        (rival(1.10, 1.20, failed="start: killed by SIGSEGV"), "FAILED", "SIGSEGV"),
        (Evidence(rounds=3, ratio=Interval(2.0, 1.9, 2.1)), "UNDECIDED", "only 3 usable rounds"),
        (Evidence(rounds=0), "UNDECIDED", "only 0 usable rounds"),
        (Evidence(failed="it died", invalid="it is wrong", doubt="it is noisy"), "FAILED", "it died"),
    ],
)
def test_one_rival_of_the_fastest(evidence: Evidence, word: str, reason: str) -> None:
    verdict = decide({"a": ANCHOR, "b": evidence}, "a")["b"]
    assert verdict.word == word
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("rivals", "word"),
    [
        ([rival(1.1, 1.2)], "BEST"),
        ([rival(0.99, 1.01)], "BEST"),  # a tie is still a best
        ([rival(1.00, 1.10)], "BEST"),  # undecided, but not faster
        ([rival(0.90, 1.10)], "UNDECIDED"),
        ([rival(1.1, 1.2), rival(0.90, 1.10)], "UNDECIDED"),
        ([rival(1.1, 1.2), Evidence(failed="it died")], "BEST"),
        ([Evidence(invalid="it is wrong", ratio=Interval(0.1, 0.1, 0.1))], "BEST"),
        ([Evidence(rounds=30, doubt="noise")], "UNDECIDED"),
        ([], "BEST"),
    ],
)
def test_best_only_if_nobody_may_be_faster(rivals: list[Evidence], word: str) -> None:
    evidence = {"a": ANCHOR, **{f"r{i}": item for i, item in enumerate(rivals)}}
    assert decide(evidence, "a")["a"].word == word


def test_doubt_about_the_fastest_is_doubt_about_all_ratios() -> None:
    verdicts = decide({"a": Evidence(rounds=30, doubt="noise"), "b": rival(1.5, 1.6)}, "a")
    assert verdicts["a"].word == verdicts["b"].word == "UNDECIDED"
    assert "a, which it is compared with" in verdicts["b"].reason


def test_a_baseline_is_named_as_such() -> None:
    verdicts = decide({"a": ANCHOR, "b": rival(0.5, 0.6)}, "a", baseline=True)
    assert (verdicts["a"].word, verdicts["b"].word) == ("BASELINE", "FASTER")


def test_nothing_measured() -> None:
    assert decide({"a": Evidence(failed="it died")}, None)["a"].word == "FAILED"
