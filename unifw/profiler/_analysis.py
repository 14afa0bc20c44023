"""From a report to what is said about it: rows, verdicts, break-even points, doubts, one conclusion. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, final

from unifw.profiler._noise import disturbed, foreign_share
from unifw.profiler._parity import first_failure, worst
from unifw.profiler._results import Activity, Launch, Quantity, Report, Sample, Threads, Variant, VariantResult
from unifw.profiler._statistics import Interval, median, median_interval, ratio_interval
from unifw.profiler._verdict import MIN_ROUNDS, Evidence, Verdict, decide

DISTURBED_SHARE: Final = 0.5
FOREIGN_SHARE: Final = 0.10
DRIFT: Final = 0.05
BUILD_PHASES: Final = ("file", "build", "prepare")


@final
@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; None where there is nothing to say. Times in seconds, memory in bytes."""

    variant: Variant
    verdict: Verdict
    train: Interval | None = None
    ratio: Interval | None = None
    inference: Interval | None = None
    load: float | None = None
    build: float | None = None
    first_call: float | None = None
    first_call_again: float | None = None
    memory: int | None = None
    allocator: int | None = None
    threads: Threads | None = None
    parity: Quantity | None = None
    disturbed: float = 0.0
    drift: float = 0.0


@final
@dataclass(frozen=True, slots=True)
class BreakEven:
    """After how many training steps the one that starts slower has overtaken the one that starts faster.

    `low` and `high` are the number of steps at the ends of the ratio's interval.
    """

    slow_start: str
    fast_start: str
    steps: float
    low: float
    high: float

    @property
    def words(self) -> str:
        """The number of steps, as a range where it is one: "2,100 to 2,400"."""
        low, high = f"{self.low:,.0f}", f"{self.high:,.0f}"
        return low if low == high else f"{low} to {high}"


