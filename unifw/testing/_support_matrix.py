"""What each backend does natively, by composition, or not at all, as Markdown tables made from the code."""

from __future__ import annotations

from collections.abc import Sequence

from unifw.backend import get_backend, matrix_of, operations_of, refusals_of


def support_matrix(backends: Sequence[str]) -> str:
    """Return Markdown: per family a table with a row per operation and a column per backend, and why what is refused.

    Args:
        backends: names of installed backends, the columns.
    """
    answers = {name: operations_of(get_backend(name)) for name in backends}
    lines: list[str] = []
    for family, rows in matrix_of(answers).items():
        lines += ["", f"## {family}", "", " | ".join(["| operation", *backends]) + " |"]
        lines.append("|".join(["", "---", *["---"] * len(backends), ""]))
        lines += [" | ".join([f"| `{name}`", *row]) + " |" for name, row in rows.items()]
    reasons = [
        f"- {backend}: {', '.join(f'`{name}`' for name in names)}: {why}."
        for backend, why, names in refusals_of(answers)
    ]
    if reasons:
        lines += ["", "## Why what is unsupported", "", *reasons]
    return "\n".join(lines[1:]) + "\n"
