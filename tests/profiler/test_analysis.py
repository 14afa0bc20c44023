"""From raw samples to rows, verdicts, table, and JSON that gives the same table."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.profiler.fakes import report, result
from unifw.errors import ProfileError
from unifw.profiler import (
    Failure,
    Report,
    Threads,
    VariantResult,
    analyse,
    from_json,
    load_report,
    render_text,
    save_report,
    to_json,
)


def times(scale: float, seed: int, rounds: int = 30) -> list[float]:
    return (scale * np.exp(np.random.default_rng(seed).normal(0, 0.01, rounds))).tolist()


def typical() -> Report:
    return report(
        result("jax/compiled", times(1.0, 1), times(1.0, 2)),
        result("torch/eager", times(1.5, 3), times(1.5, 4)),
        result("torch/compiled", times(1.005, 5), times(1.005, 6)),
        result("tensorflow/eager", times(0.5, 7), times(0.5, 8), parity=1e-2),
        result("numpy/eager", times(4.0, 9), times(4.0, 10), busy=1.9),
        replace(result("toy/eager"), failure=Failure("start", "killed by SIGSEGV", "Segmentation fault")),
    )


def words(source: Report) -> dict[str, str]:
    return {row.variant.label: row.verdict.word for row in analyse(source).rows}


def test_verdicts_of_a_typical_report() -> None:
    assert words(typical()) == {
        "jax/compiled": "BEST",
        "torch/compiled": "SAME",
        "torch/eager": "SLOWER",
        "tensorflow/eager": "INVALID",
        "numpy/eager": "INVALID",
        "toy/eager": "FAILED",
    }


def test_what_is_wrong_is_unranked_and_says_what_failed_first_and_by_how_much() -> None:
    analysis = analyse(typical())
    assert [row.variant.label for row in analysis.rows][-1] == "toy/eager"
    text = "\n".join(analysis.doubts)
    assert "tensorflow/eager INVALID: output is off by 1.0e-02; allowed is 1e-04" in text
    assert "numpy/eager INVALID: it used 1.90 CPUs at once, 1 thread(s) were asked for" in text
    assert "toy/eager FAILED: start: killed by SIGSEGV" in text
    assert analysis.reference == "jax/compiled"
    assert "jax/compiled is the fastest" in analysis.conclusion
    assert "torch/compiled cannot be told from it" in analysis.conclusion


def test_ratios_to_a_baseline() -> None:
    source = typical()
    source = replace(source, settings=replace(source.settings, baseline="torch/eager"))
    assert words(source)["jax/compiled"] == "FASTER"
    assert words(source)["torch/eager"] == "BASELINE"
    assert analyse(source).conclusion.startswith("Against torch/eager")


@pytest.mark.parametrize(
    ("baseline", "why"),
    [("tensorflow/eager", "INVALID"), ("toy/eager", "FAILED"), ("numpy/compiled", "not measured")],
)
def test_a_baseline_that_does_not_count_is_not_replaced(baseline: str, why: str) -> None:
    source = typical()
    analysis = analyse(replace(source, settings=replace(source.settings, baseline=baseline)))
    assert analysis.reference is None
    assert analysis.measured
    assert all(row.ratio is None for row in analysis.rows)
    rows = {row.variant.label: row.verdict for row in analysis.rows}
    assert rows["jax/compiled"].word == "UNDECIDED"
    reason = f"the baseline {baseline} is {why}, so there are no ratios"
    assert rows["jax/compiled"].reason == reason
    assert analysis.conclusion == f"Nothing is concluded: {reason}. Repair it, or leave --baseline out."


def test_the_conclusion_against_a_baseline_names_the_undecided() -> None:
    source = report(
        result("a/eager", times(1.0, 1), times(1.0, 2)),
        result("b/eager", times(2.0, 3), times(2.0, 4)),
        result("c/eager", times(1.0, 5), times(1.06, 6)),
        baseline="a/eager",
    )
    assert analyse(source).conclusion.endswith("slower: b/eager; undecided: c/eager.")


def test_the_conclusion_does_not_call_lowest_what_is_not() -> None:
    # a shows less but is in doubt, so that ratios are to b, and it is open whether a is faster.
    source = report(
        result("a/eager", times(1.0, 1), times(1.0, 2), run_delay=0.3),
        result("b/eager", times(2.0, 3), times(2.0, 4)),
        result("c/eager", times(3.0, 5), times(3.0, 6)),
    )
    analysis = analyse(source)
    assert analysis.reference == "b/eager"
    assert analysis.conclusion.startswith("Undecided: a/eager has the lowest median")
    assert analysis.conclusion.endswith("of those in no doubt, b/eager has the lowest.")


def test_noise_gates_the_verdict() -> None:
    noisy = report(
        result("a/eager", times(1.0, 1), times(1.0, 2), run_delay=0.3, tasks=1),
        result("b/eager", times(2.0, 3), times(2.0, 4), run_delay=0.0, tasks=1),
    )
    rows = {row.variant.label: row for row in analyse(noisy).rows}
    assert rows["a/eager"].verdict.word == "UNDECIDED"
    assert "100% of its samples were disturbed" in rows["a/eager"].verdict.reason


def test_foreign_load_gates_the_verdict() -> None:
    loud = report(result("a/eager", times(1.0, 1), times(1.0, 2), foreign=0.5), result("b/eager", times(2.0, 3)))
    reason = next(row.verdict.reason for row in analyse(loud).rows if row.variant.backend == "a")
    assert "others took" in reason


def test_drift_widens_the_interval_and_is_said() -> None:
    rising = [1.0 + 0.02 * number for number in range(30)]
    source = report(result("a/eager", rising, rising), result("b/eager", *[[1.1 * time for time in rising]] * 2))
    analysis = analyse(source)
    assert words(source)["b/eager"] == "UNDECIDED"  # though every single round has the ratio 1.1
    assert any("a/eager: its times drifted by 26%" in doubt for doubt in analysis.doubts)
    assert words(report(result("a/eager", rising, rising), result("b/eager", *[[9.0] * 30] * 2)))["b/eager"] == "SLOWER"


def test_disturbed_rounds_are_left_out_of_both_sides_of_a_ratio() -> None:
    def disturb(source: Report) -> Report:
        variant = source.results[0]
        launch = variant.launches[0]
        spoilt = tuple(
            replace(sample, seconds=9.0, noise=replace(sample.noise, run_delay=8.0))
            if sample.round % 3 == 0
            else sample
            for sample in launch.samples["train"]
        )
        changed = replace(launch, samples={**launch.samples, "train": spoilt})
        return replace(source, results=(replace(variant, launches=(changed,)), *source.results[1:]))

    clean = report(result("a/eager", [1.0] * 30, run_delay=0.0, tasks=1), result("b/eager", [2.0] * 30), launches=1)
    rows = analyse(disturb(clean)).rows
    assert rows[0].disturbed == pytest.approx(1 / 3)
    assert rows[1].ratio is not None
    assert rows[1].ratio.estimate == pytest.approx(2.0)
    assert [row.verdict.word for row in rows] == ["BEST", "SLOWER"]
    assert "a/eager: 33% of its samples were disturbed and left out." in analyse(disturb(clean)).doubts


def test_break_even_is_where_the_lines_meet() -> None:
    slow_start = result("a/compiled", [0.1] * 10, [0.1] * 10)
    launches = tuple(replace(each, phases={**each.phases, "first_train": 12.0}) for each in slow_start.launches)
    analysis = analyse(report(replace(slow_start, launches=launches), result("a/eager", [0.3] * 10, [0.3] * 10)))
    (point,) = analysis.break_even
    assert (point.slow_start, point.fast_start) == ("a/compiled", "a/eager")
    assert point.steps == pytest.approx((12.0 - 2.0) / 0.2)
    assert "after 50 steps" in analysis.conclusion
    text = render_text(report(replace(slow_start, launches=launches), result("a/eager", [0.3] * 10, [0.3] * 10)))
    assert "Start included, a/compiled overtakes a/eager after 50 training steps." in text


def slow_start(label: str, *launches: list[float]) -> VariantResult:
    variant = result(label, *launches)
    later = tuple(replace(each, phases={**each.phases, "first_train": 12.0}) for each in variant.launches)
    return replace(variant, launches=later)


def test_break_even_is_a_range_where_the_ratio_is_one() -> None:
    faster = slow_start("a/compiled", times(0.5, 1), times(0.51, 2), times(0.49, 3))
    source = report(faster, result("a/eager", times(1.0, 4), times(1.0, 5), times(1.0, 6)))
    (point,) = analyse(source).break_even
    assert 18 < point.low < point.steps < point.high < 23
    assert point.words == f"{point.low:,.0f} to {point.high:,.0f}"
    assert f"after {point.words} training steps" in render_text(source)


@pytest.mark.parametrize("noise", [{}, {"run_delay": 0.3}])
def test_nothing_pays_off_that_is_not_surely_faster(noise: dict[str, float]) -> None:
    scale = 0.5 if noise else 0.998  # in doubt, or too near to tell
    rows = [slow_start("a/compiled", *(times(scale, seed) for seed in (1, 2, 3)))]
    source = report(*rows, result("a/eager", *(times(1.0, seed) for seed in (4, 5, 6)), **noise))
    assert analyse(source).break_even == ()
    assert "overtakes" not in render_text(source)
    assert "pays off" not in render_text(source)


def test_preparing_counts_as_start() -> None:
    def build(**phases: float) -> float | None:
        variant = result("a/eager", [1.0] * 9)
        launches = tuple(replace(each, phases={**each.phases, **phases}) for each in variant.launches)
        return analyse(report(replace(variant, launches=launches))).rows[0].build

    assert build() == pytest.approx(0.2)
    assert build(prepare=0.5) == pytest.approx(0.7)


def test_a_missing_allocator_figure_has_its_reason_below_the_table() -> None:
    text = render_text(report(result("a/eager", [1.0] * 9), result("b/eager", [1.0] * 9)))
    assert "No allocator figure for a/eager, b/eager: not counted here." in text


@pytest.mark.parametrize(
    ("devices", "line"),
    [
        (("cpu", "cpu"), "float32 on cpu\n"),
        (("cuda:0", "cpu"), "float32 on cuda:0: a/eager; float32 on cpu: b/eager"),
    ],
)
def test_the_header_names_dtype_and_device(devices: tuple[str, str], line: str) -> None:
    results = (
        replace(result(label, [1.0] * 9), device=device, floatx="float32")
        for label, device in zip(("a/eager", "b/eager"), devices, strict=True)
    )
    text = "\n".join(each.rstrip() for each in render_text(report(*results)).splitlines())
    assert line in text


def test_one_variant_alone_is_not_called_best_of_anything() -> None:
    assert "nothing to compare" in analyse(report(result("numpy/eager", [1.0] * 9))).conclusion


def test_nothing_measured_is_said() -> None:
    dead = replace(result("a/eager"), failure=Failure("start", "exit code 3"))
    analysis = analyse(report(dead))
    assert analysis.reference is None
    assert not analysis.measured
    assert analysis.conclusion == "No variant could be measured."


def test_json_gives_the_same_report_and_the_same_table(tmp_path) -> None:
    source = typical()
    save_report(source, tmp_path / "report.json")
    back = load_report(tmp_path / "report.json")
    assert back == source
    assert render_text(back) == render_text(source)
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_json_is_versioned_and_holds_raw_samples() -> None:
    content = json.loads(to_json(typical()))
    assert content["schema"] == 1
    assert len(content["results"][0]["launches"][1]["samples"]["train"]) == 30


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a report"),
        ("[]", "not a report"),
        ('{"schema": 99}', "schema version 99"),
        ('{"schema": 1}', "damaged"),
    ],
)
def test_what_is_not_a_report_is_refused(text: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        from_json(text)


def test_the_table_shows_every_variant_and_its_verdict() -> None:
    text = render_text(typical())
    for part in ("jax/compiled", "BEST", "1.50 [1.", "INVALID", "FAILED", "2.0 MiB", "7 parameters", "1e-02 / 1e-04"):
        assert part in text


@pytest.mark.parametrize(
    ("threads", "problem"),
    [
        (Threads(1), ""),
        (Threads(2, 1), ""),  # a model too small to split
        (Threads(1, 1, escaped=0), ""),
        (Threads(1, 2), ""),  # one of them waits: whoever is pinned to one CPU cannot have had two
        (Threads(1, 2, escaped=0, busy=0.99), ""),
        (Threads(2, 2, busy=1.98), ""),
        (Threads(1, 1, busy=1.6), "it used 1.60 CPUs at once, 1 thread(s) were asked for"),
        (Threads(1, 2, dispatching=1), ""),  # one computes, one hands it work
        (Threads(1, 1, escaped=4), "4 of its threads may run on CPUs it was not given"),
    ],
)
def test_more_of_the_machine_than_was_given_is_a_problem(threads: Threads, problem: str) -> None:
    assert threads.problem.startswith(problem)
    assert bool(threads.problem) is bool(problem)


def test_threads_that_queue_for_their_cpus_are_said_but_do_not_count_against_a_variant() -> None:
    source = report(result("a/eager", times(1.0, 1), times(1.0, 2), used=3), result("b/eager", *[times(2.0, 3)] * 2))
    assert words(source)["a/eager"] == "BEST"
    assert any("a/eager: 3 of its threads ran or waited for a CPU at once" in each for each in analyse(source).doubts)
    assert Threads(1, 3, dispatching=2).doubt == ""


def test_a_narrow_terminal_gets_fewer_columns_and_is_told_so() -> None:
    text = render_text(typical(), width=80)
    assert "No room for: " in text
    assert all(part in text for part in ("jax/compiled", "BEST", "ratio", "FAILED"))
    assert max(map(len, text.splitlines())) <= 80
    assert "No room for" not in render_text(typical())


def test_the_header_says_what_a_single_launch_assumes() -> None:
    one = report(result("a/eager", times(1.0, 1)), result("b/eager", times(1.05, 2)), launches=1)
    assert "an assumed 2% (standard deviation) per process" in " ".join(render_text(one).split())
    assert words(one)["b/eager"] == "UNDECIDED"  # five percent between two processes is not yet a difference
    assert "assumed" not in render_text(typical())


@pytest.mark.parametrize(("scale", "shown"), [(4.25, "4.25 [4.2"), (12.34, "12.3 [12."), (1234.5, "1,23")])
def test_ratios_have_three_digits_or_whole_numbers(scale: float, shown: str) -> None:
    source = report(result("a/eager", *[times(1.0, 1)] * 3), result("b/eager", *[times(scale, 1)[::-1]] * 3))
    (line,) = (line for line in render_text(source).splitlines() if line.strip().startswith("b/eager"))
    assert shown in line
