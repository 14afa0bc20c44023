"""Reductions. Half precision is summed in float32 and rounded once; other dtypes stay what they are."""

from __future__ import annotations

import math
from typing import Any

import array_api_compat.numpy as compat
import numpy as np

from unifw import dtypes

__all__ = ["all", "any", "argmax", "argmin", "cumulative_sum", "max", "mean", "min", "prod", "std", "sum", "var"]

Axis = int | tuple[int, ...] | None
_HALF = (dtypes.float16, dtypes.bfloat16)
# NumPy's stubs do not know that axis may be a tuple or None together with a boolean keepdims.
_add: Any = np.add.reduce
_multiply: Any = np.multiply.reduce
_maximum: Any = np.maximum.reduce
_minimum: Any = np.minimum.reduce
_and: Any = np.logical_and.reduce
_or: Any = np.logical_or.reduce


def sum(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Sum in the dtype of `x`."""
    dtype = x.dtype
    if dtype in _HALF:
        return _add(x, axis=axis, dtype=np.float32, keepdims=keepdims).astype(dtype)
    return _add(x, axis=axis, dtype=dtype, keepdims=keepdims)


def prod(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Multiply in the dtype of `x`."""
    dtype = x.dtype
    if dtype in _HALF:
        return _multiply(x, axis=axis, dtype=np.float32, keepdims=keepdims).astype(dtype)
    return _multiply(x, axis=axis, dtype=dtype, keepdims=keepdims)


def mean(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """``sum / count``."""
    shape = x.shape
    if axis is None:
        count = x.size
    else:
        count = shape[axis] if isinstance(axis, int) else math.prod(shape[each] for each in axis)
    dtype = x.dtype
    if dtype in _HALF:
        total = _add(x, axis=axis, dtype=np.float32, keepdims=keepdims)
        return np.true_divide(total, np.float32(count)).astype(dtype)
    return np.true_divide(_add(x, axis=axis, keepdims=keepdims), dtype.type(count))


def var(x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    """Mean of the squared distance from the mean."""
    if x.dtype in _HALF:
        wide = np.var(x.astype(np.float32), axis=axis, ddof=correction, keepdims=keepdims)
        return wide.astype(x.dtype)
    return np.var(x, axis=axis, ddof=correction, keepdims=keepdims)


def std(x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    """Square root of `var`."""
    if x.dtype in _HALF:
        wide = np.std(x.astype(np.float32), axis=axis, ddof=correction, keepdims=keepdims)
        return wide.astype(x.dtype)
    return np.std(x, axis=axis, ddof=correction, keepdims=keepdims)


def max(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Maximum; NaN wins."""
    return _maximum(x, axis=axis, keepdims=keepdims)


def min(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Minimum; NaN wins."""
    return _minimum(x, axis=axis, keepdims=keepdims)


def all(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Whether all are true."""
    return _and(x, axis=axis, keepdims=keepdims)


def any(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Whether at least one is true."""
    return _or(x, axis=axis, keepdims=keepdims)


def argmax(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Any:
    """Position of the first maximum (int64)."""
    return np.argmax(x, axis=axis, keepdims=keepdims).astype(np.int64, copy=False)


def argmin(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Any:
    """Position of the first minimum (int64)."""
    return np.argmin(x, axis=axis, keepdims=keepdims).astype(np.int64, copy=False)


def cumulative_sum(x: Any, /, *, axis: int | None = None, include_initial: bool = False) -> Any:
    """Running sum in the dtype of `x`, optionally starting with 0."""
    if x.dtype in _HALF:
        wide = compat.cumulative_sum(x.astype(np.float32), axis=axis, include_initial=include_initial)
        return wide.astype(x.dtype)
    return compat.cumulative_sum(x, axis=axis, dtype=x.dtype, include_initial=include_initial)
