"""What order says: the largest elements, the middle one, and those in between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

from unifw import dtypes
from unifw.errors import ArgumentError, ShapeError
from unifw.nn._operands import floating
from unifw.tensor import (
    Tensor,
    any,
    argsort,
    astype,
    broadcast_to,
    expand_dims,
    floor,
    full_like,
    isnan,
    logical_and,
    logical_not,
    moveaxis,
    reshape,
    sort,
    sum,
    take,
    take_along_axis,
    where,
)
from unifw.tensor._manipulation import normalize_axes
from unifw.tensor._operands import as_tensor

Interpolation = Literal["linear", "lower", "higher", "nearest", "midpoint"]


def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """Return the `k` largest elements along the last axis, in descending order, and their indices (int64).

    Of equal elements the one with the lower index comes first, on every backend, as in JAX and TensorFlow; torch
    promises no order.

    Args:
        x: (..., n), real.
        k: how many, from 0 to n.
        sorted: Keras' argument; the elements are in order either way.

    Raises:
        ArgumentError: if there are not as many.

    >>> import unifw as uf
    >>> values, indices = uf.nn.top_k(uf.asarray([1.0, 3.0, 2.0]), 2)
    >>> values.tolist(), indices.tolist()
    ([3.0, 2.0], [1, 2])
    """
    del sorted
    given = as_tensor(x)
    if given.ndim == 0:
        raise ShapeError("top_k() looks along the last axis, got a scalar. Pass a tensor with one axis or more.")
    if isinstance(k, bool) or not isinstance(k, int) or not 0 <= k <= given.shape[-1]:
        raise ArgumentError(
            f"top_k() got k={k!r} for shape {given.shape}. Write an integer from 0 to {given.shape[-1]}."
        )
    indices = argsort(given, axis=-1, descending=True, stable=True)[..., :k]
    return take_along_axis(given, indices, axis=-1), indices


def in_top_k(targets: Any, predictions: Any, k: int) -> Tensor:
    """Whether the prediction for the target is among the `k` largest of its row.

    A prediction that ties with the k-th largest is among them; a row whose target's prediction is not finite is not,
    as in `keras.ops.in_top_k` on TensorFlow.

    Args:
        targets: integers (n,).
        predictions: (n, classes), floating-point.
        k: how many.

    >>> import unifw as uf
    >>> uf.nn.in_top_k(uf.asarray([1, 0]), uf.asarray([[0.1, 0.7, 0.2], [0.1, 0.7, 0.2]]), 1).tolist()
    [True, False]
    """
    labels, scores = as_tensor(targets), as_tensor(predictions)
    if labels.ndim != 1 or scores.ndim != 2 or labels.shape[0] != scores.shape[0]:
        raise ShapeError(
            f"in_top_k() needs targets (n,) and predictions (n, classes), got {labels.shape} and {scores.shape}."
        )
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise ArgumentError(f"in_top_k() got k={k!r}. Write a positive integer.")
    chosen = take_along_axis(scores, expand_dims(labels, axis=1), axis=1)
    larger = sum(astype(scores > chosen, dtypes.int64), axis=1)
    return logical_and(larger < k, logical_not(isnan(reshape(chosen, (-1,)))))


def median(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor:
    """Return the middle of the sorted elements along axes (None: all), or the mean of the two in the middle.

    NaN where there is one, as in `jax.numpy.median`.

    >>> import unifw as uf
    >>> uf.nn.median(uf.asarray([3.0, 1.0, 2.0, 10.0])).item()
    2.5
    """
    return quantile(x, 0.5, axis=axis, keepdims=keepdims)


def quantile(
    x: Any,
    q: Any,
    axis: int | Sequence[int] | None = None,
    method: Interpolation = "linear",
    keepdims: bool = False,
) -> Tensor:
    """Return the values below which a share `q` of the elements lies, as `jax.numpy.quantile`.

    The sorted elements stand at 0, 1/(n-1), …, 1; between two of them `method` decides.

    Args:
        x: real; integers become float32.
        q: numbers from 0 to 1, scalar or (m,); the result gets their axis in front.
        axis: axes to look along; None: all.
        method: "linear", "lower", "higher", "nearest" (a half goes down) or "midpoint".
        keepdims: whether the axes stay, with size 1.

    Raises:
        ArgumentError: for another method.
        ShapeError: for a `q` with more axes, or no elements.

    >>> import unifw as uf
    >>> uf.nn.quantile(uf.asarray([0.0, 1.0, 4.0]), uf.asarray([0.25, 1.0])).tolist()
    [0.5, 4.0]
    """
    if method not in {"linear", "lower", "higher", "nearest", "midpoint"}:
        raise ArgumentError(
            f"quantile() got method={method!r}. Write 'linear', 'lower', 'higher', 'nearest' or 'midpoint'."
        )
    backend, (array, shares) = floating("quantile", x, q)
    values, where_to = Tensor(array, backend), Tensor(shares, backend)
    if where_to.ndim > 1:
        raise ShapeError(f"quantile() needs a scalar or one axis for q, got shape {where_to.shape}.")
    _check_shares(where_to)
    axes = normalize_axes(axis, values.ndim, "quantile")
    others = tuple(each for each in range(values.ndim) if each not in axes)
    count = math.prod(values.shape[each] for each in axes)
    if not count:
        raise ShapeError(f"quantile() got no elements along axes {axes} of shape {values.shape}. Check x.size first.")
    moved = moveaxis(values, others, tuple(range(len(others)))) if others else values
    rows = sort(reshape(moved, (*(values.shape[each] for each in others), count)), axis=-1)
    result = _between(rows, reshape(where_to, (-1,)) * float(count - 1), count, method)
    is_nan = any(isnan(rows), axis=-1, keepdims=True)
    result = where(broadcast_to(is_nan, result.shape), full_like(result, math.nan), result)
    result = moveaxis(result, -1, 0)
    if keepdims:
        kept = tuple(1 if each in axes else size for each, size in enumerate(values.shape))
        result = reshape(result, (result.shape[0], *kept))
    return result if where_to.ndim else result[0]


def _check_shares(q: Tensor) -> None:
    """Raise `ArgumentError` for a share outside [0, 1], where values are known."""
    try:
        shares = q.backend.to_numpy(q.native)
    except Exception:  # noqa: BLE001 - a tracer has no values, and every framework says so differently
        return
    outside = shares[~((shares >= 0) & (shares <= 1))]
    if outside.size:
        raise ArgumentError(f"quantile() got q={outside.flat[0]}. Write numbers from 0 to 1.")


def _between(rows: Tensor, positions: Tensor, count: int, method: Interpolation) -> Tensor:
    """Return what stands at positions of sorted rows: (..., m)."""
    lower = floor(positions)
    share = positions - lower
    first = astype(lower, dtypes.int64)
    second = where(first < count - 1, first + 1, first)
    low, high = take(rows, first, axis=-1), take(rows, second, axis=-1)
    if method == "linear":
        return low * (1.0 - share) + high * share
    if method == "midpoint":
        return where(broadcast_to(share > 0.0, low.shape), (low + high) * 0.5, low)
    if method == "nearest":
        take_low = share <= 0.5
    elif method == "lower":
        take_low = share >= 0.0
    else:
        take_low = share == 0.0
    return where(broadcast_to(take_low, low.shape), low, high)
