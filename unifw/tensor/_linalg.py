"""Products of tensors: names and meaning of the Array API standard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw.errors import ShapeError
from unifw.tensor._manipulation import normalize_axis
from unifw.tensor._operands import as_tensor, combine, unify
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
        raise ShapeError("matmul() needs at least one axis on both sides. To scale by a number write x * number.")
    return combine("matmul", x1, x2)


def tensordot(x1: Any, x2: Any, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Tensor:
    """Sum products over axes of both: the last n of `x1` with the first n of `x2`, or the pairs given.

    >>> import unifw as uf
    >>> uf.tensordot(uf.ones((2, 3)), uf.ones((3, 4)), axes=1).shape
    (2, 4)
    """
    first, second = as_tensor(x1), as_tensor(x2)
    if isinstance(axes, int):
        pairs = (tuple(range(first.ndim - axes, first.ndim)), tuple(range(axes)))
    else:
        pairs = (
            tuple(normalize_axis(axis, first.ndim, "tensordot") for axis in axes[0]),
            tuple(normalize_axis(axis, second.ndim, "tensordot") for axis in axes[1]),
        )
    sizes = [first.shape[axis] for axis in pairs[0]], [second.shape[axis] for axis in pairs[1]]
    if sizes[0] != sizes[1]:
        raise ShapeError(f"tensordot() sums over axes of sizes {sizes[0]} and {sizes[1]}; they must be equal.")
    backend, (a, b), _ = unify("tensordot", first, second)
    return Tensor(backend.xp.tensordot(a, b, axes=pairs), backend)


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """Sum of products along one axis, for real tensors.

    >>> import unifw as uf
    >>> uf.vecdot(uf.asarray([1.0, 2.0]), uf.asarray([3.0, 4.0])).item()
    11.0
    """
    backend, (a, b), _ = unify("vecdot", as_tensor(x1), as_tensor(x2))
    return Tensor(backend.xp.vecdot(a, b, axis=axis), backend)
