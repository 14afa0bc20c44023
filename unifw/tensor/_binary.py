"""Functions of the elements of two tensors: names, meaning and promotion of the Array API standard.

All broadcast and promote (`unifw.dtypes`), and one operand may be a Python scalar. All raise `DTypeError` for a kind of
dtype they are not defined on, and `ShapeError` for shapes that do not broadcast.
"""

from __future__ import annotations

from typing import Any

from unifw.tensor._operands import combine
from unifw.tensor._tensor import Tensor


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


def copysign(x1: Any, x2: Any, /) -> Tensor:
    """|x1| with the sign of x2, which -0.0 and NaN have too.

    >>> import unifw as uf
    >>> uf.copysign(uf.asarray(2.0), -0.0).item()
    -2.0
    """
    return combine("copysign", x1, x2)


def hypot(x1: Any, x2: Any, /) -> Tensor:
    """sqrt(x1**2 + x2**2), without overflow or underflow between.

    >>> import unifw as uf
    >>> uf.hypot(uf.asarray(3.0), 4.0).item()
    5.0
    """
    return combine("hypot", x1, x2)


def nextafter(x1: Any, x2: Any, /) -> Tensor:
    """The number next to x1 in its dtype, toward x2.

    >>> import unifw as uf
    >>> uf.nextafter(uf.asarray(1.0), 2.0).item() - 1
    1.1920928955078125e-07
    """
    return combine("nextafter", x1, x2)
