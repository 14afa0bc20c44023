"""Random points in balls, and random orthogonal matrices."""

from __future__ import annotations

from typing import Any

from unifw import dtypes
from unifw.errors import ArgumentError
from unifw.tensor._manipulation import expand_dims, matrix_transpose
from unifw.tensor._reductions import sum as total
from unifw.tensor._tensor import Tensor
from unifw.tensor._unary import abs as magnitude
from unifw.tensor._unary import sign
from unifw.tensor.linalg import diagonal, qr
from unifw.tensor.random._arguments import Shape, checked_key, floating, positive, sizes_of
from unifw.tensor.random._discrete import rademacher
from unifw.tensor.random._gamma import gamma
from unifw.tensor.random._keys import split
from unifw.tensor.random._logarithms import exponential
from unifw.tensor.random._normal import normal


def generalized_normal(key: Any, p: float, shape: Shape = (), dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return values of density proportional to ``exp(-abs(x)**p)``, as `jax.random.generalized_normal`.

    Args:
        key: uint32 (2,).
        p: a number above 0.
        shape: of the result.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key, or a `p` that is not above 0.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape.

    >>> import unifw as uf
    >>> uf.random.generalized_normal(uf.random.key(0), 3.0, (3,)).shape
    (3,)
    """
    name = "generalized_normal"
    positive(p, "p", name)
    wanted, sizes = floating(dtype, name), sizes_of(shape, name)
    keys = split(checked_key(key, name))
    result: Tensor = rademacher(keys[1], sizes, wanted) * gamma(keys[0], 1 / p, sizes, wanted) ** (1 / p)
    return result


def ball(key: Any, d: int, p: float = 2, shape: Shape = (), dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return points uniform in the unit ball of the norm ``sum(abs(x)**p)**(1/p)``, as `jax.random.ball`.

    Args:
        key: uint32 (2,).
        d: number of dimensions of the ball.
        p: of the norm, a number above 0.
        shape: of the result without its last axis, of size `d`.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key, a `p` that is not above 0, or a negative `d`.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape.

    >>> import unifw as uf
    >>> uf.random.ball(uf.random.key(0), 3, shape=(4,)).shape
    (4, 3)
    """
    positive(p, "p", "ball")
    sizes, wanted = sizes_of(shape, "ball"), floating(dtype, "ball")
    keys = split(checked_key(key, "ball"))
    direction = generalized_normal(keys[0], p, (*sizes, _size(d, "d", "ball")), wanted)
    powers = total(magnitude(direction) ** float(p), axis=-1) + exponential(keys[1], sizes, wanted)
    result: Tensor = direction / expand_dims(powers ** (1 / p), axis=-1)
    return result


def orthogonal(
    key: Any, n: int, shape: Shape = (), dtype: dtypes.DTypeLike | None = None, m: int | None = None
) -> Tensor:
    """Return matrices uniform among those with orthonormal rows or columns, as `jax.random.orthogonal`.

    Args:
        key: uint32 (2,).
        n: number of rows.
        shape: of the result without its last two axes.
        dtype: float32 (the default) or float64.
        m: number of columns; by default `n`.

    Raises:
        ArgumentError: for what is not one key, or a negative size.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape.

    >>> import unifw as uf
    >>> uf.random.orthogonal(uf.random.key(0), 3, (2,)).shape
    (2, 3, 3)
    """
    rows = _size(n, "n", "orthogonal")
    columns = rows if m is None else _size(m, "m", "orthogonal")
    sizes = (*sizes_of(shape, "orthogonal"), max(rows, columns), min(rows, columns))
    q, r = qr(normal(checked_key(key, "orthogonal"), sizes, floating(dtype, "orthogonal")))
    result = q * expand_dims(sign(diagonal(r)), axis=-2)
    return matrix_transpose(result) if rows < columns else result


def _size(value: Any, parameter_name: str, name: str) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < 0:
        raise ArgumentError(f"{name}() got {parameter_name}={value!r}; it must be an integer, 0 or more.")
    return int(value.__index__())
