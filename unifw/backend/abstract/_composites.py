"""Composites whose defaults would loop, or would count how they are written instead of what they do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from unifw import dtypes
from unifw.backend._composites._windows import Pads
from unifw.backend._shapes import conv_shape, indexed_shape, pool_shape
from unifw.backend.abstract._arrays import AbstractArray
from unifw.errors import ShapeError


class Counting:
    """Who counts."""

    flops: int


class AbstractWindows(Counting):
    """Convolution and pooling."""

    def conv(
        self, x: AbstractArray, kernel: AbstractArray, strides: Sequence[int], padding: Pads, dilation: Sequence[int]
    ) -> AbstractArray:
        """``2 * size of the result * taps of the window * channels // groups`` operations."""
        shape = conv_shape(x.shape, kernel.shape, strides, padding, dilation)
        self.flops += 2 * math.prod(shape) * math.prod(kernel.shape[:-1])
        return AbstractArray(shape, x.dtype)

    def conv_input_gradient(
        self,
        gradient: AbstractArray,
        kernel: AbstractArray,
        shape: Sequence[int],
        strides: Sequence[int],
        padding: Pads,
        dilation: Sequence[int],
    ) -> AbstractArray:
        """As many operations as the convolution."""
        self.conv(AbstractArray(tuple(shape), gradient.dtype), kernel, strides, padding, dilation)
        return AbstractArray(tuple(shape), gradient.dtype)

    def conv_kernel_gradient(
        self,
        x: AbstractArray,
        gradient: AbstractArray,
        shape: Sequence[int],
        strides: Sequence[int],
        padding: Pads,
        dilation: Sequence[int],
    ) -> AbstractArray:
        """As many operations as the convolution."""
        self.conv(x, AbstractArray(tuple(shape), gradient.dtype), strides, padding, dilation)
        return AbstractArray(tuple(shape), gradient.dtype)

    def max_pool(self, x: AbstractArray, window: Sequence[int], strides: Sequence[int], padding: Pads) -> AbstractArray:
        """One operation per element of the result and tap of the window."""
        shape = pool_shape(x.shape, window, strides, padding)
        self.flops += math.prod(shape) * math.prod(window)
        return AbstractArray(shape, x.dtype)

    average_pool = max_pool

    def max_pool_gradient(
        self,
        x: AbstractArray,
        pooled: AbstractArray,
        gradient: AbstractArray,
        window: Sequence[int],
        strides: Sequence[int],
        padding: Pads,
    ) -> AbstractArray:
        """One operation per element of the gradient and tap of the window."""
        del pooled, strides, padding
        self.flops += gradient.size * math.prod(window)
        return AbstractArray(x.shape, x.dtype)

    def average_pool_gradient(
        self,
        gradient: AbstractArray,
        shape: Sequence[int],
        window: Sequence[int],
        strides: Sequence[int],
        padding: Pads,
    ) -> AbstractArray:
        """One operation per element of the gradient and tap of the window."""
        del strides, padding
        self.flops += gradient.size * math.prod(window)
        return AbstractArray(tuple(shape), gradient.dtype)


class AbstractSpecial(Counting):
    """The error function, scatters and padding."""

    def erf(self, x: AbstractArray) -> AbstractArray:
        """One operation per element, as every elementwise function."""
        self.flops += x.size
        return AbstractArray(x.shape, x.dtype)

    def one_hot(self, indices: AbstractArray, num_classes: int, dtype: dtypes.DType) -> AbstractArray:
        """No floating-point operation."""
        return AbstractArray((*indices.shape, num_classes), dtype)

    def pad(self, x: AbstractArray, padding: Sequence[tuple[int, int]], value: float) -> AbstractArray:
        """No operation."""
        del value
        if len(padding) != len(x.shape):
            raise ShapeError(f"pad needs (before, after) for each axis of shape {x.shape}, got {len(padding)} pairs.")
        return AbstractArray(tuple(size + sum(pads) for size, pads in zip(x.shape, padding, strict=True)), x.dtype)

    def scatter_slice(self, values: AbstractArray, key: Any, shape: Sequence[int]) -> AbstractArray:
        """No operation."""
        target = indexed_shape(tuple(shape), key)
        if values.shape != target:
            raise ShapeError(f"scatter_slice of shape {values.shape} to {key!r} of {tuple(shape)}, which is {target}.")
        return AbstractArray(tuple(shape), values.dtype)

    def set_slice(self, x: AbstractArray, key: Any, values: AbstractArray) -> AbstractArray:
        """No operation."""
        target = indexed_shape(x.shape, key)
        if values.shape != target:
            raise ShapeError(f"set_slice of shape {values.shape} to {key!r} of {x.shape}, which is {target}.")
        return AbstractArray(x.shape, x.dtype)

    def index_set(self, x: AbstractArray, indices: AbstractArray, updates: AbstractArray) -> AbstractArray:
        """No operation."""
        del indices, updates
        return AbstractArray(x.shape, x.dtype)

    def index_add(self, x: AbstractArray, indices: AbstractArray, updates: AbstractArray, axis: int) -> AbstractArray:
        """One operation per element of `updates`."""
        del indices, axis
        self.flops += updates.size
        return AbstractArray(x.shape, x.dtype)

    scatter_add = index_add

    def index_reduce(
        self, x: AbstractArray, indices: AbstractArray, updates: AbstractArray, operation: str
    ) -> AbstractArray:
        """One operation per element of `updates`."""
        del indices, operation
        self.flops += updates.size
        return AbstractArray(x.shape, x.dtype)


