"""Elementwise functions.

Operands arrive with one dtype, so torch's functions mean what the Array API means and are bound as they are wherever
torch takes them. The others go through `_with_scalars`, which pays for its help only after torch has refused.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import torch

from unifw_torch._compile import constant
from unifw_torch._dtypes import WIDE_UNSIGNED

if TYPE_CHECKING:
    from collections.abc import Callable

Array = Any
_SIGN_BIT: Final = torch.iinfo(torch.int64).min


def _as_tensors(values: tuple[Any, ...]) -> list[Array]:
    """Turn Python scalars into 0-d tensors of the dtype and device of the tensor among them."""
    like = next(value for value in values if isinstance(value, torch.Tensor))
    return [
        value if isinstance(value, torch.Tensor) else torch.tensor(value, dtype=like.dtype, device=like.device)
        for value in values
    ]


def _with_scalars(function: Callable[..., Array]) -> Callable[..., Array]:
    """Let a torch function take a Python scalar anywhere, and the wide unsigned dtypes it has no kernel for."""

    def call(x: Any, y: Any) -> Array:
        try:
            return function(x, y)
        except (TypeError, NotImplementedError, RuntimeError) as error:
            first, second = _as_tensors((x, y))
            if first.dtype in WIDE_UNSIGNED:
                return _wide_unsigned(function, first, second)
            if first is x and second is y:
                raise error from None
            return function(first, second)

    return call


def _wide_unsigned(function: Callable[..., Array], *tensors: Array) -> Array:
    """Compute on wide unsigned integers in the signed dtype above, and wrap around on the way back."""
    dtype = tensors[0].dtype
    result = function(*(tensor.to(WIDE_UNSIGNED[dtype]) for tensor in tensors))
    return result if result.dtype == torch.bool else result.to(dtype)


def by_order(x: Array) -> Array:
    """Return uint64 as int64 of the same order, and any other dtype as it is; it is its own inverse on int64."""
    return torch.bitwise_xor(x.view(torch.int64), _SIGN_BIT) if x.dtype == torch.uint64 else x


def from_order(x: Array) -> Array:
    """Undo `by_order` for what was uint64."""
    return torch.bitwise_xor(x, _SIGN_BIT).view(torch.uint64)


def _comparing(function: Callable[..., Array]) -> Callable[..., Array]:
    """Let a function that looks at the order of its operands see that of uint64 beyond 2**63."""
    general = _with_scalars(function)

    def call(x: Any, y: Any) -> Array:
        if getattr(x, "dtype", None) is not torch.uint64 and getattr(y, "dtype", None) is not torch.uint64:
            return general(x, y)
        result = function(*(by_order(each) for each in _as_tensors((x, y))))
        return result if result.dtype == torch.bool else from_order(result)

    return call


def _unary(function: Callable[..., Array]) -> Callable[..., Array]:
    """Let a torch function take the wide unsigned dtypes."""

    def call(x: Array, /) -> Array:
        return _wide_unsigned(function, x) if x.dtype in WIDE_UNSIGNED else function(x)

    return call


def _identity_on_integers(function: Callable[..., Array]) -> Callable[..., Array]:
    """Rounding: a copy of what is whole already."""

    def call(x: Array, /) -> Array:
        return function(x) if x.dtype.is_floating_point else x.clone()

    return call


def abs_(x: Array, /) -> Array:
    """|x|; unsigned integers are their own."""
    return x.clone() if x.dtype in WIDE_UNSIGNED else torch.abs(x)


def _part_by_part(function: Callable[..., Array]) -> Callable[..., Array]:
    """Add or subtract complex numbers part by part: torch scales the second by 1, which turns infinities into NaN."""
    general = _with_scalars(function)

    def call(x: Any, y: Any) -> Array:
        try:
            if not x.dtype.is_complex:  # the usual case, at next to no cost
                return function(x, y)
        except (AttributeError, TypeError, NotImplementedError, RuntimeError):
            if not (x if isinstance(x, torch.Tensor) else y).dtype.is_complex:
                return general(x, y)
        first, second = _as_tensors((x, y))
        return torch.complex(function(first.real, second.real), function(first.imag, second.imag))

    return call


_right_shift = _with_scalars(torch.bitwise_right_shift)
_pow = _with_scalars(torch.pow)


def bitwise_right_shift(x: Any, y: Any, /) -> Array:
    """`torch.bitwise_right_shift`, but zeros, not the sign, move into uint64, which torch has by its bits."""
    if getattr(x, "dtype", None) is not torch.uint64 and getattr(y, "dtype", None) is not torch.uint64:
        return _right_shift(x, y)
    bits, places = (each.view(torch.int64) for each in _as_tensors((x, y)))
    halved = torch.bitwise_and(torch.bitwise_right_shift(bits, 1), torch.iinfo(torch.int64).max)
    return torch.where(places == 0, bits, torch.bitwise_right_shift(halved, places - 1)).view(torch.uint64)


def pow_(x: Any, y: Any, /) -> Array:
    """`torch.pow`; exponents of 2**63 and above, which torch would read as negative, are those of an equal power."""
    if getattr(x, "dtype", None) is not torch.uint64 and getattr(y, "dtype", None) is not torch.uint64:
        return _pow(x, y)
    base, exponent = (each.view(torch.int64) for each in _as_tensors((x, y)))
    # Powers of odd numbers repeat after 2**62 at most; those of even ones are 0 from 64 on.
    exponent = torch.where(exponent < 0, torch.bitwise_or(torch.bitwise_and(exponent, 2**62 - 1), 2**62), exponent)
    return torch.pow(base, exponent).view(torch.uint64)


def round_(x: Array, /) -> Array:
    """Round half to even; complex numbers part by part."""
    if x.dtype.is_complex:
        return torch.complex(torch.round(x.real), torch.round(x.imag))
    return torch.round(x) if x.dtype.is_floating_point else x.clone()


def sign(x: Array, /) -> Array:
    """``-1``, ``0`` or ``1``, NaN for NaN; ``x / abs(x)`` for complex."""
    if x.dtype.is_floating_point:
        return torch.where(torch.isnan(x), x, torch.sign(x))
    if x.dtype in WIDE_UNSIGNED:
        return torch.ne(x, 0).to(x.dtype)
    return torch.sgn(x)


_floor_divide = _with_scalars(partial(torch.div, rounding_mode="floor"))  # `floor_divide`, with its derivative: 0
_LARGE_POWER: Final = {torch.float32: 2.0**127, torch.bfloat16: 2.0**127, torch.float64: 2.0**1023}
_fmod = _with_scalars(torch.fmod)


def _divide_integers(x: Any, y: Any) -> tuple[Array, Array]:
    """Return quotient and remainder, both 0 for the divisor 0, as in NumPy; torch would raise."""
    x, y = _as_tensors((x, y))
    dtype = x.dtype
    if dtype == torch.uint64:
        x, y = x.view(torch.int64), y.view(torch.int64)
        # Half of the dividend divided, doubled, and corrected by one (H. S. Warren, Hacker's Delight, section 9-3).
        halved = torch.bitwise_and(torch.bitwise_right_shift(x, 1), torch.iinfo(torch.int64).max)
        divisor = torch.where(y <= 0, 1, y)
        quotient = torch.bitwise_left_shift(torch.div(halved, divisor, rounding_mode="floor"), 1)
        quotient = torch.where(y < 0, 0, quotient)
        remains = x - quotient * y
        above = torch.bitwise_xor(remains, _SIGN_BIT) >= torch.bitwise_xor(y, _SIGN_BIT)
        quotient, remains = quotient + above.to(torch.int64), torch.where(above, remains - y, remains)
    else:
        wide = WIDE_UNSIGNED.get(dtype, dtype)
        x, y = x.to(wide), y.to(wide)
        divisor = torch.where(y == 0, 1, y)
        quotient, remains = torch.div(x, divisor, rounding_mode="floor"), torch.remainder(x, divisor)
    quotient, remains = torch.where(y == 0, 0, quotient), torch.where(y == 0, 0, remains)
    return (
        (quotient.view(dtype), remains.view(dtype))
        if dtype == torch.uint64
        else (quotient.to(dtype), remains.to(dtype))
    )


def floor_divide(x: Any, y: Any) -> Array:
    """`torch.floor_divide`, but what `torch.divide` gives where an operand is infinite: torch has NaN there, or -1."""
    if not (x if isinstance(x, torch.Tensor) else y).dtype.is_floating_point:
        return _divide_integers(x, y)[0]
    quotient = _floor_divide(x, y)
    infinite = [torch.isinf(each) if isinstance(each, torch.Tensor) else math.isinf(each) for each in (x, y)]
    return torch.where(infinite[0] | infinite[1], torch.floor(torch.divide(x, y)), quotient)


def remainder(x: Any, y: Any) -> Array:
    """``x - y * floor(x / y)``; a zero has the sign of the divisor, and the derivatives of what is no zero.

    `torch.remainder` has the sign of the dividend, and Inductor's program for it NaN if the divisor is infinite.
    """
    array = x if isinstance(x, torch.Tensor) else y
    if not array.dtype.is_floating_point:
        return _divide_integers(x, y)[1]
    divisor = y if isinstance(y, torch.Tensor) else array.new_full((), y)
    # By a multiple of the divisor first: torch's kernel has NaN where the quotient overflows.
    remains = _fmod(_fmod(x, divisor * _LARGE_POWER.get(array.dtype, 1.0)), divisor)
    value = constant(remains)
    negative = torch.signbit(divisor)
    zero = torch.where(negative, -(value - remains), remains - value)
    remains = torch.where(torch.signbit(value) == negative, remains, remains + divisor)
    return torch.where(value == 0, zero, remains)


def clip(x: Array, min: Any = None, max: Any = None) -> Array:
    """Limit values to ``[min, max]``; each bound a scalar, an array that broadcasts, or None."""
    if min is None and max is None:
        return x.clone()
    if x.dtype == torch.uint64:
        low, high = (bound if bound is None else by_order(_as_tensors((x, bound))[1]) for bound in (min, max))
        return from_order(clip(by_order(x), low, high))
    if x.dtype in WIDE_UNSIGNED:
        wide = WIDE_UNSIGNED[x.dtype]
        low, high = (bound.to(wide) if isinstance(bound, torch.Tensor) else bound for bound in (min, max))
        return clip(x.to(wide), low, high).to(x.dtype)
    tensors = [isinstance(bound, torch.Tensor) for bound in (min, max) if bound is not None]
    if any(tensors) and not all(tensors):
        min, max = (
            bound if bound is None or isinstance(bound, torch.Tensor) else x.new_full((), bound) for bound in (min, max)
        )
    return torch.clamp(x, min, max)


def real(x: Array, /) -> Array:
    """The real part; real numbers are their own."""
    return torch.real(x) if x.dtype.is_complex else x


def imag(x: Array, /) -> Array:
    """The imaginary part; 0 for real numbers."""
    return torch.imag(x) if x.dtype.is_complex else torch.zeros_like(x)


def nextafter(x: Array, y: Array, /) -> Array:
    """The next number toward `y`; torch has no kernel for float16, so there its bits are counted on."""
    x, y = _as_tensors((x, y))
    if x.dtype != torch.float16:
        return torch.nextafter(x, y)
    bits = x.view(torch.int16)
    away = (y > x) == (x > 0)
    smallest = torch.copysign(torch.full_like(x, 2.0**-24), y)
    stepped = torch.where(x == 0, smallest, (bits + torch.where(away, 1, -1).to(torch.int16)).view(torch.float16))
    return torch.where(torch.isnan(x) | torch.isnan(y), x + y, torch.where(x == y, y, stepped))


FUNCTIONS: Final[dict[str, Callable[..., Array]]] = {
    # Bound as they are: these take a Python scalar in either place, and every dtype.
    "multiply": torch.multiply,
    "divide": torch.divide,
    "where": torch.where,
    # Two operands.
    **{
        name: _with_scalars(function)
        for name, function in {
            "atan2": torch.atan2,
            "bitwise_and": torch.bitwise_and,
            "bitwise_left_shift": torch.bitwise_left_shift,
            "bitwise_or": torch.bitwise_or,
            "bitwise_xor": torch.bitwise_xor,
            "copysign": torch.copysign,
            "equal": torch.eq,
            "hypot": torch.hypot,
            "logaddexp": torch.logaddexp,
            "logical_and": torch.logical_and,
            "logical_or": torch.logical_or,
            "logical_xor": torch.logical_xor,
            "nextafter": nextafter,
            "not_equal": torch.ne,
        }.items()
    },
    **{
        name: _comparing(function)
        for name, function in {
            "greater": torch.gt,
            "greater_equal": torch.ge,
            "less": torch.lt,
            "less_equal": torch.le,
            "maximum": torch.maximum,
            "minimum": torch.minimum,
        }.items()
    },
    "add": _part_by_part(torch.add),
    "bitwise_right_shift": bitwise_right_shift,
    "pow": pow_,
    "subtract": _part_by_part(torch.subtract),
    # One operand.
    **{
        name: getattr(torch, name)
        for name in (
            *("acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "exp", "expm1", "isfinite", "isinf"),
            *("isnan", "log", "log10", "log1p", "log2", "logical_not", "reciprocal", "sin", "sinh", "sqrt", "tan"),
            "tanh",
            "signbit",
        )
    },
    **{name: _unary(getattr(torch, name)) for name in ("negative", "square")},
    **{name: _identity_on_integers(getattr(torch, name)) for name in ("ceil", "floor", "trunc")},
    "abs": abs_,
    "bitwise_invert": _unary(torch.bitwise_not),
    "clip": clip,
    "conj": torch.conj_physical,
    "floor_divide": floor_divide,
    "imag": imag,
    "real": real,
    "remainder": remainder,
    "round": round_,
    "sign": sign,
}
