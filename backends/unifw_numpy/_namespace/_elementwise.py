"""Elementwise functions.

Most are NumPy's ufuncs themselves. The exceptions, each measured:

* bfloat16 with a Python float gives float32 (NumPy 2) or float64 (NumPy 1), so the arithmetic functions give the
  scalar the array's dtype first; that costs about 50 ns;
* NumPy 1 looks at the *value* of scalars and 0-d arrays (``float32(1) + 1.0`` is float64 there), so all its binary
  functions do the same for every Python scalar;
* `numpy.where` is slow for masks without a pattern;
* `floor_divide` gives NaN or -1 for infinite operands, where the standard wants what `divide` gives;
* `numpy.rint` makes integers floating-point; `floor`, `ceil` and `trunc` do so on NumPy 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import array_api_compat.numpy as compat
import numpy as np

from unifw import dtypes

__all__ = [
    "abs", "acos", "acosh", "add", "asin", "asinh", "atan", "atan2", "atanh", "bitwise_and", "bitwise_invert",
    "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "ceil", "clip", "copysign", "cos",
    "cosh", "divide", "equal", "exp", "floor", "floor_divide", "greater", "greater_equal", "hypot", "isfinite",
    "isinf", "isnan", "less", "less_equal", "log", "log1p", "log2", "log10", "logaddexp", "logical_and",
    "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "multiply", "negative", "nextafter",
    "not_equal", "pow", "reciprocal", "remainder", "round", "sin", "sinh", "sqrt", "square", "subtract", "trunc",
    "where",
]  # fmt: skip

VALUE_BASED_CASTING: Final = np.lib.NumpyVersion(np.__version__) < "2.0.0"
Binary = Callable[[Any, Any], Any]
OF_ARRAYS: Final[dict[Callable[..., Any], Callable[..., Any]]] = {}
"""From functions below that look after scalars to what they call: enough where all operands are arrays."""


def _strong(scalar: Any, array: Any) -> Any:
    """Return a Python scalar as a 0-d array of the other operand's dtype; arrays of that dtype stay as they are."""
    return np.asarray(scalar, dtype=array.dtype)


def _scalar_takes_dtype(function: Binary) -> Binary:
    """Let a Python scalar of any kind take the array's dtype, whatever its value: for NumPy 1."""

    def elementwise(x: Any, y: Any, /) -> Any:
        if not isinstance(y, (np.ndarray, np.generic)):
            y = _strong(y, x)
        elif not isinstance(x, (np.ndarray, np.generic)):
            x = _strong(x, y)
        return function(x, y)

    OF_ARRAYS[elementwise] = function
    return elementwise


def _float_takes_dtype(function: Binary) -> Binary:
    """Let a Python float take a bfloat16 array's dtype; NumPy 2 does it for its own dtypes."""

    def elementwise(x: Any, y: Any, /) -> Any:
        if type(y) is float:
            if x.dtype == dtypes.bfloat16:
                y = _strong(y, x)
        elif type(x) is float and y.dtype == dtypes.bfloat16:
            x = _strong(x, y)
        return function(x, y)

    OF_ARRAYS[elementwise] = function
    return elementwise


def _arithmetic(function: Binary) -> Binary:
    return _scalar_takes_dtype(function) if VALUE_BASED_CASTING else _float_takes_dtype(function)


def _exact(function: Binary) -> Binary:
    """Return a function that no float scalar can promote wrongly: on NumPy 2 it is NumPy's own."""
    return _scalar_takes_dtype(function) if VALUE_BASED_CASTING else function


def _floor_divide(x: Any, y: Any) -> Any:
    """`numpy.floor_divide`, but the quotient as `numpy.divide` has it where an operand is infinite."""
    array = x if isinstance(x, (np.ndarray, np.generic)) else y
    if array.dtype.kind in "iu":
        return np.floor_divide(x, y)
    infinite = np.isinf(x), np.isinf(y)
    if not (np.count_nonzero(infinite[0]) or np.count_nonzero(infinite[1])):
        return np.floor_divide(x, y)
    either = infinite[0] | infinite[1]
    one = _strong(1.0, array)  # in the place of what is not used, of which NumPy would warn
    whole = np.floor_divide(where(either, one, _strong(x, array)), where(either, one, _strong(y, array)))
    return where(either, np.divide(x, y), whole)


