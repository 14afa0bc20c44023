"""Elementwise functions whose complex special values TensorFlow, or XLA, has otherwise than the standard."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

from unifw.backend import complete_complex
from unifw_tensorflow._import import raw, tf
from unifw_tensorflow._namespace import _creation, _elementwise, _logic, _parts

_XP: Final = SimpleNamespace(
    **{
        name: getattr(family, name)
        for family, names in (
            (_creation, "full_like ones_like zeros_like"),
            (_elementwise, "abs atan2 cos exp sin"),
            (_logic, "equal isfinite isinf isnan logical_and logical_not logical_or logical_xor not_equal where"),
            (_parts, "copysign imag real signbit"),
        )
        for name in names.split()
    }
)


def _expm1(x: Any) -> Any:
    """`raw.Expm1`, but 0, not -0, of a real part that is -0."""
    return _elementwise.add(raw.Expm1(x=x), 0.0)


def _log(x: Any) -> Any:
    """`raw.Log`, but of numbers brought near 1 first: it squares them, and has NaN where that overflows or vanishes."""
    size, limit = _elementwise.abs(x), _EXPONENT[x.dtype]
    known = _logic.logical_and(size > 0.0, size < size.dtype.max)
    exponent = tf.round(raw.Log(x=_logic.where(known, size, 1.0)) / math.log(2.0))
    exponent = _logic.where(known, exponent, _logic.where(size > 0.0, float(limit), _creation.zeros_like(size)))
    exponent = tf.stop_gradient(tf.clip_by_value(exponent, -limit, limit))
    near = raw.Log(x=_scaled(x, tf.pow(tf.cast(2.0, size.dtype), -exponent)))
    return tf.complex(_parts.real(near) + exponent * math.log(2.0), _parts.imag(near))


_EXPONENT: Final = {tf.complex64: 100, tf.complex128: 800}


def _scaled(x: Any, factor: Any) -> Any:
    """Multiply by real numbers, part by part: a product of complex ones loses the sign of zeros."""
    return tf.complex(_parts.real(x) * factor, _parts.imag(x) * factor)


def _log1p(x: Any) -> Any:
    """`raw.Log1p`, but minus infinity, not NaN, at -1, and `_log` where 1 is nothing: it loses the angle there."""
    large = _elementwise.abs(x) > 2.0**60
    of_large = _log(_logic.where(large, x, _creation.ones_like(x)))
    of_others = raw.Log1p(x=_logic.where(large, _creation.ones_like(x), x))
    at_pole = raw.Log(x=_elementwise.add(x, 1.0))
    return _logic.where(_logic.equal(x, -1.0), at_pole, _logic.where(large, of_large, of_others))


def _sqrt(x: Any) -> Any:
    """`raw.Sqrt`, but of a sixteenth of the largest numbers, whose parts it adds up."""
    size = _elementwise.abs(x)
    scale = tf.stop_gradient(_logic.where(size > size.dtype.max / 16, 0.0625, _creation.ones_like(size)))
    return _scaled(raw.Sqrt(x=_scaled(x, scale)), raw.Rsqrt(x=scale))


def _sign(x: Any) -> Any:
    """`raw.Sign`, but 0, not -0, of -0, also by XLA."""
    return _logic.where(_logic.equal(x, 0.0), 0.0, raw.Sign(x=x))


def _completed(name: str, inside: Callable[[Any], Any] | None = None) -> Callable[[Any], Any]:
    """Complete a function. If `inside` is None, the kernel itself is right; only XLA's program for it is not."""
    kernel: Callable[[Any], Any] = getattr(_elementwise, name)
    completed = complete_complex(name, inside or kernel, xp=_XP, join=tf.complex, stop_gradient=tf.stop_gradient)

    def elementwise(x: Any, /) -> Any:
        if not x.dtype.is_complex or (inside is None and tf.executing_eagerly()):
            return kernel(x)
        return completed(x)

    return elementwise


acos = _completed("acos")
acosh = _completed("acosh")
asin = _completed("asin")
asinh = _completed("asinh")
atan = _completed("atan")
atanh = _completed("atanh")
cos = _completed("cos")
cosh = _completed("cosh")
exp = _completed("exp")
expm1 = _completed("expm1", _expm1)
log = _completed("log", _log)
log1p = _completed("log1p", _log1p)
sign = _completed("sign", _sign)
sin = _completed("sin")
sinh = _completed("sinh")
sqrt = _completed("sqrt", _sqrt)
tan = _completed("tan", _elementwise.tan)
tanh = _completed("tanh", _elementwise.tanh)


def log2(x: Any, /) -> Any:
    """``log(x) / log(2)``."""
    return _divided(log(x), math.log(2))


def log10(x: Any, /) -> Any:
    """``log(x) / log(10)``."""
    return _divided(log(x), math.log(10))


def _divided(x: Any, divisor: float) -> Any:
    """Divide by a real number; complex numbers part by part, for NaN would spread from one to the other."""
    if x.dtype.is_complex:
        return tf.complex(tf.math.real(x) / divisor, tf.math.imag(x) / divisor)
    return _elementwise.divide(x, divisor)
