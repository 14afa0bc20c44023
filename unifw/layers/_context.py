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
    from unifw.backend.abstract import AbstractBackend
    from unifw.layers._layer import Layer
    from unifw.tensor import Tensor


@final
class Recorder:
    """What a call for shapes alone finds out, by ``id(layer)``.

    Attributes:
        backend: the abstract backend that counts, or None if the call had to compute values.
        shapes: trees of output shapes.
        flops: floating-point operations of the layer and those inside it.
    """

    __slots__ = ("backend", "flops", "shapes")

    def __init__(self, backend: AbstractBackend | None) -> None:
        self.backend = backend
        self.shapes: dict[int, Any] = {}
        self.flops: dict[int, int] = {}


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
        recorder: what is known of each layer after a call for shapes alone, or None.
    """

    __slots__ = ("backend", "building", "calls", "key", "paths", "recorder", "root", "training", "values")

    def __init__(
        self,
        root: Layer,
        backend: Backend,
        *,
        values: dict[int, Tensor] | None = None,
        key: Tensor | Callable[[], Tensor] | None = None,
        paths: dict[int, str] | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self.root = root
        self.backend = backend
        self.building = False
        self.values = values
        self.key = key
        self.paths = paths
        self.training: bool | None = None
        self.calls: dict[int, int] = {}
        self.recorder = recorder


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
