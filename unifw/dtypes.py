"""Data types and the one promotion rule.

A dtype is a NumPy dtype object (`ml_dtypes` supplies bfloat16), so `x.dtype == "float32"`, `x.dtype.name` and
`x.dtype.itemsize` work as every NumPy user expects, on every backend.

Promotion follows the lattice of the Array API standard 2025.12 (section "Type Promotion Rules"). Where the standard
leaves mixed kinds open, we decide once, for every backend:

* boolean with a number gives the number's dtype;
* integer with floating-point or complex gives the floating-point or complex dtype (``int64 * float32 → float32``);
* uint64 with a signed integer gives the default float, since no integer holds both;
* a Python scalar takes the tensor's dtype, unless its kind is higher: then the default dtype of its kind.
"""

from __future__ import annotations

from functools import cache
from typing import Final, TypeAlias

import ml_dtypes
import numpy as np

from unifw.errors import DTypeError

DType: TypeAlias = np.dtype
DTypeLike: TypeAlias = "DType | str | type"
Truth: TypeAlias = bool  # Python's bool, before the standard's name covers it below

bool: Final[DType] = np.dtype("bool")
int8: Final[DType] = np.dtype("int8")
int16: Final[DType] = np.dtype("int16")
int32: Final[DType] = np.dtype("int32")
int64: Final[DType] = np.dtype("int64")
uint8: Final[DType] = np.dtype("uint8")
uint16: Final[DType] = np.dtype("uint16")
uint32: Final[DType] = np.dtype("uint32")
uint64: Final[DType] = np.dtype("uint64")
float16: Final[DType] = np.dtype("float16")
bfloat16: Final[DType] = np.dtype(ml_dtypes.bfloat16)
float32: Final[DType] = np.dtype("float32")
float64: Final[DType] = np.dtype("float64")
complex64: Final[DType] = np.dtype("complex64")
complex128: Final[DType] = np.dtype("complex128")

SIGNED: Final = (int8, int16, int32, int64)
UNSIGNED: Final = (uint8, uint16, uint32, uint64)
INTEGERS: Final = SIGNED + UNSIGNED
FLOATS: Final = (float16, bfloat16, float32, float64)
COMPLEX: Final = (complex64, complex128)
ALL: Final = (bool, *INTEGERS, *FLOATS, *COMPLEX)

DEFAULT_INTEGER: Final = int64
DEFAULT_FLOAT: Final = float32
DEFAULT_COMPLEX: Final = complex64

_BY_NAME: Final[dict[str, DType]] = {dtype.name: dtype for dtype in ALL}
_KIND_ORDER: Final = {"bool": 0, "integer": 1, "floating": 2, "complex": 3}


def as_dtype(dtype: DTypeLike) -> DType:
    """Return the dtype meant by a dtype, its name, or a Python type (`bool`, `int`, `float`, `complex`).

    Raises:
        DTypeError: for anything else, with the names that are known.

    >>> as_dtype("float32").itemsize
    4
    >>> as_dtype(int)
    dtype('int64')
    """
    if isinstance(dtype, np.dtype) and dtype.name in _BY_NAME:
        return _BY_NAME[dtype.name]
    if isinstance(dtype, str) and dtype in _BY_NAME:
        return _BY_NAME[dtype]
    if isinstance(dtype, type):
        if dtype in _PYTHON_TYPES:
            return _PYTHON_TYPES[dtype]
        name = getattr(dtype, "__name__", "")
        if name in _BY_NAME:  # numpy.float32, ml_dtypes.bfloat16
            return _BY_NAME[name]
    raise DTypeError(f"{dtype!r} is not a dtype of unifw. Write one of: {', '.join(_BY_NAME)}.")


_PYTHON_TYPES: Final[dict[type, DType]] = {
    Truth: bool,
    int: DEFAULT_INTEGER,
    float: DEFAULT_FLOAT,
    complex: DEFAULT_COMPLEX,
}


@cache
def kind(dtype: DType) -> str:
    """Return `"bool"`, `"integer"`, `"floating"` or `"complex"`."""
    if dtype in FLOATS:
        return "floating"
    if dtype in INTEGERS:
        return "integer"
    return "bool" if dtype == bool else "complex"


