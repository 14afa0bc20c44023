"""Reductions and products, with their operation counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from unifw import dtypes
from unifw.backend._shapes import Axis, broadcast_shapes, check_axis, matmul_shape, reduced_shape, tensordot_shape
from unifw.backend.abstract._arrays import AbstractArray
from unifw.errors import ShapeError

if TYPE_CHECKING:
    from unifw.backend.abstract._backend import AbstractBackend


class Reductions:
    """The reductions of the abstract namespace."""

    # ruff: noqa: A003 - the standard's names; no method calls the builtins
    _backend: AbstractBackend

    def sum(self, x: AbstractArray, /, *, axis: Axis = None, keepdims: bool = False) -> AbstractArray:
        """One operation per element of `x`."""
        self._backend.flops += x.size
        return AbstractArray(reduced_shape(x.shape, axis, keepdims), x.dtype)

    prod = max = min = mean = sum

    def var(
        self, x: AbstractArray, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False
    ) -> AbstractArray:
        """Four operations per element of `x`: for the mean, the difference, its square, and their sum."""
        del correction
        self._backend.flops += 4 * x.size
        return AbstractArray(reduced_shape(x.shape, axis, keepdims), x.dtype)

    std = var

    def all(self, x: AbstractArray, /, *, axis: Axis = None, keepdims: bool = False) -> AbstractArray:
        """Boolean; no floating-point operation."""
        return AbstractArray(reduced_shape(x.shape, axis, keepdims), dtypes.bool)

    any = all

    def argmax(self, x: AbstractArray, /, *, axis: int | None = None, keepdims: bool = False) -> AbstractArray:
        """int64; one comparison per element of `x`."""
        self._backend.flops += x.size
        return AbstractArray(reduced_shape(x.shape, axis, keepdims), dtypes.int64)

    argmin = argmax

    def cumulative_sum(
        self, x: AbstractArray, /, *, axis: int | None = None, include_initial: bool = False
    ) -> AbstractArray:
        """One operation per element of `x`."""
        self._backend.flops += x.size
        along = check_axis(0 if axis is None else axis, len(x.shape))
        size = x.shape[along] + include_initial
        return AbstractArray((*x.shape[:along], size, *x.shape[along + 1 :]), x.dtype)

    cumulative_prod = cumulative_sum


class Products:
    """The linear algebra of the abstract namespace."""

    _backend: AbstractBackend

    def matmul(self, x1: AbstractArray, x2: AbstractArray, /) -> AbstractArray:
        """``2 * m * n * k`` operations for (m, k) @ (k, n): a multiplication and an addition per product."""
        result = AbstractArray(matmul_shape(x1.shape, x2.shape), dtypes.promote(x1.dtype, x2.dtype))
        self._backend.flops += 2 * result.size * x1.shape[-1]
        return result

    def tensordot(
        self, x1: AbstractArray, x2: AbstractArray, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2
    ) -> AbstractArray:
        """``2 * size of the result * size of the summed axes`` operations."""
        shape, depth = tensordot_shape(x1.shape, x2.shape, axes)
        result = AbstractArray(shape, dtypes.promote(x1.dtype, x2.dtype))
        self._backend.flops += 2 * result.size * depth
        return result

    def vecdot(self, x1: AbstractArray, x2: AbstractArray, /, *, axis: int = -1) -> AbstractArray:
        """Two operations per pair of elements."""
        if not x1.shape or not x2.shape or x1.shape[axis] != x2.shape[axis]:
            raise ShapeError(f"vecdot along axis {axis} needs equal sizes there, got shapes {x1.shape} and {x2.shape}.")
        shape = broadcast_shapes(x1.shape, x2.shape)
        result = AbstractArray(reduced_shape(shape, axis, False), dtypes.promote(x1.dtype, x2.dtype))
        self._backend.flops += 2 * AbstractArray(shape, x1.dtype).size
        return result
