"""What is going on in this thread: how many gradients deep we are, how many of them (and of `vmap`) are torch.func's, and whether `jit` is tracing."""

from __future__ import annotations

import threading
from typing import final


@final
class _State(threading.local):
    depth: int = 0
    functional: int = 0
    tracing: bool = False


state = _State()
