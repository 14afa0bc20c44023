"""Creation, manipulation, indexing and sorting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import array_api_compat.numpy as compat
import numpy as np

from unifw import dtypes

__all__ = [
    "arange", "argsort", "broadcast_to", "concat", "expand_dims", "eye", "flip", "full", "full_like", "linspace",
    "moveaxis", "ones", "ones_like", "permute_dims", "repeat", "reshape", "roll", "sort", "squeeze", "stack", "take",
    "take_along_axis", "tile", "tril", "triu", "zeros", "zeros_like",
]  # fmt: skip

arange = np.arange
broadcast_to = np.broadcast_to
concat = np.concatenate
expand_dims = np.expand_dims
flip = np.flip
full = np.full
full_like = np.full_like
linspace = compat.linspace
moveaxis = np.moveaxis
ones = np.ones
ones_like = np.ones_like
repeat = np.repeat
roll = np.roll
squeeze = np.squeeze
stack = np.stack
tile = np.tile
zeros = np.zeros
zeros_like = np.zeros_like


def eye(n: int, m: int | None = None, /, *, k: int = 0, dtype: Any = None) -> Any:
    """Return ones on one diagonal."""
    return np.eye(n, m, k=k, dtype=dtype)


def tril(x: Any, /, *, k: int = 0) -> Any:
    """Keep the elements on and below a diagonal."""
    return np.tril(x, k)


def triu(x: Any, /, *, k: int = 0) -> Any:
    """Keep the elements on and above a diagonal."""
    return np.triu(x, k)


def permute_dims(x: Any, /, axes: Sequence[int]) -> Any:
    """Reorder the axes: a view."""
    return x.transpose(axes)


def reshape(x: Any, /, shape: Sequence[int]) -> Any:
    """Give the elements another shape: a view where that is possible."""
    return x.reshape(shape)


def take(x: Any, indices: Any, /, *, axis: int = 0) -> Any:
    """Return the entries at `indices` along one axis."""
    return x.take(indices, axis)


def take_along_axis(x: Any, indices: Any, /, *, axis: int = -1) -> Any:
    """Return, for each position, the entry that `indices` names along one axis."""
    return np.take_along_axis(x, indices, axis)


def sort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """Return the elements in order along an axis, NaN as the largest."""
    return compat.sort(_sortable(x), axis=axis, descending=descending, stable=stable).astype(x.dtype, copy=False)


def argsort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """Return the positions that sort `x` along an axis (int64), NaN as the largest."""
    order = compat.argsort(_sortable(x), axis=axis, descending=descending, stable=stable)
    return order.astype(np.int64, copy=False)


def _sortable(x: Any) -> Any:
    """Return numbers of the same order that NumPy can sort: it compares bfloat16 without regard for NaN."""
    return x.astype(np.float32) if x.dtype == dtypes.bfloat16 else x
