"""Reductions along axes: an integer, a tuple of integers, or None for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from unifw_tensorflow._import import raw, tf
from unifw_tensorflow._namespace._indexing import order_keys
from unifw_tensorflow._namespace._logic import not_equal
from unifw_tensorflow._namespace._manipulation import concat, reshape
from unifw_tensorflow._namespace._operands import axes_of, narrowed, widened

Axis: TypeAlias = int | Sequence[int] | None
_HALF = (tf.float16, tf.bfloat16)


def _reduction(kernel: Callable[..., Any], meaning: str) -> Callable[..., Any]:
    """Turn a kernel into a reduction of the standard."""

    def function(x: Any, /, *, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Any:
        if dtype is not None and dtype != x.dtype:
            x = raw.Cast(x=x, DstT=dtype)
        return kernel(input=x, axis=_axes(x, axis), keep_dims=keepdims)

    function.__doc__ = meaning
    return function


def _axes(x: Any, axis: Axis) -> Any:
    return tf.constant(axes_of(x, axis), tf.int32)


sum = _reduction(raw.Sum, "The sum; `dtype` converts before.")
prod = _reduction(raw.Prod, "The product; `dtype` converts before.")
_mean = _reduction(raw.Mean, "The mean, in the dtype of the operand.")
max = _reduction(raw.Max, "The largest element; equal ones share the gradient evenly.")
min = _reduction(raw.Min, "The smallest element; equal ones share the gradient evenly.")


def mean(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """The mean of floating-point or complex numbers; half precision through float32, whose sums do not overflow."""
    if x.dtype in _HALF:
        return raw.Cast(x=_mean(raw.Cast(x=x, DstT=tf.float32), axis=axis, keepdims=keepdims), DstT=x.dtype)
    if x.dtype.is_complex and not x.shape.num_elements():  # `Mean` has 0 there
        return tf.complex(*(_mean(part(x), axis=axis, keepdims=keepdims) for part in (tf.math.real, tf.math.imag)))
    return _mean(x, axis=axis, keepdims=keepdims)


def all(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Whether all elements are true (not zero)."""
    return raw.All(input=_truth(x), axis=_axes(x, axis), keep_dims=keepdims)


def any(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Whether any element is true (not zero)."""
    return raw.Any(input=_truth(x), axis=_axes(x, axis), keep_dims=keepdims)


def _truth(x: Any) -> Any:
    return x if x.dtype == tf.bool else not_equal(x, 0)


def var(x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    """``sum(|x - mean(x)|**2) / (n - correction)``."""
    if x.dtype in _HALF:  # whose squares overflow
        wide = var(raw.Cast(x=x, DstT=tf.float32), axis=axis, correction=correction, keepdims=keepdims)
        return raw.Cast(x=wide, DstT=x.dtype)
    centered = raw.Sub(x=x, y=mean(x, axis=axis, keepdims=True))
    if x.dtype.is_complex:
        real, imaginary = tf.math.real(centered), tf.math.imag(centered)
        squares = raw.AddV2(x=raw.Square(x=real), y=raw.Square(x=imaginary))
    else:
        squares = raw.Square(x=centered)
    if not correction:
        return mean(squares, axis=axis, keepdims=keepdims)
    count = 1
    for each in axes_of(x, axis):
        count *= x.shape[each]
    total = sum(squares, axis=axis, keepdims=keepdims)
    return raw.RealDiv(x=total, y=tf.constant(count - correction, total.dtype))


def std(x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    """The square root of `var`."""
    if x.dtype in _HALF:
        wide = std(raw.Cast(x=x, DstT=tf.float32), axis=axis, correction=correction, keepdims=keepdims)
        return raw.Cast(x=wide, DstT=x.dtype)
    return raw.Sqrt(x=var(x, axis=axis, correction=correction, keepdims=keepdims))


def argmax(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index (int64) of the largest element, the first of equal ones; the first NaN if there is one."""
    return _arg(raw.ArgMax, order_keys(x), axis, keepdims)


def argmin(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index (int64) of the smallest element, the first of equal ones; the first NaN if there is one."""
    keys = order_keys(x)
    if x.dtype.is_floating:
        keys = tf.where(raw.IsNan(x=x), keys.dtype.min, keys)
    return _arg(raw.ArgMin, keys, axis, keepdims)


def _arg(kernel: Callable[..., Any], x: Any, axis: int | None, keepdims: bool) -> Any:
    if axis is None:
        index = kernel(input=reshape(x, (-1,)), dimension=0, output_type=tf.int64)
        return reshape(index, (1,) * x.shape.rank) if keepdims else index
    index = kernel(input=x, dimension=axis, output_type=tf.int64)
    return raw.ExpandDims(input=index, axis=axis) if keepdims else index


def cumulative_sum(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
    """Sums of the first 1, 2, … n elements (0, 1, … n with `include_initial`) along an axis."""
    if dtype is not None and dtype != x.dtype:
        x = raw.Cast(x=x, DstT=dtype)
    axis = 0 if axis is None else axis % x.shape.rank
    result = _running_sum(x, axis)
    if include_initial:
        shape = list(x.shape)
        shape[axis] = 1
        result = concat([tf.zeros(shape, x.dtype), result], axis=axis)
    return result


def cumulative_prod(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
    """Products of the first 1, 2, … n elements (0, 1, … n with `include_initial`) along an axis."""
    if dtype is not None and dtype != x.dtype:
        x = raw.Cast(x=x, DstT=dtype)
    axis = 0 if axis is None else axis % x.shape.rank
    if x.dtype.is_integer and x.dtype not in {tf.int32, tf.int64}:
        result = narrowed(raw.Cumprod(x=widened(x), axis=axis), x.dtype)
    elif x.dtype in _HALF:
        result = raw.Cast(x=raw.Cumprod(x=raw.Cast(x=x, DstT=tf.float32), axis=axis), DstT=x.dtype)
    else:
        result = raw.Cumprod(x=x, axis=axis)
    if include_initial:
        shape = list(x.shape)
        shape[axis] = 1
        result = concat([tf.ones(shape, x.dtype), result], axis=axis)
    return result


def _running_sum(x: Any, axis: int) -> Any:
    """`Cumsum`, by way of the dtypes for which XLA has it."""
    if x.dtype.is_complex:
        return tf.complex(_running_sum(tf.math.real(x), axis), _running_sum(tf.math.imag(x), axis))
    if x.dtype in _HALF:  # summed in float32 and rounded once, as `Sum` does
        return raw.Cast(x=raw.Cumsum(x=raw.Cast(x=x, DstT=tf.float32), axis=axis), DstT=x.dtype)
    if x.dtype.is_integer and x.dtype not in {tf.int32, tf.int64}:
        return narrowed(raw.Cumsum(x=widened(x), axis=axis), x.dtype)
    return raw.Cumsum(x=x, axis=axis)
