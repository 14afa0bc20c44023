"""Convolution and pooling by torch's own kernels.

Our arrays are channels last. Permuted to torch's order of axes they are what torch calls the channels-last memory
format, which its kernels prefer: no copy is made either way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch.nn import functional

from unifw.backend import Backend
from unifw_torch._pooling import opaque_max_pool
from unifw_torch._state import state

Array = Any
Pads = Sequence[tuple[int, int]]


def _channels_first(x: Array) -> Array:
    return torch.movedim(x, -1, 1)


def _channels_last(x: Array) -> Array:
    return torch.movedim(x, 1, -1)


def _symmetric(padding: Pads) -> bool:
    return all(before == after for before, after in padding)


def _pad_spatial(x: Array, padding: Pads, value: float) -> Array:
    """Pad the spatial axes of a channels-first array."""
    return functional.pad(x, [count for pair in reversed(padding) for count in pair], value=value)


class NativeConvolution(Backend):
    """One to three spatial axes; more go through the defaults."""

    def conv(self, x: Array, kernel: Array, strides: Sequence[int], padding: Pads, dilation: Sequence[int]) -> Array:
        """See `Convolution.conv`."""
        rank = len(strides)
        if not 1 <= rank <= 3:
            return super().conv(x, kernel, strides, padding, dilation)
        groups = x.shape[-1] // kernel.shape[-2]
        first = _channels_first(x)
        weight = kernel.permute(rank + 1, rank, *range(rank))
        if _symmetric(padding):
            amounts = [before for before, _ in padding]
        else:
            first, amounts = _pad_spatial(first, padding, 0.0), [0] * rank
        convolve = (functional.conv1d, functional.conv2d, functional.conv3d)[rank - 1]
        return _channels_last(convolve(first, weight, None, tuple(strides), amounts, tuple(dilation), groups))

    def max_pool(self, x: Array, window: Sequence[int], strides: Sequence[int], padding: Pads) -> Array:
        """See `Convolution.max_pool`; torch pads by half a window at most, with minus infinity."""
        rank = len(window)
        if not 1 <= rank <= 3 or not x.dtype.is_floating_point:
            return super().max_pool(x, window, strides, padding)
        first = _channels_first(x)
        amounts = [before for before, _ in padding]
        if not _symmetric(padding) or any(2 * amount > size for amount, size in zip(amounts, window, strict=True)):
            first, amounts = _pad_spatial(first, padding, -math.inf), [0] * rank
        if rank == 2 and state.tracing and state.depth <= 1:
            return opaque_max_pool(_channels_last(first), list(window), list(strides), amounts)
        pool = (functional.max_pool1d, functional.max_pool2d, functional.max_pool3d)[rank - 1]
        return _channels_last(pool(first, tuple(window), tuple(strides), amounts))

    def average_pool(self, x: Array, window: Sequence[int], strides: Sequence[int], padding: Pads) -> Array:
        """See `Convolution.average_pool`; torch leaves padding out of the mean where it is symmetric."""
        rank = len(window)
        amounts = [before for before, _ in padding]
        too_wide = any(2 * amount > size for amount, size in zip(amounts, window, strict=True))
        if not 1 <= rank <= 3 or too_wide or not _symmetric(padding):
            return super().average_pool(x, window, strides, padding)
        pool = (functional.avg_pool1d, functional.avg_pool2d, functional.avg_pool3d)[rank - 1]
        mean = pool(_channels_first(x), tuple(window), tuple(strides), amounts, count_include_pad=False)
        return _channels_last(mean)
