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


def _log1p(x: Any) -> Any:
    """`raw.Log1p`, but minus infinity, not NaN, at -1."""
    return _logic.where(_logic.equal(x, -1.0), raw.Log(x=_elementwise.add(x, 1.0)), raw.Log1p(x=x))


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
log = _completed("log")
log1p = _completed("log1p", _log1p)
sign = _completed("sign", _sign)
sin = _completed("sin")
sinh = _completed("sinh")
sqrt = _completed("sqrt", _elementwise.sqrt)
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