@final
@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that is shown. `reference` is the variant that ratios are to, None without ratios."""

    rows: tuple[Row, ...]
    reference: str | None
    break_even: tuple[BreakEven, ...]
    doubts: tuple[str, ...]
    conclusion: str

    @property
    def measured(self) -> bool:
        """Whether any variant was measured and counts."""
        return bool(_ranked(self.rows))


@final
class _Times:
    """The usable times of one variant: per launch, by round; undisturbed rounds only, as long as they are enough."""

    def __init__(self, launches: Sequence[Launch], activity: Activity, cpus: int) -> None:
        everything = [launch.samples.get(activity, ()) for launch in launches]
        flags = [disturbed(samples, cpus) for samples in everything]
        count = sum(map(len, everything))
        self.disturbed = sum(map(sum, flags)) / count if count else 0.0
        quiet = [
            [sample for sample, flag in zip(samples, marks, strict=True) if not flag]
            for samples, marks in zip(everything, flags, strict=True)
        ]
        self.samples = quiet if self.disturbed <= DISTURBED_SHARE else everything
        drift = max(map(_drift, self.samples), default=0.0)
        self.drift = drift if drift > DRIFT and self.disturbed <= DISTURBED_SHARE else 0.0
        self.by_round = [{sample.round: sample.per_step for sample in samples} for samples in self.samples]

    def __bool__(self) -> bool:
        return any(self.by_round)

    def interval(self) -> Interval:
        return median_interval([list(rounds.values()) for rounds in self.by_round])


def analyse(report: Report) -> Analysis:
    """Return what the report says.

    The ratios are those of the training step, in rounds that both variants ran undisturbed.
    """
    cpus = len(report.environment.cpus)
    times = {result.variant.label: _Times(result.launches, "train", cpus) for result in report.results}
    evidence = {result.variant.label: _alone(result, times[result.variant.label], cpus) for result in report.results}
    reference = _reference(report, evidence, times)
    ratios: dict[str, Interval] = {}
    for label, item in evidence.items():
        if reference is not None and label != reference and times[label] and not (item.failed or item.invalid):
            ratio, rounds = _ratio(times[label], times[reference])
            evidence[label] = Evidence(item.failed, item.invalid, item.doubt, rounds, ratio)
            if ratio is not None:
                ratios[label] = ratio
    verdicts = decide(evidence, reference, baseline=bool(report.settings.baseline))
    missing = _missing_baseline(report, verdicts) if reference is None else ""
    if missing:
        verdicts = {
            label: Verdict("UNDECIDED", missing)
            if verdict.word == "UNDECIDED" and not evidence[label].doubt
            else verdict
            for label, verdict in verdicts.items()
        }
    rows = [
        _row(
            result,
            times[result.variant.label],
            _Times(result.launches, "inference", cpus),
            verdicts[result.variant.label],
            ratios.get(result.variant.label),
        )
        for result in report.results
    ]
    if reference is not None:
        rows = [_with_ratio_one(row) if row.variant.label == reference else row for row in rows]
    rows.sort(key=_order)
    sound = {label: times[label] for label, item in evidence.items() if not (item.failed or item.invalid or item.doubt)}
    break_even = _break_even(rows, sound)
    doubts = _doubts(report, rows)
    conclusion = _conclude(rows, reference, report, break_even, missing)
    return Analysis(tuple(rows), reference, break_even, doubts, conclusion)


def _alone(result: VariantResult, times: _Times, cpus: int) -> Evidence:
    invalid = ""
    failed = f"{result.failure.stage}: {result.failure.reason}" if result.failure else ""
    wrong = first_failure(result.parity)
    if wrong is not None:
        by = "is not finite or has another shape" if wrong.error is None else f"is off by {wrong.error:.1e}"
        invalid = f"{wrong.name} {by}; allowed is {wrong.tolerance:.0e} of its scale"
    for launch in result.launches:
        invalid = invalid or launch.threads.problem
    return Evidence(failed=failed, invalid=invalid, doubt="" if failed or invalid else _doubt(times, cpus))


def _doubt(times: _Times, cpus: int) -> str:
    flat = [sample for samples in times.samples for sample in samples]
    if not flat:
        return "nothing was measured"
    if times.disturbed > DISTURBED_SHARE:
        return (
            f"{times.disturbed:.0%} of its samples were disturbed: others used its CPUs meanwhile; "
            "close other programs and profile again"
        )
    if (share := foreign_share(flat, cpus)) > FOREIGN_SHARE:
        return f"others took {share:.0%} of its CPU time; close other programs"
    return ""


def _drift(samples: Sequence[Sample]) -> float:
    """Return by how much the medians of the two halves of a launch differ, relative."""
    half = len(samples) // 2
    if half < MIN_ROUNDS:
        return 0.0
    first = median([sample.per_step for sample in samples[:half]])
    second = median([sample.per_step for sample in samples[half:]])
    return abs(second - first) / min(first, second)


def _reference(report: Report, evidence: dict[str, Evidence], times: dict[str, _Times]) -> str | None:
    """Return the variant that ratios are to: the fastest, undoubted ones first; or the baseline, and no other."""
    valid = [label for label, item in evidence.items() if times[label] and not (item.failed or item.invalid)]
    if baseline := report.settings.baseline:
        return baseline if baseline in valid else None
    pool = [label for label in valid if not evidence[label].doubt] or valid
    return min(pool, key=lambda label: times[label].interval().estimate, default=None)


def _missing_baseline(report: Report, verdicts: dict[str, Verdict]) -> str:
    """Return why there are no ratios to the baseline that was asked for, or ""."""
    baseline = report.settings.baseline
    if not baseline:
        return ""
    why = verdicts[baseline].word if baseline in verdicts else "not measured"
    return f"the baseline {baseline} is {why}, so there are no ratios"


def _ratio(first: _Times, second: _Times) -> tuple[Interval | None, int]:
    pairs = [
        [(mine[number], theirs[number]) for number in sorted(mine.keys() & theirs.keys())]
        for mine, theirs in zip(first.by_round, second.by_round, strict=False)
    ]
    rounds = sum(map(len, pairs))
    if not rounds:
        return None, 0
    ratio = ratio_interval([[a for a, _ in launch] for launch in pairs], [[b for _, b in launch] for launch in pairs])
    drift = 1 + first.drift + second.drift  # the median of something that moves is worth that much less
    return Interval(ratio.estimate, ratio.low / drift, ratio.high * drift), rounds


def _row(result: VariantResult, times: _Times, inference: _Times, verdict: Verdict, ratio: Interval | None) -> Row:
    first = [launch.phases["first_train"] for launch in result.launches if "first_train" in launch.phases]
    loads = [launch.phases["backend"] for launch in result.launches if "backend" in launch.phases]
    builds = [sum(launch.phases.get(name, 0.0) for name in BUILD_PHASES) for launch in result.launches]
    return Row(
        variant=result.variant,
        verdict=verdict,
        train=times.interval() if times else None,
        ratio=ratio,
        inference=inference.interval() if inference else None,
        load=min(loads, default=None),
        build=min(builds, default=None),
        first_call=first[0] if first else None,
        first_call_again=min(first[1:], default=None),
        memory=max((launch.memory.peak for launch in result.launches if launch.memory.peak is not None), default=None),
        allocator=max(
            (launch.memory.allocator_peak for launch in result.launches if launch.memory.allocator_peak is not None),
            default=None,
        ),
        threads=max(
            (launch.threads for launch in result.launches),
            key=lambda item: (item.used or 0, item.busy or 0.0),
            default=None,
        ),
        parity=worst(result.parity),
        disturbed=times.disturbed,
        drift=times.drift,
    )


def _with_ratio_one(row: Row) -> Row:
    return replace(row, ratio=Interval(1.0, 1.0, 1.0))


def _order(row: Row) -> tuple[int, float]:
    rank = {"FAILED": 2, "INVALID": 1}.get(row.verdict.word, 0)
    return rank, row.train.estimate if row.train else float("inf")


def _ranked(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.verdict.word not in ("FAILED", "INVALID") and row.train is not None]


def _break_even(rows: Sequence[Row], sound: dict[str, _Times]) -> tuple[BreakEven, ...]:
    """Return, for each pair of rows in which one starts slower and surely steps faster, where they meet.

    Start is import, build and first call. With the ratio r of their steps, whose whole interval must be below 1,
    n = (start_slow - start_fast) / (step_fast_start * (1 - r)).
    """
    found = []
    valid = [row for row in _ranked(rows) if row.variant.label in sound and row.load is not None and row.first_call]
    for slow in valid:
        for fast in valid:
            extra = _until_first(slow) - _until_first(fast)
            if extra <= 0 or fast.train is None:
                continue
            ratio, rounds = _ratio(sound[slow.variant.label], sound[fast.variant.label])
            if ratio is None or rounds < MIN_ROUNDS or ratio.high >= 1:
                continue
            steps, low, high = (
                extra / (fast.train.estimate * (1 - value)) for value in (ratio.estimate, ratio.low, ratio.high)
            )
            found.append(BreakEven(slow.variant.label, fast.variant.label, steps, low, high))
    return tuple(found)


def _until_first(row: Row) -> float:
    return (row.load or 0.0) + (row.build or 0.0) + (row.first_call or 0.0)


def _doubts(report: Report, rows: Sequence[Row]) -> tuple[str, ...]:
    doubts = [f"{label}: {reason}" for label, reason in report.skipped.items()]
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row.verdict.reason:
            reasons.setdefault(f"{row.verdict.word}: {row.verdict.reason.rstrip('.')}.", []).append(row.variant.label)
    doubts += [f"{', '.join(labels)} {reason}" for reason, labels in reasons.items()]
    for row in rows:
        label = row.variant.label
        if not row.verdict.reason and row.disturbed > 0.1:
            doubts.append(f"{label}: {row.disturbed:.0%} of its samples were disturbed and left out.")
        if row.threads is not None and row.threads.doubt:
            doubts.append(f"{label}: {row.threads.doubt}.")
        if row.drift:
            doubts.append(f"{label}: its times drifted by {row.drift:.0%} in a launch; its ratios are that much wider.")
    unsteady = sorted(
        {
            f"{result.variant.label} ({activity})"
            for result in report.results
            for launch in result.launches
            for activity, warm in launch.warm_up.items()
            if not warm.steady
        }
    )
    if unsteady:
        doubts.append(f"Still not steady when the warm-up ended: {', '.join(unsteady)}.")
    notes: dict[str, list[str]] = {}
    for result in report.results:
        for note in {launch.memory.allocator_note for launch in result.launches} - {""}:
            notes.setdefault(note, []).append(result.variant.label)
    doubts += [f"No allocator figure for {', '.join(labels)}: {note.rstrip('.')}." for note, labels in notes.items()]
    if report.not_compared:
        more = f" and {len(report.not_compared) - 4} more" if len(report.not_compared) > 4 else ""
        names = ", ".join(report.not_compared[:4])
        doubts.append(f"Not compared, because rounding alone decides it: {names}{more}.")
    return tuple(doubts)


def _conclude(
    rows: Sequence[Row], reference: str | None, report: Report, break_even: Sequence[BreakEven], missing: str
) -> str:
    ranked = _ranked(rows)
    if not ranked:
        return "No variant could be measured."
    if missing:
        return f"Nothing is concluded: {missing}. Repair it, or leave --baseline out."
    assert reference is not None  # a ranked row was measured, so there is a fastest
    if len(ranked) == 1:
        return f"Only {ranked[0].variant.label} could be measured: nothing to compare it with."
    threads = report.settings.threads
    where = f"on {threads} thread{'s' if threads > 1 else ''} of this machine, for this model and batch"
    if report.settings.baseline:
        by_word = {
            word: [row.variant.label for row in ranked if row.verdict.word == word]
            for word in ("FASTER", "SAME", "SLOWER", "UNDECIDED")
        }
        parts = [f"{word.lower()}: {', '.join(labels)}" for word, labels in by_word.items() if labels]
        return f"Against {reference}, {where}: {'; '.join(parts) or 'nothing is decided'}."
    best = next(row for row in ranked if row.variant.label == reference)
    if best.verdict.word != "BEST":
        lowest = ranked[0]
        sentence = f"Undecided: {lowest.variant.label} has the lowest median {where}, but {lowest.verdict.reason}"
        # A variant in doubt may show less than the one that ratios are to: then both are said.
        return sentence + ("." if lowest is best else f"; of those in no doubt, {reference} has the lowest.")
    same = [row.variant.label for row in ranked if row.verdict.word == "SAME"]
    sentence = f"{reference} is the fastest to train {where}"
    if same:
        sentence += f"; {' and '.join(same)} cannot be told from it"
    slower = next((row for row in ranked if row.verdict.word == "SLOWER"), None)
    if slower is not None and slower.ratio is not None:
        sentence += f"; next is {slower.variant.label} at {slower.ratio.estimate:.2f} times its time"
    late = max((item for item in break_even if item.slow_start == reference), key=lambda item: item.steps, default=None)
    if late is not None:
        sentence += f"; its slower start pays off against {late.fast_start} after {late.words} steps"
    return sentence + "."
