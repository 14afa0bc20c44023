"""What is known during a call: the state the call reads and writes, whether it trains, and its random key.

One context is opened by the outermost call (or build, or `functional_call`) of a thread; the layers inside share it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, final

if TYPE_CHECKING:
    from unifw.backend import Backend
    from unifw.layers._layer import Layer
    from unifw.tensor import Tensor


@final
class CallContext:
    """The shared facts of one outermost call.

    Attributes:
        root: the layer that was called, from which paths are counted.
        backend: where values are made that come from the host.
        values: the state passed to `functional_call`, by ``id(variable)``; None means the objects' own.
        key: random key of this call, a function that gives it when it is first needed, or None for the next key of the
            default stream.
        paths: path by ``id(layer)``, found when first needed.
        training: the value the innermost running layer passes on.
        calls: how many keys each layer has drawn, by ``id(layer)``.
        building: whether some layer was built during the call.
        shapes: where output shapes are recorded by ``id(layer)``, or None.
    """

    __slots__ = ("backend", "building", "calls", "key", "paths", "root", "shapes", "training", "values")

    def __init__(
        self,
        root: Layer,
        backend: Backend,
        *,
        values: dict[int, Tensor] | None = None,
        key: Tensor | Callable[[], Tensor] | None = None,
        paths: dict[int, str] | None = None,
        shapes: dict[int, Any] | None = None,
    ) -> None:
        self.root = root
        self.backend = backend
        self.building = False
        self.values = values
        self.key = key
        self.paths = paths
        self.training: bool | None = None
        self.calls: dict[int, int] = {}
        self.shapes = shapes


class _Local(threading.local):
    context: CallContext | None = None


LOCAL: Final = _Local()


@contextmanager
def opened(context: CallContext) -> Iterator[CallContext]:
    """Make `context` the current one of this thread."""
    previous = LOCAL.context
    LOCAL.context = context
    try:
        yield context
    finally:
        LOCAL.context = previous
