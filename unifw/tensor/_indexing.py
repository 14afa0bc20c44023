"""Picking and ordering elements: names and meaning of the Array API standard."""

from __future__ import annotations

from typing import Any

from unifw import dtypes
from unifw.errors import DTypeError, ShapeError
from unifw.tensor._creation import beside
from unifw.tensor._keys import check_bounds, from_the_front
from unifw.tensor._kinds import resolve
from unifw.tensor._manipulation import normalize_axis
from unifw.tensor._operands import as_tensor, common_backend, lower
from unifw.tensor._tensor import Tensor


def _with_indices(x: Any, indices: Any, axis: int, name: str) -> tuple[Any, Any, Any]:
    source = as_tensor(x)
    chosen = beside(indices, source)
    if dtypes.kind(chosen.dtype) != "integer":
        hint = "Write x[mask]" if chosen.dtype == dtypes.bool else "Convert first: unifw.astype(indices, 'int64')"
        raise DTypeError(f"{name}() needs integer indices, got {chosen.dtype.name}. {hint}.")
    has_negative = check_bounds(chosen, axis, source.shape)
    backend = common_backend([source, chosen], name)
    # One dtype for all backends: torch, for one, would read bytes as a mask.
    places = backend.astype(lower(chosen, backend), dtypes.int64)
    if has_negative:
        places = from_the_front(places, source.shape[axis], backend)
    return backend, lower(source, backend), places


def take(x: Any, indices: Any, /, *, axis: int | None = None) -> Tensor:
    """Return the slices of `x` at integer indices along an axis (which a tensor with more than one axis needs).

    Args:
        x: (..., n, ...).
        indices: integers in [-n, n), any shape, which takes the place of the axis; negative ones count from the end.
        axis: the axis to index.

    >>> import unifw as uf
    >>> uf.take(uf.asarray([10, 20, 30]), uf.asarray([2, 0])).tolist()
    [30, 10]
    """
    source = as_tensor(x)
    if axis is None and source.ndim != 1:
        raise ShapeError(f"take() needs an axis for shape {source.shape}. Write axis=0, for example.")
    place = normalize_axis(0 if axis is None else axis, source.ndim, "take")
    backend, array, chosen = _with_indices(source, indices, place, "take")
    return Tensor(backend.xp.take(array, chosen, axis=place), backend)


def take_along_axis(x: Any, indices: Any, /, *, axis: int = -1) -> Tensor:
    """Return, for each position of `indices`, the element of `x` at that index along an axis.

    >>> import unifw as uf
    >>> uf.take_along_axis(uf.asarray([[1, 2], [3, 4]]), uf.asarray([[1], [0]])).tolist()
    [[2], [3]]
    """
    source, positions = as_tensor(x), as_tensor(indices)
    if positions.ndim != source.ndim:
        raise ShapeError(
            f"take_along_axis() needs as many axes in the indices as in x, got shapes {positions.shape} and "
            f"{source.shape}. Insert axes with unifw.expand_dims, or write unifw.take."
        )
    place = normalize_axis(axis, source.ndim, "take_along_axis")
    pairs = enumerate(zip(positions.shape, source.shape, strict=True))
    if any(each != place and own not in (1, size) and size != 1 for each, (own, size) in pairs):
        raise ShapeError(
            f"take_along_axis() got indices of shape {positions.shape} for shape {source.shape}: on all axes but "
            f"{place} the sizes must be equal or 1."
        )
    backend, array, chosen = _with_indices(source, positions, place, "take_along_axis")
    return Tensor(backend.xp.take_along_axis(array, chosen, axis=place), backend)


def sort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """Return the elements in order along an axis.

    >>> import unifw as uf
    >>> uf.sort(uf.asarray([3, 1, 2])).tolist()
    [1, 2, 3]
    """
    x = as_tensor(x)
    resolve("sort", x.dtype)
    place = normalize_axis(axis, x.ndim, "sort")
    return Tensor(x.backend.xp.sort(x.native, axis=place, descending=descending, stable=stable), x.backend)


def argsort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """Return the indices (int64) that put the elements in order along an axis.

    >>> import unifw as uf
    >>> uf.argsort(uf.asarray([3, 1, 2])).tolist()
    [1, 2, 0]
    """
    x = as_tensor(x)
    resolve("argsort", x.dtype)
    place = normalize_axis(axis, x.ndim, "argsort")
    return Tensor(x.backend.xp.argsort(x.native, axis=place, descending=descending, stable=stable), x.backend)
