"""Shapes: views where torch can, copies where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import torch

from unifw_torch._dtypes import WIDE_UNSIGNED

Array = Any
Axis = int | Sequence[int]


def broadcast_to(x: Array, shape: Sequence[int]) -> Array:
    """Return a view of `x` repeated to a shape."""
    return torch.broadcast_to(x, tuple(shape))


def concat(arrays: Sequence[Array], axis: int | None = 0) -> Array:
    """Join along an axis; None flattens first."""
    if axis is None:
        return torch.cat([array.reshape(-1) for array in arrays])
    return torch.cat(tuple(arrays), axis)


def expand_dims(x: Array, axis: Axis = 0) -> Array:
    """Insert axes of length one, at positions of the result."""
    if isinstance(axis, int):
        return torch.unsqueeze(x, axis)
    rank = x.ndim + len(axis)
    for each in sorted(each % rank for each in axis):
        x = torch.unsqueeze(x, each)
    return x


def flip(x: Array, axis: Axis | None = None) -> Array:
    """Reverse along axes; None means all."""
    axes = tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    if x.dtype in WIDE_UNSIGNED:
        return torch.flip(x.to(WIDE_UNSIGNED[x.dtype]), axes).to(x.dtype)
    return torch.flip(x, axes)


def repeat(x: Array, repeats: int, axis: int | None = None) -> Array:
    """Repeat each element."""
    if axis is None:
        x, axis = x.reshape(-1), 0
    axis %= x.ndim
    shape = list(x.shape)
    expanded = torch.unsqueeze(x, axis + 1).expand(*shape[: axis + 1], repeats, *shape[axis + 1 :])
    shape[axis] *= repeats
    return expanded.reshape(shape)


def reshape(x: Array, shape: Sequence[int]) -> Array:
    """Return a view where the memory allows, else a copy."""
    return torch.reshape(x, tuple(shape))


def roll(x: Array, shift: Axis, axis: Axis | None = None) -> Array:
    """Rotate along axes; None rolls the flattened array."""
    if axis is None:
        shift = shift if isinstance(shift, int) else sum(shift)
        return torch.roll(x, shift)
    if not isinstance(axis, int) and isinstance(shift, int):
        shift = (shift,) * len(axis)
    return torch.roll(x, shift, axis)


def _moveaxis(x: Array, source: int | Sequence[int], destination: int | Sequence[int]) -> Array:
    """Move axes; by `permute`, since `torch.moveaxis` has no rule for nested `vmap`."""
    sources = (source,) if isinstance(source, int) else tuple(source)
    places = (destination,) if isinstance(destination, int) else tuple(destination)
    rank = x.ndim
    moved = {place % rank: origin % rank for place, origin in zip(places, sources, strict=True)}
    others = iter([axis for axis in range(rank) if axis not in moved.values()])
    return x.permute([moved[axis] if axis in moved else next(others) for axis in range(rank)])


def squeeze(x: Array, axis: Axis) -> Array:
    """Remove axes of length one."""
    return torch.squeeze(x, axis if isinstance(axis, int) else tuple(axis))


def stack(arrays: Sequence[Array], axis: int = 0) -> Array:
    """Join along a new axis."""
    return torch.stack(tuple(arrays), axis)


def tile(x: Array, repetitions: Sequence[int]) -> Array:
    """Repeat the whole array along each axis."""
    return torch.tile(x, tuple(repetitions))


FUNCTIONS: Final[dict[str, Callable[..., Array]]] = {
    "moveaxis": _moveaxis,
    "permute_dims": torch.permute,
    **{
        function.__name__: function
        for function in (broadcast_to, concat, expand_dims, flip, repeat, reshape, roll, squeeze, stack, tile)
    },
}
