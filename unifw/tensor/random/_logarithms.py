"""Numbers that are a logarithm away from uniform ones."""

from __future__ import annotations

from typing import Any

from unifw import dtypes
from unifw.errors import ArgumentError
from unifw.tensor._tensor import Tensor
from unifw.tensor.random._arguments import Shape, checked_key, floating, sizes_of


def _drawn(name: str, key: Any, shape: Shape, dtype: dtypes.DTypeLike | None, *extra: Any) -> Tensor:
    tensor = checked_key(key, name)
    draw = getattr(tensor.backend, f"random_{name}")
    return Tensor(draw(tensor.native, sizes_of(shape, name), floating(dtype, name), *extra), tensor.backend)


def exponential(key: Any, shape: Shape = (), dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return values of density ``exp(-x)``: ``-log1p(-u)``, as `jax.random.exponential`.

    Args:
        key: uint32 (2,).
        shape: of the result.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.exponential(uf.random.key(0), (8,)) >= 0.0))
    True
    """
    return _drawn("exponential", key, shape, dtype)


def gumbel(key: Any, shape: Shape = (), dtype: dtypes.DTypeLike | None = None, mode: str | None = None) -> Tensor:
    """Return values of density ``exp(-(x + exp(-x)))``: ``-log(-log(u))``, as `jax.random.gumbel`.

    Args:
        key: uint32 (2,).
        shape: of the result.
        dtype: float32 (the default), float64, float16 or bfloat16.
        mode: "low" (the default), or "high", which takes two numbers for one and reaches further into the tail.
            JAX's "highest" is not offered.

    Raises:
        ArgumentError: for what is not one key, or an unknown mode.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape.

    >>> import unifw as uf
    >>> uf.random.gumbel(uf.random.key(0), (3,)).shape
    (3,)
    """
    return _drawn("gumbel", key, shape, dtype, gumbel_mode(mode, "gumbel"))


def gumbel_mode(mode: str | None, name: str) -> str:
    """Return the mode of the Gumbel numbers that a function draws."""
    if mode not in {None, "low", "high"}:
        raise ArgumentError(f"{name}() got mode={mode!r}. Write 'low' or 'high'.")
    return mode or "low"


def laplace(key: Any, shape: Shape = (), dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return values of density ``exp(-abs(x)) / 2``, as `jax.random.laplace`.

    Args:
        key: uint32 (2,).
        shape: of the result.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape.

    >>> import unifw as uf
    >>> uf.random.laplace(uf.random.key(0), (3,)).shape
    (3,)
    """
    return _drawn("laplace", key, shape, dtype)


def logistic(key: Any, shape: Shape = (), dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return values whose distribution is the sigmoid: ``log(u) - log1p(-u)``, as `jax.random.logistic`.

    Args:
        key: uint32 (2,).
        shape: of the result.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape.

    >>> import unifw as uf
    >>> uf.random.logistic(uf.random.key(0), (3,)).shape
    (3,)
    """
    return _drawn("logistic", key, shape, dtype)
