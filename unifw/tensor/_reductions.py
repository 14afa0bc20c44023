"""Reducing axes: names, meaning and result dtypes of the Array API standard.

`axis` is one axis, several, or None for all; `keepdims` leaves the reduced axes in place with size 1.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from unifw import config, dtypes
from unifw.errors import ArgumentError, DTypeError, ShapeError
from unifw.tensor._arguments import brief
from unifw.tensor._kinds import resolve
from unifw.tensor._manipulation import normalize_axes, normalize_axis
from unifw.tensor._operands import as_tensor
from unifw.tensor._strict import check_conversion
from unifw.tensor._tensor import Tensor

Axis = int | Sequence[int] | None


def _reduce(name: str, x: Any, axis: Axis, keepdims: bool, dtype: dtypes.DType | None = None, **options: Any) -> Tensor:
    x = as_tensor(x)
    backend = x.backend
    wanted = resolve(name, x.dtype) if dtype is None else dtype
    if config.may_be_strict and dtype is None:
        check_conversion(f"{name}()", "its argument", x.dtype, wanted)
    array = backend.astype(x.native, wanted)
    axes = normalize_axes(axis, x.ndim, name)
    place = _hashable(axis, axes)  # None and integers stay as they are: the cheapest form for every framework
    reduce = getattr(backend.xp, name) if place == () else backend.function_for(name, array.dtype)
    if axis is None and not keepdims and not options and reduce is getattr(backend.xp, name):
        function = reduce  # the standard's defaults, which cost JAX's functions less when they are not passed
    else:
        function = partial(reduce, axis=place, keepdims=keepdims, **options)
    plain = axis is place and _is_of_one_sign(axis)
    if array is x.native and plain and not options and (dtype is None or dtype == _accumulator(x, None)):
        backend.bound[name][_key(array.dtype, axis, keepdims)] = (
            function if axis is None else _of_rank(function, _least_rank(axis))
        )
    result = function(array)
    # Some frameworks widen small integers on their own: a sum in a dtype that was asked for is given in it.
    return Tensor(result if dtype is None else backend.astype(result, dtype), backend)


def _hashable(axis: Axis, axes: tuple[int, ...]) -> int | tuple[int, ...] | None:
    """Return an axis argument as it is, if it is made of Python integers, else as the axes it means."""
    plain = axis is None or axis.__class__ is int or (axis.__class__ is tuple and {int}.issuperset(map(type, axis)))
    return axis if plain else axes  # type: ignore[return-value]


def _is_of_one_sign(axis: Any) -> bool:
    """Return whether axes that differ for one rank do so for all: 0 and -1 may be the same."""
    return axis.__class__ is not tuple or len({each < 0 for each in axis}) == 1


def _least_rank(axis: Any) -> int:
    """Return how many axes a tensor needs to have an axis argument's, made of Python integers."""
    return builtins.max(each + 1 if each >= 0 else -each for each in ((axis,) if axis.__class__ is int else axis))


def _of_rank(function: Callable[[Any], Any], least: int) -> Callable[[Any], Any]:
    """Return a function that refuses arrays with fewer axes: some frameworks would find another axis in them."""

    def reduce(array: Any) -> Any:
        if array.ndim < least:
            raise IndexError
        return function(array)

    return reduce


def _key(dtype: Any, axis: Axis, keepdims: bool) -> Any:
    """Return what a bound reduction is kept by; that of everything by its dtype alone, which is quicker."""
    return dtype if axis is None and keepdims is False else (dtype, axis, axis.__class__, keepdims)


def _bound(name: str, x: Any, axis: Axis, keepdims: bool) -> Tensor | None:
    """Return the result if this reduction of this dtype was met before: the fast path, which judges nothing again."""
    try:
        return Tensor(x.backend.bound[name][_key(x.native.dtype, axis, keepdims)](x.native), x.backend)
    except Exception:  # noqa: BLE001 - not bound yet, not a tensor, or wrong: the slow path says what
        return None


