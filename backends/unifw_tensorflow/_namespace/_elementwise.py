"""Arithmetic and elementary functions, element by element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unifw_tensorflow._import import raw, tf
from unifw_tensorflow._namespace._logic import equal, isinf, less, logical_and, logical_or, not_equal, where
from unifw_tensorflow._namespace._manipulation import broadcast_to
from unifw_tensorflow._namespace._operands import SCALARS, binary, constant, dimensions, narrowed, pair, unary, widened
from unifw_tensorflow._namespace._parts import copysign, signbit


def _extreme(kernel: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """Turn a kernel that picks one of two numbers into a function that shares the gradient evenly at a tie."""

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def shared(x1: Any, x2: Any) -> tuple[Any, Any]:
        result = kernel(x=x1, y=x2)

        def gradient(upstream: Any) -> tuple[Any, Any]:
            first, second = (raw.Cast(x=raw.Equal(x=x, y=result), DstT=x.dtype) for x in (x1, x2))
            part = raw.RealDiv(x=upstream, y=raw.AddV2(x=first, y=second))
            return _summed_to(raw.Mul(x=part, y=first), x1), _summed_to(raw.Mul(x=part, y=second), x2)

        return result, gradient

    def function(x1: Any, x2: Any, /) -> Any:
        x1, x2 = pair(x1, x2)
        return shared(x1, x2) if x1.dtype.is_floating else kernel(x=x1, y=x2)

    return function


def _summed_to(gradient: Any, operand: Any) -> Any:
    """Sum a gradient over the axes along which its operand was broadcast."""
    lead = gradient.shape.rank - operand.shape.rank
    axes = [
        *range(lead),
        *(lead + axis for axis, size in enumerate(operand.shape) if size != gradient.shape[lead + axis]),
    ]
    return (
        raw.Reshape(tensor=raw.Sum(input=gradient, axis=dimensions(axes)), shape=dimensions(operand.shape))
        if axes
        else gradient
    )


add = binary(raw.AddV2)
subtract = binary(raw.Sub)
multiply = binary(raw.Mul)
divide = binary(raw.RealDiv)
maximum = _extreme(raw.Maximum)
minimum = _extreme(raw.Minimum)

acos = unary(raw.Acos)
acosh = unary(raw.Acosh)
asin = unary(raw.Asin)
asinh = unary(raw.Asinh)
atan = unary(raw.Atan)
atanh = unary(raw.Atanh)
cos = unary(raw.Cos)
cosh = unary(raw.Cosh)
exp = unary(raw.Exp)
expm1 = unary(raw.Expm1)
log = unary(raw.Log)
log1p = unary(raw.Log1p)
reciprocal = unary(raw.Reciprocal)
sin = unary(raw.Sin)
sinh = unary(raw.Sinh)
sqrt = unary(raw.Sqrt)
square = unary(raw.Square)
tan = unary(raw.Tan)
tanh = unary(raw.Tanh)


def abs(x: Any, /) -> Any:
    """Magnitude; of complex numbers, a real number."""
    if x.dtype.is_unsigned:
        return raw.Identity(input=x)
    return tf.math.abs(x) if x.dtype.is_complex else raw.Abs(x=x)


def negative(x: Any, /) -> Any:
    """``-x``; unsigned integers wrap around (as ``~x + 1``: ``0 - x`` would become `Neg` again, inside a graph)."""
    return add(raw.Invert(x=x), 1) if x.dtype.is_unsigned else raw.Neg(x=x)


def sign(x: Any, /) -> Any:
    """-1, 0 or 1, or NaN; of complex numbers, ``x / |x|``."""
    if x.dtype.is_unsigned:
        return raw.Cast(x=not_equal(x, 0), DstT=x.dtype)
    return raw.Sign(x=x)


def floor(x: Any, /) -> Any:
    """The largest integer not above."""
    return raw.Floor(x=x) if x.dtype.is_floating else raw.Identity(input=x)


def ceil(x: Any, /) -> Any:
    """The smallest integer not below."""
    return raw.Ceil(x=x) if x.dtype.is_floating else raw.Identity(input=x)


def trunc(x: Any, /) -> Any:
    """The integer next towards zero."""
    return where(less(x, 0), raw.Ceil(x=x), raw.Floor(x=x)) if x.dtype.is_floating else raw.Identity(input=x)


def round(x: Any, /) -> Any:
    """The nearest integer, the even one of two."""
    if x.dtype.is_complex:
        return tf.complex(raw.Round(x=tf.math.real(x)), raw.Round(x=tf.math.imag(x)))
    return raw.Round(x=x) if x.dtype.is_floating else raw.Identity(input=x)


def atan2(x1: Any, x2: Any, /) -> Any:
    """The angle of the point ``(x2, x1)``."""
    x1, x2 = pair(x1, x2)
    return raw.Atan2(y=x1, x=x2)


def logaddexp(x1: Any, x2: Any, /) -> Any:
    """``log(exp(x1) + exp(x2))``, as ``max + log(1 + exp(-|x1 - x2|))``.

    Written with one comparison, so that the gradient at ``x1 == x2`` is half to each.
    """
    x1, x2 = pair(x1, x2)
    if x1.dtype in {tf.float16, tf.bfloat16}:  # rounded once; `Softplus` alone is a few ulp off in these
        wide = logaddexp(raw.Cast(x=x1, DstT=tf.float32), raw.Cast(x=x2, DstT=tf.float32))
        return raw.Cast(x=wide, DstT=x1.dtype)
    # Equal infinities have no difference; the double `where` keeps NaN out of the gradient too.
    same = logical_and(isinf(x1), equal(x1, x2))
    difference = raw.Sub(x=where(same, 0.0, x1), y=where(same, 0.0, x2))
    first = raw.Greater(x=difference, y=raw.ZerosLike(x=difference))
    larger = where(first, x1, x2)
    return raw.AddV2(x=larger, y=raw.Softplus(features=where(first, raw.Neg(x=difference), difference)))


def pow(x1: Any, x2: Any, /) -> Any:
    """``x1 ** x2``."""
    is_small = isinstance(x2, SCALARS)
    x1, x2 = pair(x1, x2)
    if x1.dtype.is_integer and not is_small and not tf.executing_eagerly():
        return _integer_power(x1, x2)
    if x1.dtype.is_unsigned:  # no kernel; products of the lowest bits are the same for signed integers
        exponent = widened(x2)
        if x2.dtype == tf.uint64:
            # 2**63 and above would be negative. Powers of odd numbers repeat after 2**62 at most; those of even ones
            # are 0 from 64 on.
            equal_power = raw.BitwiseOr(
                x=raw.BitwiseAnd(x=exponent, y=tf.constant(2**62 - 1, tf.int64)), y=tf.constant(2**62, tf.int64)
            )
            exponent = where(less(exponent, 0), equal_power, exponent)
        return narrowed(raw.Pow(x=widened(x1), y=exponent), x1.dtype)
    return raw.Pow(x=x1, y=x2)


def _integer_power(base: Any, exponent: Any) -> Any:
    """``base ** exponent`` with all bits of the exponent, of which XLA reads six; 0 for negative exponents."""
    width = 8 * base.dtype.size - (0 if base.dtype.is_unsigned else 1)
    zero = tf.constant(0, base.dtype)
    result = tf.constant(1, base.dtype)
    for bit in range(width):
        is_set = not_equal(raw.BitwiseAnd(x=exponent, y=tf.constant(1 << bit, base.dtype)), zero)
        result = where(is_set, raw.Mul(x=result, y=base), result)
        base = raw.Mul(x=base, y=base)
    return result if base.dtype.is_unsigned else where(raw.Less(x=exponent, y=zero), 0, result)


def floor_divide(x1: Any, x2: Any, /) -> Any:
    """``floor(x1 / x2)``; of floating-point numbers, exactly as Python's ``//`` (``1.0 // 0.1 == 9.0``)."""
    x1, x2 = pair(x1, x2)
    if not x1.dtype.is_floating:
        return _integers_divided(raw.FloorDiv, x1, x2)
    remains = _truncated_remainder(x1, x2)
    quotient = raw.RealDiv(x=raw.Sub(x=x1, y=remains), y=x2)
    quotient = raw.Round(x=where(_signs_differ(remains, x2), subtract(quotient, 1.0), quotient))
    exact = raw.StopGradient(input=raw.RealDiv(x=x1, y=x2))
    quotient = where(equal(quotient, 0), copysign(raw.ZerosLike(x=quotient), exact), quotient)
    return where(logical_or(equal(x2, 0), logical_or(isinf(x1), isinf(x2))), exact, quotient)


