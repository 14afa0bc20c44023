"""Products of tensors, and the parts of matrices that need no factorisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw import dtypes
from unifw.backend._shapes import broadcast_shapes
from unifw.errors import ArgumentError, ShapeError
from unifw.tensor._arguments import brief, whole, wholes
from unifw.tensor._kinds import resolve
from unifw.tensor._manipulation import normalize_axes
from unifw.tensor._operands import as_tensor, combine, explain, unify
from unifw.tensor._reductions import sum as sum_of
from unifw.tensor._tensor import Tensor


def matmul(x1: Any, x2: Any, /) -> Tensor:
    """Matrix product over the last two axes; earlier axes broadcast; one axis alone is a vector.

    Args:
        x1: (..., m, k) or (k,).
        x2: (..., k, n) or (k,).

    Returns:
        (..., m, n), without the axes that vectors lack.

    Raises:
        ShapeError: if the sizes k differ.

    >>> import unifw as uf
    >>> uf.matmul(uf.ones((2, 3)), uf.ones((3, 4))).shape
    (2, 4)
    """
    if as_tensor(x1).ndim == 0 or as_tensor(x2).ndim == 0:
        raise explain("matmul", (x1, x2), ValueError())
    return combine("matmul", x1, x2)


def tensordot(x1: Any, x2: Any, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Tensor:
    """Sum products over axes of both: the last n of `x1` with the first n of `x2`, or the pairs given.

    Raises:
        ShapeError: if there are no such axes, or their sizes differ.
        ArgumentError: if an axis is given twice, or not as many for the one as for the other.

    >>> import unifw as uf
    >>> uf.tensordot(uf.ones((2, 3)), uf.ones((3, 4)), axes=1).shape
    (2, 4)
    """
    first, second = as_tensor(x1), as_tensor(x2)
    if not isinstance(axes, (tuple, list)):
        axes = whole(axes, "tensordot", "axes")
        if not 0 <= axes <= min(first.ndim, second.ndim):
            raise ShapeError(
                f"tensordot() got axes={axes} for shapes {first.shape} and {second.shape}; it must be from 0 to "
                f"{min(first.ndim, second.ndim)}, the axes that both have."
            )
        pairs = (tuple(range(first.ndim - axes, first.ndim)), tuple(range(axes)))
    else:
        if len(axes) != 2:
            raise ArgumentError(f"tensordot() got axes={brief(axes)}. Write a number, or (axes of x1, axes of x2).")
        pairs = (
            normalize_axes(wholes(axes[0], "tensordot", "axes"), first.ndim, "tensordot"),
            normalize_axes(wholes(axes[1], "tensordot", "axes"), second.ndim, "tensordot"),
        )
    if len(pairs[0]) != len(pairs[1]):
        raise ArgumentError(f"tensordot() got {len(pairs[0])} axes of x1 and {len(pairs[1])} of x2. Give pairs.")
    sizes = [first.shape[axis] for axis in pairs[0]], [second.shape[axis] for axis in pairs[1]]
    if sizes[0] != sizes[1]:
        raise ShapeError(
            f"tensordot() sums over axes of sizes {sizes[0]} and {sizes[1]}; they must be equal. Name others."
        )
    backend, (a, b), _ = unify("tensordot", first, second)
    return Tensor(backend.xp.tensordot(a, b, axes=pairs), backend)


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """Sum of products ``conj(x1) * x2`` along one axis; the other axes broadcast.

    Args:
        x1: a tensor.
        x2: a tensor of the same size along `axis`.
        axis: from the end, as the standard wants it: -1 is the last of each. From the front (0, 1, …) only if both
            have the same number of axes.

    Raises:
        ShapeError: if the sizes along the axis differ (they do not broadcast), or the other axes do not broadcast.

    >>> import unifw as uf
    >>> uf.vecdot(uf.asarray([1.0, 2.0]), uf.asarray([3.0, 4.0])).item()
    11.0
    """
    first, second = as_tensor(x1), as_tensor(x2)
    axis = _shared_axis("vecdot", first, second, axis)
    if first.shape[axis] != second.shape[axis]:
        raise ShapeError(
            f"vecdot() got shapes {first.shape} and {second.shape}: along axis {axis} the sizes must be equal."
        )
    broadcast_shapes(first.shape, second.shape)
    backend, (a, b), _ = unify("vecdot", first, second)
    return Tensor(backend.xp.vecdot(a, b, axis=axis), backend)


def _shared_axis(name: str, first: Tensor, second: Tensor, axis: int) -> int:
    """Return an axis of both, counted from the end."""
    rank = min(first.ndim, second.ndim)
    axis = whole(axis, name, "axis")
    if 0 <= axis < rank and first.ndim == second.ndim:
        return axis - rank
    if not -rank <= axis < 0:
        allowed = f"from {-rank} to -1, counted from the last axis" if rank else "none, without axes"
        raise ShapeError(f"{name}() got axis={axis} for shapes {first.shape} and {second.shape}; it must be {allowed}.")
    return axis


def outer(x1: Any, x2: Any, /) -> Tensor:
    """Products of all pairs: ``result[i, j] = x1[i] * x2[j]`` for two vectors.

    Raises:
        ShapeError: if one is not a vector.

    >>> import unifw as uf
    >>> uf.linalg.outer(uf.asarray([1, 2]), uf.asarray([3, 4])).tolist()
    [[3, 4], [6, 8]]
    """
    first, second = as_tensor(x1), as_tensor(x2)
    if first.ndim != 1 or second.ndim != 1:
        raise ShapeError(
            f"outer() needs two vectors, got shapes {first.shape} and {second.shape}. "
            "For stacks write x1[..., :, None] * x2[..., None, :]."
        )
    backend, (a, b), _ = unify("outer", first, second)
    xp = backend.xp
    return Tensor(xp.multiply(xp.expand_dims(a, axis=1), xp.expand_dims(b, axis=0)), backend)


def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """Cross product of vectors with three elements along an axis; the other axes broadcast.

    Args:
        x1: a tensor of size 3 along `axis`.
        x2: the same.
        axis: from the end; from the front only if both have the same number of axes.

    Raises:
        ShapeError: if a size along the axis is not 3, or the other axes do not broadcast.

    >>> import unifw as uf
    >>> uf.linalg.cross(uf.asarray([1, 0, 0]), uf.asarray([0, 1, 0])).tolist()
    [0, 0, 1]
    """
    first, second = as_tensor(x1), as_tensor(x2)
    axis = _shared_axis("cross", first, second, axis)
    if first.shape[axis] != 3 or second.shape[axis] != 3:
        raise ShapeError(f"cross() needs size 3 along axis {axis}, got shapes {first.shape} and {second.shape}.")
    broadcast_shapes(first.shape, second.shape)
    backend, (a, b), _ = unify("cross", first, second)
    xp = backend.xp
    rest = (slice(None),) * (-1 - axis)
    u, v = ([backend.get_slice(each, (..., i, *rest)) for i in range(3)] for each in (a, b))
    parts = [xp.subtract(xp.multiply(u[i], v[j]), xp.multiply(u[j], v[i])) for i, j in ((1, 2), (2, 0), (0, 1))]
    return Tensor(xp.stack(parts, axis=axis), backend)


def diagonal(x: Any, /, *, offset: int = 0) -> Tensor:
    """Return a diagonal of each matrix (..., m, n) along a last axis: ``result[..., i] = x[..., i, i + offset]``.

    Args:
        x: matrices of any dtype.
        offset: 0 is the main diagonal, positive ones are above, negative ones below; outside of the matrix the
            diagonal has size 0.

    Raises:
        ShapeError: if there are fewer than two axes.

    >>> import unifw as uf
    >>> uf.linalg.diagonal(uf.asarray([[1, 2], [3, 4]])).tolist()
    [1, 4]
    """
    return _diagonal("diagonal", as_tensor(x), whole(offset, "diagonal", "offset"))


def _diagonal(name: str, x: Tensor, offset: int) -> Tensor:
    resolve(name, x.dtype)
    if x.ndim < 2:
        raise ShapeError(f"{name}() needs matrices (..., m, n), got shape {x.shape}.")
    rows, columns = x.shape[-2:]
    size = max(0, min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns))
    first = offset if offset >= 0 else -offset * columns
    # In row-major order the elements of a diagonal are columns + 1 apart.
    flat = x.backend.xp.reshape(x.native, (*x.shape[:-2], rows * columns))
    key = slice(first, first + (size - 1) * (columns + 1) + 1, columns + 1) if size else slice(0, 0, 1)
    return Tensor(x.backend.get_slice(flat, (..., key)), x.backend)


def trace(x: Any, /, *, offset: int = 0, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Add up a diagonal of each matrix (..., m, n); small integers add up in 64 bits.

    Args:
        x: matrices of numbers.
        offset: which diagonal; see `diagonal`.
        dtype: of the sum, None for that of `unifw.sum`.

    Returns:
        (...).

    >>> import unifw as uf
    >>> uf.linalg.trace(uf.asarray([[1, 2], [3, 4]])).item()
    5
    """
    return sum_of(_diagonal("trace", as_tensor(x), whole(offset, "trace", "offset")), axis=-1, dtype=dtype)