class AbstractRandom:
    """Random numbers: integer work, so no floating-point operations but the scaling of uniform ones."""

    flops: int

    def threefry2x32(self, key: AbstractArray, high: AbstractArray, low: AbstractArray) -> tuple[Any, Any]:
        """Two arrays of uint32."""
        del key, high
        return AbstractArray(low.shape, dtypes.uint32), AbstractArray(low.shape, dtypes.uint32)

    def random_fold_in(self, key: AbstractArray, data: AbstractArray) -> AbstractArray:
        """A key."""
        del key, data
        return AbstractArray((2,), dtypes.uint32)

    def random_split(self, key: AbstractArray, count: int) -> AbstractArray:
        """`count` keys."""
        del key
        return AbstractArray((count, 2), dtypes.uint32)

    def random_bits(
        self, key: AbstractArray, shape: Sequence[int], dtype: dtypes.DType = dtypes.uint32
    ) -> AbstractArray:
        """Bits of a dtype."""
        del key
        return AbstractArray(tuple(shape), dtype)

    def random_uniform(
        self,
        key: AbstractArray,
        shape: Sequence[int],
        dtype: dtypes.DType = dtypes.float32,
        minval: Any = 0.0,
        maxval: Any = 1.0,
    ) -> AbstractArray:
        """One operation per element."""
        del key, minval, maxval
        self.flops += math.prod(tuple(shape))
        return AbstractArray(tuple(shape), dtype)

    def random_normal(
        self, key: AbstractArray, shape: Sequence[int], dtype: dtypes.DType = dtypes.float32
    ) -> AbstractArray:
        """One operation per element."""
        del key
        self.flops += math.prod(tuple(shape))
        return AbstractArray(tuple(shape), dtype)

    def random_truncated_normal(
        self, key: AbstractArray, lower: Any, upper: Any, shape: Sequence[int], dtype: dtypes.DType = dtypes.float32
    ) -> AbstractArray:
        """One operation per element."""
        del key, lower, upper
        self.flops += math.prod(tuple(shape))
        return AbstractArray(tuple(shape), dtype)

    def random_randint(
        self, key: AbstractArray, shape: Sequence[int], minval: Any, maxval: Any, dtype: dtypes.DType
    ) -> AbstractArray:
        """Integers."""
        del key, minval, maxval
        return AbstractArray(tuple(shape), dtype)

    def random_permutation(self, key: AbstractArray, size: int) -> AbstractArray:
        """int64."""
        del key
        return AbstractArray((size,), dtypes.int64)

    def random_shuffle(self, key: AbstractArray, shape: Sequence[int], axis: int) -> AbstractArray:
        """int64."""
        del key, axis
        return AbstractArray(tuple(shape), dtypes.int64)

    def random_exponential(self, key: AbstractArray, shape: Sequence[int], dtype: dtypes.DType) -> AbstractArray:
        """One operation per element."""
        del key
        self.flops += math.prod(tuple(shape))
        return AbstractArray(tuple(shape), dtype)

    def random_gumbel(self, key: AbstractArray, shape: Sequence[int], dtype: dtypes.DType, mode: str) -> AbstractArray:
        """One operation per element."""
        del key, mode
        self.flops += math.prod(tuple(shape))
        return AbstractArray(tuple(shape), dtype)

    def random_laplace(self, key: AbstractArray, shape: Sequence[int], dtype: dtypes.DType) -> AbstractArray:
        """One operation per element."""
        del key
        self.flops += math.prod(tuple(shape))
        return AbstractArray(tuple(shape), dtype)

    def random_logistic(self, key: AbstractArray, shape: Sequence[int], dtype: dtypes.DType) -> AbstractArray:
        """One operation per element."""
        del key
        self.flops += math.prod(tuple(shape))
        return AbstractArray(tuple(shape), dtype)

    def random_gamma(self, key: AbstractArray, alpha: AbstractArray, log_space: bool) -> AbstractArray:
        """One operation per element, however many are rejected."""
        del key, log_space
        self.flops += math.prod(alpha.shape)
        return AbstractArray(alpha.shape, alpha.dtype)

    def random_poisson(self, key: AbstractArray, rate: AbstractArray, dtype: dtypes.DType) -> AbstractArray:
        """One operation per element, however many are rejected."""
        del key
        self.flops += math.prod(rate.shape)
        return AbstractArray(rate.shape, dtype)
