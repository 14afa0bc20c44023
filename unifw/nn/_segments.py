"""Folding the rows of a tensor by group. Names and meaning of `jax.ops`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from unifw import dtypes
from unifw.backend import neutral_element
from unifw.errors import ArgumentError, DTypeError, ShapeError
from unifw.tensor import Tensor, astype, logical_and, where
from unifw.tensor._arguments import whole
from unifw.tensor._operands import as_tensor
from unifw.tensor._scattering import check_numeric, constant, index_add, index_extreme, index_multiply


def segment_sum(
    data: Any, segment_ids: Any, num_segments: int | None = None, indices_are_sorted: bool = False
) -> Tensor:
    """Return, for each group, the sum of its rows: ``result[segment_ids[i]] += data[i]``.

    Args:
        data: (n, ...), numbers.
        segment_ids: integers (n,): the group of each row. Rows of groups outside [0, num_segments) are left out.
        num_segments: how many groups; by default one more than the largest id, which must be known: inside `jit`, give
            it.
        indices_are_sorted: a hint, which is not needed here.

    Returns:
        (num_segments, ...), of the dtype of `data`. An empty group has 0.

    >>> import unifw as uf
    >>> uf.nn.segment_sum(uf.asarray([1.0, 2.0, 4.0]), uf.asarray([0, 2, 0]), 3).tolist()
    [5.0, 0.0, 2.0]
    """
    del indices_are_sorted
    return _folded("segment_sum", data, segment_ids, num_segments, 0, index_add)


def segment_prod(
    data: Any, segment_ids: Any, num_segments: int | None = None, indices_are_sorted: bool = False
) -> Tensor:
    """Return, for each group, the product of its rows; an empty group has 1. See `segment_sum`.

    Differentiable, unlike JAX's where ids repeat, for which all pairs (row, group) of floats are looked at:
    O(n * num_segments) memory.

    >>> import unifw as uf
    >>> uf.nn.segment_prod(uf.asarray([3.0, 2.0, 4.0]), uf.asarray([0, 2, 0]), 3).tolist()
    [12.0, 1.0, 2.0]
    """
    del indices_are_sorted
    return _folded("segment_prod", data, segment_ids, num_segments, 1, index_multiply)


def segment_max(
    data: Any, segment_ids: Any, num_segments: int | None = None, indices_are_sorted: bool = False
) -> Tensor:
    """Return, for each group, the largest of its rows, element by element. See `segment_sum`.

    An empty group has minus infinity, or the smallest integer.

    >>> import unifw as uf
    >>> uf.nn.segment_max(uf.asarray([3.0, 2.0, 4.0]), uf.asarray([0, 1, 0]), 2).tolist()
    [4.0, 2.0]
    """
    del indices_are_sorted
    return _extreme("segment_max", data, segment_ids, num_segments, "maximum")


def segment_min(
    data: Any, segment_ids: Any, num_segments: int | None = None, indices_are_sorted: bool = False
) -> Tensor:
    """Return, for each group, the smallest of its rows, element by element. See `segment_sum`.

    An empty group has infinity, or the largest integer.

    >>> import unifw as uf
    >>> uf.nn.segment_min(uf.asarray([3.0, 2.0, 4.0]), uf.asarray([0, 1, 0]), 2).tolist()
    [3.0, 2.0]
    """
    del indices_are_sorted
    return _extreme("segment_min", data, segment_ids, num_segments, "minimum")


def bincount(x: Any, weights: Any = None, minlength: int = 0, length: int | None = None) -> Tensor:
    """Count how often each non-negative integer occurs, as `jax.numpy.bincount`.

    Args:
        x: integers (n,). Negative ones count as 0, as in JAX.
        weights: (n,), what each occurrence counts; 1 by default.
        minlength: the least size of the result.
        length: its exact size, which `jit` needs; integers from there on are left out.

    Returns:
        (length,), int64, or of the dtype of `weights`.

    >>> import unifw as uf
    >>> uf.nn.bincount(uf.asarray([0, 2, 2])).tolist()
    [1, 0, 2]
    """
    values = as_tensor(x)
    if values.ndim != 1:
        raise ShapeError(f"bincount() needs one axis, got shape {values.shape}. Write unifw.reshape(x, -1).")
    _check_integers("bincount", "x", values)
    counts = constant(np.ones(values.shape, np.int64), values) if weights is None else as_tensor(weights)
    if counts.shape != values.shape:
        raise ShapeError(
            f"bincount() got weights of shape {counts.shape} for x of shape {values.shape}. Give one for each."
        )
    if length is None:
        if (least := whole(minlength, "bincount", "minlength")) < 0:
            raise ArgumentError(f"bincount() got minlength={least}; it cannot be negative. Write 0 or more.")
        length = max(_largest("bincount", "length", values) + 1, least, 0)
    wide = astype(values, dtypes.int64)
    return segment_sum(counts, where(wide < 0, 0, wide), length)


def _largest(name: str, argument: str, values: Tensor) -> int:
    """Return the largest of some integers, or -1 if there are none."""
    try:
        known = values.backend.to_numpy(values.native)
    except Exception as error:
        raise ArgumentError(
            f"{name}() inside jit cannot look at values to find how large its result is. Write {argument}=…"
        ) from error
    return int(known.max()) if known.size else -1


def _check_integers(name: str, argument: str, values: Tensor) -> None:
    if dtypes.kind(values.dtype) != "integer":
        raise DTypeError(
            f"{name}() needs integers as {argument}, got {values.dtype.name}. Write unifw.astype(…, 'int64')."
        )


def _prepared(name: str, data: Any, segment_ids: Any, num_segments: int | None) -> tuple[Tensor, Tensor, int]:
    """Return rows, their places (the one behind the end for those to leave out), and how many groups there are."""
    rows = as_tensor(data)
    check_numeric(rows, name)
    ids = as_tensor(segment_ids, rows.backend)
    _check_integers(name, "segment_ids", ids)
    if ids.ndim != 1 or not rows.ndim or rows.shape[0] != ids.shape[0]:
        raise ShapeError(f"{name}() needs data (n, ...) and segment_ids (n,), got shapes {rows.shape} and {ids.shape}.")
    if num_segments is None:
        num_segments = _largest(name, "num_segments", ids) + 1
    if isinstance(num_segments, bool) or not isinstance(num_segments, (int, np.integer)) or num_segments < 0:
        raise ArgumentError(f"{name}() got num_segments={num_segments!r}. Write an integer from 0, not a tensor.")
    places = astype(ids, dtypes.int64)
    inside = logical_and(places >= 0, places < int(num_segments))
    return rows, where(inside, places, int(num_segments)), int(num_segments)


def _folded(
    name: str, data: Any, segment_ids: Any, num_segments: int | None, start: float, fold: Callable[..., Tensor]
) -> Tensor:
    rows, places, count = _prepared(name, data, segment_ids, num_segments)
    groups = constant(np.full((count + 1, *rows.shape[1:]), start), rows, rows.dtype)
    return fold(groups, places, rows)[:count]


def _extreme(name: str, data: Any, segment_ids: Any, num_segments: int | None, operation: Any) -> Tensor:
    rows, places, count = _prepared(name, data, segment_ids, num_segments)
    if rows.dtype in dtypes.COMPLEX:
        raise DTypeError(f"{name}() got {rows.dtype.name}: complex numbers have no order. Write unifw.abs(data).")
    start = neutral_element(operation, rows.dtype)
    groups = constant(np.full((count + 1, *rows.shape[1:]), start, rows.dtype), rows)
    return index_extreme(groups, places, rows, operation)[:count]
