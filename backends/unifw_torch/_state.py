"""What is going on in this thread.

How many gradients deep we are (`depth`), how many of them and of `vmap` are torch.func's (`functional`), how many
forward rules of `custom_vjp` are running (`rules`), and whether `jit` is tracing.
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


state = _State()