def python_type(dtype: DType) -> type:
    """Return the Python type of the scalars of a dtype: `bool`, `int`, `float` or `complex`."""
    return {"bool": Truth, "integer": int, "floating": float, "complex": complex}[kind(dtype)]


def is_floating(dtype: DType) -> Truth:
    """Return whether the dtype is real floating-point (float16, bfloat16, float32, float64)."""
    return kind(dtype) == "floating"


@cache
def promote(first: DType, second: DType) -> DType:
    """Return the dtype that holds both, by the lattice above.

    >>> promote(int8, uint8)
    dtype('int16')
    >>> promote(int64, float32)
    dtype('float32')
    >>> promote(float16, bfloat16)
    dtype('float32')
    """
    if first == second:
        return first
    kinds = kind(first), kind(second)
    if kinds[0] != kinds[1]:
        low, high = (first, second) if _KIND_ORDER[kinds[0]] < _KIND_ORDER[kinds[1]] else (second, first)
        if kind(high) == "complex" and kind(low) == "floating":
            return complex128 if low == float64 or high == complex128 else complex64
        return high
    if kinds[0] == "integer":
        return _promote_integers(first, second)
    if kinds[0] == "floating":
        if {first, second} == {float16, bfloat16}:
            return float32
        return max(first, second, key=lambda dtype: dtype.itemsize)
    return complex128


def _promote_integers(first: DType, second: DType) -> DType:
    if (first in SIGNED) == (second in SIGNED):
        return max(first, second, key=lambda dtype: dtype.itemsize)
    signed, unsigned = (first, second) if first in SIGNED else (second, first)
    if unsigned == uint64:
        return DEFAULT_FLOAT
    wanted = max(signed.itemsize, 2 * unsigned.itemsize)
    return next(dtype for dtype in SIGNED if dtype.itemsize == wanted)


def promote_scalar(dtype: DType, scalar: complex) -> DType:
    """Return the dtype of an operation between a tensor of `dtype` and a Python scalar.

    >>> promote_scalar(float32, 2)
    dtype('float32')
    >>> promote_scalar(int8, 0.5)
    dtype('float32')
    """
    scalar_dtype = _PYTHON_TYPES[type(scalar)]
    if _KIND_ORDER[kind(scalar_dtype)] <= _KIND_ORDER[kind(dtype)]:
        return dtype
    return complex128 if kind(scalar_dtype) == "complex" and dtype == float64 else scalar_dtype


@cache
def has_promotion(first: DType, second: DType) -> Truth:
    """Return whether the standard defines the promotion of two dtypes; the others are our decision, see above.

    Half precision, which it does not have, promotes as the other floats do, except float16 with bfloat16.

    >>> has_promotion(int8, uint8), has_promotion(float32, complex64), has_promotion(int64, float32)
    (True, True, False)
    """
    kinds = {kind(first), kind(second)}
    if kinds == {"integer"}:
        return uint64 not in (first, second) or not {first, second} & set(SIGNED)
    return (len(kinds) == 1 and {first, second} != {float16, bfloat16}) or kinds == {"floating", "complex"}


@cache
def has_scalar_promotion(dtype: DType, scalar: type) -> Truth:
    """Return whether the standard defines an operation between a tensor of `dtype` and a Python `bool`, `int`, ….

    >>> has_scalar_promotion(float32, int), has_scalar_promotion(int64, float)
    (True, False)
    """
    if scalar is Truth or dtype == bool:
        return scalar is Truth and dtype == bool
    if scalar is complex:
        return dtype in COMPLEX or dtype in (float32, float64)
    return scalar is int or dtype not in INTEGERS


def result_type(*arguments: DTypeLike) -> DType:
    """Return the dtype that an operation on these dtypes gives (`xp.result_type` for dtypes alone).

    >>> result_type("int8", "uint8", "float32")
    dtype('float32')
    """
    if not arguments:
        raise DTypeError("result_type() needs at least one dtype; it got none.")
    first, *rest = [as_dtype(argument) for argument in arguments]
    for dtype in rest:
        first = promote(first, dtype)
    return first
