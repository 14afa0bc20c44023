"""Shapes: joining, reordering, repeating."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unifw_tensorflow._import import raw, tf
from unifw_tensorflow._namespace._operands import axes_of, dimensions

if TYPE_CHECKING:
    from collections.abc import Sequence


def broadcast_to(x: Any, /, shape: Sequence[int]) -> Any:
    """Repeat along axes of size 1, and along new axes in front."""
    return raw.BroadcastTo(input=x, shape=dimensions(shape))


def reshape(x: Any, /, shape: Sequence[int], *, copy: bool | None = None) -> Any:
    """The same elements in row-major order in another shape; one size may be -1."""
    del copy  # tensors do not change, so sharing cannot be seen
    return raw.Reshape(tensor=x, shape=dimensions(shape))


def concat(arrays: Sequence[Any], /, *, axis: int | None = 0) -> Any:
    """Join along an existing axis; None flattens first."""
    if axis is None:
        arrays, axis = [reshape(each, (-1,)) for each in arrays], 0
    if len(arrays) == 1:  # the kernel wants two
        return raw.Identity(input=arrays[0])
    return raw.ConcatV2(values=list(arrays), axis=axis)


def stack(arrays: Sequence[Any], /, *, axis: int = 0) -> Any:
    """Join along a new axis."""
    return raw.Pack(values=list(arrays), axis=axis)


def expand_dims(x: Any, /, *, axis: int | Sequence[int] = 0) -> Any:
    """Insert axes of size 1 at these positions of the result."""
    if isinstance(axis, int):
        return raw.ExpandDims(input=x, axis=axis)
    rank = x.shape.rank + len(axis)
    for each in sorted(each % rank for each in axis):
        x = raw.ExpandDims(input=x, axis=each)
    return x


def squeeze(x: Any, /, axis: int | Sequence[int]) -> Any:
    """Remove axes of size 1."""
    axes = axes_of(x, axis)
    return raw.Squeeze(input=x, axis=axes) if axes else raw.Identity(input=x)  # no axes would mean all of them


def permute_dims(x: Any, /, axes: Sequence[int]) -> Any:
    """Reorder the axes."""
    return raw.Transpose(x=x, perm=dimensions(axes_of(x, axes)))


def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int], /) -> Any:
    """Move axes to new positions; the others keep their order."""
    sources, destinations = axes_of(x, source), axes_of(x, destination)
    order = [each for each in range(x.shape.rank) if each not in sources]
    for position, each in sorted(zip(destinations, sources, strict=True)):
        order.insert(position, each)
    return permute_dims(x, order)


def flip(x: Any, /, *, axis: int | Sequence[int] | None = None) -> Any:
    """Reverse along axes; None means all."""
    axes = axes_of(x, axis)
    return raw.ReverseV2(tensor=x, axis=axes) if axes else raw.Identity(input=x)


def roll(x: Any, /, shift: int | Sequence[int], *, axis: int | Sequence[int] | None = None) -> Any:
    """Shift along axes, with what leaves at one end entering at the other; None rolls the flattened array."""
    if axis is None:
        return reshape(raw.Roll(input=reshape(x, (-1,)), shift=shift, axis=0), x.shape)
    axes = axes_of(x, axis)
    shifts = [shift] * len(axes) if isinstance(shift, int) else list(shift)
    return raw.Roll(input=x, shift=shifts, axis=axes) if axes else raw.Identity(input=x)


def repeat(x: Any, repeats: int, /, *, axis: int | None = None) -> Any:
    """Repeat each element; None repeats the flattened array's."""
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    axis %= x.shape.rank
    shape = list(x.shape)
    repeated = broadcast_to(raw.ExpandDims(input=x, axis=axis + 1), [*shape[: axis + 1], repeats, *shape[axis + 1 :]])
    shape[axis] *= repeats
    return reshape(repeated, shape)


def tile(x: Any, repetitions: Sequence[int], /) -> Any:
    """Repeat the whole array along each axis; missing axes are added in front."""
    repetitions, shape = tuple(repetitions), tuple(x.shape)
    rank = max(len(repetitions), len(shape))
    repetitions, shape = (1,) * (rank - len(repetitions)) + repetitions, (1,) * (rank - len(shape)) + shape
    x = reshape(x, shape)
    if x.dtype == tf.uint16:  # no kernel
        return raw.Cast(x=raw.Tile(input=raw.Cast(x=x, DstT=tf.int32), multiples=dimensions(repetitions)), DstT=x.dtype)
    return raw.Tile(input=x, multiples=dimensions(repetitions))