def _accumulator(x: Tensor, dtype: dtypes.DTypeLike | None) -> dtypes.DType:
    """Return the dtype of a sum: the one asked for; small integers widen to 64 bits; others keep theirs."""
    if dtype is not None:
        wanted = dtypes.as_dtype(dtype)
        if wanted == dtypes.bool or (x.dtype in dtypes.COMPLEX and wanted not in dtypes.COMPLEX):
            raise DTypeError(
                f"A sum or product of {x.dtype.name} cannot be had in {wanted.name}. Write another dtype, or for truth "
                f"values any() and all(), for real parts unifw.real(x)."
            )
        return wanted
    if x.dtype in dtypes.UNSIGNED:
        return dtypes.uint64
    return dtypes.DEFAULT_INTEGER if dtypes.kind(x.dtype) in ("integer", "bool") else x.dtype


def sum(x: Any, /, *, axis: Axis = None, dtype: dtypes.DTypeLike | None = None, keepdims: bool = False) -> Tensor:
    """Add elements along axes; integers and booleans add up in 64 bits.

    >>> import unifw as uf
    >>> uf.sum(uf.asarray([[1, 2], [3, 4]]), axis=0).tolist()
    [4, 6]
    """
    if dtype is None:
        try:  # as `_bound`, without its call
            key = x.native.dtype if axis is None and keepdims is False else _key(x.native.dtype, axis, keepdims)
            return Tensor(x.backend.bound["sum"][key](x.native), x.backend)
        except Exception:  # noqa: BLE001, S110 - not bound yet, not a tensor, or wrong: what follows says what
            pass
    x = as_tensor(x)
    return _reduce("sum", x, axis, keepdims, _accumulator(x, dtype))


def prod(x: Any, /, *, axis: Axis = None, dtype: dtypes.DTypeLike | None = None, keepdims: bool = False) -> Tensor:
    """Multiply elements along axes; integers and booleans multiply in 64 bits.

    >>> import unifw as uf
    >>> uf.prod(uf.asarray([2.0, 3.0])).item()
    6.0
    """
    x = as_tensor(x)
    return _reduce("prod", x, axis, keepdims, _accumulator(x, dtype))


