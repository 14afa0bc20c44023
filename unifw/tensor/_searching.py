"""Finding elements: names and meaning of the Array API standard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.errors import ArgumentError, ShapeError
from unifw.tensor._creation import beside
from unifw.tensor._indexing import take
from unifw.tensor._keys import positions
from unifw.tensor._manipulation import normalize_axes
from unifw.tensor._operands import as_tensor, unify
from unifw.tensor._reductions import Axis, sum
from unifw.tensor._tensor import Tensor


def nonzero(x: Any, /) -> tuple[Tensor, ...]:
    """Return the indices (int64) of the elements that are not zero, in row-major order: one tensor per axis.

    Raises:
        ShapeError: for a tensor without axes.
        TransformError: inside `jit`, where their number is not known.

    >>> import unifw as uf
    >>> [each.tolist() for each in uf.nonzero(uf.asarray([[0, 1], [2, 0]]))]
    [[0, 1], [1, 0]]
    """
    x = as_tensor(x)
    if not x.ndim:
        raise ShapeError("nonzero() needs at least one axis. Write x != 0 for a single number.")
    return tuple(positions(x.astype(dtypes.bool)))


def count_nonzero(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Return how many elements (int64) along axes are not zero.

    >>> import unifw as uf
    >>> uf.count_nonzero(uf.asarray([[0, 1], [2, 3]]), axis=0).tolist()
    [1, 2]
    """
    x = as_tensor(x)
    axes = normalize_axes(axis, x.ndim, "count_nonzero")
    return sum(x.astype(dtypes.bool), axis=axes, dtype=dtypes.int64, keepdims=keepdims)


def searchsorted(x1: Any, x2: Any, /, *, side: Literal["left", "right"] = "left", sorter: Any = None) -> Tensor:
    """Return where elements would have to be inserted to keep an order.

    Args:
        x1: (n,), in ascending order, or in that of `sorter`.
        x2: what to insert: any shape, or a Python scalar.
        side: "left" for the first place among equal elements, "right" for the place behind them.
        sorter: integers (n,) that put `x1` in order: ``argsort(x1)``.

    Returns:
        int64 in [0, n], in the shape of `x2`.

    Raises:
        ShapeError: if `x1` has not exactly one axis.

    >>> import unifw as uf
    >>> uf.searchsorted(uf.asarray([1, 3, 5]), uf.asarray([0, 3, 9])).tolist()
    [0, 1, 3]
    """
    if side not in ("left", "right"):
        raise ArgumentError(f"searchsorted() got side={side!r}. Write 'left' or 'right'.")
    x1 = as_tensor(x1)
    if x1.ndim != 1:
        raise ShapeError(f"searchsorted() searches a tensor with one axis, got shape {x1.shape}. Take one row.")
    if sorter is not None:
        sorter = as_tensor(sorter, x1.backend)
        if sorter.shape != x1.shape:
            raise ShapeError(
                f"searchsorted() got a sorter of shape {sorter.shape} for shape {x1.shape}; each element once. "
                f"Write unifw.argsort(x1)."
            )
        x1 = take(x1, sorter, axis=0)
    backend, (ordered, wanted), _ = unify("searchsorted", x1, beside(x2, x1))
    xp = backend.xp
    # A binary search over all elements at once: as many steps as the length has bits, and the same on every framework.
    size = x1.shape[0]
    low = backend.constant(np.zeros(backend.shape_of(wanted), np.int64), ordered)
    if not size:
        return Tensor(low, backend)
    high = xp.full_like(low, size)
    precedes = _precedes(backend, wanted, side)
    for _ in range(size.bit_length()):
        middle = xp.floor_divide(xp.add(low, high), 2)
        probe = xp.take(ordered, xp.minimum(middle, size - 1), axis=0)
        goes_right = xp.logical_and(xp.less(low, high), precedes(probe))
        low, high = xp.where(goes_right, xp.add(middle, 1), low), xp.where(goes_right, high, middle)
    return Tensor(low, backend)


def _precedes(backend: Backend, wanted: Array, side: str) -> Callable[[Array], Array]:
    """Return what says of a probe whether `wanted` belongs behind it, in the order of `sort`: NaN is the largest."""
    xp = backend.xp
    compare = xp.less if side == "left" else xp.less_equal
    if dtypes.kind(backend.dtype_of(wanted)) != "floating":
        return lambda probe: compare(probe, wanted)
    unordered = xp.isnan(wanted)
    if side == "right":
        return lambda probe: xp.logical_or(unordered, compare(probe, wanted))
    return lambda probe: xp.logical_or(
        compare(probe, wanted), xp.logical_and(unordered, xp.logical_not(xp.isnan(probe)))
    )
