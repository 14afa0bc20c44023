"""Complex elementary functions on the whole plane: infinite and NaN parts, and the signs of zeros.

Frameworks compute them well for ordinary numbers, and disagree beyond. `complete_complex` keeps a framework's function
for the finite numbers of one quadrant (or half) of the plane, carries it to the others by symmetry, which puts branch
cuts and zeros on the right side, and answers for the rest itself: with the special cases of the Array API standard,
which are those of C99, annex G. Where the standard leaves a sign open, any is given; where
the two differ (the sign of the zero in tanh(inf + 2j)), the standard is followed.

Every rule takes ``(xp, x, y)``, the real and the imaginary part, of which at least one is not finite, and returns the
parts of the result.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

Array = Any
Parts = tuple[Array, Array]
Rule = Callable[[Any, Array, Array], Parts]


def _direction(xp: Any, y: Array) -> tuple[Array, Array, Array]:
    """Return whether y has no angle (it is infinite or NaN), and its cosine and sine, those of 0 in that case."""
    lost = xp.logical_not(xp.isfinite(y))
    angle = xp.where(lost, 0.0, y)
    return lost, xp.cos(angle), xp.sin(angle)


def _exp(xp: Any, x: Array, y: Array) -> Parts:
    lost, cosine, sine = _direction(xp, y)
    size = xp.exp(x)
    undefined = xp.logical_and(lost, xp.logical_not(xp.isinf(x)))
    imaginary = xp.where(xp.equal(y, 0), y, size * sine)
    return xp.where(undefined, math.nan, size * cosine), xp.where(undefined, math.nan, imaginary)


def _expm1(xp: Any, x: Array, y: Array) -> Parts:
    real, imaginary = _exp(xp, x, y)
    return real - 1.0, imaginary


def _infinite(xp: Any, x: Array, y: Array) -> Array:
    return xp.logical_or(xp.isinf(x), xp.isinf(y))


def _log(xp: Any, x: Array, y: Array) -> Parts:
    return xp.where(_infinite(xp, x, y), math.inf, xp.full_like(x, math.nan)), xp.atan2(y, x)


def _sqrt(xp: Any, x: Array, y: Array) -> Parts:
    right, left = xp.equal(x, math.inf), xp.equal(x, -math.inf)
    real = xp.where(xp.logical_and(left, xp.isfinite(y)), 0.0, xp.full_like(x, math.nan))
    real = xp.where(xp.logical_or(right, xp.isinf(y)), math.inf, real)
    imaginary = xp.where(left, xp.copysign(xp.full_like(y, math.inf), y), xp.full_like(y, math.nan))
    return real, xp.where(xp.isinf(y), y, xp.where(right, y * 0.0, imaginary))


def _sinh(xp: Any, x: Array, y: Array) -> Parts:
    lost, cosine, sine = _direction(xp, y)
    undefined = xp.logical_and(lost, xp.logical_and(xp.isfinite(x), xp.not_equal(x, 0)))
    imaginary = xp.where(lost, math.nan, xp.abs(x) * sine)
    return xp.where(undefined, math.nan, x * cosine), xp.where(xp.equal(y, 0), y, imaginary)


def _cosh(xp: Any, x: Array, y: Array) -> Parts:
    lost, cosine, sine = _direction(xp, y)
    real = xp.where(xp.logical_and(lost, xp.isfinite(x)), math.nan, xp.abs(x) * cosine)
    imaginary = xp.where(lost, xp.where(xp.equal(x, 0), x, math.nan), x * sine)
    return real, xp.where(xp.equal(y, 0), xp.where(xp.signbit(x), -y, y), imaginary)


def _tanh(xp: Any, x: Array, y: Array) -> Parts:
    infinite = xp.isinf(x)
    real = xp.where(xp.equal(x, 0), x, math.nan)
    imaginary = xp.where(xp.equal(y, 0), y, math.nan)
    one = xp.copysign(xp.ones_like(x), x)
    return xp.where(infinite, one, real), xp.where(infinite, xp.copysign(xp.zeros_like(y), y), imaginary)


def _asinh(xp: Any, x: Array, y: Array) -> Parts:
    real = xp.where(_infinite(xp, x, y), xp.copysign(xp.full_like(x, math.inf), x), math.nan)
    return real, xp.where(xp.logical_and(xp.isnan(x), xp.equal(y, 0)), y, xp.atan2(y, xp.abs(x)))


def _quarter_turn_if_upright(xp: Any, x: Array, y: Array, angle: Array) -> Array:
    """Return pi/2 on the imaginary axis at NaN, where the angle is known though the distance is not."""
    return xp.where(xp.logical_and(xp.equal(x, 0), xp.isnan(y)), math.pi / 2, angle)


def _acosh(xp: Any, x: Array, y: Array) -> Parts:
    real, angle = _log(xp, x, y)
    return real, _quarter_turn_if_upright(xp, x, y, angle)


def _acos(xp: Any, x: Array, y: Array) -> Parts:
    size, angle = _log(xp, x, xp.abs(y))
    return _quarter_turn_if_upright(xp, x, y, angle), xp.where(xp.signbit(y), size, -size)


def _atanh(xp: Any, x: Array, y: Array) -> Parts:
    # 0 at every infinity, and along the imaginary axis; pi/2 at every infinity that has a direction.
    zero = xp.logical_or(_infinite(xp, x, y), xp.equal(x, 0))
    quarter = xp.logical_or(xp.isinf(y), xp.logical_and(xp.isinf(x), xp.isfinite(y)))
    real = xp.where(zero, xp.copysign(xp.zeros_like(x), x), math.nan)
    return real, xp.where(quarter, xp.copysign(xp.full_like(y, math.pi / 2), y), math.nan)


def _sign(xp: Any, x: Array, y: Array) -> Parts:  # noqa: ARG001 - all rules take both parts
    undefined = xp.full_like(x, math.nan)  # inf / inf
    return undefined, undefined


def _turned(rule: Rule) -> Rule:
    """Return ``-i f(i z)``: the rule of sin, tan, asin and atan, given that of sinh, tanh, asinh or atanh."""

    def turned(xp: Any, x: Array, y: Array) -> Parts:
        real, imaginary = rule(xp, -y, x)
        return imaginary, -real

    return turned


def _cos(xp: Any, x: Array, y: Array) -> Parts:
    return _cosh(xp, -y, x)


class _Function(NamedTuple):
    """What is known of a function beside its values."""

    rule: Rule
    """Its values where a part is not finite."""
    conjugate: bool = True
    """Whether ``f(conj z) = conj f(z)`` is to be relied on: the framework's function serves the upper half."""
    parity: int = 0
    """1 for an even function, -1 for an odd one: the framework's function serves the first quadrant. 0 for neither."""


