"""Convolution and pooling, channels last, over one or more spatial axes. Names as in `keras.ops`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from unifw.errors import ArgumentError, ShapeError
from unifw.nn._operands import floating
from unifw.tensor import Tensor
from unifw.tensor._arguments import brief, wholes
from unifw.tensor._operands import as_tensor

Sizes = int | Sequence[int]
Padding = str | Sequence[tuple[int, int]]


def _sizes(value: Sizes, rank: int, name: str, what: str) -> tuple[int, ...]:
    sizes = wholes(value, name, what)
    sizes = sizes * rank if isinstance(value, int) else sizes
    if len(sizes) != rank or any(size < 1 for size in sizes):
        raise ArgumentError(f"{name}() needs {what} as a positive integer or {rank} of them, got {brief(value)}.")
    return sizes


def resolve_padding(
    padding: Padding, spatial: Sequence[int], window: Sequence[int], strides: Sequence[int], dilation: Sequence[int]
) -> tuple[tuple[int, int], ...]:
    """Return the padding (before, after) per spatial axis.

    "valid" is none; "same" gives ``ceil(size / stride)`` outputs, with the odd one after, as TensorFlow does (torch
    pads evenly, so its strided convolutions see other pixels).
    """
    if padding == "valid":
        return ((0, 0),) * len(window)
    if padding == "same":
        pads = []
        for size, width, stride, gap in zip(spatial, window, strides, dilation, strict=True):
            total = max((-(-size // stride) - 1) * stride + gap * (width - 1) + 1 - size, 0)
            pads.append((total // 2, total - total // 2))
        return tuple(pads)
    pairs = [] if isinstance(padding, str) or not isinstance(padding, Iterable) else [*padding]
    given = [wholes(pair, "padding", "a pair") for pair in pairs]
    if len(given) != len(window) or any(len(pair) != 2 or min(pair) < 0 for pair in given):
        raise ArgumentError(
            f"padding must be 'valid', 'same' or {len(window)} pairs (before, after) from 0, got {brief(padding)}."
        )
    return tuple((pair[0], pair[1]) for pair in given)


def _check_fits(
    name: str, shape: tuple[int, ...], window: Sequence[int], pads: Sequence[tuple[int, int]], dilation: Sequence[int]
) -> None:
    for size, width, (before, after), gap in zip(shape[1:-1], window, pads, dilation, strict=True):
        if size + before + after < gap * (width - 1) + 1:
            raise ShapeError(
                f"{name}() got input shape {shape}, smaller than its window {tuple(window)} along a spatial axis "
                f"({size} + padding {before} + {after} < {gap * (width - 1) + 1}). Use padding='same' or a smaller "
                f"window."
            )


def conv(x: Any, kernel: Any, strides: Sizes = 1, padding: Padding = "valid", dilation_rate: Sizes = 1) -> Tensor:
    """Convolve (more exactly: cross-correlate), as `keras.ops.conv`.

    Args:
        x: (batch, *spatial, channels).
        kernel: (*window, channels // groups, filters); the number of groups follows from the shapes.
        strides: one for all spatial axes, or one each.
        padding: "valid", "same", or (before, after) per spatial axis.
        dilation_rate: distance between the window's taps.

    Returns:
        (batch, *output spatial, filters).

    Raises:
        ShapeError: if ranks or channels do not fit, or the window is larger than the input.

    >>> import unifw as uf
    >>> uf.nn.conv(uf.ones((1, 5, 5, 3)), uf.ones((3, 3, 3, 8))).shape
    (1, 3, 3, 8)
    """
    shape, taps = as_tensor(x).shape, as_tensor(kernel).shape
    if len(shape) != len(taps) or len(shape) < 3:
        raise ShapeError(
            f"conv() needs x as (batch, *spatial, channels) and kernel as (*window, channels, filters) of equal rank, "
            f"got shapes {shape} and {taps}."
        )
    *window, inputs, filters = taps
    if inputs == 0 or shape[-1] % inputs or filters % (shape[-1] // inputs):
        raise ShapeError(
            f"conv() got {shape[-1]} input channels and a kernel of shape {taps}: the kernel's channels must equal "
            f"them, or divide them into groups that divide the {filters} filters."
        )
    rank = len(window)
    steps = _sizes(strides, rank, "conv", "strides")
    gaps = _sizes(dilation_rate, rank, "conv", "dilation_rate")
    pads = resolve_padding(padding, shape[1:-1], window, steps, gaps)
    _check_fits("conv", shape, window, pads, gaps)
    backend, (array, weights) = floating("conv", x, kernel)
    return Tensor(backend.conv(array, weights, steps, pads, gaps), backend)


def max_pool(x: Any, pool_size: Sizes, strides: Sizes | None = None, padding: Padding = "valid") -> Tensor:
    """Maximum of each window, as `keras.ops.max_pool`; the first of equal elements takes the gradient.

    Args:
        x: (batch, *spatial, channels).
        pool_size: the window, one size for all spatial axes or one each.
        strides: by default the window.
        padding: "valid", "same", or (before, after) per spatial axis; padding never wins.

    Returns:
        (batch, *output spatial, channels).

    >>> import unifw as uf
    >>> uf.nn.max_pool(uf.ones((1, 4, 4, 2)), 2).shape
    (1, 2, 2, 2)
    """
    return _pool("max_pool", x, pool_size, strides, padding)


def average_pool(x: Any, pool_size: Sizes, strides: Sizes | None = None, padding: Padding = "valid") -> Tensor:
    """Mean of each window over the elements that are not padding, as `keras.ops.average_pool`.

    Args:
        x: (batch, *spatial, channels).
        pool_size: the window, one size for all spatial axes or one each.
        strides: by default the window.
        padding: "valid", "same", or (before, after) per spatial axis.

    Returns:
        (batch, *output spatial, channels).

    >>> import unifw as uf
    >>> uf.nn.average_pool(uf.ones((1, 4, 4, 2)), 2).shape
    (1, 2, 2, 2)
    """
    return _pool("average_pool", x, pool_size, strides, padding)


def _pool(name: str, x: Any, pool_size: Sizes, strides: Sizes | None, padding: Padding) -> Tensor:
    shape = as_tensor(x).shape
    if len(shape) < 3:
        raise ShapeError(f"{name}() needs x as (batch, *spatial, channels), got shape {shape}.")
    rank = len(shape) - 2
    window = _sizes(pool_size, rank, name, "pool_size")
    steps = window if strides is None else _sizes(strides, rank, name, "strides")
    pads = resolve_padding(padding, shape[1:-1], window, steps, (1,) * rank)
    _check_fits(name, shape, window, pads, (1,) * rank)
    backend, (array,) = floating(name, x)
    return Tensor(getattr(backend, name)(array, window, steps, pads), backend)
