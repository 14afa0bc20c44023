"""What a gradient tape asks of a backend that has no gradients of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from unifw.testing._examples._example import CompositeExample, numbers, positional
from unifw.testing._examples._windows import conv, pool
from unifw.testing._expect import HostArray


def _adjoint(linear: Callable[[HostArray], HostArray], shape: tuple[int, ...], gradient: HostArray) -> HostArray:
    """Return the transpose of a linear function applied to a gradient: one basis vector at a time."""
    result = np.zeros(shape)
    for place in np.ndindex(*shape):
        basis = np.zeros(shape)
        basis[place] = 1.0
        result[place] = (linear(basis) * gradient).sum()
    return result


def _max_pool_gradient(
    x: HostArray, gradient: HostArray, window: Sequence[int], strides: Sequence[int], padding: Any
) -> HostArray:
    """Send each window's gradient to its first maximum, numbering the pixels to see which one that was."""
    numbers = np.arange(float(x.size)).reshape(x.shape)

    def first(view: HostArray, axis: tuple[int, ...]) -> HostArray:
        del axis
        rows = view.reshape(view.shape[0], -1, view.shape[-1])
        values = np.take(x.ravel(), np.nan_to_num(rows).astype(int))
        best = np.argmax(np.where(np.isnan(rows), -np.inf, values), axis=1)
        return np.asarray(np.take_along_axis(rows, best[:, None, :], 1)[:, 0])

    winners = pool(numbers, window, strides, padding, first).astype(int)
    result = np.zeros(x.size)
    np.add.at(result, winners.ravel(), gradient.ravel())
    return result.reshape(x.shape)


def _added(x: HostArray, places: Any, updates: HostArray) -> HostArray:
    result = x.copy()
    np.add.at(result, places, updates)
    return result


def _set(key: Any, values: HostArray) -> HostArray:
    result = np.zeros((4, 5))
    result[key] = values
    return result


def gradients() -> tuple[CompositeExample, ...]:
    """What a gradient tape asks of a backend that has no gradients of its own."""
    strides, padding, dilation = (2, 1), ((1, 0), (0, 1)), (1, 2)
    shape, taps = (1, 4, 5, 2), (2, 2, 2, 3)
    image, kernel = numbers(*shape), numbers(*taps, seed=1)
    through = numbers(*conv(image, kernel, strides, padding, dilation).shape, seed=2)
    window, steps, pads = (3, 2), (2, 1), ((1, 1), (0, 1))
    pooled = pool(image, window, steps, pads, np.nanmax)
    back = numbers(*pooled.shape, seed=3)
    matrix, indices = numbers(3, 4), np.asarray([[2, 0], [2, 2]])
    return (
        *(
            CompositeExample(
                f"scatter_slice{label}",
                "scatter_slice",
                (numbers(*np.zeros((4, 5))[key].shape),),
                positional(key, (4, 5)),
                lambda x, k=key: _set(k, x),
                False,
            )
            for label, key in (
                ("", (slice(1, 3), slice(None))),
                ("-steps", (slice(0, 4, 3), slice(1, 5, 2))),
                ("-integer", (-1, ...)),
                ("-new-axis", (None, slice(None), 2)),
            )
        ),
        CompositeExample(
            "index_add",
            "index_add",
            (matrix, indices, numbers(2, 2, 4, seed=1)),
            positional(0),
            _added,
            False,
        ),
        CompositeExample(
            "index_add-axis-1",
            "index_add",
            (matrix, np.asarray([3, 3, 0]), numbers(3, 3, seed=1)),
            positional(1),
            lambda x, i, u: _added(x, (slice(None), i), u),
            False,
        ),
        CompositeExample(
            "scatter_add",
            "scatter_add",
            (matrix, np.asarray([[1, 1], [0, 3], [2, 2]]), numbers(3, 2, seed=1)),
            positional(1),
            lambda x, i, u: _added(x, (np.arange(3)[:, None], i), u),
            False,
        ),
        CompositeExample(
            "conv_input_gradient",
            "conv_input_gradient",
            (through, kernel),
            positional(shape, strides, padding, dilation),
            lambda g, k: _adjoint(lambda x: conv(x, k, strides, padding, dilation), shape, g),
            False,
        ),
        CompositeExample(
            "conv_kernel_gradient",
            "conv_kernel_gradient",
            (image, through),
            positional(taps, strides, padding, dilation),
            lambda x, g: _adjoint(lambda k: conv(x, k, strides, padding, dilation), taps, g),
            False,
        ),
        CompositeExample(
            "max_pool_gradient",
            "max_pool_gradient",
            (image, pooled, back),
            positional(window, steps, pads),
            lambda x, _, g: _max_pool_gradient(x, g, window, steps, pads),
            False,
        ),
        CompositeExample(
            "average_pool_gradient",
            "average_pool_gradient",
            (back,),
            positional(shape, window, steps, pads),
            lambda g: _adjoint(lambda x: pool(x, window, steps, pads, np.nanmean), shape, g),
            False,
        ),
    )