_FUNCTIONS: Final = {
    "acos": _Function(_acos),
    "acosh": _Function(_acosh),
    "asin": _Function(_turned(_asinh), parity=-1),
    "asinh": _Function(_asinh, parity=-1),
    "atan": _Function(_turned(_atanh), parity=-1),
    "atanh": _Function(_atanh, parity=-1),
    "cos": _Function(_cos, parity=1),
    "cosh": _Function(_cosh, parity=1),
    "exp": _Function(_exp),
    "expm1": _Function(_expm1),
    "log": _Function(_log),
    "log1p": _Function(_log),
    "sign": _Function(_sign, conjugate=False),
    "sin": _Function(_turned(_sinh), parity=-1),
    "sinh": _Function(_sinh, parity=-1),
    "sqrt": _Function(_sqrt),
    "tan": _Function(_turned(_tanh), parity=-1),
    "tanh": _Function(_tanh, parity=-1),
}


def complete_complex(
    name: str,
    function: Callable[[Array], Array],
    *,
    xp: Any,
    join: Callable[[Array, Array], Array],
    stop_gradient: Callable[[Array], Array],
) -> Callable[[Array], Array]:
    """Return a complex elementary function that is right on the whole plane, from one that is right on a part.

    Args:
        name: the standard's name of the function, such as ``"exp"``.
        function: a framework's, of one complex array. Only its values in the upper half plane matter, or in the first
            quadrant if it is odd or even, including +0 parts; anything may happen at infinities and NaN.
        xp: the plug-in's namespace.
        join: makes a complex array from real and imaginary parts, of which any may be infinite or NaN.
        stop_gradient: returns its argument without its history.

    Returns:
        A function of one complex array. Its derivatives at finite numbers are those of `function`.
    """
    rule, conjugate, parity = _FUNCTIONS[name]

    def flipped(condition: Array, part: Array) -> Array:
        return xp.where(condition, -part, part)  # not copysign, whose derivative at 0 is anyone's guess

    def completed(z: Array, /) -> Array:
        x, y = xp.real(z), xp.imag(z)
        finite = xp.logical_and(xp.isfinite(x), xp.isfinite(y))
        left, below = xp.signbit(x), xp.signbit(y)
        inside = join(
            xp.where(finite, flipped(left, x) if parity else x, 0.5),
            xp.where(finite, flipped(below, y) if conjugate else y, 0.5),
        )
        value = function(inside)
        real, imaginary = xp.real(value), xp.imag(value)
        if parity < 0:
            real = flipped(left, real)
        if conjugate:
            imaginary = flipped(xp.logical_xor(left, below) if parity > 0 else below, imaginary)
        edge = rule(xp, stop_gradient(x), stop_gradient(y))
        return join(xp.where(finite, real, edge[0]), xp.where(finite, imaginary, edge[1]))

    return completed
