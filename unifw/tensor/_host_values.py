"""Host data on its way into a tensor: which dtype it gets, and what no tensor can hold."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from unifw import config, dtypes
from unifw.backend import host_cast
from unifw.errors import ArgumentError, DTypeError
from unifw.tensor._arguments import brief
from unifw.tensor._operands import SCALARS, as_float, check_range
from unifw.tensor._strict import check_defaults, check_operands


def host_values(obj: Any, dtype: dtypes.DTypeLike | None) -> tuple[Any, dtypes.DType]:
    """Return host data and the dtype it shall have: lists and scalars get the defaults, arrays keep theirs."""
    wanted = None if dtype is None else dtypes.as_dtype(dtype)
    if isinstance(obj, (np.ndarray, np.generic)) or hasattr(obj, "__array__"):
        values = np.asarray(obj)
        _check_numeric(values, obj)
        wanted = dtypes.as_dtype(values.dtype) if wanted is None else wanted
        _check_real(values, wanted)
        return host_cast(values, wanted), wanted
    try:
        values = np.asarray([np.asarray(each) for each in obj]) if _has_arrays(obj) else np.asarray(obj)
    except ValueError as error:
        raise DTypeError(
            f"A tensor needs lists of equal length on each level; this {type(obj).__name__} is ragged. Pad it."
        ) from error
    if values.dtype == object:
        values = _large_integers(values, wanted)
    elif values.dtype == np.float64 and values.size and np.max(np.abs(values)) >= 2.0**63:
        values = _exact_integers(obj, values)
    _check_numeric(values, obj)
    natural = wanted is None
    if wanted is None:
        wanted = _DEFAULTS[values.dtype.kind] if values.dtype.kind in _DEFAULTS else dtypes.as_dtype(values.dtype)
    _check_real(values, wanted)
    _check_fits(values, wanted)
    if natural and config.is_strict():
        if _has_arrays(obj):
            check_operands("asarray()", [each if type(each) in SCALARS else np.asarray(each).dtype for each in obj])
        check_defaults("asarray()", values, wanted)
    return values, wanted


_DEFAULTS: Final = {
    "f": dtypes.DEFAULT_FLOAT,
    "i": dtypes.DEFAULT_INTEGER,
    "u": dtypes.DEFAULT_INTEGER,  # of Python's, those beyond int64
    "c": dtypes.DEFAULT_COMPLEX,
}


def _large_integers(values: Any, wanted: dtypes.DType | None) -> Any:
    """Return Python integers beyond 64 bits as float64, if floating-point numbers are wanted."""
    integers = [each for each in values.flat if type(each) is int]
    if not integers or len(integers) < values.size:
        return values
    largest = max(integers, key=abs)
    if wanted is None or dtypes.kind(wanted) == "integer":
        check_range(largest, wanted or dtypes.DEFAULT_INTEGER)
    return np.asarray([as_float(each, wanted or dtypes.float64) for each in integers]).reshape(values.shape)


def _check_numeric(values: Any, obj: Any) -> None:
    if values.dtype.kind in "biufc" or values.dtype == dtypes.bfloat16:
        return
    if obj is None:
        raise DTypeError("A tensor holds numbers or booleans, got None. Was a return or an argument forgotten?")
    kind = "objects" if values.dtype == object else values.dtype
    raise DTypeError(
        f"A tensor holds numbers or booleans, got {brief(obj)} ({kind}). Encode strings and objects as integers first."
    )


def _check_real(values: Any, wanted: dtypes.DType) -> None:
    if values.dtype.kind == "c" and dtypes.kind(wanted) in ("floating", "integer"):
        raise DTypeError(
            f"asarray() got complex numbers for {wanted.name}, which would lose the imaginary part. Write "
            f"dtype='complex64', or take a part first: numpy.real, numpy.imag or numpy.abs."
        )


def _check_fits(values: Any, wanted: dtypes.DType) -> None:
    """Raise `ArgumentError` for a Python number that an integer dtype has not."""
    if dtypes.kind(wanted) != "integer" or values.dtype.kind not in "iuf" or not values.size:
        return
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        value = values[~np.isfinite(values)].flat[0]
        raise ArgumentError(f"asarray() got {value} for {wanted.name}, which has no such number. {NO_SUCH_NUMBER}")
    for value in (values.min(), values.max()):
        check_range(int(value), wanted)


NO_SUCH_NUMBER: Final = "Write dtype='float32', or replace it first: unifw.nn.nan_to_num."


def _exact_integers(obj: Any, rounded: Any) -> Any:
    """Return integers of which some fit int64 alone and some uint64 alone, which NumPy makes float64."""
    exact = np.asarray(obj, dtype=object)
    whole = all(isinstance(each, int) for each in exact.flat)
    return exact.astype(np.uint64) if whole and exact.size and min(exact.flat) >= 0 else rounded


def _has_arrays(obj: Any) -> bool:
    return isinstance(obj, (list, tuple)) and any(hasattr(each, "__array__") for each in obj)
