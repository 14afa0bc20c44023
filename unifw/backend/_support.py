"""Support as data: what a backend does natively, by composition, or not at all."""

from __future__ import annotations

from typing import Literal

from unifw.backend._interface import Backend
from unifw.backend._unsupported import unsupported

Support = Literal["native", "composite", "unsupported"]
ANSWERED = (
    "value_and_grad",
    "vjp",
    "jvp",
    "jit",
    "vmap",
    "cond",
    "while_loop",
    "scan",
    "checkpoint",
    "custom_vjp",
    "set_threads",
    "memory_stats",
    "reset_memory_stats",
)


def composites() -> tuple[str, ...]:
    """Return the names of all operations that have a default over `xp`.

    >>> "softmax" in composites()
    True
    """
    return tuple(sorted(name for name in dir(Backend) if getattr(getattr(Backend, name), "__composite__", False)))


def support_table(backend: Backend) -> dict[str, Support]:
    """Return native, composite or unsupported per operation of the interface.

    The docs, the conformance kit and the profiler read this table, so they cannot disagree with the code.
    """
    table: dict[str, Support] = {}
    for name in (*ANSWERED, *composites()):
        member = getattr(type(backend), name)
        if isinstance(member, unsupported):
            table[name] = "unsupported"
        else:
            table[name] = "composite" if getattr(member, "__composite__", False) else "native"
    return table
