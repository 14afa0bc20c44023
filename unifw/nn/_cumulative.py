"""Running sums and products under the names that NumPy, JAX and Keras give them."""

from __future__ import annotations

from typing import Any

from unifw import dtypes
from unifw.tensor import Tensor, cumulative_prod, cumulative_sum, reshape
from unifw.tensor._operands import as_tensor


def cumsum(x: Any, axis: int | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return running sums, ``y[i] = x[0] + … + x[i]``, as `jnp.cumsum` and `keras.ops.cumsum`.

    Args:
        x: numbers, any shape.
        axis: to sum along; None flattens first, in row-major order.
        dtype: to sum in. By default that of `x`, but int64 or uint64 for integers, as `unifw.cumulative_sum`; JAX and
            Keras stay with small integers, which overflow.

    Returns:
        The shape of `x`, or one axis without `axis`.

    >>> import unifw as uf
    >>> uf.nn.cumsum(uf.asarray([[1, 2], [3, 4]]), axis=1).tolist()
    [[1, 3], [3, 7]]
    >>> uf.nn.cumsum(uf.asarray([[1, 2], [3, 4]])).tolist()
    [1, 3, 6, 10]
    """
    x, axis = _along(x, axis)
    return cumulative_sum(x, axis=axis, dtype=dtype)


def cumprod(x: Any, axis: int | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return running products, ``y[i] = x[0] * … * x[i]``, as `jnp.cumprod` and `keras.ops.cumprod`.

    Args:
        x: numbers, any shape.
        axis: to multiply along; None flattens first, in row-major order.
        dtype: to multiply in; see `cumsum`.

    Returns:
        The shape of `x`, or one axis without `axis`.

    >>> import unifw as uf
    >>> uf.nn.cumprod(uf.asarray([[1.0, 2.0], [3.0, 4.0]]), axis=0).tolist()
    [[1.0, 2.0], [3.0, 8.0]]
    """
    x, axis = _along(x, axis)
    return cumulative_prod(x, axis=axis, dtype=dtype)


def _along(x: Any, axis: int | None) -> tuple[Tensor, int]:
    tensor = as_tensor(x)
    return (reshape(tensor, (-1,)), 0) if axis is None else (tensor, axis)
