"""Reading and writing elements. What is written to is a copy: the array given stays as it is."""

from __future__ import annotations

import math
from typing import Any, Literal, TypeAlias

import numpy as np

from unifw import dtypes
from unifw.backend._composites._base import WithFunctions, composite

Reduction: TypeAlias = Literal["multiply", "maximum", "minimum"]


class Indexing(WithFunctions):
    """What indexing, item assignment and updates by index are made of."""

    @composite
    def get_slice(self, x: Any, key: Any) -> Any:
        """Return ``x[key]``; where no axis is left, a NumPy scalar will do for an array.

        Args:
            x: any shape.
            key: a tuple, or one of what is in it: integers in their axes, slices with positive steps, `None`, and at
                most one `...`.
        """
        return x[key]

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
        replaced = self.constant(written, x)
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
        order = self.constant(np.arange(count, dtype=np.int64), x)
        rows = self.constant(np.arange(size, dtype=np.int64), x)
        hits = xp.equal(xp.expand_dims(rows, axis=1), xp.expand_dims(self.astype(indices, dtypes.int64), axis=0))
        writer = xp.max(xp.where(hits, order, xp.full_like(order, -1)), axis=1, keepdims=False)
        written = xp.take(updates, xp.maximum(writer, 0), axis=0)
        is_written = xp.reshape(xp.greater_equal(writer, 0), (size, *(1 for _ in rest)))
        return xp.where(is_written, written, x)

    @composite
    def index_reduce(self, x: Any, indices: Any, updates: Any, operation: Reduction) -> Any:
        """Return `x` with rows multiplied by updates, or replaced by larger or smaller ones, again for each repetition.

        ``x.at[indices].multiply(updates)``, `max` or `min`; NaN wins over numbers. Its derivative is not defined:
        callers say what it is.

        Args:
            x: (size, ...), numbers.
            indices: integers (n,), each in [0, size).
            updates: (n, ...), of the dtype of `x`.
            operation: "multiply", "maximum" or "minimum".
        """
        xp = self.xp
        (count,), (size, *rest) = self.shape_of(indices), self.shape_of(x)
        if not count:
            return x
        rows = self.constant(np.arange(size, dtype=np.int64), x)
        hits = xp.equal(xp.expand_dims(rows, axis=1), xp.expand_dims(self.astype(indices, dtypes.int64), axis=0))
        hits = xp.reshape(hits, (size, count, *(1 for _ in rest)))
        neutral = self.constant(neutral_element(operation, self.dtype_of(x)), x, self.dtype_of(x))
        spread = xp.where(hits, xp.expand_dims(updates, axis=0), neutral)
        fold = {"multiply": xp.prod, "maximum": xp.max, "minimum": xp.min}[operation]
        folded = self.astype(fold(spread, axis=1, keepdims=False), self.dtype_of(x))
        return getattr(xp, operation)(x, folded)


def neutral_element(operation: Reduction, dtype: dtypes.DType) -> float | int:
    """Return what changes nothing: 1 for products, the lowest number for maxima, the highest for minima."""
    if operation == "multiply":
        return 1
    if dtype in dtypes.FLOATS:
        return -math.inf if operation == "maximum" else math.inf
    limits = np.iinfo(dtype)
    return int(limits.min if operation == "maximum" else limits.max)
