"""Turning integers into vectors."""

from __future__ import annotations

from typing import Any

from unifw import dtypes
from unifw.errors import ArgumentError, DTypeError
from unifw.tensor import Tensor
from unifw.tensor._arguments import whole
from unifw.tensor._operands import as_tensor


def one_hot(x: Any, num_classes: int, dtype: dtypes.DTypeLike = dtypes.float32) -> Tensor:
    """Return vectors with a one at each index, along a new last axis; zeros for an index out of range, as `jax.nn`.

    >>> import unifw as uf
    >>> uf.nn.one_hot(uf.asarray([1]), 3).tolist()
    [[0.0, 1.0, 0.0]]
    """
    indices = as_tensor(x)
    if dtypes.kind(indices.dtype) != "integer":
        raise DTypeError(
            f"one_hot() needs integer indices, got {indices.dtype.name}. Convert first: unifw.astype(x, 'int64')."
        )
    if (num_classes := whole(num_classes, "one_hot", "num_classes")) < 0:
        raise ArgumentError(f"one_hot() got num_classes={num_classes}; it cannot be negative. Write 0 or more.")
    return Tensor(indices.backend.one_hot(indices.native, num_classes, dtypes.as_dtype(dtype)), indices.backend)