def mean(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return the arithmetic mean along axes; integers become float32 first.

    >>> import unifw as uf
    >>> uf.mean(uf.asarray([1, 2])).item()
    1.5
    """
    fast = _bound("mean", x, axis, keepdims)
    return _reduce("mean", x, axis, keepdims) if fast is None else fast


def var(x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """Return the variance ``sum((x - mean)**2) / (n - correction)`` along axes.

    >>> import unifw as uf
    >>> uf.var(uf.asarray([1.0, 3.0])).item()
    1.0
    """
    return _reduce("var", x, axis, keepdims, correction=_correction("var", correction))


def std(x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """Return the standard deviation, the square root of `var`, along axes.

    >>> import unifw as uf
    >>> uf.std(uf.asarray([1.0, 3.0])).item()
    1.0
    """
    return _reduce("std", x, axis, keepdims, correction=_correction("std", correction))


def _correction(name: str, value: Any) -> float:
    if isinstance(value, (int, float)):
        return value
    raise ArgumentError(f"{name}() got correction={brief(value)}, where a number is needed. Write 0 or 1.")


def _extreme(name: str, x: Any, axis: Axis, keepdims: bool) -> Tensor:
    fast = _bound(name, x, axis, keepdims) if x.__class__ is Tensor and x.size else None
    if fast is not None:
        return fast
    x = as_tensor(x)
    if 0 in [x.shape[each] for each in normalize_axes(axis, x.ndim, name)]:  # `any` here is the standard's
        raise ShapeError(
            f"{name}() of no elements is not defined: shape {x.shape} is empty along axis {axis}. Concatenate a limit "
            f"first, or choose another axis."
        )
    return _reduce(name, x, axis, keepdims)


def max(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return the largest element along axes; several equal ones share the gradient evenly.

    >>> import unifw as uf
    >>> uf.max(uf.asarray([1.0, 3.0])).item()
    3.0
    """
    return _extreme("max", x, axis, keepdims)


def min(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return the smallest element along axes; several equal ones share the gradient evenly.

    >>> import unifw as uf
    >>> uf.min(uf.asarray([1.0, 3.0])).item()
    1.0
    """
    return _extreme("min", x, axis, keepdims)


def _truth(name: str, x: Any, axis: Axis, keepdims: bool) -> Tensor:
    return _reduce(name, x, axis, keepdims, dtypes.bool)


def all(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return whether every element along axes is true (not 0); true for none.

    >>> import unifw as uf
    >>> uf.all(uf.asarray([True, False])).item()
    False
    """
    return _truth("all", x, axis, keepdims)


def any(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return whether some element along axes is true (not 0); false for none.

    >>> import unifw as uf
    >>> uf.any(uf.asarray([True, False])).item()
    True
    """
    return _truth("any", x, axis, keepdims)


def _position(name: str, x: Any, axis: int | None, keepdims: bool) -> Tensor:
    x = as_tensor(x)
    resolve(name, x.dtype)
    place = None if axis is None else normalize_axis(axis, x.ndim, name)
    if x.size == 0:
        if place is None or not x.shape[place]:
            raise ShapeError(f"{name}() of no elements is not defined: shape {x.shape}. Check x.size before.")
        kept = (1,) if keepdims else ()
        empty = np.zeros((*x.shape[:place], *kept, *x.shape[place + 1 :]), np.int64)
        return Tensor(x.backend.constant(empty, x.native), x.backend)
    return Tensor(getattr(x.backend.xp, name)(x.native, axis=place, keepdims=keepdims), x.backend)


def argmax(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Return the index (int64) of the first largest element along an axis (None: of the flattened tensor).

    >>> import unifw as uf
    >>> uf.argmax(uf.asarray([1.0, 3.0, 3.0])).item()
    1
    """
    return _position("argmax", x, axis, keepdims)


def argmin(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Return the index (int64) of the first smallest element along an axis (None: of the flattened tensor).

    >>> import unifw as uf
    >>> uf.argmin(uf.asarray([1.0, 3.0])).item()
    0
    """
    return _position("argmin", x, axis, keepdims)


def cumulative_sum(
    x: Any, /, *, axis: int | None = None, dtype: dtypes.DTypeLike | None = None, include_initial: bool = False
) -> Tensor:
    """Return running sums along an axis (needed for more than one axis); optionally with the 0 before the first.

    >>> import unifw as uf
    >>> uf.cumulative_sum(uf.asarray([1, 2, 3])).tolist()
    [1, 3, 6]
    """
    return _running("cumulative_sum", x, axis, dtype, include_initial)


def cumulative_prod(
    x: Any, /, *, axis: int | None = None, dtype: dtypes.DTypeLike | None = None, include_initial: bool = False
) -> Tensor:
    """Return running products along an axis (needed for more than one axis); optionally with the 1 before the first.

    >>> import unifw as uf
    >>> uf.cumulative_prod(uf.asarray([1, 2, 3])).tolist()
    [1, 2, 6]
    """
    return _running("cumulative_prod", x, axis, dtype, include_initial)


def _running(name: str, x: Any, axis: int | None, dtype: dtypes.DTypeLike | None, include_initial: bool) -> Tensor:
    x = as_tensor(x)
    if axis is None and x.ndim != 1:
        raise ShapeError(f"{name}() needs an axis for shape {x.shape}. Write axis=-1, for example.")
    place = normalize_axis(0 if axis is None else axis, x.ndim, name)
    wanted = _accumulator(x, dtype)
    resolve(name, wanted)
    array = x.backend.astype(x.native, wanted)
    result = getattr(x.backend.xp, name)(array, axis=place, include_initial=include_initial)
    return Tensor(x.backend.astype(result, wanted), x.backend)
