"""Floating-point numbers become integers: the one rule of all backends, that of XLA.

Toward zero; what lies beyond the integers of the dtype becomes the nearest of them, NaN becomes 0. C leaves this open,
and processors, frameworks and compiled programs differ.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from unifw import dtypes


def integer_bounds(dtype: dtypes.DType) -> tuple[float, float]:
    """Return the smallest integer of a dtype, and the one behind its largest: powers of two, exact in every float."""
    limits = np.iinfo(dtype)
    return float(limits.min), float(limits.max + 1)


def host_cast(values: Any, dtype: dtypes.DType) -> np.ndarray[Any, Any]:
    """Return a NumPy array of another dtype, by the rule above.

    >>> host_cast(np.asarray([1.7, -1.7, np.nan, 300.0]), np.dtype("int8"))
    array([  1,  -1,   0, 127], dtype=int8)
    """
    given: np.ndarray[Any, Any] = np.asarray(values)
    result: np.ndarray[Any, Any]
    if dtypes.kind(dtype) != "integer" or given.dtype not in dtypes.FLOATS:
        return given.astype(dtype, copy=False)
    low, end = integer_bounds(dtype)
    if given.dtype.itemsize == 2:
        given = given.astype(dtypes.float32)  # in which the bounds are numbers
    fits = (given >= low) & (given < end)
    if fits.all():
        result = given.astype(dtype)
        return result
    limits = np.iinfo(dtype)
    beyond = np.where(given >= end, limits.max, np.where(given < low, limits.min, 0)).astype(dtype)
    result = np.where(fits, np.where(fits, given, 0).astype(dtype), beyond)
    return result
