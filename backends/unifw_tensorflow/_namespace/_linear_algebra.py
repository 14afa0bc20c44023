"""Matrix products. Integers that have no kernel are multiplied as int64, whose lowest bits are the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unifw_tensorflow._import import raw, tf
from unifw_tensorflow._namespace._manipulation import permute_dims, reshape, squeeze
from unifw_tensorflow._namespace._operands import axes_of, narrowed, widened

if TYPE_CHECKING:
    from collections.abc import Sequence


def matmul(x1: Any, x2: Any, /) -> Any:
    """Product of matrices (the last two axes), of a matrix and a vector, or of two vectors; other axes broadcast."""
    if x1.shape.rank == x2.shape.rank == 2:
        return _product(x1, x2)
    drop = []
    if x1.shape.rank == 1:
        x1, drop = raw.ExpandDims(input=x1, axis=0), [-2]
    if x2.shape.rank == 1:
        x2, drop = raw.ExpandDims(input=x2, axis=1), [*drop, -1]
    result = _product(x1, x2)
    return squeeze(result, drop) if drop else result


def _product(x1: Any, x2: Any) -> Any:
    dtype = x1.dtype
    if dtype.is_integer and dtype not in {tf.int32, tf.int64}:
        return narrowed(_product(widened(x1), widened(x2)), dtype)
    if x1.shape.rank == x2.shape.rank == 2:
        return raw.MatMul(a=x1, b=x2)
    return raw.BatchMatMulV2(x=x1, y=x2)


def matrix_transpose(x: Any, /) -> Any:
    """Swap the last two axes."""
    rank = x.shape.rank
    return permute_dims(x, [*range(rank - 2), rank - 1, rank - 2])


def tensordot(x1: Any, x2: Any, /, *, axes: int | Sequence[Sequence[int]] = 2) -> Any:
    """Sum of products over pairs of axes: the last `axes` of `x1` with the first of `x2`, or two lists of axes."""
    rank1, rank2 = x1.shape.rank, x2.shape.rank
    if isinstance(axes, int):
        axes1, axes2 = list(range(rank1 - axes, rank1)), list(range(axes))
    else:
        axes1, axes2 = axes_of(x1, axes[0]), axes_of(x2, axes[1])
    free1 = [each for each in range(rank1) if each not in axes1]
    free2 = [each for each in range(rank2) if each not in axes2]
    count = 1
    for each in axes1:
        count *= x1.shape[each]
    shape1, shape2 = [x1.shape[each] for each in free1], [x2.shape[each] for each in free2]
    left = reshape(permute_dims(x1, free1 + axes1), (_size(shape1), count))
    right = reshape(permute_dims(x2, axes2 + free2), (count, _size(shape2)))
    return reshape(_product(left, right), shape1 + shape2)


def _size(shape: Sequence[int]) -> int:
    size = 1
    for each in shape:
        size *= each
    return size


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """``sum(conj(x1) * x2)`` along one axis."""
    if x1.dtype.is_complex:
        x1 = tf.math.conj(x1)
    return raw.Sum(input=raw.Mul(x=x1, y=x2), axis=axis)
