"""The parts of a number: sign, real and imaginary part, neighbours."""

from __future__ import annotations

from typing import Any

from unifw_tensorflow._import import raw, tf
from unifw_tensorflow._namespace._logic import isinf, where
from unifw_tensorflow._namespace._operands import pair

_BITS = {tf.float16: tf.int16, tf.bfloat16: tf.int16, tf.float32: tf.int32, tf.float64: tf.int64}


def real(x: Any, /) -> Any:
    """The real part; real numbers are their own."""
    return tf.math.real(x)


def imag(x: Any, /) -> Any:
    """The imaginary part; 0 for real numbers."""
    return tf.math.imag(x) if x.dtype.is_complex else raw.ZerosLike(x=x)


def conj(x: Any, /) -> Any:
    """The complex conjugate."""
    return tf.math.conj(x)


def signbit(x: Any, /) -> Any:
    """Whether the sign is set, by looking at the bit."""
    integer = _BITS[x.dtype]
    return raw.Less(x=raw.Bitcast(input=x, type=integer), y=tf.constant(0, integer))


def copysign(x1: Any, x2: Any, /) -> Any:
    """``|x1|`` with the sign of `x2`; the derivative is 1 or -1 at 0 too."""
    x1, x2 = pair(x1, x2)
    return where(raw.NotEqual(x=signbit(x1), y=signbit(x2)), raw.Neg(x=x1), x1)


def hypot(x1: Any, x2: Any, /) -> Any:
    """``sqrt(x1**2 + x2**2)``, scaled by the larger so that nothing overflows between."""
    x1, x2 = pair(x1, x2)
    first, second = raw.Abs(x=x1), raw.Abs(x=x2)
    large, small = raw.Maximum(x=first, y=second), raw.Minimum(x=first, y=second)
    one = tf.constant(1, large.dtype)
    divisor = where(raw.Equal(x=large, y=tf.constant(0, large.dtype)), one, large)
    ratio = small / divisor
    result = large * raw.Sqrt(x=one + ratio * ratio)
    infinite = raw.LogicalOr(x=isinf(x1), y=isinf(x2))
    return where(infinite, tf.constant(float("inf"), large.dtype), result)


def nextafter(x1: Any, x2: Any, /) -> Any:
    """The next number toward `x2`, by counting the bits on or back."""
    x1, x2 = pair(x1, x2)
    integer = _BITS[x1.dtype]
    bits = raw.Bitcast(input=x1, type=integer)
    zero = tf.constant(0, x1.dtype)
    away = raw.Equal(x=raw.Greater(x=x2, y=x1), y=raw.Greater(x=x1, y=zero))
    step = where(away, tf.constant(1, integer), tf.constant(-1, integer))
    stepped = raw.Bitcast(input=bits + step, type=x1.dtype)
    smallest = raw.Bitcast(input=tf.constant(1, integer), type=x1.dtype)
    stepped = where(raw.Equal(x=x1, y=zero), copysign(smallest, x2), stepped)
    result = where(raw.Equal(x=x1, y=x2), x2, stepped)
    return where(raw.LogicalOr(x=raw.IsNan(x=x1), y=raw.IsNan(x=x2)), x1 + x2, result)
