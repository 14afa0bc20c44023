"""Writing elements: arrays with some elements replaced. The array given stays as it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from unifw import dtypes
from unifw.backend._composites._base import WithFunctions, composite


class Indexing(WithFunctions):
    """What item assignment is made of."""

    @composite
    def set_slice(self, x: Any, key: Any, values: Any) -> Any:
        """Return `x` with ``x[key]`` replaced: ``x.at[key].set(values)``.

        Args:
            x: any shape.
            key: a complete tuple of integers, slices with positive steps, `...` and `None`.
            values: the shape of ``x[key]`` and the dtype of `x`.
        """
        shape = self.shape_of(x)
        written = np.zeros(shape, np.bool_)
        written[key] = True
        replaced = self.asarray(written)
        if self.dtype_of(x) == dtypes.bool:  # which scatters, being sums, do not take
            wide = self.scatter_slice(self.astype(values, dtypes.int8), key, shape)
            return self.xp.where(replaced, self.astype(wide, dtypes.bool), x)
        return self.xp.where(replaced, self.scatter_slice(values, key, shape), x)

    @composite
    def index_set(self, x: Any, indices: Any, updates: Any) -> Any:
        """Return `x` with rows at indices replaced: ``x.at[indices].set(updates)``.

        Where an index is repeated, which of its updates stays is not defined.

        Args:
            x: (size, ...).
            indices: integers (n,), each in [0, size).
            updates: (n, ...), of the dtype of `x`.
        """
        xp = self.xp
        (count,), (size, *rest) = self.shape_of(indices), self.shape_of(x)
        if not count:
            return x
        order = self.asarray(np.arange(count, dtype=np.int64))
        rows = self.asarray(np.arange(size, dtype=np.int64))
        hits = xp.equal(xp.expand_dims(rows, axis=1), xp.expand_dims(self.astype(indices, dtypes.int64), axis=0))
        writer = xp.max(xp.where(hits, order, xp.full_like(order, -1)), axis=1, keepdims=False)
        written = xp.take(updates, xp.maximum(writer, 0), axis=0)
        is_written = xp.reshape(xp.greater_equal(writer, 0), (size, *(1 for _ in rest)))
        return xp.where(is_written, written, x)
