"""The answers of several backends side by side: what the command line and the docs show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from unifw.backend._support import Operation, Support


def matrix_of(answers: Mapping[str, Iterable[Operation]]) -> dict[str, dict[str, tuple[Support, ...]]]:
    """Return ``{family: {operation: one answer per backend}}`` from each backend's `operations_of`.

    >>> from unifw.backend import get_backend, operations_of
    >>> matrix_of({"numpy": operations_of(get_backend("numpy"))})["Elementwise"]["sin"]
    ('native',)
    """
    columns = [{(each.family, each.name): each.support for each in operations} for operations in answers.values()]
    found: dict[str, dict[str, tuple[Support, ...]]] = {}
    for family, name in dict.fromkeys(key for column in columns for key in column):
        # Backends of one process are asked about the same operations; those of several unifw versions need not be.
        row = tuple(column.get((family, name), "unsupported") for column in columns)
        found.setdefault(family, {})[name] = row
    return found


def refusals_of(answers: Mapping[str, Iterable[Operation]]) -> list[tuple[str, str, list[str]]]:
    """Return why backends refuse operations: (backend, reason and hint, names), one entry per reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for backend, operations in answers.items():
        for each in operations:
            if each.support == "unsupported":
                why = f"{each.reason} ({each.hint})" if each.hint else each.reason
                found.setdefault((backend, why), []).append(each.name)
    return [(backend, why, names) for (backend, why), names in found.items()]
