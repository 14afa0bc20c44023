"""The terminal table, from a report alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from unifw.profiler._analysis import Analysis, Row, analyse
from unifw.profiler._results import Report
from unifw.profiler._statistics import LAYOUT_SD, Interval

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_STYLES = {
    "BEST": "bold green",
    "SAME": "green",
    "FASTER": "green",
    "UNDECIDED": "yellow",
    "INVALID": "red",
    "FAILED": "red",
}
_NOTHING: Final = "n/a"
LOG_LINES: Final = 8


def render(report: Report, console: Console) -> None:
    """Print the report: what was measured, the table, doubts, and one sentence of conclusion."""
    analysis = analyse(report)
    settings, environment = report.settings, report.environment
    console.print(
        f"{settings.file}:{settings.model}, {report.parameters:,} parameters, "
        f"batch {', '.join(f'{name} {kind}' for name, kind in report.batch.items())}",
        highlight=False,
    )
    console.print(
        f"{environment.cpu}, {environment.system}, Python {environment.python}; "
        f"{settings.threads} thread(s) requested, pinned; {settings.launches} launch(es), {report.rounds} rounds each",
        highlight=False, style="dim",
    )  # fmt: skip
    if line := _where(report):
        console.print(line, highlight=False, style="dim")
    if settings.launches < 2:
        console.print(
            f"One launch: intervals are widened by an assumed {LAYOUT_SD:.0%} (standard deviation) per process, "
            "which is what processes running one program were seen to differ by; several launches measure it.",
            highlight=False, style="dim",
        )  # fmt: skip
    fitting, note = _fitting(analysis, console)
    console.print(fitting)
    if any("+" in _threads(row) for row in analysis.rows):
        note = f"Threads n+1: the last one only hands work to the others. {note}".rstrip()
    if note:
        console.print(note, highlight=False, style="dim")
    for doubt in analysis.doubts:
        console.print(f"  - {doubt}", highlight=False, markup=False)
    for result in report.results:
        if result.failure is not None and result.failure.log:
            console.print(f"  What {result.variant.label} wrote last:", highlight=False)
            for line in result.failure.log.splitlines()[-LOG_LINES:]:
                console.print(f"    {line}", highlight=False, markup=False, style="dim")
    if line := _break_even(analysis):
        console.print(line, highlight=False, markup=False)
    console.print(analysis.conclusion, style="bold", highlight=False, markup=False)


def render_text(report: Report, *, width: int = 160) -> str:
    """Return what `render` prints, as plain text."""
    from io import StringIO

    from rich.console import Console

    buffer = StringIO()
    render(report, Console(file=buffer, width=width, color_system=None))
    return buffer.getvalue()


def table(analysis: Analysis, *, columns: Sequence[str] = ()) -> Table:
    """Return the table: one row per variant, the fastest first, what does not count last.

    Args:
        analysis: what to show.
        columns: the headings to show; all by default.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    chosen = columns or tuple(_COLUMNS)
    result = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    result.add_column("variant", no_wrap=True)
    for name in chosen:
        result.add_column(name, justify="right", no_wrap=True)
    result.add_column("verdict", no_wrap=True)
    for row in analysis.rows:
        word = row.verdict.word
        cells = (_COLUMNS[name](row) for name in chosen)
        result.add_row(row.variant.label, *cells, Text(word, style=_STYLES.get(word, "")))
    return result


def _fitting(analysis: Analysis, console: Console) -> tuple[Table, str]:
    """Return the table with as many columns as the terminal has room for, and a note on those left out."""
    names = list(_COLUMNS)
    full = table(analysis)
    chosen = full
    left_out: list[str] = []
    unlimited = console.options.update(max_width=1000)
    while console.measure(chosen, options=unlimited).maximum > console.width and names != [*_ESSENTIAL]:
        left_out.append(next(name for name in reversed(names) if name not in _ESSENTIAL))
        names.remove(left_out[-1])
        chosen = table(analysis, columns=names)
    words = ", ".join(name.replace("\n", " ") for name in reversed(left_out))
    return chosen, f"No room for: {words}. Use a wider terminal." if left_out else ""


def _where(report: Report) -> str:
    """Return the dtype and device that variants ran with: once, if it is the same for all."""
    kinds: dict[str, list[str]] = {}
    for result in report.results:
        if result.device:
            kinds.setdefault(f"{result.floatx} on {result.device}", []).append(result.variant.label)
    return "; ".join(kind if len(kinds) == 1 else f"{kind}: {', '.join(labels)}" for kind, labels in kinds.items())


def _break_even(analysis: Analysis) -> str:
    """Return when compiling pays off, per backend."""
    pairs = [
        f"{point.slow_start} overtakes {point.fast_start} after {point.words} training steps"
        for point in analysis.break_even
        if point.slow_start.split("/")[0] == point.fast_start.split("/")[0]
    ]
    return f"Start included, {'; '.join(pairs)}." if pairs else ""


def _first_call(row: Row) -> str:
    again = f"\n({seconds(row.first_call_again)})" if row.first_call_again is not None else ""
    return seconds(row.first_call) + again


def _memory(row: Row) -> str:
    return memory(row.memory) + (f"\n({memory(row.allocator)})" if row.allocator is not None else "")


def _threads(row: Row) -> str:
    if row.threads is None or row.threads.used is None:
        return _NOTHING
    computing = row.threads.used - row.threads.dispatching
    return str(row.threads.used) if computing < 1 or not row.threads.dispatching else f"{computing}+1"


def seconds(value: float | None) -> str:
    """Return a time with three digits and its unit.

    >>> seconds(0.0123456)
    '12.3 ms'
    """
    if value is None:
        return _NOTHING
    factor, unit = next(
        ((factor, unit) for factor, unit in ((1.0, "s"), (1e3, "ms")) if value * factor >= 1), (1e6, "µs")
    )
    return f"{_three_digits(value * factor)} {unit}"


def memory(value: int | None) -> str:
    """Return bytes as MiB.

    >>> memory(3 * 2**20)
    '3.0 MiB'
    """
    return _NOTHING if value is None else f"{_three_digits(value / 2**20)} MiB"


def _three_digits(value: float) -> str:
    return f"{value:.2f}" if value < 2 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _time(interval: Interval | None) -> str:
    if interval is None:
        return _NOTHING
    return f"{seconds(interval.estimate)} ±{interval.half_width / interval.estimate:.0%}"


def _ratio(interval: Interval | None) -> str:
    if interval is None:
        return "-"
    estimate, low, high = (f"{value:.2f}" if value < 10 else _three_digits(value) for value in interval)
    return estimate if interval.low == interval.high else f"{estimate} [{low}, {high}]"


def _parity(row: Row) -> str:
    if row.parity is None:
        return _NOTHING
    error = "not finite" if row.parity.error is None else f"{row.parity.error:.0e}"
    return f"{error} / {row.parity.tolerance:.0e}"


_COLUMNS: Final[dict[str, Callable[[Row], str]]] = {
    "train step": lambda row: _time(row.train),
    "ratio": lambda row: "-" if row.verdict.word in {"FAILED", "INVALID"} else _ratio(row.ratio),
    "inference": lambda row: _time(row.inference),
    "import": lambda row: seconds(row.load),
    "build": lambda row: seconds(row.build),
    "first call\n(again)": _first_call,
    "peak memory\n(allocator)": _memory,
    "threads\nused": _threads,
    "worst error\nof allowed": _parity,
}
_ESSENTIAL: Final = ("train step", "ratio")
