"""Shape arithmetic: one place for the rules and for the messages when shapes do not fit.

The abstract backend computes with these, and the functions in front check their arguments with them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from unifw.backend._composites._windows import Pads, output_size
from unifw.errors import ArgumentError, ShapeError

Shape = tuple[int, ...]
Axis = int | tuple[int, ...] | None


def broadcast_shapes(*shapes: Shape) -> Shape:
    """Return the shape that all broadcast to.

    >>> broadcast_shapes((3, 1), (4,))
    (3, 4)
    """
    first, *rest = shapes or ((),)
    if all(shape == first for shape in rest):
        return first
    rank = max(map(len, shapes))
    result: list[int] = []
    for sizes in zip(*((1,) * (rank - len(shape)) + shape for shape in shapes), strict=True):
        wide = {size for size in sizes if size != 1}
        if len(wide) > 1:
            raise ShapeError(
                f"Shapes {_listed(shapes)} do not broadcast: counted from the last axis, sizes must be equal or 1, and "
                f"axis {len(result) - rank} has {' and '.join(map(str, sizes))}."
            )
        result.append(wide.pop() if wide else 1)
    return tuple(result)


def check_axis(axis: int, rank: int) -> int:
    """Return an axis counted from the front.

    >>> check_axis(-1, 3)
    2
    """
    if not -rank <= axis < rank:
        allowed = f"from {-rank} to {rank - 1}" if rank else "none: it is a scalar"
        raise ArgumentError(f"axis {axis} does not exist in an array of rank {rank}; its axes are {allowed}.")
    return axis % rank


def check_axes(axis: Axis, rank: int) -> tuple[int, ...]:
    """Return the axes meant, counted from the front, each once."""
    if axis is None:
        return tuple(range(rank))
    axes = tuple(check_axis(each, rank) for each in ((axis,) if isinstance(axis, int) else axis))
    if len(set(axes)) != len(axes):
        raise ArgumentError(f"axis {axis!r} names an axis twice in an array of rank {rank}.")
    return axes


def reduced_shape(shape: Shape, axis: Axis, keepdims: bool) -> Shape:
    """Return the shape after a reduction.

    >>> reduced_shape((2, 3, 4), (0, -1), False)
    (3,)
    """
    axes = check_axes(axis, len(shape))
    if keepdims:
        return tuple(1 if i in axes else size for i, size in enumerate(shape))
    return tuple(size for i, size in enumerate(shape) if i not in axes)


def matmul_shape(first: Shape, second: Shape) -> Shape:
    """Return the shape of a matrix product; vectors are rows on the left, columns on the right.

    >>> matmul_shape((5, 2, 3), (3, 4))
    (5, 2, 4)
    """
    if not first or not second:
        raise ShapeError(f"matmul needs at least one axis in each operand, got shapes {_listed((first, second))}.")
    left = first if len(first) > 1 else (1, *first)
    right = second if len(second) > 1 else (*second, 1)
    if left[-1] != right[-2]:
        raise ShapeError(
            f"matmul of shapes {_listed((first, second))}: the inner sizes differ, {left[-1]} and {right[-2]}. "
            "The last axis of the first operand must equal the second-last (or only) axis of the second."
        )
    batch = broadcast_shapes(left[:-2], right[:-2])
    return (*batch, *left[-2:-1][: len(first) > 1], *right[-1:][: len(second) > 1])


def tensordot_shape(first: Shape, second: Shape, axes: int | tuple[Sequence[int], Sequence[int]]) -> tuple[Shape, int]:
    """Return the shape of a tensor contraction, and the number of products in each of its elements."""
    if isinstance(axes, int):
        if axes > min(len(first), len(second)):
            raise ShapeError(f"tensordot over {axes} axes: shapes {_listed((first, second))} have too few.")
        axes = (range(len(first) - axes, len(first)), range(axes))
    left = [check_axis(axis, len(first)) for axis in axes[0]]
    right = [check_axis(axis, len(second)) for axis in axes[1]]
    sizes = [first[i] for i in left], [second[i] for i in right]
    if sizes[0] != sizes[1]:
        raise ShapeError(
            f"tensordot of shapes {_listed((first, second))} over axes {left} and {right}: "
            f"their sizes differ, {sizes[0]} and {sizes[1]}."
        )
    rest = (size for shape, used in ((first, left), (second, right)) for i, size in enumerate(shape) if i not in used)
    return tuple(rest), math.prod(sizes[0])


def conv_shape(x: Shape, kernel: Shape, strides: Sequence[int], padding: Pads, dilation: Sequence[int]) -> Shape:
    """Return the shape of `Backend.conv`.

    >>> conv_shape((8, 28, 28, 3), (3, 3, 3, 16), (1, 1), ((1, 1), (1, 1)), (1, 1))
    (8, 28, 28, 16)
    """
    if len(x) != len(kernel) or len(x) < 3:
        raise ShapeError(
            f"conv needs x (batch, *spatial, channels) and a kernel (*window, channels // groups, filters) of equal "
            f"rank, at least 3; got shapes {x} and {kernel}."
        )
    *window, inputs, filters = kernel
    if not inputs or x[-1] % inputs or filters % (x[-1] // inputs):
        raise ShapeError(
            f"conv of {x[-1]} channels with a kernel of shape {kernel}: the kernel takes {inputs} channels, which must "
            f"divide {x[-1]}, and its {filters} filters must be a multiple of the number of groups."
        )
    return (x[0], *_spatial("conv", x, window, strides, padding, dilation), filters)


def pool_shape(x: Shape, window: Sequence[int], strides: Sequence[int], padding: Pads) -> Shape:
    """Return the shape of `Backend.max_pool` and `Backend.average_pool`."""
    if len(x) != len(window) + 2:
        raise ShapeError(
            f"Pooling with a window of shape {tuple(window)} needs x (batch, *spatial, channels) of rank "
            f"{len(window) + 2}; got shape {x}."
        )
    return (x[0], *_spatial("Pooling", x, window, strides, padding, (1,) * len(window)), x[-1])


def _spatial(
    what: str, x: Shape, window: Sequence[int], strides: Sequence[int], padding: Pads, dilation: Sequence[int]
) -> Shape:
    result = []
    for size, width, stride, pads, gap in zip(x[1:-1], window, strides, padding, dilation, strict=True):
        span = gap * (width - 1) + 1
        if size + sum(pads) < span:
            raise ShapeError(
                f"{what} of an input of shape {x}: the window spans {span} positions, but an axis of size {size} "
                f"padded by {tuple(pads)} has only {size + sum(pads)}. Use a smaller window, or padding='same'."
            )
        result.append(output_size(size, width, stride, (pads[0], pads[1]), gap))
    return tuple(result)


def reshaped(shape: Shape, target: Sequence[int]) -> Shape:
    """Return the target of a reshape with its -1, if any, worked out.

    >>> reshaped((2, 3, 4), (-1, 4))
    (6, 4)
    """
    count, known = math.prod(shape), math.prod(size for size in target if size != -1)
    unknown = sum(size == -1 for size in target)
    fits = known == count if not unknown else unknown == 1 and known > 0 and count % known == 0
    if not fits:
        raise ShapeError(f"An array of shape {shape} has {count} elements: it does not reshape to {tuple(target)}.")
    return tuple(count // known if size == -1 else size for size in target)


def concat_shape(shapes: Sequence[Shape], axis: int) -> Shape:
    """Return the shape after joining along an existing axis."""
    if not shapes:
        raise ShapeError("concat needs at least one array; it got none.")
    first = shapes[0]
    along = check_axis(axis, len(first))
    if any(
        len(shape) != len(first) or any(a != b for i, (a, b) in enumerate(zip(shape, first, strict=True)) if i != along)
        for shape in shapes
    ):
        raise ShapeError(f"concat along axis {axis}: all other sizes must be equal; got shapes {_listed(shapes)}.")
    return (*first[:along], sum(shape[along] for shape in shapes), *first[along + 1 :])


def stack_shape(shapes: Sequence[Shape], axis: int) -> Shape:
    """Return the shape after joining along a new axis."""
    if not shapes:
        raise ShapeError("stack needs at least one array; it got none.")
    first = shapes[0]
    if any(shape != first for shape in shapes):
        raise ShapeError(f"stack needs equal shapes; got {_listed(shapes)}.")
    along = check_axis(axis, len(first) + 1)
    return (*first[:along], len(shapes), *first[along:])


def indexed_shape(shape: Shape, key: Any) -> Shape:
    """Return the shape of ``array[key]`` for integers, slices, `...`, `None` and tuples of these.

    >>> indexed_shape((5, 6, 7), (0, ..., slice(0, None, 2), None))
    (6, 4, 1)
    """
    entries = list(key) if isinstance(key, tuple) else [key]
    used = sum(entry is not None and entry is not Ellipsis for entry in entries)
    if used > len(shape):
        raise ShapeError(f"An array of shape {shape} has {len(shape)} axes, but the index {key!r} names {used}.")
    if not any(entry is Ellipsis for entry in entries):
        entries.append(Ellipsis)
    result: list[int] = []
    axis = 0
    for entry in entries:
        if entry is None:
            result.append(1)
        elif entry is Ellipsis:
            result.extend(shape[axis : axis + len(shape) - used])
            axis += len(shape) - used
        elif isinstance(entry, slice):
            result.append(len(range(shape[axis])[entry]))
            axis += 1
        else:
            if not -shape[axis] <= entry < shape[axis]:
                raise IndexError(f"Index {entry} is out of range for axis {axis} of an array of shape {shape}.")
            axis += 1
    return tuple(result)


def _listed(shapes: Sequence[Shape]) -> str:
    return " and ".join(map(str, shapes)) if len(shapes) < 3 else ", ".join(map(str, shapes))
