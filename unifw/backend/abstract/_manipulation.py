"""Creation, manipulation, indexing and sorting: they count no operations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from unifw import dtypes
from unifw.backend._shapes import broadcast_shapes, check_axes, check_axis, concat_shape, reshaped, stack_shape
from unifw.backend.abstract._arrays import AbstractArray
from unifw.errors import ArgumentError, ShapeError


def _as_shape(shape: int | Sequence[int]) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else tuple(shape)


class Creation:
    """The creation part of the abstract namespace."""

    def zeros(self, shape: int | Sequence[int], /, *, dtype: dtypes.DType) -> AbstractArray:
        """Shape and dtype as given."""
        return AbstractArray(_as_shape(shape), dtype)

    ones = zeros

    def full(self, shape: int | Sequence[int], value: Any, /, *, dtype: dtypes.DType) -> AbstractArray:
        """Shape and dtype as given."""
        del value
        return AbstractArray(_as_shape(shape), dtype)

    def arange(self, start: float, stop: float, step: float = 1, /, *, dtype: dtypes.DType) -> AbstractArray:
        """``ceil((stop - start) / step)`` elements."""
        return AbstractArray((max(0, math.ceil((stop - start) / step)),), dtype)

    def linspace(
        self, start: Any, stop: Any, /, num: int, *, dtype: dtypes.DType, endpoint: bool = True
    ) -> AbstractArray:
        """`num` elements."""
        del start, stop, endpoint
        return AbstractArray((num,), dtype)

    def eye(self, n: int, m: int | None = None, /, *, k: int = 0, dtype: dtypes.DType) -> AbstractArray:
        """(n, m)."""
        del k
        return AbstractArray((n, n if m is None else m), dtype)

    def zeros_like(self, x: AbstractArray, /) -> AbstractArray:
        """As `x`."""
        return AbstractArray(x.shape, x.dtype)

    ones_like = zeros_like

    def full_like(self, x: AbstractArray, value: Any, /) -> AbstractArray:
        """As `x`."""
        del value
        return AbstractArray(x.shape, x.dtype)


class Manipulation:
    """The manipulation, indexing and sorting part of the abstract namespace."""

    def broadcast_to(self, x: AbstractArray, shape: Sequence[int], /) -> AbstractArray:
        """To a wider shape."""
        target = tuple(shape)
        if broadcast_shapes(x.shape, target) != target:
            raise ShapeError(f"An array of shape {x.shape} does not broadcast to {target}.")
        return AbstractArray(target, x.dtype)

    def concat(self, arrays: Sequence[AbstractArray], /, *, axis: int | None = 0) -> AbstractArray:
        """Along an existing axis."""
        dtype = dtypes.result_type(*(each.dtype for each in arrays))
        if axis is None:
            return AbstractArray((sum(each.size for each in arrays),), dtype)
        return AbstractArray(concat_shape([each.shape for each in arrays], axis), dtype)

    def stack(self, arrays: Sequence[AbstractArray], /, *, axis: int = 0) -> AbstractArray:
        """Along a new axis."""
        dtype = dtypes.result_type(*(each.dtype for each in arrays))
        return AbstractArray(stack_shape([each.shape for each in arrays], axis), dtype)

    def expand_dims(self, x: AbstractArray, /, *, axis: int) -> AbstractArray:
        """With a new axis of size 1."""
        position = check_axis(axis, len(x.shape) + 1)
        return AbstractArray((*x.shape[:position], 1, *x.shape[position:]), x.dtype)

    def squeeze(self, x: AbstractArray, /, axis: int | tuple[int, ...]) -> AbstractArray:
        """Without axes of size 1."""
        axes = check_axes(axis, len(x.shape))
        if any(x.shape[i] != 1 for i in axes):
            raise ShapeError(f"squeeze of axes {axis} of an array of shape {x.shape}: only axes of size 1 can go.")
        return AbstractArray(tuple(size for i, size in enumerate(x.shape) if i not in axes), x.dtype)

    def flip(self, x: AbstractArray, /, *, axis: Any = None) -> AbstractArray:
        """As `x`."""
        check_axes(axis, len(x.shape))
        return AbstractArray(x.shape, x.dtype)

    def roll(self, x: AbstractArray, /, shift: Any, *, axis: Any = None) -> AbstractArray:
        """As `x`."""
        del shift
        check_axes(axis, len(x.shape))
        return AbstractArray(x.shape, x.dtype)

    def moveaxis(self, x: AbstractArray, source: Any, destination: Any, /) -> AbstractArray:
        """With axes moved, the others in order."""
        rank = len(x.shape)
        sources, targets = check_axes(source, rank), check_axes(destination, rank)
        if len(sources) != len(targets):
            raise ArgumentError(f"moveaxis needs as many destinations as sources, got {source} and {destination}.")
        order = [i for i in range(rank) if i not in sources]
        for target, each in sorted(zip(targets, sources, strict=True)):
            order.insert(target, each)
        return AbstractArray(tuple(x.shape[i] for i in order), x.dtype)

    def permute_dims(self, x: AbstractArray, /, axes: Sequence[int]) -> AbstractArray:
        """With axes reordered."""
        order = check_axes(tuple(axes), len(x.shape))
        if len(order) != len(x.shape):
            raise ShapeError(f"permute_dims of an array of shape {x.shape} needs all its axes, got {tuple(axes)}.")
        return AbstractArray(tuple(x.shape[i] for i in order), x.dtype)

    def matrix_transpose(self, x: AbstractArray, /) -> AbstractArray:
        """With the last two axes exchanged."""
        if len(x.shape) < 2:
            raise ShapeError(f"matrix_transpose needs at least two axes, got an array of shape {x.shape}.")
        return AbstractArray((*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype)

    def repeat(self, x: AbstractArray, repeats: int, /, *, axis: int | None = None) -> AbstractArray:
        """With each element repeated along an axis, or flat."""
        if axis is None:
            return AbstractArray((x.size * repeats,), x.dtype)
        along = check_axis(axis, len(x.shape))
        return AbstractArray((*x.shape[:along], x.shape[along] * repeats, *x.shape[along + 1 :]), x.dtype)

    def tile(self, x: AbstractArray, repetitions: Sequence[int], /) -> AbstractArray:
        """With the whole repeated."""
        rank = max(len(x.shape), len(repetitions))
        sizes = (*[1] * (rank - len(x.shape)), *x.shape)
        times = (*[1] * (rank - len(repetitions)), *repetitions)
        return AbstractArray(tuple(a * b for a, b in zip(sizes, times, strict=True)), x.dtype)

    def reshape(self, x: AbstractArray, /, shape: Sequence[int]) -> AbstractArray:
        """With another shape of as many elements."""
        return AbstractArray(reshaped(x.shape, shape), x.dtype)

    def tril(self, x: AbstractArray, /, *, k: int = 0) -> AbstractArray:
        """As `x`."""
        del k
        return AbstractArray(x.shape, x.dtype)

    triu = tril

    def take(self, x: AbstractArray, indices: AbstractArray, /, *, axis: int = 0) -> AbstractArray:
        """With an axis replaced by those of the indices."""
        along = check_axis(axis, len(x.shape))
        return AbstractArray((*x.shape[:along], *indices.shape, *x.shape[along + 1 :]), x.dtype)

    def take_along_axis(self, x: AbstractArray, indices: AbstractArray, /, *, axis: int = -1) -> AbstractArray:
        """With the size of the indices along the axis; other axes broadcast."""
        along = check_axis(axis, len(x.shape))
        if len(indices.shape) != len(x.shape):
            raise ShapeError(f"take_along_axis needs equal ranks, got shapes {x.shape} and {indices.shape}.")
        rest = [(*each[:along], 1, *each[along + 1 :]) for each in (x.shape, indices.shape)]
        shape = broadcast_shapes(*rest)
        return AbstractArray((*shape[:along], indices.shape[along], *shape[along + 1 :]), x.dtype)

    def sort(
        self, x: AbstractArray, /, *, axis: int = -1, descending: bool = False, stable: bool = True
    ) -> AbstractArray:
        """As `x`."""
        del descending, stable
        check_axis(axis, len(x.shape))
        return AbstractArray(x.shape, x.dtype)

    def argsort(
        self, x: AbstractArray, /, *, axis: int = -1, descending: bool = False, stable: bool = True
    ) -> AbstractArray:
        """The shape of `x`, int64."""
        del descending, stable
        check_axis(axis, len(x.shape))
        return AbstractArray(x.shape, dtypes.int64)