def _integers_divided(kernel: Callable[..., Any], x1: Any, x2: Any) -> Any:
    """Divide integers; by 0 they give 0, as in NumPy, where TensorFlow raises."""
    is_zero = equal(x2, 0)
    return where(is_zero, 0, kernel(x=x1, y=where(is_zero, 1, x2)))


def remainder(x1: Any, x2: Any, /) -> Any:
    """``x1 - x2 * floor(x1 / x2)``, with the sign of `x2`."""
    x1, x2 = pair(x1, x2)
    if not x1.dtype.is_floating:
        return _integers_divided(raw.FloorMod, x1, x2)
    remains = _truncated_remainder(x1, x2)
    remains = where(_signs_differ(remains, x2), raw.AddV2(x=remains, y=x2), remains)
    # A zero has the sign of the divisor, and the derivative of what is no zero.
    value = raw.StopGradient(input=remains)
    negative_zero = raw.Neg(x=raw.Sub(x=value, y=remains))
    zero = where(signbit(x2), negative_zero, raw.Sub(x=remains, y=value))
    return where(equal(remains, 0), zero, remains)


def _truncated_remainder(x1: Any, x2: Any) -> Any:
    """C's `fmod`; through float32, which holds them all, for the dtypes that have no kernel."""
    dtype, shape = x1.dtype, tf.broadcast_static_shape(x1.shape, x2.shape)
    x1, x2 = (each if each.shape == shape else broadcast_to(each, shape) for each in (x1, x2))
    if dtype in {tf.float16, tf.bfloat16}:
        x1, x2 = raw.Cast(x=x1, DstT=tf.float32), raw.Cast(x=x2, DstT=tf.float32)
    return raw.Cast(x=_fmod(x1, x2), DstT=dtype)


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _fmod(x1: Any, x2: Any) -> tuple[Any, Any]:
    """`TruncateMod` of equal shapes, with the gradient that TensorFlow has only for `FloorMod`."""
    result = raw.TruncateMod(x=x1, y=x2)
    quotient = raw.Round(x=raw.RealDiv(x=raw.Sub(x=x1, y=result), y=x2))
    return result, lambda upstream: (upstream, raw.Neg(x=raw.Mul(x=upstream, y=quotient)))


def _signs_differ(remains: Any, divisor: Any) -> Any:
    return logical_and(not_equal(remains, 0), not_equal(less(remains, 0), less(divisor, 0)))


def clip(x: Any, /, min: Any = None, max: Any = None) -> Any:
    """Limit to ``[min, max]``; None is no limit."""
    if min is not None:
        x = raw.Maximum(x=x, y=_limit(min, x))
    return x if max is None else raw.Minimum(x=x, y=_limit(max, x))


def _limit(value: Any, x: Any) -> Any:
    return constant(value, x.dtype) if isinstance(value, SCALARS) else value
