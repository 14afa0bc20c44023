"""Functions of each element: names, meaning and promotion of the Array API standard.

All take tensors of any shape. All raise `DTypeError` for a kind of dtype they are not defined on. Functions into the
reals turn integers into the default float (float32), where the standard leaves it open.
"""

from __future__ import annotations

from typing import Any

from unifw.tensor._kinds import resolve
from unifw.tensor._operands import apply, as_tensor
from unifw.tensor._tensor import Tensor


def abs(x: Any, /) -> Tensor:
    """|x|, element by element.

    >>> import unifw as uf
    >>> uf.abs(uf.asarray(-1.5)).item()
    1.5
    """
    return apply("abs", x)


def acos(x: Any, /) -> Tensor:
    """The inverse cosine, in radians, in [0, pi].

    >>> import unifw as uf
    >>> uf.acos(uf.asarray(1.0)).item()
    0.0
    """
    return apply("acos", x)


def acosh(x: Any, /) -> Tensor:
    """The inverse hyperbolic cosine.

    >>> import unifw as uf
    >>> uf.acosh(uf.asarray(1.0)).item()
    0.0
    """
    return apply("acosh", x)


def asin(x: Any, /) -> Tensor:
    """The inverse sine, in radians, in [-pi/2, pi/2].

    >>> import unifw as uf
    >>> uf.asin(uf.asarray(0.0)).item()
    0.0
    """
    return apply("asin", x)


def asinh(x: Any, /) -> Tensor:
    """The inverse hyperbolic sine.

    >>> import unifw as uf
    >>> uf.asinh(uf.asarray(0.0)).item()
    0.0
    """
    return apply("asinh", x)


def atan(x: Any, /) -> Tensor:
    """The inverse tangent, in radians, in [-pi/2, pi/2].

    >>> import unifw as uf
    >>> uf.atan(uf.asarray(0.0)).item()
    0.0
    """
    return apply("atan", x)


def atanh(x: Any, /) -> Tensor:
    """The inverse hyperbolic tangent.

    >>> import unifw as uf
    >>> uf.atanh(uf.asarray(0.0)).item()
    0.0
    """
    return apply("atanh", x)


def bitwise_invert(x: Any, /) -> Tensor:
    """Every bit flipped (integers), or the logical inverse (booleans).

    >>> import unifw as uf
    >>> uf.bitwise_invert(uf.asarray(5)).item()
    -6
    """
    return apply("bitwise_invert", x)


def ceil(x: Any, /) -> Tensor:
    """The smallest integer not below x, in the dtype of x.

    >>> import unifw as uf
    >>> uf.ceil(uf.asarray(1.2)).item()
    2.0
    """
    return apply("ceil", x)


def cos(x: Any, /) -> Tensor:
    """The cosine of x in radians.

    >>> import unifw as uf
    >>> uf.cos(uf.asarray(0.0)).item()
    1.0
    """
    return apply("cos", x)


def cosh(x: Any, /) -> Tensor:
    """The hyperbolic cosine.

    >>> import unifw as uf
    >>> uf.cosh(uf.asarray(0.0)).item()
    1.0
    """
    return apply("cosh", x)


def exp(x: Any, /) -> Tensor:
    """Return e to the power of x.

    >>> import unifw as uf
    >>> uf.exp(uf.asarray(0.0)).item()
    1.0
    """
    return apply("exp", x)


def expm1(x: Any, /) -> Tensor:
    """exp(x) - 1, exact near 0.

    >>> import unifw as uf
    >>> uf.expm1(uf.asarray(0.0)).item()
    0.0
    """
    return apply("expm1", x)


def floor(x: Any, /) -> Tensor:
    """The largest integer not above x, in the dtype of x.

    >>> import unifw as uf
    >>> uf.floor(uf.asarray(1.8)).item()
    1.0
    """
    return apply("floor", x)


def isfinite(x: Any, /) -> Tensor:
    """Whether x is neither infinite nor NaN (boolean).

    >>> import unifw as uf
    >>> uf.isfinite(uf.asarray(1.0)).item()
    True
    """
    return apply("isfinite", x)


def isinf(x: Any, /) -> Tensor:
    """Whether x is infinite (boolean).

    >>> import unifw as uf
    >>> uf.isinf(uf.asarray(1.0)).item()
    False
    """
    return apply("isinf", x)


def isnan(x: Any, /) -> Tensor:
    """Whether x is NaN (boolean).

    >>> import unifw as uf
    >>> uf.isnan(uf.asarray(1.0)).item()
    False
    """
    return apply("isnan", x)


def log(x: Any, /) -> Tensor:
    """The natural logarithm.

    >>> import unifw as uf
    >>> uf.log(uf.asarray(1.0)).item()
    0.0
    """
    return apply("log", x)


