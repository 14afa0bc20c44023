"""Products, indexing by arrays, and sorting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch

from unifw_torch._dtypes import WIDE_UNSIGNED
from unifw_torch._elementwise import by_order, from_order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Array = Any


def matrix_transpose(x: Array, /) -> Array:
    """Swap the last two axes."""
    return x.mT


def tensordot(x1: Array, x2: Array, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Array:
    """Contract axes; an integer means that many last axes of the first with the first of the second."""
    if x1.dtype in WIDE_UNSIGNED:
        wide = WIDE_UNSIGNED[x1.dtype]
        return tensordot(x1.to(wide), x2.to(wide), axes).to(x1.dtype)
    return torch.tensordot(x1, x2, axes if isinstance(axes, int) else (list(axes[0]), list(axes[1])))


def vecdot(x1: Array, x2: Array, axis: int = -1) -> Array:
    """``sum(conj(x1) * x2)`` along an axis."""
    first, second = torch.broadcast_tensors(torch.movedim(x1, axis, -1), torch.movedim(x2, axis, -1))
    if first.dtype.is_complex:
        first = first.conj()
    return matmul(first.unsqueeze(-2), second.unsqueeze(-1)).squeeze(-1).squeeze(-1)


def matmul(x1: Array, x2: Array, /) -> Array:
    """Matrix product; wide unsigned integers in the integers above."""
    if x1.dtype in WIDE_UNSIGNED:
        wide = WIDE_UNSIGNED[x1.dtype]
        return torch.matmul(x1.to(wide), x2.to(wide)).to(x1.dtype)
    return torch.matmul(x1, x2)


def take(x: Array, indices: Array, axis: int = 0) -> Array:
    """Return the slices of `x` at `indices` (of any shape) along an axis; negative indices count from the end."""
    axis %= x.ndim
    return x[(*(slice(None),) * axis, indices)]


def nonzero(x: Array) -> tuple[Array, ...]:
    """Return the indices of the elements that are not zero, one array per axis."""
    return tuple(torch.nonzero(x, as_tuple=True))


def take_along_axis(x: Array, indices: Array, axis: int = -1) -> Array:
    """Return the elements at `indices`, which broadcast against `x` on the other axes."""
    axis %= x.ndim
    indices = indices.to(torch.int64)
    shape = [*torch.broadcast_shapes(_without(x.shape, axis), _without(indices.shape, axis))]
    x = x.expand([*shape[:axis], x.shape[axis], *shape[axis + 1 :]])
    indices = indices.expand([*shape[:axis], indices.shape[axis], *shape[axis + 1 :]])
    indices = torch.where(indices < 0, indices + x.shape[axis], indices)
    if x.dtype in WIDE_UNSIGNED:
        return torch.gather(x.to(WIDE_UNSIGNED[x.dtype]), axis, indices).to(x.dtype)
    return torch.gather(x, axis, indices)


def _without(shape: Sequence[int], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], 1, *shape[axis + 1 :])


def argsort(x: Array, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """Return the int64 indices that sort along an axis."""
    return torch.sort(by_order(x), dim=axis, descending=descending, stable=stable).indices


def sort(x: Array, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """Sort along an axis."""
    if x.dtype == torch.uint64:
        return from_order(torch.sort(by_order(x), dim=axis, descending=descending, stable=stable).values)
    return torch.sort(x, dim=axis, descending=descending, stable=stable).values


FUNCTIONS: Final[dict[str, Callable[..., Array]]] = {
    function.__name__: function
    for function in (argsort, matmul, matrix_transpose, nonzero, sort, take, take_along_axis, tensordot, vecdot)
}
