"""Scatters: NumPy can write in place, which the interface's defaults cannot assume."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = Any


class NumpyScatter:
    """Overrides for speed of the scatters of `Gradients`, and of `pad`."""

    def pad(self, x: Array, padding: Sequence[tuple[int, int]], value: float) -> Array:
        """See `Special.pad`."""
        shape = [size + before + after for size, (before, after) in zip(x.shape, padding, strict=True)]
        result = np.full(shape, value, x.dtype)
        key = tuple(slice(before, before + size) for size, (before, _) in zip(x.shape, padding, strict=True))
        result[key] = x
        return result

    def scatter_slice(self, values: Array, key: Any, shape: Sequence[int]) -> Array:
        """See `Gradients.scatter_slice`."""
        result = np.zeros(tuple(shape), values.dtype)
        result[key] = values
        return result

    def set_slice(self, x: Array, key: Any, values: Array) -> Array:
        """See `Indexing.set_slice`."""
        result = np.array(x)
        result[key] = values
        return result

    def index_set(self, x: Array, indices: Array, updates: Array) -> Array:
        """See `Indexing.index_set`."""
        result = np.array(x)
        result[indices] = updates
        return result

    def index_add(self, x: Array, indices: Array, updates: Array, axis: int) -> Array:
        """See `Gradients.index_add`: sums runs of equal indices after a sort, faster than `numpy.add.at`."""
        result = np.array(x)
        if not indices.size:
            return result
        flat = np.ravel(indices)
        flat = np.where(flat < 0, flat + x.shape[axis], flat)
        count = (*x.shape[:axis], flat.size, *x.shape[axis + 1 :])
        rows = np.moveaxis(np.reshape(updates, count), axis, 0)
        order = np.argsort(flat, kind="stable")
        ordered = flat[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        np.moveaxis(result, axis, 0)[ordered[starts]] += np.add.reduceat(rows[order], starts, axis=0)
        return result

    def index_reduce(self, x: Array, indices: Array, updates: Array, operation: str) -> Array:
        """See `Indexing.index_reduce`."""
        result = np.array(x)
        with np.errstate(invalid="ignore"):  # NaN, which is an answer
            getattr(np, operation).at(result, indices, updates)
        return result

    def scatter_add(self, x: Array, indices: Array, updates: Array, axis: int) -> Array:
        """See `Gradients.scatter_add`."""
        result = np.array(x)
        grid = list(np.ogrid[tuple(slice(size) for size in indices.shape)])
        grid[axis] = indices
        if indices.shape[axis] == 1:  # nothing can repeat
            result[tuple(grid)] += updates
        else:
            np.add.at(result, tuple(grid), updates)
        return result
