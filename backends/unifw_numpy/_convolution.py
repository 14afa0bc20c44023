"""Convolution and pooling: one matrix product over gathered windows, and in-place loops over the taps."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import as_strided

from unifw import dtypes
from unifw_numpy._namespace import where

Array = Any
Pads = Sequence[tuple[int, int]]
_HALF = (dtypes.float16, dtypes.bfloat16)
_CACHE: Final = 1 << 19  # bytes: half of a usual second-level cache


class NumpyConvolution:
    """Overrides for speed of `Convolution` and its gradients; half precision is computed in float32."""

    def conv(self, x: Array, kernel: Array, strides: Sequence[int], padding: Pads, dilation: Sequence[int]) -> Array:
        """See `Convolution.conv`."""
        dtype = x.dtype
        if dtype in _HALF:
            x, kernel = x.astype(np.float32), kernel.astype(np.float32)
        *window, inputs, filters = kernel.shape
        groups = x.shape[-1] // inputs
        x = _pad(x, padding, 0.0)
        out = _output(x.shape[1:-1], window, strides, dilation)
        shape = (x.shape[0], *out, filters)
        result = np.empty(shape, x.dtype)
        if inputs == 1 and filters == groups > 1:  # depthwise: no sum over channels, so no matrix product
            result[...] = 0
            product = np.empty(shape, x.dtype)
            for offsets, key in _taps(out, window, strides, dilation):
                np.multiply(x[key], kernel[offsets][0], out=product)
                result += product
            return result.astype(dtype, copy=False)
        flat = kernel.reshape(-1, groups, filters // groups).transpose(1, 0, 2)
        for rows, columns in _column_blocks(x, out, window, strides, dilation):
            part = result[rows].reshape(-1, filters)
            if groups == 1:
                np.matmul(columns, flat[0], out=part)
            else:
                product = np.matmul(_grouped(columns, groups, inputs), flat)
                part[...] = product.transpose(1, 0, 2).reshape(part.shape)
        return result.astype(dtype, copy=False)

    def conv_kernel_gradient(
        self,
        x: Array,
        gradient: Array,
        shape: Sequence[int],
        strides: Sequence[int],
        padding: Pads,
        dilation: Sequence[int],
    ) -> Array:
        """See `Gradients.conv_kernel_gradient`."""
        dtype = x.dtype
        if dtype in _HALF:
            x, gradient = x.astype(np.float32), gradient.astype(np.float32)
        *window, inputs, filters = shape
        groups = x.shape[-1] // inputs
        x = _pad(x, padding, 0.0)
        out = gradient.shape[1:-1]
        if inputs == 1 and filters == groups > 1:
            result = np.empty(tuple(shape), x.dtype)
            for offsets, key in _taps(out, window, strides, dilation):
                result[offsets][0] = np.einsum("nc,nc->c", x[key].reshape(-1, groups), gradient.reshape(-1, groups))
            return result.astype(dtype, copy=False)
        total = np.zeros((groups, math.prod(window) * inputs, filters // groups), x.dtype)
        for rows, columns in _column_blocks(x, out, window, strides, dilation):
            part = gradient[rows].reshape(-1, groups, filters // groups).transpose(1, 0, 2)
            total += np.matmul(_grouped(columns, groups, inputs).transpose(0, 2, 1), part)
        result = total.transpose(1, 0, 2).reshape(tuple(shape))
        return result.astype(dtype, copy=False)

    def conv_input_gradient(
        self,
        gradient: Array,
        kernel: Array,
        shape: Sequence[int],
        strides: Sequence[int],
        padding: Pads,
        dilation: Sequence[int],
    ) -> Array:
        """See `Gradients.conv_input_gradient`."""
        dtype = gradient.dtype
        if dtype in _HALF:
            gradient, kernel = gradient.astype(np.float32), kernel.astype(np.float32)
        *window, inputs, filters = kernel.shape
        groups = shape[-1] // inputs
        padded = _padded_shape(shape, padding)
        result = np.zeros(padded, gradient.dtype)
        out = gradient.shape[1:-1]
        taps = list(_taps(out, window, strides, dilation))
        if inputs == 1 and filters == groups > 1:
            product = np.empty_like(gradient)
            for offsets, key in taps:
                np.multiply(gradient, kernel[offsets][0], out=product)
                result[key] += product
            return _unpad(result, padding).astype(dtype, copy=False)
        for rows in _blocks(shape[0], math.prod(out) * filters * gradient.itemsize):
            target = result[rows]
            flat = gradient[rows].reshape(-1, groups, filters // groups).transpose(1, 0, 2)
            block = (len(target), *out, shape[-1])
            for offsets, key in taps:
                weights = kernel[offsets].reshape(inputs, groups, filters // groups).transpose(1, 2, 0)
                target[key] += np.matmul(flat, weights).transpose(1, 0, 2).reshape(block)
        return _unpad(result, padding).astype(dtype, copy=False)

    def max_pool(self, x: Array, window: Sequence[int], strides: Sequence[int], padding: Pads) -> Array:
        """See `Convolution.max_pool`."""
        x = _pad(x, padding, -math.inf)
        ones = (1,) * len(window)
        out = _output(x.shape[1:-1], window, strides, ones)
        taps = _taps(out, window, strides, ones)
        result = x[next(taps)[1]].copy()
        for _, key in taps:
            np.maximum(result, x[key], out=result)
        return result

    def max_pool_gradient(
        self, x: Array, pooled: Array, gradient: Array, window: Sequence[int], strides: Sequence[int], padding: Pads
    ) -> Array:
        """See `Gradients.max_pool_gradient`."""
        x = _pad(x, padding, -math.inf)
        result = np.zeros(x.shape, x.dtype)
        free = np.ones(pooled.shape, np.bool_)
        apart = all(stride >= size for stride, size in zip(strides, window, strict=True))
        for _, key in _taps(pooled.shape[1:-1], window, strides, (1,) * len(window)):
            hit = np.equal(x[key], pooled)
            hit &= free
            part = where(hit, gradient, 0.0)
            if apart:  # windows do not meet: no sum
                result[key] = part
            else:
                result[key] += part
            free ^= hit
        return _unpad(result, padding)

    def average_pool(self, x: Array, window: Sequence[int], strides: Sequence[int], padding: Pads) -> Array:
        """See `Convolution.average_pool`."""
        dtype = x.dtype
        if dtype in _HALF:
            x = x.astype(np.float32)
        divisor = _divisor(x.dtype, x.shape[1:-1], window, strides, padding)
        x = _pad(x, padding, 0.0)
        ones = (1,) * len(window)
        taps = _taps(_output(x.shape[1:-1], window, strides, ones), window, strides, ones)
        result = x[next(taps)[1]].copy()
        for _, key in taps:
            result += x[key]
        result /= divisor
        return result.astype(dtype, copy=False)

    def average_pool_gradient(
        self, gradient: Array, shape: Sequence[int], window: Sequence[int], strides: Sequence[int], padding: Pads
    ) -> Array:
        """See `Gradients.average_pool_gradient`."""
        dtype = gradient.dtype
        if dtype in _HALF:
            gradient = gradient.astype(np.float32)
        share = gradient / _divisor(gradient.dtype, shape[1:-1], window, strides, padding)
        result = np.zeros(_padded_shape(shape, padding), gradient.dtype)
        for _, key in _taps(gradient.shape[1:-1], window, strides, (1,) * len(window)):
            result[key] += share
        return _unpad(result, padding).astype(dtype, copy=False)


def _output(
    spatial: Sequence[int], window: Sequence[int], strides: Sequence[int], dilation: Sequence[int]
) -> tuple[int, ...]:
    """Return the spatial shape of the output for an input that is padded already."""
    return tuple(
        max(0, (size - gap * (width - 1) - 1) // stride + 1)
        for size, width, stride, gap in zip(spatial, window, strides, dilation, strict=True)
    )


def _taps(out: Sequence[int], window: Sequence[int], strides: Sequence[int], dilation: Sequence[int]) -> Any:
    """Yield (offsets, key of the padded input) per tap, in row-major order."""
    for offsets in itertools.product(*(range(width) for width in window)):
        slices = tuple(
            slice(offset * gap, offset * gap + (size - 1) * stride + 1 if size else 0, stride)
            for offset, gap, size, stride in zip(offsets, dilation, out, strides, strict=True)
        )
        yield offsets, (slice(None), *slices, slice(None))


def _blocks(batch: int, row: int) -> Any:
    """Yield slices of the batch whose rows, of `row` bytes each, fit the cache together."""
    count = max(1, _CACHE // max(1, row))
    for start in range(0, batch, count):
        yield slice(start, min(start + count, batch))


def _column_blocks(
    x: Array, out: Sequence[int], window: Sequence[int], strides: Sequence[int], dilation: Sequence[int]
) -> Any:
    """Gather the windows of a padded input: (rows of the batch, (positions, taps * channels)) per block.

    Blocks that stay in the cache: the whole would be as many times the input as the window has taps, and writing
    that to memory costs more than the product. Each block is overwritten by the next.
    """
    batch, *spatial = x.strides[:-1]
    view = as_strided(
        x,
        (x.shape[0], *out, *window, x.shape[-1]),
        (
            batch,
            *(step * stride for step, stride in zip(spatial, strides, strict=True)),
            *(step * gap for step, gap in zip(spatial, dilation, strict=True)),
            x.strides[-1],
        ),
        writeable=False,
    )
    positions, width = math.prod(out), math.prod(window) * x.shape[-1]
    buffer: Array = None
    for rows in _blocks(x.shape[0], positions * width * x.itemsize):
        block = view[rows]
        if buffer is None or len(buffer) != len(block):
            buffer = np.empty(block.shape, x.dtype)
        np.copyto(buffer, block)
        yield rows, buffer.reshape(-1, width)


def _grouped(columns: Array, groups: int, inputs: int) -> Array:
    """Split columns by group of channels: (groups, batch * positions, taps * channels of a group)."""
    rows = columns.shape[0]
    return columns.reshape(rows, -1, groups, inputs).transpose(2, 0, 1, 3).reshape(groups, rows, -1)


def _padded_shape(shape: Sequence[int], padding: Pads) -> tuple[int, ...]:
    return (shape[0], *(size + sum(pads) for size, pads in zip(shape[1:-1], padding, strict=True)), shape[-1])


def _inside(shape: Sequence[int], padding: Pads) -> tuple[slice, ...]:
    spatial = (slice(before, size - after) for size, (before, after) in zip(shape[1:-1], padding, strict=True))
    return (slice(None), *spatial, slice(None))


def _pad(x: Array, padding: Pads, value: float) -> Array:
    if not any(before or after for before, after in padding):
        return x
    result = np.full(_padded_shape(x.shape, padding), value, x.dtype)
    result[_inside(result.shape, padding)] = x
    return result


def _unpad(x: Array, padding: Pads) -> Array:
    return x[_inside(x.shape, padding)] if any(before or after for before, after in padding) else x


def _divisor(dtype: Any, spatial: Sequence[int], window: Sequence[int], strides: Sequence[int], padding: Pads) -> Array:
    """Return how many elements of each window are not padding: (1, *output spatial, 1)."""
    counts = np.ones((1,) * (len(window) + 2), dtype)
    for axis, (size, width, stride, pads) in enumerate(zip(spatial, window, strides, padding, strict=True), start=1):
        starts = np.arange(max(0, (size + sum(pads) - width) // stride + 1)) * stride - pads[0]
        taps = np.minimum(starts + width, size) - np.maximum(starts, 0)
        counts = counts * taps.astype(dtype).reshape([-1 if each == axis else 1 for each in range(len(window) + 2)])
    return counts
