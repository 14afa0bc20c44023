"""Arithmetic of sliding windows, shared by convolution, pooling and their gradients."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from unifw.backend._composites._base import OverNamespace

Pads = Sequence[tuple[int, int]]


def window_taps(
    padded: Sequence[int], window: Sequence[int], strides: Sequence[int], dilation: Sequence[int] | None = None
) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """Yield each tap of the window, in row-major order, with the key of the elements that it meets.

    Args:
        padded: shape of the padded input, (batch, *spatial, channels).
        window: per spatial axis.
        strides: per spatial axis.
        dilation: per spatial axis; 1 by default.
    """
    gaps = dilation or (1,) * len(window)
    for offsets in itertools.product(*(range(size) for size in window)):
        spatial = (
            slice(offset * gap, offset * gap + size - gap * (width - 1), stride)
            for offset, gap, size, width, stride in zip(offsets, gaps, padded[1:-1], window, strides, strict=True)
        )
        yield offsets, (slice(None), *spatial, slice(None))


def padded_shape(shape: Sequence[int], padding: Pads) -> tuple[int, ...]:
    """Return the shape of a (batch, *spatial, channels) array with padding around it."""
    spatial = (size + before + after for size, (before, after) in zip(shape[1:-1], padding, strict=True))
    return (shape[0], *spatial, shape[-1])


def unpad_key(padded: Sequence[int], padding: Pads) -> tuple[slice, ...]:
    """Return the key that cuts padding off a padded (batch, *spatial, channels) array."""
    spatial = (slice(before, size - after) for size, (before, after) in zip(padded[1:-1], padding, strict=True))
    return (slice(None), *spatial, slice(None))


def output_size(size: int, window: int, stride: int, padding: tuple[int, int], dilation: int = 1) -> int:
    """Return how many windows fit along one axis."""
    return max(0, (size + sum(padding) - dilation * (window - 1) - 1) // stride + 1)


def tap_counts(
    spatial: Sequence[int], window: Sequence[int], strides: Sequence[int], padding: Pads
) -> tuple[list[int], list[int]]:
    """Return how many elements of each pooling window are not padding, row-major, and the output's spatial shape."""
    per_axis = []
    for size, width, stride, (before, after) in zip(spatial, window, strides, padding, strict=True):
        starts = [i * stride - before for i in range(output_size(size, width, stride, (before, after)))]
        per_axis.append([min(start + width, size) - max(start, 0) for start in starts])
    return [math.prod(counts) for counts in itertools.product(*per_axis)], [len(counts) for counts in per_axis]


def pool_divisor(
    backend: OverNamespace,
    like: Any,
    spatial: Sequence[int],
    window: Sequence[int],
    strides: Sequence[int],
    padding: Pads,
) -> Any:
    """Return what `average_pool` divides by: a number, or with padding an array (1, *output spatial, 1)."""
    if not any(before or after for before, after in padding):
        return float(math.prod(window))
    counts, shape = tap_counts(spatial, window, strides, padding)
    return backend.xp.reshape(
        backend.constant([float(count) for count in counts], like, backend.dtype_of(like)), (1, *shape, 1)
    )
