"""Reading and writing points and boxes of a tensor. Names and meaning of `keras.ops`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from unifw import dtypes
from unifw.errors import DTypeError, ShapeError
from unifw.tensor import Tensor, clip, reshape, take, where
from unifw.tensor._arguments import shape_argument
from unifw.tensor._operands import as_tensor
from unifw.tensor._scattering import constant


def scatter(indices: Any, values: Any, shape: Sequence[int]) -> Tensor:
    """Return zeros of a shape with values added at indices, again for each repetition, as `keras.ops.scatter`.

    Args:
        indices: integers (..., k), each vector an index into the first k axes.
        values: (..., *shape[k:]).
        shape: of the result.

    Raises:
        ShapeError: if the shapes do not fit.

    >>> import unifw as uf
    >>> uf.nn.scatter(uf.asarray([[0], [2], [2]]), uf.asarray([1.0, 2.0, 3.0]), (4,)).tolist()
    [1.0, 0.0, 5.0, 0.0]
    """
    added = as_tensor(values)
    sizes = shape_argument(shape, "scatter")
    key, target = _key("scatter", indices, sizes)
    _check_values("scatter", added, target)
    zeros = constant(np.zeros(sizes, np.int8), added, added.dtype)
    return zeros.at[key].add(added)


def scatter_update(inputs: Any, indices: Any, updates: Any) -> Tensor:
    """Return a tensor with elements at indices replaced, as `keras.ops.scatter_update`.

    Args:
        inputs: any shape.
        indices: integers (..., k), each vector an index into the first k axes; of a repeated one, any update may stay.
        updates: (..., *inputs.shape[k:]).

    Raises:
        ShapeError: if the shapes do not fit.

    >>> import unifw as uf
    >>> uf.nn.scatter_update(uf.zeros(3), uf.asarray([[1]]), uf.asarray([5.0])).tolist()
    [0.0, 5.0, 0.0]
    """
    given = as_tensor(inputs)
    written = as_tensor(updates, given.backend)
    key, target = _key("scatter_update", indices, given.shape)
    _check_values("scatter_update", written, target)
    return given.at[key].set(written)


def slice(inputs: Any, start_indices: Any, shape: Sequence[int]) -> Tensor:
    """Return the box of a shape that starts at an index, as `keras.ops.slice` and `jax.lax.dynamic_slice`.

    A box that would leave the tensor is moved back inside, as in JAX.

    Args:
        inputs: any shape.
        start_indices: one integer per axis: a tensor (which need not be known inside `jit`), or a sequence. Negative
            ones count from the end.
        shape: of the box.

    Raises:
        ShapeError: if the box is larger than the tensor, or has other axes.

    >>> import unifw as uf
    >>> uf.nn.slice(uf.arange(5), [3], [3]).tolist()
    [2, 3, 4]
    """
    given = as_tensor(inputs)
    for axis, places in enumerate(_box("slice", given, start_indices, shape_argument(shape, "slice"))):
        given = take(given, places, axis=axis)
    return given


def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Tensor:
    """Return a tensor with the box that starts at an index replaced, as `keras.ops.slice_update`.

    A box that would leave the tensor is moved back inside, as in `jax.lax.dynamic_update_slice`.

    Args:
        inputs: any shape.
        start_indices: one integer per axis: a tensor (which need not be known inside `jit`), or a sequence. Negative
            ones count from the end.
        updates: the box.

    Raises:
        ShapeError: if the box is larger than the tensor, or has other axes.

    >>> import unifw as uf
    >>> uf.nn.slice_update(uf.zeros(4), [1], uf.asarray([1.0, 2.0])).tolist()
    [0.0, 1.0, 2.0, 0.0]
    """
    given = as_tensor(inputs)
    written = as_tensor(updates, given.backend)
    rank = given.ndim
    places = _box("slice_update", given, start_indices, written.shape)
    # Index tensors that broadcast to the box, as `numpy.ix_` makes them.
    key = tuple(
        reshape(each, (1,) * axis + (written.shape[axis],) + (1,) * (rank - axis - 1))
        for axis, each in enumerate(places)
    )
    return given.at[key].set(written) if rank else written


def _key(name: str, indices: Any, shape: tuple[int, ...]) -> tuple[tuple[Tensor, ...], tuple[int, ...]]:
    """Return index vectors as a key, and the shape of what it names."""
    vectors = as_tensor(indices)
    if dtypes.kind(vectors.dtype) != "integer":
        raise DTypeError(f"{name}() needs integer indices, got {vectors.dtype.name}. Write unifw.astype(…, 'int64').")
    if not vectors.ndim or not 1 <= vectors.shape[-1] <= len(shape):
        raise ShapeError(
            f"{name}() needs indices (..., k) with k from 1 to {len(shape)}, one per leading axis of shape {shape}; "
            f"got shape {vectors.shape}."
        )
    count = vectors.shape[-1]
    return tuple(vectors[..., axis] for axis in range(count)), (*vectors.shape[:-1], *shape[count:])


def _check_values(name: str, values: Tensor, target: tuple[int, ...]) -> None:
    if values.shape != target:
        raise ShapeError(
            f"{name}() needs values of shape {target} for these indices, got {values.shape}. Reshape them."
        )


def _box(name: str, x: Tensor, start_indices: Any, shape: tuple[int, ...]) -> list[Tensor]:
    """Return the places of a box along each axis."""
    starts = as_tensor(start_indices) if len(shape) else as_tensor(np.zeros(0, np.int64))
    if dtypes.kind(starts.dtype) != "integer":
        raise DTypeError(
            f"{name}() needs integer start_indices, got {starts.dtype.name}. Write unifw.astype(…, 'int64')."
        )
    if len(shape) != x.ndim or starts.shape != (x.ndim,) or any(a > b for a, b in zip(shape, x.shape, strict=True)):
        raise ShapeError(
            f"{name}() got a box of shape {shape} at start_indices of shape {starts.shape} for a tensor of shape "
            f"{x.shape}. Each axis needs a start, and a size that is not larger than the tensor's."
        )
    result = []
    for axis, size in enumerate(shape):
        start = starts[axis].astype(dtypes.int64)
        start = where(start < 0, start + x.shape[axis], start)
        start = clip(start, 0, x.shape[axis] - size)
        result.append(start + constant(np.arange(size, dtype=np.int64), x))
    return result
