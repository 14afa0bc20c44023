"""What is going on in this thread.

How many gradients deep we are (`depth`), how many of them and of `vmap` are torch.func's (`functional`), how many
forward rules of `custom_vjp` are running (`rules`), and whether `jit` is tracing. There: how many parts of graphs deep
(`parts`), whether something outside them differentiates (`enclosing`), and the parts that the program needs (`kept`).
"""

from __future__ import annotations

import threading
from typing import final


@final
class _State(threading.local):
    depth: int = 0
    functional: int = 0
    rules: int = 0
    tracing: bool = False
    parts: int = 0
    enclosing: bool = False

    def __init__(self) -> None:
        self.kept: list[object] = []


@final
class NotAPart(Exception):  # noqa: N818 - a signal, caught where a loop or branch is traced
    """What is being traced cannot be a part of a graph: its derivative is not that of its operations."""


state = _State()
