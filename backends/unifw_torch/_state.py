"""What is going on in this thread: how many gradients deep we are, and whether `jit` is tracing."""

from __future__ import annotations

import threading
from typing import final


@final
class _State(threading.local):
    depth: int = 0
    tracing: bool = False


state = _State()
