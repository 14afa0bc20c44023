"""Convolution and pooling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from unifw.testing._examples._example import IMAGE, SIGNAL, CompositeExample, numbers, positional
from unifw.testing._expect import HostArray

_WINDOWS: Final[tuple[tuple[str, tuple[int, ...], tuple[int, ...], tuple[tuple[int, int], ...]], ...]] = (
    ("", (2, 2), (2, 2), ((0, 0), (0, 0))),
    ("-overlapping-padded", (3, 2), (2, 1), ((1, 1), (0, 1))),
)
_CONVOLUTIONS: Final = (
    ("", (3, 3, 4, 2), (1, 1), ((0, 0), (0, 0)), (1, 1)),
    ("-strided-padded", (3, 2, 4, 3), (2, 1), ((1, 1), (0, 1)), (1, 1)),
    ("-dilated", (2, 2, 4, 3), (1, 1), ((0, 0), (1, 0)), (2, 3)),
    ("-grouped", (2, 2, 2, 4), (1, 2), ((0, 0), (0, 0)), (1, 1)),
    ("-depthwise", (2, 2, 1, 4), (1, 1), ((0, 1), (0, 1)), (1, 1)),
)


def conv(
    x: HostArray,
    kernel: HostArray,
    strides: Sequence[int],
    padding: Sequence[tuple[int, int]],
    dilation: Sequence[int],
) -> HostArray:
    """Cross-correlation by its definition: one output element at a time."""
    *window, inputs, filters = kernel.shape
    groups = x.shape[-1] // inputs
    x = np.pad(x, [(0, 0), *padding, (0, 0)])
    spatial = [
        (n - gap * (width - 1) - 1) // stride + 1
        for n, width, stride, gap in zip(x.shape[1:-1], window, strides, dilation, strict=True)
    ]
    result = np.zeros((x.shape[0], *spatial, filters))
    for place in np.ndindex(*result.shape):
        batch, *position, channel = place
        group = channel // (filters // groups)
        for tap in np.ndindex(*window):
            source = [p * s + t * d for p, s, t, d in zip(position, strides, tap, dilation, strict=True)]
            pixels = x[(batch, *source)][group * inputs : (group + 1) * inputs]
            result[place] += pixels @ kernel[tap][:, channel]
    return result


def pool(
    x: HostArray,
    window: Sequence[int],
    strides: Sequence[int],
    padding: Sequence[tuple[int, int]],
    reduce: Callable[..., Any],
) -> HostArray:
    """Reduce each window, padding left out."""
    x = np.pad(x, [(0, 0), *padding, (0, 0)], constant_values=np.nan)
    spatial = [(n - width) // stride + 1 for n, width, stride in zip(x.shape[1:-1], window, strides, strict=True)]
    result = np.zeros((x.shape[0], *spatial, x.shape[-1]))
    for position in np.ndindex(*spatial):
        corner = tuple(slice(p * s, p * s + w) for p, s, w in zip(position, strides, window, strict=True))
        view = x[(slice(None), *corner)]
        result[(slice(None), *position)] = reduce(view, axis=tuple(range(1, x.ndim - 1)))
    return result


def windows() -> tuple[CompositeExample, ...]:
    """Return the examples of convolution and pooling."""
    convolutions = tuple(
        CompositeExample(
            f"conv{label}",
            "conv",
            (IMAGE, numbers(*shape, seed=1)),
            positional(strides, padding, dilation),
            lambda x, k, s=strides, p=padding, d=dilation: conv(x, k, s, p, d),
        )
        for label, shape, strides, padding, dilation in _CONVOLUTIONS
    )
    pools = tuple(
        CompositeExample(
            f"{name}{label}",
            name,
            (IMAGE,),
            positional(window, strides, padding),
            lambda x, w=window, s=strides, p=padding, r=reduce: pool(x, w, s, p, r),
        )
        for name, reduce in (("max_pool", np.nanmax), ("average_pool", np.nanmean))
        for label, window, strides, padding in _WINDOWS
    )
    signal = CompositeExample(
        "conv-one-axis",
        "conv",
        (SIGNAL, numbers(3, 3, 2, seed=1)),
        positional((2,), ((1, 1),), (1,)),
        lambda x, k: conv(x, k, (2,), ((1, 1),), (1,)),
    )
    return (*convolutions, signal, *pools)