add = _arithmetic(np.add)
atan2 = _arithmetic(np.arctan2)
copysign = _arithmetic(np.copysign)
divide = _arithmetic(np.divide)
floor_divide = _arithmetic(_floor_divide)
hypot = _arithmetic(np.hypot)
logaddexp = _arithmetic(np.logaddexp)
maximum = _arithmetic(np.maximum)
minimum = _arithmetic(np.minimum)
multiply = _arithmetic(np.multiply)
nextafter = _arithmetic(np.nextafter)
pow = _arithmetic(np.power)
remainder = _arithmetic(np.remainder)
subtract = _arithmetic(np.subtract)
equal = _arithmetic(np.equal)
greater = _arithmetic(np.greater)
greater_equal = _arithmetic(np.greater_equal)
less = _arithmetic(np.less)
less_equal = _arithmetic(np.less_equal)
not_equal = _arithmetic(np.not_equal)

bitwise_and = _exact(np.bitwise_and)
bitwise_left_shift = _exact(np.left_shift)
bitwise_or = _exact(np.bitwise_or)
bitwise_right_shift = _exact(np.right_shift)
bitwise_xor = _exact(np.bitwise_xor)
logical_and = np.logical_and
logical_or = np.logical_or
logical_xor = np.logical_xor

abs = np.absolute
acos = np.arccos
acosh = np.arccosh
asin = np.arcsin
asinh = np.arcsinh
atan = np.arctan
atanh = np.arctanh
bitwise_invert = np.invert
cos = np.cos
cosh = np.cosh
exp = np.exp
expm1 = np.expm1
isfinite = np.isfinite
isinf = np.isinf
isnan = np.isnan
log = np.log
log10 = np.log10
log1p = np.log1p
log2 = np.log2
logical_not = np.logical_not
negative = np.negative
reciprocal = np.reciprocal
sin = np.sin
sinh = np.sinh
sqrt = np.sqrt
square = np.square
tan = np.tan
tanh = np.tanh
ceil = compat.ceil if VALUE_BASED_CASTING else np.ceil
floor = compat.floor if VALUE_BASED_CASTING else np.floor
trunc = compat.trunc if VALUE_BASED_CASTING else np.trunc
_sign = compat.sign if VALUE_BASED_CASTING else np.sign


def sign(x: Any, /) -> Any:
    """-1, 0 or 1, or NaN; `ml_dtypes` leaves a zero its sign."""
    return _sign(x) + _strong(0.0, x) if x.dtype == dtypes.bfloat16 else _sign(x)


def round(x: Any, /) -> Any:
    """Round to the nearest integer, halves to even; integers stay as they are."""
    return x if x.dtype.kind in "iu" else np.rint(x)


def where(condition: Any, x: Any, y: Any, /) -> Any:
    """Choose from `x` where the condition holds, else from `y`; one of the two may be a Python scalar."""
    if not isinstance(y, (np.ndarray, np.generic)):
        y = _strong(y, x)
    elif not isinstance(x, (np.ndarray, np.generic)):
        x = _strong(x, y)
    return _where(condition, x, y)


def _where(condition: Any, x: Any, y: Any, /) -> Any:
    return _select(condition, x, y) if condition.size >= _LARGE else np.where(condition, x, y)


OF_ARRAYS[where] = _where
_LARGE: Final = 4096
_BITS: Final = {2: np.int16, 4: np.int32, 8: np.int64}


def _select(condition: Any, x: Any, y: Any) -> Any:
    """Choose by masks of bits: `numpy.where` branches per element, and is 8 times slower when it cannot predict."""
    dtype = x.dtype
    bits = _BITS.get(dtype.itemsize)
    shape = condition.shape
    if bits is None or dtype.kind == "c" or dtype != y.dtype or condition.dtype != np.bool_:
        return np.where(condition, x, y)
    if not (x.shape in ((), shape) and y.shape in ((), shape)):
        return np.where(condition, x, y)
    mask = np.negative(condition.view(np.int8), dtype=bits)  # all ones, or all zeros
    first, second = x.view(bits), y.view(bits)
    if not second.ndim and not second:  # the gradient of relu, and much else
        mask &= first
        return mask.view(dtype)
    mask &= np.bitwise_xor(first, second)
    mask ^= second
    return mask.view(dtype)


def clip(x: Any, /, min: Any = None, max: Any = None) -> Any:
    """``minimum(maximum(x, min), max)``, which keeps NaN and the dtype of `x`."""
    if min is not None:
        x = maximum(x, min)
    return x if max is None else minimum(x, max)
