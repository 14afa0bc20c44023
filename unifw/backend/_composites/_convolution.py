"""Convolution and pooling over any number of spatial axes, channels last."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from unifw.backend._composites._base import WithFunctions, composite

Pads = Sequence[tuple[int, int]]


class Convolution(WithFunctions):
    """The meaning of `conv`, `max_pool` and `average_pool`: a sum, maximum or mean over shifted views."""

    @composite
    def conv(self, x: Any, kernel: Any, strides: Sequence[int], padding: Pads, dilation: Sequence[int]) -> Any:
        """Cross-correlation, what deep learning calls convolution, in groups if the kernel takes fewer channels.

        Args:
            x: (batch, *spatial, channels).
            kernel: (*window, channels // groups, filters).
            strides: per spatial axis.
            padding: zeros (before, after) per spatial axis.
            dilation: distance between the window's taps per spatial axis.

        Returns:
            (batch, *output spatial, filters), with
            ``output = (spatial + before + after - dilation * (window - 1) - 1) // stride + 1``.
        """
        xp = self.xp
        *window, inputs, filters = self.shape_of(kernel)
        groups = self.shape_of(x)[-1] // inputs
        x = self.pad(x, [(0, 0), *padding, (0, 0)], 0.0)
        result = None
        for offsets, view in self._shifted_views(x, window, strides, dilation):
            taps = kernel[offsets]
            if groups == 1:
                term = xp.matmul(view, taps)
            else:
                batch_shape = self.shape_of(view)[:-1]
                grouped = xp.reshape(view, (*batch_shape, groups, 1, inputs))
                taps = xp.permute_dims(xp.reshape(taps, (inputs, groups, filters // groups)), (1, 0, 2))
                term = xp.reshape(xp.matmul(grouped, taps), (*batch_shape, filters))
            result = term if result is None else xp.add(result, term)
        return result

    @composite
    def max_pool(self, x: Any, window: Sequence[int], strides: Sequence[int], padding: Pads) -> Any:
        """Maximum of each window; padding never wins. Among equals the first in row-major order takes the gradient."""
        xp = self.xp
        x = self.pad(x, [(0, 0), *padding, (0, 0)], -math.inf)
        result = None
        for _, view in self._shifted_views(x, window, strides, (1,) * len(window)):
            result = view if result is None else xp.where(xp.greater(view, result), view, result)
        return result

    @composite
    def average_pool(self, x: Any, window: Sequence[int], strides: Sequence[int], padding: Pads) -> Any:
        """Mean of each window over the elements that are not padding (as `keras.layers.AveragePooling2D`)."""
        xp = self.xp
        ones = xp.ones_like(x)
        total = self._sum_pool(x, window, strides, padding)
        return xp.divide(total, self._sum_pool(ones, window, strides, padding))

    def _sum_pool(self, x: Any, window: Sequence[int], strides: Sequence[int], padding: Pads) -> Any:
        x = self.pad(x, [(0, 0), *padding, (0, 0)], 0.0)
        result = None
        for _, view in self._shifted_views(x, window, strides, (1,) * len(window)):
            result = view if result is None else self.xp.add(result, view)
        return result

    def _shifted_views(
        self, x: Any, window: Sequence[int], strides: Sequence[int], dilation: Sequence[int]
    ) -> Iterator[tuple[tuple[int, ...], Any]]:
        """Yield each tap of the window with the strided view of `x` that it meets."""
        spatial = self.shape_of(x)[1:-1]
        for offsets in itertools.product(*(range(size) for size in window)):
            slices = tuple(
                slice(offset * gap, offset * gap + size - gap * (width - 1), stride)
                for offset, gap, size, width, stride in zip(offsets, dilation, spatial, window, strides, strict=True)
            )
            yield offsets, x[(slice(None), *slices, slice(None))]
