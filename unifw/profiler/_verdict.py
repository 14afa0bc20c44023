"""From evidence to a word: BEST, SAME, FASTER, SLOWER, UNDECIDED, INVALID, FAILED. Pure logic.

| verdict | when |
|---|---|
| FAILED | the process could not do it: crashed, raised, or went silent |
| INVALID | it computed something else (parity), or had more CPUs than asked for |
| UNDECIDED | too few or too disturbed samples, or an interval that allows two answers |
| SAME | the whole interval of the ratio lies within ±`MARGIN` of 1 |
| SLOWER, FASTER | the whole interval lies beyond the margin |
| BEST | the fastest, and no other may be faster by more than the margin |
| BASELINE | the variant that `--baseline` names, if one is named |

A difference below the margin is not worth a choice, and below what two launches of the same code differ by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, final

from unifw.profiler._statistics import Interval

MARGIN: Final = 0.03
MIN_ROUNDS: Final = 5

Word: TypeAlias = Literal["BEST", "SAME", "FASTER", "SLOWER", "UNDECIDED", "INVALID", "FAILED", "BASELINE"]


@final
@dataclass(frozen=True, slots=True)
class Verdict:
    """A word, and the reason where it needs one."""

    word: Word
    reason: str = ""


@final
@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one variant.

    Attributes:
        failed: why it could not be measured, or "".
        invalid: why its times do not count, or "".
        doubt: why its times cannot be trusted, or "".
        rounds: paired rounds that were usable.
        ratio: its time over the reference variant's; None for the reference itself or if there is none.
    """

    failed: str = ""
    invalid: str = ""
    doubt: str = ""
    rounds: int = 0
    ratio: Interval | None = None


def decide(evidence: Mapping[str, Evidence], reference: str | None, *, baseline: bool = False) -> dict[str, Verdict]:
    """Return a verdict per variant.

    Args:
        evidence: by variant.
        reference: the variant that ratios are to: the fastest, or the baseline. None if nothing was measured.
        baseline: whether the reference was named by the user.
    """
    verdicts = {name: _alone(item) for name, item in evidence.items()}
    if reference is not None:
        anchor = evidence[reference]
        for name, item in evidence.items():
            if verdicts[name] is None and name != reference:
                verdicts[name] = _against(item, reference, anchor)
        if verdicts[reference] is None:
            verdicts[reference] = Verdict("BASELINE") if baseline else _best(evidence, verdicts, reference)
    return {name: verdict or Verdict("UNDECIDED", "nothing to compare with") for name, verdict in verdicts.items()}


def _alone(item: Evidence) -> Verdict | None:
    """Judge what needs no comparison."""
    if item.failed:
        return Verdict("FAILED", item.failed)
    if item.invalid:
        return Verdict("INVALID", item.invalid)
    return Verdict("UNDECIDED", item.doubt) if item.doubt else None


def _against(item: Evidence, reference: str, anchor: Evidence) -> Verdict:
    if anchor.doubt:
        return Verdict("UNDECIDED", f"{reference}, which it is compared with, is in doubt")
    if item.ratio is None or item.rounds < MIN_ROUNDS:
        return Verdict("UNDECIDED", f"only {item.rounds} usable rounds; run more rounds or allow more time")
    low, high = item.ratio.low, item.ratio.high
    if low > 1 + MARGIN:
        return Verdict("SLOWER")
    if high < 1 - MARGIN:
        return Verdict("FASTER")
    if low >= 1 - MARGIN and high <= 1 + MARGIN:
        return Verdict("SAME")
    return Verdict("UNDECIDED", f"ratio between {low:.2f} and {high:.2f}; run more launches")


def _best(evidence: Mapping[str, Evidence], verdicts: Mapping[str, Verdict | None], reference: str) -> Verdict:
    rivals = [
        name
        for name, verdict in verdicts.items()
        if name != reference and verdict is not None and verdict.word in ("UNDECIDED", "FASTER")
    ]
    open_rivals = [name for name in rivals if (ratio := evidence[name].ratio) is None or ratio.low < 1 - MARGIN]
    if open_rivals:
        return Verdict("UNDECIDED", f"{' and '.join(open_rivals)} may be faster")
    return Verdict("BEST")
