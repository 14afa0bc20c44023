"""The table of `unifw backends --matrix`: a row per operation, a column per backend, the reasons below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from unifw.backend import matrix_of, refusals_of

if TYPE_CHECKING:
    from rich.table import Table

    from unifw.profiler import BackendStatus

_STYLES: Final = {"native": "green", "composite": "", "unsupported": "red"}


def matrix_table(statuses: Sequence[BackendStatus]) -> Table:
    """Return the operations by family. A backend that is missing or broken has a column of dashes."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    result = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    result.add_column("operation", no_wrap=True)
    for status in statuses:
        result.add_column(status.name if status.operations else f"{status.name} ({_state(status)})")
    for family, rows in matrix_of({each.name: each.operations for each in statuses if each.operations}).items():
        result.add_section()
        result.add_row(f"[bold]{escape(family)}[/]")
        for name, row in rows.items():
            answers = iter(row)
            cells = [next(answers) if status.operations else "-" for status in statuses]
            result.add_row(f"  {escape(name)}", *(_styled(cell) for cell in cells))
    return result


def notes(statuses: Sequence[BackendStatus]) -> Iterator[str]:
    """Yield what stands below the table: what the words mean, what is refused and why, what is missing or broken."""
    yield "native: by the framework or its plug-in; composite: by unifw, from the backend's other functions."
    for backend, why, names in refusals_of({each.name: each.operations for each in statuses}):
        yield f"{backend} does not support {', '.join(names)}: {why}."
    for status in statuses:
        if not status.installed:
            yield f"{status.name} is missing; run: {status.install}"
        elif status.problem:
            yield f"{status.name} is broken: {status.problem}"


def _state(status: BackendStatus) -> str:
    return "broken" if status.installed else "missing"


def _styled(cell: str) -> str:
    style = _STYLES.get(cell, "")
    return f"[{style}]{cell}[/]" if style else cell
