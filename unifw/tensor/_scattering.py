"""Updating rows at integer indices, again for each repetition: what `x.at[...]` and segments are made of.

All take `x` (size, ...), integer `places` (n,) in [0, size) and `values` (n, ...) of the dtype of `x`, and return a new
tensor of the shape of `x`. They are differentiable, to any order, wherever that makes sense.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from unifw import dtypes
from unifw.errors import DTypeError
from unifw.tensor._binary import equal, maximum
from unifw.tensor._choosing import where
from unifw.tensor._creation import stop_gradient, zeros_like
from unifw.tensor._indexing import take
from unifw.tensor._manipulation import expand_dims, reshape
from unifw.tensor._operands import common_backend, lower
from unifw.tensor._reductions import prod
from unifw.tensor._tensor import Tensor
from unifw.tensor._unary import isfinite

Extreme = Literal["maximum", "minimum"]


def index_set(x: Tensor, places: Tensor, values: Tensor) -> Tensor:
    """Replace rows; of repeated places, any one's value may stay."""
    backend = common_backend([x, places, values], "index update")
    return Tensor(backend.index_set(*(lower(each, backend) for each in (x, places, values))), backend)


def index_add(x: Tensor, places: Tensor, values: Tensor) -> Tensor:
    """Add to rows."""
    check_numeric(x, "add")
    backend = common_backend([x, places, values], "index update")
    rows, indices, updates = (lower(each, backend) for each in (x, places, values))
    return Tensor(backend.index_add(rows, indices, updates, 0), backend)


def index_multiply(x: Tensor, places: Tensor, values: Tensor) -> Tensor:
    """Multiply rows. Where derivatives exist, all pairs (row, value) are looked at: O(n * size) memory."""
    check_numeric(x, "multiply")
    if dtypes.kind(x.dtype) == "integer" or not places.shape[0]:
        backend = common_backend([x, places, values], "index update")
        rows, indices, updates = (lower(each, backend) for each in (x, places, values))
        return Tensor(backend.index_reduce(rows, indices, updates, "multiply"), backend)
    every = constant(np.arange(x.shape[0], dtype=np.int64), x)
    hits = equal(expand_dims(every, axis=1), expand_dims(places.astype(dtypes.int64), axis=0))
    hits = reshape(hits, (*hits.shape, *(1 for _ in x.shape[1:])))
    return x * prod(where(hits, expand_dims(values, axis=0), constant(1, x, x.dtype)), axis=1)


def index_extreme(x: Tensor, places: Tensor, values: Tensor, operation: Extreme) -> Tensor:
    """Take the larger or the smaller of rows and values; NaN wins.

    The derivative goes in equal parts to all that are equal to the result, as in JAX.
    """
    name = {"maximum": "max", "minimum": "min"}[operation]
    check_numeric(x, name)
    if dtypes.kind(x.dtype) == "complex":
        raise DTypeError(
            f"Complex numbers have no order: {name} of {x.dtype.name}. Write real numbers, or their abs()."
        )
    backend = common_backend([x, places, values], "index update")
    rows, indices, updates = (lower(stop_gradient(each), backend) for each in (x, places, values))
    best = Tensor(backend.index_reduce(rows, indices, updates, operation), backend)
    if dtypes.kind(x.dtype) == "integer":
        return best
    # The result is known; what is added is zero, and has the right derivative.
    is_row, is_value = equal(x, best), equal(values, take(best, places, axis=0))
    counts = maximum(index_add(is_row.astype(x.dtype), places, is_value.astype(x.dtype)), 1.0)
    share = where(is_value, values, zeros_like(values)) / take(counts, places, axis=0)
    linear = index_add(where(is_row, x, zeros_like(x)) / counts, places, share)
    linear = where(isfinite(stop_gradient(linear)), linear, zeros_like(linear))
    return best + (linear - stop_gradient(linear))


def check_numeric(x: Tensor, name: str) -> None:
    """Raise `DTypeError` for booleans."""
    if x.dtype == dtypes.bool:
        raise DTypeError(f"{name} by index works on numbers, got bool. Convert with unifw.astype(x, 'int32').")


def constant(value: Any, like: Tensor, dtype: dtypes.DType | None = None) -> Tensor:
    """Return host data as a tensor of another one's backend."""
    return Tensor(like.backend.constant(value, like.native, dtype), like.backend)
