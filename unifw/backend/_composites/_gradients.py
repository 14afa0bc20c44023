"""Adjoints: what differentiation needs and the Array API lacks.

A framework with gradients of its own never calls these. The gradient tape (`unifw.backend.autodiff`) does, for
backends that have none, and such a backend overrides them for speed. Each is linear in its gradient argument.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from unifw.backend._composites._base import WithFunctions, composite
from unifw.backend._composites._windows import Pads, padded_shape, pool_divisor, unpad_key, window_taps


class Gradients(WithFunctions):
    """Scatters, and the gradients of convolution and pooling."""

    @composite
    def scatter_slice(self, values: Any, key: Any, shape: Sequence[int]) -> Any:
        """Zeros of a shape with `values` at ``[key]``: ``jnp.zeros(shape).at[key].set(values)``.

        Args:
            values: the shape of ``zeros(shape)[key]``.
            key: integers, slices with positive steps, `...`, `None`, or a tuple of these.
            shape: of the result.
        """
        xp = self.xp
        entries = _expanded(key, len(shape))
        # First the shape without new axes, and with the axes that integers removed.
        sizes = [1 if isinstance(e, int) else len(range(size)[e]) for e, size in zip(entries, shape, strict=True)]
        values = xp.reshape(values, tuple(sizes))
        padding = []
        for axis, (entry, size) in enumerate(zip(entries, shape, strict=True)):
            if isinstance(entry, int):
                before, step = entry % size, 1
            else:
                before, _, step = entry.indices(size)
            if step > 1 and sizes[axis]:
                values = self._spread(values, axis, step)
            span = max(0, (sizes[axis] - 1) * step + 1)
            padding.append((before, size - before - span) if span else (0, size))
        return self.pad(values, padding, 0)

    def _spread(self, x: Any, axis: int, step: int) -> Any:
        """Put ``step - 1`` zeros between neighbours along an axis."""
        xp = self.xp
        shape = self.shape_of(x)
        parts = [x, *[xp.zeros_like(x)] * (step - 1)]
        spread = xp.reshape(xp.stack(parts, axis=axis + 1), (*shape[:axis], shape[axis] * step, *shape[axis + 1 :]))
        return spread[(*[slice(None)] * axis, slice(0, (shape[axis] - 1) * step + 1), ...)]

    @composite
    def index_add(self, x: Any, indices: Any, updates: Any, axis: int) -> Any:
        """Add slices at indices along an axis, again for each repetition: ``x.at[..., indices, ...].add(updates)``.

        Args:
            x: any shape.
            indices: integers, any shape, each in [0, size of the axis).
            updates: the shape of ``take(x, indices, axis)``: that of `x` with the axis replaced by those of `indices`.
            axis: at least 0.
        """
        xp = self.xp
        shape, count = self.shape_of(x), 1
        for size in self.shape_of(indices):
            count *= size
        flat = xp.reshape(updates, (*shape[:axis], count, *shape[axis + 1 :]))
        hot = self.one_hot(xp.reshape(indices, (count,)), shape[axis], self.dtype_of(x))
        moved = xp.tensordot(hot, flat, axes=((0,), (axis,)))
        return xp.add(x, xp.moveaxis(moved, 0, axis))

    @composite
    def scatter_add(self, x: Any, indices: Any, updates: Any, axis: int) -> Any:
        """Add elements where `take_along_axis` would read them, again for each repetition (as `torch.scatter_add`).

        Args:
            x: any shape.
            indices: integers, the shape of `x` but for the axis, each in [0, size of the axis).
            updates: the shape of `indices`.
            axis: at least 0.
        """
        xp = self.xp
        size = self.shape_of(x)[axis]
        hot = self.one_hot(xp.moveaxis(indices, axis, -1), size, self.dtype_of(x))
        added = xp.sum(xp.multiply(hot, xp.expand_dims(xp.moveaxis(updates, axis, -1), axis=-1)), axis=-2)
        return xp.add(x, xp.moveaxis(added, -1, axis))

    @composite
    def conv_input_gradient(
        self,
        gradient: Any,
        kernel: Any,
        shape: Sequence[int],
        strides: Sequence[int],
        padding: Pads,
        dilation: Sequence[int],
    ) -> Any:
        """Gradient of `conv` with respect to its input of the given shape (the transposed convolution)."""
        how = (shape, strides, padding, dilation)
        return self._computed(lambda a, b: self._conv_input_gradient(a, b, *how), gradient, kernel)

    def _conv_input_gradient(
        self,
        gradient: Any,
        kernel: Any,
        shape: Sequence[int],
        strides: Sequence[int],
        padding: Pads,
        dilation: Sequence[int],
    ) -> Any:
        xp = self.xp
        *window, inputs, filters = self.shape_of(kernel)
        groups = shape[-1] // inputs
        padded = padded_shape(shape, padding)
        batch_shape = self.shape_of(gradient)[:-1]
        result = xp.zeros(padded, dtype=self.native_dtype(self.dtype_of(gradient)))
        result = self.to_device(result, self.device_of(gradient))
        for offsets, key in window_taps(padded, window, strides, dilation):
            taps = kernel[(*offsets, ...)]
            if groups == 1:
                term = xp.matmul(gradient, xp.permute_dims(taps, (1, 0)))
            else:
                grouped = xp.reshape(gradient, (*batch_shape, groups, 1, filters // groups))
                taps = xp.permute_dims(xp.reshape(taps, (inputs, groups, filters // groups)), (1, 2, 0))
                term = xp.reshape(xp.matmul(grouped, taps), (*batch_shape, shape[-1]))
            result = xp.add(result, self.scatter_slice(term, key, padded))
        return result[unpad_key(padded, padding)]

    @composite
    def conv_kernel_gradient(
        self,
        x: Any,
        gradient: Any,
        shape: Sequence[int],
        strides: Sequence[int],
        padding: Pads,
        dilation: Sequence[int],
    ) -> Any:
        """Gradient of `conv` with respect to its kernel of the given shape."""
        xp = self.xp
        *window, inputs, filters = shape
        x = self.pad(x, [(0, 0), *padding, (0, 0)], 0.0)
        channels = self.shape_of(x)[-1]
        groups = channels // inputs
        # Per group: (channels of the group, positions) @ (positions, filters of the group).
        flat = xp.permute_dims(xp.reshape(gradient, (-1, groups, filters // groups)), (1, 0, 2))
        terms = []
        for _, key in window_taps(self.shape_of(x), window, strides, dilation):
            view = xp.reshape(x[key], (-1, groups, inputs))
            term = xp.matmul(xp.permute_dims(view, (1, 2, 0)), flat)
            terms.append(xp.reshape(xp.permute_dims(term, (1, 0, 2)), (inputs, filters)))
        return xp.reshape(xp.stack(terms, axis=0), tuple(shape))

    @composite
    def max_pool_gradient(
        self, x: Any, pooled: Any, gradient: Any, window: Sequence[int], strides: Sequence[int], padding: Pads
    ) -> Any:
        """Gradient of `max_pool`, all of it to the first maximum of each window in row-major order."""
        xp = self.xp
        free = xp.equal(pooled, pooled)
        x = self.pad(x, [(0, 0), *padding, (0, 0)], -math.inf)
        padded = self.shape_of(x)
        result = xp.zeros_like(x)
        for _, key in window_taps(padded, window, strides):
            hit = xp.logical_and(free, xp.equal(x[key], pooled))
            free = xp.logical_and(free, xp.logical_not(hit))
            term = xp.where(hit, gradient, xp.zeros_like(gradient))
            result = xp.add(result, self.scatter_slice(term, key, padded))
        return result[unpad_key(padded, padding)]

    @composite
    def average_pool_gradient(
        self, gradient: Any, shape: Sequence[int], window: Sequence[int], strides: Sequence[int], padding: Pads
    ) -> Any:
        """Gradient of `average_pool` with respect to its input of the given shape."""
        xp = self.xp
        share = xp.divide(gradient, pool_divisor(self, gradient, shape[1:-1], window, strides, padding))
        padded = padded_shape(shape, padding)
        result = xp.zeros(padded, dtype=self.native_dtype(self.dtype_of(gradient)))
        result = self.to_device(result, self.device_of(gradient))
        for _, key in window_taps(padded, window, strides):
            result = xp.add(result, self.scatter_slice(share, key, padded))
        return result[unpad_key(padded, padding)]


def _expanded(key: Any, rank: int) -> list[int | slice]:
    """Return one integer or slice per axis of the indexed array."""
    entries = [entry for entry in (key if isinstance(key, tuple) else (key,)) if entry is not None]
    if Ellipsis in entries:
        position = entries.index(Ellipsis)
        entries[position : position + 1] = [slice(None)] * (rank - len(entries) + 1)
    return entries + [slice(None)] * (rank - len(entries))
