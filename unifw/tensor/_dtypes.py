"""Asking about dtypes: names and meaning of the Array API standard."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import ml_dtypes
import numpy as np

from unifw import dtypes
from unifw.errors import ArgumentError, DTypeError
from unifw.tensor._operands import SCALARS, as_tensor
from unifw.tensor._tensor import Tensor


class FloatInfo(NamedTuple):
    """What `finfo` returns; all numbers are Python floats."""

    bits: int
    """Bits of one real number."""
    eps: float
    """From 1 to the next number."""
    max: float
    """The largest finite number."""
    min: float
    """The smallest finite number."""
    smallest_normal: float
    """The smallest positive number of full precision."""
    dtype: dtypes.DType
    """The real dtype: that of the parts, for a complex one."""


class IntegerInfo(NamedTuple):
    """What `iinfo` returns."""

    bits: int
    """Bits of one number."""
    max: int
    """The largest number."""
    min: int
    """The smallest number."""
    dtype: dtypes.DType
    """The dtype asked about."""


_KINDS: Final[dict[str, tuple[dtypes.DType, ...]]] = {
    "bool": (dtypes.bool,),
    "signed integer": dtypes.SIGNED,
    "unsigned integer": dtypes.UNSIGNED,
    "integral": dtypes.INTEGERS,
    "real floating": dtypes.FLOATS,
    "complex floating": dtypes.COMPLEX,
    "numeric": (*dtypes.INTEGERS, *dtypes.FLOATS, *dtypes.COMPLEX),
}


def _of(value: Any) -> dtypes.DType:
    """Return the dtype meant by a dtype, or that of a tensor."""
    if isinstance(value, Tensor) or hasattr(value, "__unifw_tensor__"):
        return as_tensor(value).dtype
    return dtypes.as_dtype(value)


def finfo(type: Any, /) -> FloatInfo:
    """Return the limits of a floating-point or complex dtype, or of a tensor's.

    Raises:
        DTypeError: for another dtype.

    >>> import unifw as uf
    >>> uf.finfo(uf.float32).bits, uf.finfo(uf.bfloat16).eps
    (32, 0.0078125)
    """
    dtype = _of(type)
    if dtype in dtypes.COMPLEX:
        dtype = dtypes.float32 if dtype == dtypes.complex64 else dtypes.float64
    if not dtypes.is_floating(dtype):
        raise DTypeError(f"finfo() describes floating-point dtypes, got {dtype.name}. Write iinfo() for integers.")
    limits: Any = ml_dtypes.finfo(dtype)  # type: ignore[no-untyped-call]
    return FloatInfo(
        int(limits.bits), float(limits.eps), float(limits.max), float(limits.min), float(limits.smallest_normal), dtype
    )


def iinfo(type: Any, /) -> IntegerInfo:
    """Return the limits of an integer dtype, or of a tensor's.

    Raises:
        DTypeError: for another dtype.

    >>> import unifw as uf
    >>> uf.iinfo("int8").max
    127
    """
    dtype = _of(type)
    if dtypes.kind(dtype) != "integer":
        raise DTypeError(f"iinfo() describes integer dtypes, got {dtype.name}. Write finfo() for floating-point ones.")
    limits = np.iinfo(dtype)
    return IntegerInfo(limits.bits, int(limits.max), int(limits.min), dtype)


def isdtype(dtype: dtypes.DTypeLike, kind: Any) -> bool:
    """Return whether a dtype is of a kind.

    Args:
        dtype: the dtype.
        kind: a dtype; "bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating" or
            "numeric"; or a tuple of these, of which one must fit.

    Raises:
        ArgumentError: for an unknown kind.

    >>> import unifw as uf
    >>> uf.isdtype(uf.float32, ("integral", "real floating"))
    True
    """
    if isinstance(kind, tuple):
        return any(isdtype(dtype, each) for each in kind)
    wanted = dtypes.as_dtype(dtype)
    if isinstance(kind, str) and kind in _KINDS:
        return wanted in _KINDS[kind]
    if isinstance(kind, str) and kind not in [each.name for each in dtypes.ALL]:
        raise ArgumentError(f"isdtype() got the kind {kind!r}. Write a dtype or one of: {', '.join(_KINDS)}.")
    return wanted == dtypes.as_dtype(kind)


def can_cast(from_: Any, to: dtypes.DTypeLike, /) -> bool:
    """Return whether promotion leads from one dtype (or a tensor's) to another.

    >>> import unifw as uf
    >>> uf.can_cast("int8", "int32"), uf.can_cast("float64", "float32")
    (True, False)
    """
    target = dtypes.as_dtype(to)
    return dtypes.promote(_of(from_), target) == target


def result_type(*arrays_and_dtypes: Any) -> dtypes.DType:
    """Return the dtype of an operation on these tensors, dtypes and Python scalars; see `unifw.dtypes`.

    Raises:
        DTypeError: if there is neither a tensor nor a dtype among them.

    >>> import unifw as uf
    >>> uf.result_type(uf.asarray([1], dtype="int8"), "uint8", 2.0)
    dtype('float32')
    """
    found = [_of(each) for each in arrays_and_dtypes if type(each) not in SCALARS]
    if not found:
        raise DTypeError("result_type() needs at least one tensor or dtype beside Python scalars.")
    dtype = dtypes.result_type(*found)
    for scalar in arrays_and_dtypes:
        if type(scalar) in SCALARS:
            dtype = dtypes.promote_scalar(dtype, scalar)
    return dtype
