"""Convolution and pooling over any number of spatial axes, channels last."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from unifw.backend._composites._base import WithFunctions, composite
from unifw.backend._composites._windows import Pads, pool_divisor, window_taps


class Convolution(WithFunctions):
    """The meaning of `conv`, `max_pool` and `average_pool`: a sum, maximum or mean over shifted views.

    Sums of half precision are taken in float32 and rounded once, as every framework's own convolution does.
    """

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
        return self._computed(lambda a, b: self._conv(a, b, strides, padding, dilation), x, kernel)

    def _conv(self, x: Any, kernel: Any, strides: Sequence[int], padding: Pads, dilation: Sequence[int]) -> Any:
        xp = self.xp
        *window, inputs, filters = self.shape_of(kernel)
        groups = self.shape_of(x)[-1] // inputs
        x = self.pad(x, [(0, 0), *padding, (0, 0)], 0.0)
        result = None
        for offsets, key in window_taps(self.shape_of(x), window, strides, dilation):
            view = x[key]
            taps = kernel[(*offsets, ...)]
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
        """Maximum of each window; padding never wins, NaN always does.

        Among equals the first in row-major order takes the gradient.
        """
        xp = self.xp
        x = self.pad(x, [(0, 0), *padding, (0, 0)], -math.inf)
        result = None
        for _, key in window_taps(self.shape_of(x), window, strides):
            view = x[key]
            if result is None:
                result = view
            else:  # NaN wins, as in every framework's maximum
                wins = xp.logical_or(xp.greater(view, result), xp.not_equal(view, view))
                result = xp.where(wins, view, result)
        return result

    @composite
    def average_pool(self, x: Any, window: Sequence[int], strides: Sequence[int], padding: Pads) -> Any:
        """Mean of each window over the elements that are not padding (as `keras.layers.AveragePooling2D`)."""
        return self._computed(lambda wide: self._average_pool(wide, window, strides, padding), x)

    def _average_pool(self, x: Any, window: Sequence[int], strides: Sequence[int], padding: Pads) -> Any:
        xp = self.xp
        divisor = pool_divisor(self, x, self.shape_of(x)[1:-1], window, strides, padding)
        x = self.pad(x, [(0, 0), *padding, (0, 0)], 0.0)
        total = None
        for _, key in window_taps(self.shape_of(x), window, strides):
            view = x[key]
            total = view if total is None else xp.add(total, view)
        return xp.divide(total, divisor)
