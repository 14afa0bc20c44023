"""Convolution and pooling by TensorFlow's kernels, where it has them; elsewhere the composites."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from unifw.backend import Backend
from unifw_tensorflow import _devices
from unifw_tensorflow._import import raw, tf

Pads = Sequence[tuple[int, int]]


class Convolutions(Backend):
    """One and two spatial axes natively, and three for plain convolution."""

    def conv(self, x: Any, kernel: Any, strides: Sequence[int], padding: Pads, dilation: Sequence[int]) -> Any:
        """One kernel; groups other than one per channel are convolved one by one.

        The kernel's own dilation has no gradient on CPUs, so windows dilated by one rate are spread over batches
        (`tf.nn.atrous_conv2d`); for dilation with strides, or by two rates, the composite stands. On CPUs half
        precision goes through float32: the kernels of the gradients would add up their many products in it (those of
        bfloat16 where oneDNN is not used, which TensorFlow decides by the processor).
        """
        if x.dtype.size == 2 and x.dtype.is_floating and _devices.device_of(x).startswith("cpu"):
            wide = self.conv(tf.cast(x, tf.float32), tf.cast(kernel, tf.float32), strides, padding, dilation)
            return tf.cast(wide, x.dtype)
        *window, inputs, _ = kernel.shape
        spatial = len(window)
        dilated = any(each != 1 for each in dilation)
        awkward = dilated and (spatial == 1 or len(set(dilation)) > 1 or any(each != 1 for each in strides))
        if spatial not in {1, 2} or awkward or not x.dtype.is_floating:
            return super().conv(x, kernel, strides, padding, dilation)
        if spatial == 1:
            wide = self.conv(
                raw.ExpandDims(input=x, axis=1),
                raw.ExpandDims(input=kernel, axis=0),
                (1, *strides),
                ((0, 0), *padding),
                (1, *dilation),
            )
            return raw.Squeeze(input=wide, axis=[1])
        groups = x.shape[-1] // inputs
        if groups > 1:
            return self._grouped(x, kernel, strides, padding, dilation, groups)
        if dilated:
            x = self.pad(x, [(0, 0), *padding, (0, 0)], 0.0)
            return tf.nn.atrous_conv2d(x, kernel, rate=dilation[0], padding="VALID")
        name, explicit = _padding(x.shape[1:-1], window, strides, padding)
        return raw.Conv2D(
            input=x,
            filter=kernel,
            strides=[1, *strides, 1],
            padding=name,
            explicit_paddings=explicit,
        )

    def _grouped(
        self, x: Any, kernel: Any, strides: Sequence[int], padding: Pads, dilation: Sequence[int], groups: int
    ) -> Any:
        *window, inputs, filters = kernel.shape
        # The depthwise kernel wants one stride for both axes, and its dilation excludes striding.
        if inputs == 1 and len(set(strides)) == 1 and all(each == 1 for each in dilation):
            name, explicit = _padding(x.shape[1:-1], window, strides, padding)
            return raw.DepthwiseConv2dNative(
                input=x,
                filter=tf.reshape(kernel, (*window, groups, filters // groups)),
                strides=[1, *strides, 1],
                padding=name,
                explicit_paddings=explicit,
            )
        parts = zip(tf.split(x, groups, axis=-1), tf.split(kernel, groups, axis=-1), strict=True)
        return tf.concat([self.conv(part, taps, strides, padding, dilation) for part, taps in parts], axis=-1)

    def max_pool(self, x: Any, window: Sequence[int], strides: Sequence[int], padding: Pads) -> Any:
        """One kernel for two spatial axes; padding it cannot express is added in front."""
        if len(window) != 2 or not x.dtype.is_floating:
            return super().max_pool(x, window, strides, padding)
        name, explicit = _padding(x.shape[1:-1], window, strides, padding)
        if explicit:
            x, name = self.pad(x, [(0, 0), *padding, (0, 0)], -math.inf), "VALID"
        return raw.MaxPool(input=x, ksize=[1, *window, 1], strides=[1, *strides, 1], padding=name)

    def average_pool(self, x: Any, window: Sequence[int], strides: Sequence[int], padding: Pads) -> Any:
        """One kernel for two spatial axes without padding, or with that of "SAME"."""
        name, explicit = _padding(x.shape[1:-1], window, strides, padding)
        if len(window) != 2 or not x.dtype.is_floating or explicit:
            return super().average_pool(x, window, strides, padding)
        return raw.AvgPool(value=x, ksize=[1, *window, 1], strides=[1, *strides, 1], padding=name)


def _padding(
    sizes: Sequence[int], window: Sequence[int], strides: Sequence[int], padding: Pads
) -> tuple[str, list[int]]:
    """Return TensorFlow's name of a padding, and for "EXPLICIT" its list."""
    padding = [tuple(each) for each in padding]  # type: ignore[misc]
    if all(each == (0, 0) for each in padding):
        return "VALID", []
    if all(each == _same(*axis) for each, axis in zip(padding, zip(sizes, window, strides, strict=True), strict=True)):
        return "SAME", []
    return "EXPLICIT", [0, 0, *(each for pair in padding for each in pair), 0, 0]


def _same(size: int, width: int, stride: int) -> tuple[int, int]:
    """Return the (before, after) of "SAME": output ``ceil(size / stride)``, the odd one after."""
    total = max((math.ceil(size / stride) - 1) * stride + width - size, 0)
    return total // 2, total - total // 2
