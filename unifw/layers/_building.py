"""Building a layer: making its variables, before the first call or by `build`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from unifw import dtypes
from unifw.errors import ShapeError
from unifw.initializers import Initializer
from unifw.initializers import get as get_initializer
from unifw.layers._context import LOCAL, CallContext, opened
from unifw.layers._inputs import shapes
from unifw.layers._walk import initialize
from unifw.tensor import Tensor

if TYPE_CHECKING:
    from unifw.layers._layer import Layer


def tracked_build(build: Any) -> Any:
    """Wrap a `build` method: it marks the layer as built, and the outermost one draws the first values."""

    @functools.wraps(build)
    def tracked(self: Layer, *args: Any, **kwargs: Any) -> None:
        if LOCAL.context is not None:
            build(self, *args, **kwargs)
            self.built = True
            return
        backend = self.backend
        with opened(CallContext(self, backend)):
            build(self, *args, **kwargs)
        self.built = True
        initialize(self, backend)

    return tracked


def build_from_inputs(layer: Layer, args: Sequence[Any], inputs: Mapping[str, Any]) -> None:
    """Call `layer.build` with the shapes of the inputs of a call.

    Args:
        layer: the layer.
        args: the positional arguments of the call.
        inputs: all arguments by name, for a `build` that names several.
    """
    names = list(inspect.signature(type(layer).build).parameters)[1:]
    if len(names) > 1:
        by_name = {name: inputs.get(name.removesuffix("_shape")) for name in names}
        layer.build(**{name: shapes(value) for name, value in by_name.items() if value is not None})
        return
    first = args[0] if args else next((each for each in inputs.values() if isinstance(each, Tensor)), None)
    layer.build(*([shapes(first)] if names else []))


def known_sizes(layer: Layer, name: str | None, shape: Sequence[int] | int) -> tuple[int, ...]:
    """Return the shape of a variable.

    Raises:
        ShapeError: if a size is unknown or negative.
    """
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(not isinstance(size, int | np.integer) or size < 0 for size in sizes):
        raise ShapeError(
            f"{layer.name}: a variable {name or ''!r} of shape {sizes} cannot be made: every size must be a known, "
            "non-negative integer. Build the layer with the sizes of all axes but the batch."
        )
    return tuple(int(size) for size in sizes)


def drawing(initializer: Any, shape: tuple[int, ...], dtype: dtypes.DType) -> Any:
    """Return the function of a key that draws a variable's first value on the host."""
    if callable(initializer) and not isinstance(initializer, Initializer | type):
        return lambda _key: np.asarray(initializer(shape, dtype=dtype.name))
    chosen = get_initializer(initializer)
    return lambda key: chosen.draw(key, shape, dtype)
