"""Reductions along no axis, one axis, several, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch

from unifw_torch._dtypes import WIDE_UNSIGNED
from unifw_torch._elementwise import by_order, from_order

if TYPE_CHECKING:
    from collections.abc import Callable

Array = Any
Axis = int | tuple[int, ...] | None


def _axes(x: Array, axis: Axis) -> tuple[int, ...]:
    """Return the axes as a tuple; None means all."""
    if axis is None:
        return tuple(range(x.ndim))
    return (axis,) if isinstance(axis, int) else tuple(axis)


def sum_(x: Array, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Array:
    """Sum in the dtype of `x`, unless told otherwise."""
    if axis == ():  # torch would take all axes
        return x.to(dtype or x.dtype, copy=True)
    if dtype is None:
        dtype = x.dtype
        if dtype.is_floating_point:  # the usual case, without a look at what torch would make of integers
            return torch.sum(x, axis, keepdims)
    if dtype in WIDE_UNSIGNED:
        return torch.sum(x.to(torch.int64), axis, keepdims).to(dtype)
    return torch.sum(x, axis, keepdims, dtype=dtype)


def prod(x: Array, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Array:
    """Multiply in the dtype of `x`, unless told otherwise."""
    dtype = dtype or x.dtype
    if dtype in WIDE_UNSIGNED:
        return prod(x.to(torch.int64), axis=axis, keepdims=keepdims).to(dtype)
    if axis is None and not keepdims:
        return torch.prod(x, dtype=dtype)
    result = x.to(dtype, copy=axis == ())
    for each in sorted((each % x.ndim for each in _axes(x, axis)), reverse=True):
        result = torch.prod(result, dim=each, keepdim=keepdims, dtype=dtype)
    return result


def _extremum(function: Callable[..., Array]) -> Callable[..., Array]:
    def call(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
        """Return the extremum; equals share the gradient evenly."""
        if axis == ():
            return x.clone()
        if x.dtype == torch.uint64:
            return from_order(call(by_order(x), axis=axis, keepdims=keepdims))
        if x.dtype in WIDE_UNSIGNED:
            return call(x.to(WIDE_UNSIGNED[x.dtype]), axis=axis, keepdims=keepdims).to(x.dtype)
        return function(x, () if axis is None else axis, keepdims)  # of no axes torch makes all

    return call


def _truth(function: Callable[..., Array]) -> Callable[..., Array]:
    def call(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
        x = x if x.dtype == torch.bool else torch.ne(x, 0)
        if axis == ():
            return x.clone()
        return function(x, dim=_axes(x, axis), keepdim=keepdims) if x.ndim else x.clone()

    return call


def mean(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Mean of floating-point or complex values."""
    return x.clone() if axis == () else torch.mean(x, axis, keepdims)


def var(x: Array, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Array:
    """Variance: squares over ``count - correction``."""
    axes = _axes(x, axis)
    if not axes:  # torch would take all axes
        return torch.var(torch.unsqueeze(x, -1), dim=-1, correction=correction)
    return torch.var(x, dim=axes, correction=correction, keepdim=keepdims)


def std(x: Array, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Array:
    """Square root of the variance."""
    axes = _axes(x, axis)
    if not axes:
        return torch.std(torch.unsqueeze(x, -1), dim=-1, correction=correction)
    return torch.std(x, dim=axes, correction=correction, keepdim=keepdims)


def _position(function: Callable[..., Array]) -> Callable[..., Array]:
    def call(x: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
        """Return the int64 index of the first extremum; of the flattened array without an axis."""
        if x.dtype == torch.bool:
            x = x.to(torch.uint8)
        elif x.dtype == torch.uint64:
            x = by_order(x)
        elif x.dtype in WIDE_UNSIGNED:
            x = x.to(WIDE_UNSIGNED[x.dtype])
        if axis is None:
            result = function(x.reshape(-1), dim=0)
            return result.reshape((1,) * x.ndim) if keepdims else result
        return function(x, dim=axis, keepdim=keepdims)

    return call


def cumulative_prod(x: Array, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Array:
    """Product so far, in the dtype of `x`; with the initial one if asked."""
    axis = 0 if axis is None else axis
    dtype = dtype or x.dtype
    if dtype in WIDE_UNSIGNED:
        wide = cumulative_prod(x.to(torch.int64), axis=axis, include_initial=include_initial)
        return wide.to(dtype)
    result = torch.cumprod(x, axis, dtype=dtype)
    if include_initial:
        shape = list(x.shape)
        shape[axis] = 1
        result = torch.cat((result.new_ones(shape), result), axis)
    return result


def cumulative_sum(x: Array, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Array:
    """Sum so far, in the dtype of `x`; with the initial zero if asked."""
    axis = 0 if axis is None else axis
    dtype = dtype or x.dtype
    if dtype in WIDE_UNSIGNED:
        wide = cumulative_sum(x.to(torch.int64), axis=axis, include_initial=include_initial)
        return wide.to(dtype)
    result = torch.cumsum(x, axis, dtype=dtype)
    if include_initial:
        shape = list(x.shape)
        shape[axis] = 1
        result = torch.cat((result.new_zeros(shape), result), axis)
    return result


FUNCTIONS: Final[dict[str, Callable[..., Array]]] = {
    "all": _truth(torch.all),
    "any": _truth(torch.any),
    "argmax": _position(torch.argmax),
    "argmin": _position(torch.argmin),
    "cumulative_prod": cumulative_prod,
    "cumulative_sum": cumulative_sum,
    "max": _extremum(torch.amax),
    "mean": mean,
    "min": _extremum(torch.amin),
    "prod": prod,
    "std": std,
    "sum": sum_,
    "var": var,
}
