"""Comparisons, predicates, logical and bitwise functions, and the choice between two arrays."""

from __future__ import annotations

from typing import Any

from unifw_tensorflow._import import raw, tf
from unifw_tensorflow._namespace._operands import binary, pair

equal = binary(raw.Equal)
not_equal = binary(raw.NotEqual)
less = binary(raw.Less)
less_equal = binary(raw.LessEqual)
greater = binary(raw.Greater)
greater_equal = binary(raw.GreaterEqual)

logical_and = binary(raw.LogicalAnd)
logical_or = binary(raw.LogicalOr)
logical_xor = binary(raw.NotEqual)

_bitwise_and = binary(raw.BitwiseAnd)
_bitwise_or = binary(raw.BitwiseOr)
_bitwise_xor = binary(raw.BitwiseXor)


def _is_bool(x1: Any, x2: Any) -> bool:
    """Return whether the operands are booleans, judging by the one that is an array."""
    return bool(getattr(x1, "dtype", getattr(x2, "dtype", None)) == tf.bool)


def bitwise_left_shift(x1: Any, x2: Any, /) -> Any:
    """``x1 << x2``; 0 where all bits leave, where TensorFlow moves them by one place less than there are."""
    x1, x2 = pair(x1, x2)
    return raw.SelectV2(condition=_all_leave(x2), t=raw.ZerosLike(x=x1), e=raw.LeftShift(x=x1, y=x2))


def bitwise_right_shift(x1: Any, x2: Any, /) -> Any:
    """``x1 >> x2``; 0, or -1 for negative numbers, where all bits leave."""
    x1, x2 = pair(x1, x2)
    zero = tf.constant(0, x1.dtype)
    left = raw.ZerosLike(x=x1) if x1.dtype.is_unsigned else raw.SelectV2(condition=less(x1, zero), t=~zero, e=zero)
    return raw.SelectV2(condition=_all_leave(x2), t=left, e=raw.RightShift(x=x1, y=x2))


def _all_leave(places: Any) -> Any:
    """Return whether a shift is by all bits, or by a negative number, which NumPy and the others take for that."""
    width = tf.constant(8 * places.dtype.size, places.dtype)
    return raw.LogicalOr(x=raw.GreaterEqual(x=places, y=width), y=raw.Less(x=places, y=raw.ZerosLike(x=places)))


def logical_not(x: Any, /) -> Any:
    """``not x``."""
    return raw.LogicalNot(x=x)


def bitwise_and(x1: Any, x2: Any, /) -> Any:
    """``x1 & x2``."""
    return logical_and(x1, x2) if _is_bool(x1, x2) else _bitwise_and(x1, x2)


def bitwise_or(x1: Any, x2: Any, /) -> Any:
    """``x1 | x2``."""
    return logical_or(x1, x2) if _is_bool(x1, x2) else _bitwise_or(x1, x2)


def bitwise_xor(x1: Any, x2: Any, /) -> Any:
    """``x1 ^ x2``."""
    return logical_xor(x1, x2) if _is_bool(x1, x2) else _bitwise_xor(x1, x2)


def bitwise_invert(x: Any, /) -> Any:
    """``~x``."""
    return raw.LogicalNot(x=x) if x.dtype == tf.bool else raw.Invert(x=x)


def isnan(x: Any, /) -> Any:
    """Whether each element is not a number."""
    if x.dtype.is_complex:
        return logical_or(raw.IsNan(x=tf.math.real(x)), raw.IsNan(x=tf.math.imag(x)))
    return raw.IsNan(x=x) if x.dtype.is_floating else raw.NotEqual(x=x, y=x)


def isinf(x: Any, /) -> Any:
    """Whether each element is infinite."""
    if x.dtype.is_complex:
        return logical_or(raw.IsInf(x=tf.math.real(x)), raw.IsInf(x=tf.math.imag(x)))
    return raw.IsInf(x=x) if x.dtype.is_floating else raw.NotEqual(x=x, y=x)


def isfinite(x: Any, /) -> Any:
    """Whether each element is neither infinite nor NaN."""
    if x.dtype.is_complex:
        return logical_and(raw.IsFinite(x=tf.math.real(x)), raw.IsFinite(x=tf.math.imag(x)))
    return raw.IsFinite(x=x) if x.dtype.is_floating else raw.Equal(x=x, y=x)


def where(condition: Any, x1: Any, x2: Any, /) -> Any:
    """`x1` where the condition holds, else `x2`."""
    x1, x2 = pair(x1, x2)
    return raw.SelectV2(condition=condition, t=x1, e=x2)
