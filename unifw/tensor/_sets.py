"""Distinct elements and membership: names and meaning of the Array API standard.

How many distinct elements there are depends on values, so the `unique_` functions cannot run inside `jit`. Elements
come in ascending order, where the standard leaves it open; NaNs differ from each other.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.tensor._keys import true_places
from unifw.tensor._operands import SCALARS, as_tensor, unify
from unifw.tensor._tensor import Tensor


class UniqueAll(NamedTuple):
    """What `unique_all` returns."""

    values: Tensor
    indices: Tensor
    inverse_indices: Tensor
    counts: Tensor


class UniqueCounts(NamedTuple):
    """What `unique_counts` returns."""

    values: Tensor
    counts: Tensor


class UniqueInverse(NamedTuple):
    """What `unique_inverse` returns."""

    values: Tensor
    inverse_indices: Tensor


def unique_all(x: Any, /) -> UniqueAll:
    """Return distinct elements with their first indices, how to rebuild `x` from them, and how often each occurs.

    Args:
        x: any shape; it is read as flattened.

    Returns:
        values (n,); indices (n,), int64, of the first occurrence of each; inverse_indices, int64, in the shape of `x`;
        counts (n,), int64.

    Raises:
        TransformError: inside `jit`.

    >>> import unifw as uf
    >>> [each.tolist() for each in uf.unique_all(uf.asarray([3, 1, 3]))]
    [[1, 3], [1, 0], [1, 0, 1], [1, 2]]
    """
    x = as_tensor(x)
    backend, xp = x.backend, x.backend.xp
    flat = xp.reshape(x.native, (-1,))
    if not x.size:
        nothing = backend.constant([], flat, dtypes.int64)
        none = Tensor(nothing, backend)
        return UniqueAll(Tensor(flat, backend), none, Tensor(xp.reshape(nothing, x.shape), backend), none)
    order = _order(backend, flat)
    ordered = xp.take(flat, order, axis=0)
    starts = xp.concat(
        (backend.constant([True], flat), xp.not_equal(ordered[(slice(1, x.size),)], ordered[(slice(0, x.size - 1),)])),
        axis=0,
    )
    places = true_places(Tensor(starts, backend))
    ranks = xp.subtract(xp.cumulative_sum(backend.astype(starts, dtypes.int64), axis=0, include_initial=False), 1)
    inverse = xp.reshape(backend.index_set(xp.zeros_like(ranks), order, ranks), x.shape)
    ends = xp.concat((places[(slice(1, backend.shape_of(places)[0]),)], backend.constant([x.size], flat)), axis=0)
    return UniqueAll(
        Tensor(xp.take(ordered, places, axis=0), backend),
        Tensor(xp.take(order, places, axis=0), backend),
        Tensor(inverse, backend),
        Tensor(xp.subtract(ends, places), backend),
    )


def _order(backend: Backend, flat: Array) -> Array:
    """Return the stable ascending order; complex numbers by their real part, then by their imaginary one."""
    xp = backend.xp
    if dtypes.kind(backend.dtype_of(flat)) == "complex":
        by_imaginary = xp.argsort(xp.imag(flat), axis=0, descending=False, stable=True)
        by_real = xp.argsort(xp.take(xp.real(flat), by_imaginary, axis=0), axis=0, descending=False, stable=True)
        return xp.take(by_imaginary, by_real, axis=0)
    if backend.dtype_of(flat) == dtypes.bool:
        flat = backend.astype(flat, dtypes.uint8)
    return xp.argsort(flat, axis=0, descending=False, stable=True)


def unique_values(x: Any, /) -> Tensor:
    """Return the distinct elements; see `unique_all`.

    >>> import unifw as uf
    >>> uf.unique_values(uf.asarray([3, 1, 3])).tolist()
    [1, 3]
    """
    return unique_all(x).values


def unique_counts(x: Any, /) -> UniqueCounts:
    """Return the distinct elements and how often each occurs; see `unique_all`.

    >>> import unifw as uf
    >>> uf.unique_counts(uf.asarray([3, 1, 3])).counts.tolist()
    [1, 2]
    """
    found = unique_all(x)
    return UniqueCounts(found.values, found.counts)


def unique_inverse(x: Any, /) -> UniqueInverse:
    """Return the distinct elements and how to rebuild `x` from them; see `unique_all`.

    >>> import unifw as uf
    >>> values, inverse = uf.unique_inverse(uf.asarray([[3, 1], [3, 3]]))
    >>> uf.take(values, inverse, axis=0).tolist()
    [[3, 1], [3, 3]]
    """
    found = unique_all(x)
    return UniqueInverse(found.values, found.inverse_indices)


def isin(x1: Any, x2: Any, /, *, invert: bool = False) -> Tensor:
    """Return, for each element of `x1`, whether it is in `x2` (or is not, with `invert`).

    Args:
        x1: any shape, or a Python scalar.
        x2: any shape, or a Python scalar.
        invert: whether to ask for absence.

    >>> import unifw as uf
    >>> uf.isin(uf.asarray([1, 2, 3]), uf.asarray([3, 1])).tolist()
    [True, False, True]
    """
    if type(x1) in SCALARS and type(x2) in SCALARS:
        x1 = as_tensor(x1)
    backend, (elements, tested), dtype = unify("equal", x1, x2)
    like = elements if backend.is_array(elements) else tested
    elements, tested = (
        each if backend.is_array(each) else backend.constant(each, like, dtype) for each in (elements, tested)
    )
    xp = backend.xp
    column = xp.expand_dims(elements, axis=-1)
    found = xp.any(xp.equal(column, xp.reshape(tested, (-1,))), axis=-1, keepdims=False)
    return Tensor(xp.logical_not(found) if invert else found, backend)
