"""The random stream on the host: NumPy arrays in and out, keys as `key` makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from unifw.backend import host_draw

HostArray = np.ndarray[Any, Any]


def key(seed: int) -> HostArray:
    """Return the key of a seed: its upper and lower 32 bits, as `jax.random.key_data(jax.random.key(seed))`."""
    return np.asarray([(seed >> 32) & 0xFFFFFFFF, seed & 0xFFFFFFFF], dtype=np.uint32)


def fold_in(key: HostArray, data: int) -> HostArray:
    """Return a new key from a key and an integer."""
    return host_draw("random_fold_in", key, np.asarray(data))


def split(key: HostArray, count: int) -> HostArray:
    """Return `count` keys, shape (count, 2)."""
    return host_draw("random_split", key, count)


def bits(key: HostArray, shape: Sequence[int]) -> HostArray:
    """Return random bits, uint32."""
    return host_draw("random_bits", key, shape)


def uniform(key: HostArray, shape: Sequence[int], minval: float = 0.0, maxval: float = 1.0) -> HostArray:
    """Return float32 numbers in [minval, maxval)."""
    return host_draw("random_uniform", key, shape, minval=minval, maxval=maxval)


def normal(key: HostArray, shape: Sequence[int]) -> HostArray:
    """Return standard normal float32 numbers."""
    return host_draw("random_normal", key, shape)


def truncated_normal(key: HostArray, lower: float, upper: float, shape: Sequence[int]) -> HostArray:
    """Return standard normal float32 numbers within (lower, upper)."""
    return host_draw("random_truncated_normal", key, lower, upper, shape)


def permutation(key: HostArray, size: int) -> HostArray:
    """Return the integers below `size` (int64) in random order."""
    return host_draw("random_permutation", key, size)