def log10(x: Any, /) -> Tensor:
    """The logarithm to base 10.

    >>> import unifw as uf
    >>> uf.log10(uf.asarray(1.0)).item()
    0.0
    """
    return apply("log10", x)


def log1p(x: Any, /) -> Tensor:
    """log(1 + x), exact near 0.

    >>> import unifw as uf
    >>> uf.log1p(uf.asarray(0.0)).item()
    0.0
    """
    return apply("log1p", x)


def log2(x: Any, /) -> Tensor:
    """The logarithm to base 2.

    >>> import unifw as uf
    >>> uf.log2(uf.asarray(8.0)).item()
    3.0
    """
    return apply("log2", x)


def logical_not(x: Any, /) -> Tensor:
    """The logical inverse of a boolean.

    >>> import unifw as uf
    >>> uf.logical_not(uf.asarray(True)).item()
    False
    """
    return apply("logical_not", x)


def negative(x: Any, /) -> Tensor:
    """-x.

    >>> import unifw as uf
    >>> uf.negative(uf.asarray(2.0)).item()
    -2.0
    """
    return apply("negative", x)


def reciprocal(x: Any, /) -> Tensor:
    """1 / x.

    >>> import unifw as uf
    >>> uf.reciprocal(uf.asarray(4.0)).item()
    0.25
    """
    return apply("reciprocal", x)


def round(x: Any, /) -> Tensor:
    """The nearest integer, halves to the even one, in the dtype of x; of complex numbers, both parts.

    >>> import unifw as uf
    >>> uf.round(uf.asarray(2.5)).item()
    2.0
    """
    return apply("round", x)


def sign(x: Any, /) -> Tensor:
    """-1, 0 or 1 by the sign of x.

    >>> import unifw as uf
    >>> uf.sign(uf.asarray(-3.0)).item()
    -1.0
    """
    return apply("sign", x)


def sin(x: Any, /) -> Tensor:
    """The sine of x in radians.

    >>> import unifw as uf
    >>> uf.sin(uf.asarray(0.0)).item()
    0.0
    """
    return apply("sin", x)


def sinh(x: Any, /) -> Tensor:
    """The hyperbolic sine.

    >>> import unifw as uf
    >>> uf.sinh(uf.asarray(0.0)).item()
    0.0
    """
    return apply("sinh", x)


def sqrt(x: Any, /) -> Tensor:
    """The square root, NaN below 0.

    >>> import unifw as uf
    >>> uf.sqrt(uf.asarray(9.0)).item()
    3.0
    """
    return apply("sqrt", x)


def square(x: Any, /) -> Tensor:
    """Return x * x.

    >>> import unifw as uf
    >>> uf.square(uf.asarray(3.0)).item()
    9.0
    """
    return apply("square", x)


def tan(x: Any, /) -> Tensor:
    """The tangent of x in radians.

    >>> import unifw as uf
    >>> uf.tan(uf.asarray(0.0)).item()
    0.0
    """
    return apply("tan", x)


def tanh(x: Any, /) -> Tensor:
    """The hyperbolic tangent.

    >>> import unifw as uf
    >>> uf.tanh(uf.asarray(0.0)).item()
    0.0
    """
    return apply("tanh", x)


def trunc(x: Any, /) -> Tensor:
    """Return x without its fraction, in the dtype of x.

    >>> import unifw as uf
    >>> uf.trunc(uf.asarray(-1.8)).item()
    -1.0
    """
    return apply("trunc", x)


def positive(x: Any, /) -> Tensor:
    """+x: the same values.

    >>> import unifw as uf
    >>> uf.positive(uf.asarray(2.0)).item()
    2.0
    """
    x = as_tensor(x)
    resolve("positive", x.dtype)
    return Tensor(x.native, x.backend)  # an object of its own, for item assignment to change


def conj(x: Any, /) -> Tensor:
    """The complex conjugate; real numbers stay as they are.

    >>> import unifw as uf
    >>> uf.conj(uf.asarray(1 + 2j)).item()
    (1-2j)
    """
    return apply("conj", x)


def imag(x: Any, /) -> Tensor:
    """The imaginary part, in the real dtype of its size; 0 for real numbers.

    >>> import unifw as uf
    >>> uf.imag(uf.asarray(1 + 2j)).item()
    2.0
    """
    return apply("imag", x)


def real(x: Any, /) -> Tensor:
    """The real part, in the real dtype of its size.

    >>> import unifw as uf
    >>> uf.real(uf.asarray(1 + 2j)).item()
    1.0
    """
    return apply("real", x)


def signbit(x: Any, /) -> Tensor:
    """Whether the sign is set (boolean): also for -0.0 and for NaN of negative sign.

    >>> import unifw as uf
    >>> uf.signbit(uf.asarray([-0.0, 0.0])).tolist()
    [True, False]
    """
    return apply("signbit", x)
