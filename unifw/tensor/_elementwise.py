"""Functions of each element: names, meaning and promotion of the Array API standard.

All take tensors of any shape; binary ones broadcast and promote (`unifw.dtypes`), and one operand may be a Python
scalar. All raise `DTypeError` for a kind of dtype they are not defined on, and `ShapeError` for shapes that do not
broadcast. Functions into the reals turn integers into the default float (float32), where the standard leaves it open.
"""

from __future__ import annotations

from typing import Any

from unifw import dtypes
from unifw.backend import Array
from unifw.errors import ArgumentError
from unifw.tensor._tensor import SCALARS, Tensor, apply, as_tensor, combine, common_backend, explain, lower, unify


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
    """The nearest integer, halves to the even one, in the dtype of x.

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


def add(x1: Any, x2: Any, /) -> Tensor:
    """x1 + x2.

    >>> import unifw as uf
    >>> uf.add(uf.asarray(1.5), 2.0).item()
    3.5
    """
    return combine("add", x1, x2)


def atan2(x1: Any, x2: Any, /) -> Tensor:
    """The angle of the point (x2, x1), in radians, in [-pi, pi].

    >>> import unifw as uf
    >>> uf.atan2(uf.asarray(0.0), 1.0).item()
    0.0
    """
    return combine("atan2", x1, x2)


def bitwise_and(x1: Any, x2: Any, /) -> Tensor:
    """The bits set in both (integers), or logical and (booleans).

    >>> import unifw as uf
    >>> uf.bitwise_and(uf.asarray(6), 3).item()
    2
    """
    return combine("bitwise_and", x1, x2)


def bitwise_left_shift(x1: Any, x2: Any, /) -> Tensor:
    """The bits of x1 moved up by x2 places.

    >>> import unifw as uf
    >>> uf.bitwise_left_shift(uf.asarray(1), 3).item()
    8
    """
    return combine("bitwise_left_shift", x1, x2)


def bitwise_or(x1: Any, x2: Any, /) -> Tensor:
    """The bits set in either (integers), or logical or (booleans).

    >>> import unifw as uf
    >>> uf.bitwise_or(uf.asarray(6), 3).item()
    7
    """
    return combine("bitwise_or", x1, x2)


def bitwise_right_shift(x1: Any, x2: Any, /) -> Tensor:
    """The bits of x1 moved down by x2 places, with the sign for signed integers.

    >>> import unifw as uf
    >>> uf.bitwise_right_shift(uf.asarray(8), 2).item()
    2
    """
    return combine("bitwise_right_shift", x1, x2)


def bitwise_xor(x1: Any, x2: Any, /) -> Tensor:
    """The bits set in one of the two (integers), or logical xor (booleans).

    >>> import unifw as uf
    >>> uf.bitwise_xor(uf.asarray(6), 3).item()
    5
    """
    return combine("bitwise_xor", x1, x2)


def divide(x1: Any, x2: Any, /) -> Tensor:
    """x1 / x2; integers become the default float first.

    >>> import unifw as uf
    >>> uf.divide(uf.asarray(3), 2).item()
    1.5
    """
    return combine("divide", x1, x2)


def equal(x1: Any, x2: Any, /) -> Tensor:
    """Whether x1 equals x2 (boolean).

    >>> import unifw as uf
    >>> uf.equal(uf.asarray(1), 1.0).item()
    True
    """
    return combine("equal", x1, x2)


def floor_divide(x1: Any, x2: Any, /) -> Tensor:
    """floor(x1 / x2): rounds toward minus infinity, as Python does.

    >>> import unifw as uf
    >>> uf.floor_divide(uf.asarray(-7), 2).item()
    -4
    """
    return combine("floor_divide", x1, x2)


def greater(x1: Any, x2: Any, /) -> Tensor:
    """Whether x1 > x2 (boolean).

    >>> import unifw as uf
    >>> uf.greater(uf.asarray(2), 1).item()
    True
    """
    return combine("greater", x1, x2)


def greater_equal(x1: Any, x2: Any, /) -> Tensor:
    """Whether x1 >= x2 (boolean).

    >>> import unifw as uf
    >>> uf.greater_equal(uf.asarray(2), 2).item()
    True
    """
    return combine("greater_equal", x1, x2)


def less(x1: Any, x2: Any, /) -> Tensor:
    """Whether x1 < x2 (boolean).

    >>> import unifw as uf
    >>> uf.less(uf.asarray(2), 1).item()
    False
    """
    return combine("less", x1, x2)


def less_equal(x1: Any, x2: Any, /) -> Tensor:
    """Whether x1 <= x2 (boolean).

    >>> import unifw as uf
    >>> uf.less_equal(uf.asarray(2), 2).item()
    True
    """
    return combine("less_equal", x1, x2)


def logaddexp(x1: Any, x2: Any, /) -> Tensor:
    """log(exp(x1) + exp(x2)), without overflow.

    >>> import unifw as uf
    >>> uf.logaddexp(uf.asarray(0.0), -1000.0).item()
    0.0
    """
    return combine("logaddexp", x1, x2)


def logical_and(x1: Any, x2: Any, /) -> Tensor:
    """Whether both booleans are true.

    >>> import unifw as uf
    >>> uf.logical_and(uf.asarray(True), False).item()
    False
    """
    return combine("logical_and", x1, x2)


def logical_or(x1: Any, x2: Any, /) -> Tensor:
    """Whether either boolean is true.

    >>> import unifw as uf
    >>> uf.logical_or(uf.asarray(True), False).item()
    True
    """
    return combine("logical_or", x1, x2)


def logical_xor(x1: Any, x2: Any, /) -> Tensor:
    """Whether exactly one boolean is true.

    >>> import unifw as uf
    >>> uf.logical_xor(uf.asarray(True), False).item()
    True
    """
    return combine("logical_xor", x1, x2)


def maximum(x1: Any, x2: Any, /) -> Tensor:
    """The larger of the two; NaN if either is. At a tie each takes half of the gradient.

    >>> import unifw as uf
    >>> uf.maximum(uf.asarray(1.0), 2.0).item()
    2.0
    """
    return combine("maximum", x1, x2)


def minimum(x1: Any, x2: Any, /) -> Tensor:
    """The smaller of the two; NaN if either is. At a tie each takes half of the gradient.

    >>> import unifw as uf
    >>> uf.minimum(uf.asarray(1.0), 2.0).item()
    1.0
    """
    return combine("minimum", x1, x2)


def multiply(x1: Any, x2: Any, /) -> Tensor:
    """x1 * x2.

    >>> import unifw as uf
    >>> uf.multiply(uf.asarray(1.5), 2.0).item()
    3.0
    """
    return combine("multiply", x1, x2)


def not_equal(x1: Any, x2: Any, /) -> Tensor:
    """Whether x1 differs from x2 (boolean).

    >>> import unifw as uf
    >>> uf.not_equal(uf.asarray(1), 1.0).item()
    False
    """
    return combine("not_equal", x1, x2)


def pow(x1: Any, x2: Any, /) -> Tensor:
    """x1 to the power of x2.

    >>> import unifw as uf
    >>> uf.pow(uf.asarray(2.0), 3.0).item()
    8.0
    """
    return combine("pow", x1, x2)


def remainder(x1: Any, x2: Any, /) -> Tensor:
    """x1 - x2 * floor(x1 / x2): has the sign of x2, as Python's `%`.

    >>> import unifw as uf
    >>> uf.remainder(uf.asarray(-7), 3).item()
    2
    """
    return combine("remainder", x1, x2)


def subtract(x1: Any, x2: Any, /) -> Tensor:
    """x1 - x2.

    >>> import unifw as uf
    >>> uf.subtract(uf.asarray(1.5), 2.0).item()
    -0.5
    """
    return combine("subtract", x1, x2)


def positive(x: Any, /) -> Tensor:
    """+x: the tensor itself.

    >>> import unifw as uf
    >>> uf.positive(uf.asarray(2.0)).item()
    2.0
    """
    return as_tensor(x)


def clip(x: Any, /, min: Any = None, max: Any = None) -> Tensor:
    """Return x limited to [min, max]; None leaves a side open.

    Raises:
        ArgumentError: if both limits are scalars and min > max.

    >>> import unifw as uf
    >>> uf.clip(uf.asarray([-1.0, 0.5, 2.0]), 0.0, 1.0).tolist()
    [0.0, 0.5, 1.0]
    """
    if type(min) in SCALARS and type(max) in SCALARS and min > max:
        raise ArgumentError(f"clip() got min={min} above max={max}: no value lies between. Exchange them.")
    result = as_tensor(x)
    if min is not None:
        result = maximum(result, min)
    return result if max is None else minimum(result, max)


def where(condition: Any, x1: Any, x2: Any, /) -> Tensor:
    """x1 where the condition is true, else x2; all three broadcast.

    Args:
        condition: boolean.
        x1: tensor or Python scalar.
        x2: tensor or Python scalar.

    >>> import unifw as uf
    >>> uf.where(uf.asarray([True, False]), 1.0, 0.0).tolist()
    [1.0, 0.0]
    """
    if condition.__class__ is x1.__class__ is x2.__class__ is Tensor:
        owner = condition.backend
        chosen, other = x1.native, x2.native
        if owner is x1.backend and owner is x2.backend and chosen.dtype == other.dtype:
            function = owner.bound["where"].get((condition.native.dtype, chosen.dtype))
            if function is not None:
                try:
                    return Tensor(function(condition.native, chosen, other), owner)
                except Exception as error:
                    raise explain("where", (condition, x1, x2), error) from error
            if condition.dtype == dtypes.bool:
                owner.bound["where"][condition.native.dtype, chosen.dtype] = owner.xp.where
    test = as_tensor(condition)
    if type(x1) in SCALARS and type(x2) in SCALARS:
        x1 = as_tensor(x1, test.backend)
    backend, (a, b), dtype = unify("where", x1, x2)
    outer = common_backend([test, Tensor(a if backend.is_array(a) else b, backend)], "where")

    def ready(array: Any) -> Array:
        if not backend.is_array(array):
            return outer.asarray(array, dtype=dtype)
        return lower(Tensor(array, backend), outer)

    unify("logical_not", test)
    try:
        return Tensor(outer.xp.where(lower(test, outer), ready(a), ready(b)), outer)
    except Exception as error:
        raise explain("where", (condition, x1, x2), error) from error


__all__ = [
    "abs",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "ceil",
    "clip",
    "cos",
    "cosh",
    "divide",
    "equal",
    "exp",
    "expm1",
    "floor",
    "floor_divide",
    "greater",
    "greater_equal",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "not_equal",
    "positive",
    "pow",
    "reciprocal",
    "remainder",
    "round",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "trunc",
    "where",
]
