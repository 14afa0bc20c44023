"""Changing the shape of tensors: names and meaning of the Array API standard."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np

from unifw import config, dtypes
from unifw.errors import ArgumentError, AxisError, DTypeError, ShapeError, TransformError
from unifw.tensor._arguments import brief, shape_argument, whole, wholes
from unifw.tensor._binary import not_equal, subtract
from unifw.tensor._operands import as_tensor, common_backend, lower
from unifw.tensor._strict import check_operands
from unifw.tensor._tensor import Tensor


def normalize_axis(axis: int, rank: int, name: str, of: str = "a tensor") -> int:
    """Return a non-negative axis.

    Raises:
        AxisError: if there is no such axis.
        ArgumentError: if it is not an integer.
    """
    if axis.__class__ is not int:
        axis = whole(axis, name, "axis")
    if not -rank <= axis < rank:
        if not rank:
            raise AxisError(f"{name}() got axis={axis} for {of} without axes. Leave it out, or reshape first.")
        raise AxisError(
            f"{name}() got axis={axis} for {of} with {rank} {'axis' if rank == 1 else 'axes'}; it must be in "
            f"[{-rank}, {rank})."
        )
    return axis % rank


def normalize_axes(axis: int | Sequence[int] | None, rank: int, name: str, of: str = "a tensor") -> tuple[int, ...]:
    """Return non-negative axes; None means all of them."""
    if axis is None:
        return tuple(range(rank))
    axes = tuple(normalize_axis(each, rank, name, of) for each in wholes(axis, name, "axis"))
    if len(set(axes)) != len(axes):
        raise ArgumentError(f"{name}() got the same axis twice: {brief(axis)}. Name each axis once.")
    return axes


def reshape(x: Any, /, shape: int | Sequence[int], *, copy: bool | None = None) -> Tensor:
    """Return the same elements, in row-major order, in another shape; one size may be -1.

    Args:
        x: any shape.
        shape: the shape wanted.
        copy: True gives memory of its own. Tensors never change under each other, so this is rarely of use.

    Raises:
        ShapeError: if the number of elements differs.

    >>> import unifw as uf
    >>> uf.reshape(uf.arange(6), (2, -1)).shape
    (2, 3)
    """
    x = as_tensor(x)
    array = x.backend.copy(x.native) if copy else x.native
    target: Any = (shape,) if shape.__class__ is int else shape
    try:
        smallest = min(target) if len(target) else 1
        # Of other sizes frameworks think differently, or say it later.
        if smallest > 0 or (smallest == -1 and target.count(-1) == 1 and 0 not in target):
            return Tensor(x.backend.xp.reshape(array, target), x.backend)
    except Exception:  # noqa: BLE001, S110 - what follows says why, or does it
        pass
    target = wholes(shape, "reshape", "shape")
    rest = math.prod(size for size in target if size != -1)
    unknown = target.count(-1)
    fits = rest == x.size if not unknown else unknown == 1 and rest > 0 and x.size % rest == 0
    if not fits or any(size < -1 for size in target):
        raise ShapeError(
            f"reshape() cannot turn shape {x.shape} ({x.size} elements) into {target}: the sizes must multiply to "
            f"the same number; one of them may be -1, if the others say what it is."
        )
    return Tensor(x.backend.xp.reshape(array, target), x.backend)


def permute_dims(x: Any, /, axes: Sequence[int]) -> Tensor:
    """Return the tensor with its axes in a new order.

    >>> import unifw as uf
    >>> uf.permute_dims(uf.zeros((2, 3, 4)), (2, 0, 1)).shape
    (4, 2, 3)
    """
    x = as_tensor(x)
    order = normalize_axes(wholes(axes, "permute_dims", "axes"), x.ndim, "permute_dims")
    if len(order) != x.ndim:
        raise ShapeError(f"permute_dims() needs each of the {x.ndim} axes once, got {axes}. Name the others too.")
    return Tensor(x.backend.xp.permute_dims(x.native, order), x.backend)


def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int], /) -> Tensor:
    """Return the tensor with some axes moved; the others keep their order.

    >>> import unifw as uf
    >>> uf.moveaxis(uf.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    x = as_tensor(x)
    origins = normalize_axes(source, x.ndim, "moveaxis")
    targets = normalize_axes(destination, x.ndim, "moveaxis")
    if len(origins) != len(targets):
        raise ShapeError(f"moveaxis() got {len(origins)} sources and {len(targets)} destinations. Give one for each.")
    order = [axis for axis in range(x.ndim) if axis not in origins]
    for target, origin in sorted(zip(targets, origins, strict=True)):
        order.insert(target, origin)
    return permute_dims(x, order)


def matrix_transpose(x: Any, /) -> Tensor:
    """Return the tensor with its last two axes swapped.

    >>> import unifw as uf
    >>> uf.matrix_transpose(uf.zeros((2, 3))).shape
    (3, 2)
    """
    return as_tensor(x).mT


def expand_dims(x: Any, /, axis: int | Sequence[int] = 0) -> Tensor:
    """Return the tensor with new axes of size 1 at one or several positions of the result.

    >>> import unifw as uf
    >>> uf.expand_dims(uf.zeros(3), axis=0).shape
    (1, 3)
    """
    x = as_tensor(x)
    places = wholes(axis, "expand_dims", "axis")
    array = x.native
    for place in sorted(normalize_axes(places, x.ndim + len(places), "expand_dims", "a result")):
        array = x.backend.xp.expand_dims(array, axis=place)
    return Tensor(array, x.backend)


def squeeze(x: Any, /, axis: int | Sequence[int]) -> Tensor:
    """Return the tensor without some axes of size 1.

    >>> import unifw as uf
    >>> uf.squeeze(uf.zeros((1, 3)), axis=0).shape
    (3,)
    """
    x = as_tensor(x)
    axes = normalize_axes(axis, x.ndim, "squeeze")
    if any(x.shape[each] != 1 for each in axes):
        raise ShapeError(
            f"squeeze() removes axes of size 1 only; shape {x.shape} is not 1 on axis {axis}. Write "
            f"unifw.take to pick one element along it."
        )
    return Tensor(x.backend.xp.squeeze(x.native, axis=axes), x.backend)


def broadcast_to(x: Any, /, shape: Sequence[int]) -> Tensor:
    """Return the tensor repeated along new axes and axes of size 1, to a given shape.

    >>> import unifw as uf
    >>> uf.broadcast_to(uf.zeros(3), (2, 3)).shape
    (2, 3)
    """
    x = as_tensor(x)
    target = shape_argument(shape, "broadcast_to")
    aligned = zip(reversed(x.shape), reversed(target), strict=False)
    if len(target) < x.ndim or any(size not in (1, wanted) for size, wanted in aligned):
        raise ShapeError(
            f"broadcast_to() cannot stretch shape {x.shape} to {target}: compared from the right, sizes must be equal, "
            f"or 1 in the tensor."
        )
    return Tensor(x.backend.xp.broadcast_to(x.native, target), x.backend)


def _together(arrays: Sequence[Any], name: str) -> tuple[Any, list[Any], list[Tensor]]:
    tensors = [as_tensor(each) for each in _several(arrays, name)]
    if not tensors:
        raise ArgumentError(f"{name}() needs at least one tensor; it got none. Write {name}([x, …]).")
    backend = common_backend(tensors, name)
    dtype = tensors[0].dtype
    for tensor in tensors[1:]:
        dtype = dtypes.promote(dtype, tensor.dtype)
    if config.may_be_strict and config.is_strict():
        check_operands(f"{name}()", tensors, dtype)
    return backend, [backend.astype(lower(each, backend), dtype) for each in tensors], tensors


def _several(arrays: Any, name: str) -> Sequence[Any]:
    if isinstance(arrays, str | bytes | dict) or not isinstance(arrays, Iterable) or getattr(arrays, "ndim", 1) == 0:
        raise ArgumentError(f"{name}() takes a list or tuple of tensors, got {brief(arrays)}. Write {name}([x, …]).")
    return list(arrays)


def concat(arrays: Sequence[Any], /, *, axis: int | None = 0) -> Tensor:
    """Join tensors along an existing axis (None: flattened); dtypes promote.

    Raises:
        ShapeError: if the other axes differ.

    >>> import unifw as uf
    >>> uf.concat([uf.zeros(2), uf.ones(1)]).tolist()
    [0.0, 0.0, 1.0]
    """
    if axis is None:
        arrays, axis = [reshape(each, (-1,)) for each in _several(arrays, "concat")], 0
    backend, natives, tensors = _together(arrays, "concat")
    position = normalize_axis(axis, tensors[0].ndim, "concat")
    rests = {(*each.shape[:position], None, *each.shape[position + 1 :]) for each in tensors}
    if len(rests) > 1:
        shapes = ", ".join(str(each.shape) for each in tensors)
        raise ShapeError(
            f"concat() along axis {axis} needs equal sizes on all other axes, got shapes {shapes}. Reshape or pad."
        )
    return Tensor(backend.xp.concat(natives, axis=position), backend)


def stack(arrays: Sequence[Any], /, *, axis: int = 0) -> Tensor:
    """Join tensors of one shape along a new axis; dtypes promote.

    >>> import unifw as uf
    >>> uf.stack([uf.zeros(2), uf.ones(2)]).shape
    (2, 2)
    """
    backend, natives, tensors = _together(arrays, "stack")
    if len({each.shape for each in tensors}) > 1:
        shapes = ", ".join(str(each.shape) for each in tensors)
        raise ShapeError(f"stack() needs tensors of one shape, got {shapes}. Pad them, or write unifw.concat.")
    place = normalize_axis(axis, tensors[0].ndim + 1, "stack", "a result")
    return Tensor(backend.xp.stack(natives, axis=place), backend)


def unstack(x: Any, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """Split a tensor into its slices along an axis.

    >>> import unifw as uf
    >>> [each.shape for each in uf.unstack(uf.zeros((2, 3)))]
    [(3,), (3,)]
    """
    x = as_tensor(x)
    moved = moveaxis(x, normalize_axis(axis, x.ndim, "unstack"), 0)
    return tuple(moved[index] for index in range(moved.shape[0]))


def flip(x: Any, /, *, axis: int | Sequence[int] | None = None) -> Tensor:
    """Reverse the order of elements along axes (None: all).

    >>> import unifw as uf
    >>> uf.flip(uf.arange(3)).tolist()
    [2, 1, 0]
    """
    x = as_tensor(x)
    return Tensor(x.backend.xp.flip(x.native, axis=normalize_axes(axis, x.ndim, "flip")), x.backend)


def roll(x: Any, /, shift: int | Sequence[int], *, axis: int | Sequence[int] | None = None) -> Tensor:
    """Move elements along axes; those that leave one end enter at the other (None: over the flattened tensor).

    Args:
        x: any shape.
        shift: by how many places, for all axes or one number for each.
        axis: one axis or several; one that is named twice is moved twice.

    Raises:
        ShapeError: for several shifts and another number of axes.

    >>> import unifw as uf
    >>> uf.roll(uf.arange(3), 1).tolist()
    [2, 0, 1]
    """
    x = as_tensor(x)
    if axis is None:
        return reshape(roll(reshape(x, (-1,)), shift, axis=0), x.shape)
    axes, shifts = wholes(axis, "roll", "axis"), wholes(shift, "roll", "shift")
    shifts = shifts * len(axes) if isinstance(shift, int) else shifts
    if len(shifts) != len(axes):
        raise ShapeError(f"roll() got {len(shifts)} shifts {shifts} for {len(axes)} axes {axes}. Write one for each.")
    array = x.native
    for place, distance in zip((normalize_axis(each, x.ndim, "roll") for each in axes), shifts, strict=True):
        array = x.backend.xp.roll(array, distance, axis=place)
    return Tensor(array, x.backend)


def repeat(x: Any, repeats: Any, /, *, axis: int | None = None) -> Tensor:
    """Repeat each element along an axis (None: of the flattened tensor).

    Args:
        x: any shape.
        repeats: how often: an integer, or integers (n,), one for each element along the axis. The size of the result
            depends on their values, so inside `jit` only an integer will do.
        axis: along which to repeat.

    Raises:
        ArgumentError: for negative numbers.
        TransformError: for a tensor of numbers inside `jit`.

    >>> import unifw as uf
    >>> uf.repeat(uf.arange(2), 2).tolist()
    [0, 0, 1, 1]
    """
    x = as_tensor(x)
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    place = normalize_axis(axis, x.ndim, "repeat")
    if isinstance(repeats, int):
        if repeats < 0:
            raise ArgumentError(
                f"repeat() got repeats={repeats}; a number of copies cannot be negative. Write 0 or more."
            )
        return Tensor(x.backend.xp.repeat(x.native, repeats, axis=place), x.backend)
    sources = np.repeat(np.arange(x.shape[place]), _counts(repeats, x.shape[place]))
    return Tensor(x.backend.xp.take(x.native, x.backend.constant(sources, x.native), axis=place), x.backend)


def _counts(repeats: Any, size: int) -> np.ndarray[Any, Any]:
    """Return numbers of copies on the host, checked."""
    tensor = as_tensor(repeats)
    if dtypes.kind(tensor.dtype) != "integer":
        raise DTypeError(
            f"repeat() needs integer repeats, got {tensor.dtype.name}. Convert first: unifw.astype(repeats, 'int64')."
        )
    try:
        counts = tensor.backend.to_numpy(tensor.native).astype(np.int64)
    except Exception as error:
        raise TransformError(
            "repeat() got a tensor of repeats inside jit, where their values, and so the size of the result, are not "
            "known. Give an integer, or repeat outside of jit."
        ) from error
    if counts.shape not in ((), (1,), (size,)):
        raise ShapeError(f"repeat() got repeats of shape {counts.shape} for an axis of size {size}. Give one for each.")
    if (counts < 0).any():
        raise ArgumentError(
            f"repeat() got repeats={counts.min()}; a number of copies cannot be negative. Write 0 or more."
        )
    return counts


def tile(x: Any, repetitions: Sequence[int], /) -> Tensor:
    """Repeat the whole tensor a number of times along each axis.

    >>> import unifw as uf
    >>> uf.tile(uf.arange(2), (2,)).tolist()
    [0, 1, 0, 1]
    """
    x = as_tensor(x)
    counts = wholes(repetitions, "tile", "repetitions")
    if any(count < 0 for count in counts):
        raise ArgumentError(f"tile() got repetitions={counts}; they cannot be negative. Write 0 or more.")
    return Tensor(x.backend.xp.tile(x.native, counts), x.backend)


def broadcast_shapes(*shapes: Sequence[int]) -> tuple[int, ...]:
    """Return the shape to which shapes broadcast.

    Raises:
        ShapeError: if they do not.

    >>> import unifw as uf
    >>> uf.broadcast_shapes((3, 1), (4,))
    (3, 4)
    """
    given = [shape_argument(shape, "broadcast_shapes") for shape in shapes]
    try:
        return np.broadcast_shapes(*given)
    except ValueError:
        text = " and ".join(map(str, given))
        raise ShapeError(
            f"Shapes {text} do not broadcast: compared from the right, sizes must be equal or 1. Insert axes with "
            f"unifw.expand_dims, or reshape."
        ) from None


def broadcast_arrays(*arrays: Any) -> tuple[Tensor, ...]:
    """Return tensors broadcast against each other, each in its own dtype.

    >>> import unifw as uf
    >>> [each.shape for each in uf.broadcast_arrays(uf.zeros((3, 1)), uf.zeros(4))]
    [(3, 4), (3, 4)]
    """
    tensors = [as_tensor(each) for each in arrays]
    shape = broadcast_shapes(*(each.shape for each in tensors))
    return tuple(broadcast_to(each, shape) for each in tensors)


def meshgrid(*arrays: Any, indexing: Literal["xy", "ij"] = "xy") -> tuple[Tensor, ...]:
    """Return the coordinates of a grid, one tensor per axis, from its ticks.

    Args:
        *arrays: ticks, each (n_i,), all of one dtype.
        indexing: "ij" gives shape (n_0, n_1, …); "xy" swaps the first two axes.

    >>> import unifw as uf
    >>> [each.shape for each in uf.meshgrid(uf.arange(2), uf.arange(3))]
    [(3, 2), (3, 2)]
    """
    if indexing not in ("xy", "ij"):
        raise ArgumentError(f"meshgrid() got indexing={indexing!r}. Write 'xy' or 'ij'.")
    ticks = [as_tensor(each) for each in arrays]
    for each in ticks:
        if each.ndim != 1:
            raise ShapeError(f"meshgrid() takes tensors with one axis, got shape {each.shape}. Reshape to (-1,).")
    places = list(range(len(ticks)))
    if indexing == "xy" and len(ticks) > 1:
        places[:2] = [1, 0]
    wide = [
        reshape(each, tuple(each.shape[0] if axis == place else 1 for axis in range(len(ticks))))
        for each, place in zip(ticks, places, strict=True)
    ]
    return broadcast_arrays(*wide)


def diff(x: Any, /, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None) -> Tensor:
    """Return differences of neighbours along an axis, n times over.

    Args:
        x: at least one axis.
        axis: along which to subtract.
        n: how often; 0 gives the tensor itself.
        prepend: put before `x` along the axis first.
        append: put behind it.

    >>> import unifw as uf
    >>> uf.diff(uf.asarray([1, 4, 9])).tolist()
    [3, 5]
    """
    x = as_tensor(x)
    if not x.ndim:
        raise ShapeError("diff() needs at least one axis, got a tensor without any. Write unifw.reshape(x, (1,)).")
    if (n := whole(n, "diff", "n")) < 0:
        raise ArgumentError(f"diff() got n={n}. Write 0 or more.")
    place = normalize_axis(axis, x.ndim, "diff")
    parts = [as_tensor(each, x.backend) for each in (prepend, x, append) if each is not None]
    result = concat(parts, axis=place) if len(parts) > 1 else x
    start = (slice(None),) * place
    for _ in range(n):
        later, earlier = result[(*start, slice(1, None))], result[(*start, slice(None, -1))]
        result = not_equal(later, earlier) if result.dtype == dtypes.bool else subtract(later, earlier)
    return result
