"""What each backend does natively, by composition, or not at all, as a Markdown table made from the code."""

from __future__ import annotations

from collections.abc import Sequence

from unifw.backend import get_backend, support_table, unsupported


def support_matrix(backends: Sequence[str]) -> str:
    """Return a Markdown table with a row per operation and a column per backend, and the reasons for each refusal.

    Args:
        backends: names of installed backends, the columns.
    """
    loaded = [get_backend(name) for name in backends]
    tables = [support_table(backend) for backend in loaded]
    lines = [
        " | ".join(["| operation", *backends]) + " |",
        "|".join(["", "---", *["---"] * len(backends), ""]),
        *(" | ".join([f"| `{name}`", *(table[name] for table in tables)]) + " |" for name in tables[0]),
    ]
    for backend in loaded:
        for name in support_table(backend):
            member = getattr(type(backend), name)
            if isinstance(member, unsupported):
                hint = f" ({member.hint})" if member.hint else ""
                lines.append(f"\n`{name}` on {backend.name}: {member.reason}{hint}.")
    return "\n".join(lines) + "\n"
