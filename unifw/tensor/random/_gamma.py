"""Gamma-distributed numbers, and what is made of them."""

from __future__ import annotations

from typing import Any

from unifw import dtypes
from unifw.errors import ShapeError
from unifw.tensor._binary import maximum
from unifw.tensor._operands import as_tensor
from unifw.tensor._tensor import Tensor
from unifw.tensor._unary import exp, sqrt
from unifw.tensor.random._arguments import (
    Shape,
    checked_key,
    drawn_shape,
    filled,
    floating,
    positive,
    shape_of,
    together,
)
from unifw.tensor.random._keys import split
from unifw.tensor.random._normal import normal


def _gamma(name: str, key: Any, a: Any, shape: Shape | None, dtype: dtypes.DTypeLike | None, log_space: bool) -> Tensor:
    tensor = checked_key(key, name)
    wanted = floating(dtype, name)
    positive(a, "a", name)
    sizes = drawn_shape(name, shape, shape_of(a))
    backend, native, (alpha,) = together(name, tensor, wanted, a)
    return Tensor(backend.random_gamma(native, filled(backend, alpha, sizes, wanted, native), log_space), backend)


def gamma(key: Any, a: Any, shape: Shape | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return values of density proportional to ``x**(a - 1) * exp(-x)``, as `jax.random.gamma`.

    By rejection (Marsaglia and Tsang, ACM TOMS 26, 2000), in a loop that lasts as long as a number is rejected; it
    compiles on every backend.

    Args:
        key: uint32 (2,).
        a: the shape parameter, a number or a tensor, above 0.
        shape: of the result, to which `a` broadcasts; by default that of `a`.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key, or a number that is not above 0.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or a parameter that does not broadcast to it.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.gamma(uf.random.key(0), 2.0, (8,)) > 0.0))
    True
    """
    return _gamma("gamma", key, a, shape, dtype, False)


def loggamma(key: Any, a: Any, shape: Shape | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return logarithms of gamma-distributed values, exact also where these would be 0; see `gamma`.

    Args:
        key: uint32 (2,).
        a: the shape parameter, a number or a tensor, above 0.
        shape: of the result, to which `a` broadcasts; by default that of `a`.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key, or a number that is not above 0.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or a parameter that does not broadcast to it.

    >>> import unifw as uf
    >>> uf.random.loggamma(uf.random.key(0), 1e-3, (3,)).shape
    (3,)
    """
    return _gamma("loggamma", key, a, shape, dtype, True)


def beta(key: Any, a: Any, b: Any, shape: Shape | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return values of density proportional to ``x**(a - 1) * (1 - x)**(b - 1)``, as `jax.random.beta`.

    Args:
        key: uint32 (2,).
        a: a number or a tensor, above 0.
        b: the same.
        shape: of the result, to which the parameters broadcast; by default theirs.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key, or numbers that are not above 0.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or parameters that do not broadcast to it.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.beta(uf.random.key(0), 2.0, 3.0, (8,)) < 1.0))
    True
    """
    positive(a, "a", "beta")
    positive(b, "b", "beta")
    sizes = drawn_shape("beta", shape, shape_of(a), shape_of(b))
    keys = split(checked_key(key, "beta"))
    first, second = (
        _gamma("beta", keys[index], parameter, sizes, dtype, True) for index, parameter in enumerate((a, b))
    )
    highest = maximum(first, second)
    scaled = exp(first - highest)
    result: Tensor = scaled / (scaled + exp(second - highest))
    return result


def dirichlet(key: Any, alpha: Any, shape: Shape | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return vectors of positive numbers that sum to 1, as `jax.random.dirichlet`.

    Args:
        key: uint32 (2,).
        alpha: (..., n), above 0.
        shape: of the result without its last axis; by default that of `alpha`.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for an `alpha` without axes, or leading axes that do not broadcast to `shape`.

    >>> import unifw as uf
    >>> uf.random.dirichlet(uf.random.key(0), uf.ones(3), (4,)).shape
    (4, 3)
    """
    tensor = checked_key(key, "dirichlet")
    sizes = shape_of(alpha)
    if not sizes:
        raise ShapeError(f"dirichlet() needs an alpha of shape (..., n), got {alpha!r} without axes.")
    lead = drawn_shape("dirichlet", shape, sizes[:-1])
    logarithms = _gamma("dirichlet", tensor, alpha, (*lead, sizes[-1]), dtype, True)
    return Tensor(logarithms.backend.softmax(logarithms.native, -1), logarithms.backend)


def chisquare(key: Any, df: Any, shape: Shape | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return sums of `df` squared standard normal values, as `jax.random.chisquare`: twice a gamma of ``df / 2``.

    Args:
        key: uint32 (2,).
        df: the degrees of freedom, a number or a tensor, above 0.
        shape: of the result, to which `df` broadcasts; by default that of `df`.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key, or a number that is not above 0.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or a parameter that does not broadcast to it.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.chisquare(uf.random.key(0), 3.0, (8,)) > 0.0))
    True
    """
    positive(df, "df", "chisquare")
    result: Tensor = exp(_gamma("chisquare", key, _half(df), shape, dtype, True)) * 2.0
    return result


def t(key: Any, df: Any, shape: Shape | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return values of Student's t distribution, as `jax.random.t`.

    Args:
        key: uint32 (2,).
        df: the degrees of freedom, a number or a tensor, above 0.
        shape: of the result, to which `df` broadcasts; by default that of `df`.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key, or a number that is not above 0.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or a parameter that does not broadcast to it.

    >>> import unifw as uf
    >>> uf.random.t(uf.random.key(0), 3.0, (3,)).shape
    (3,)
    """
    positive(df, "df", "t")
    sizes = drawn_shape("t", shape, shape_of(df))
    keys = split(checked_key(key, "t"))
    values = normal(keys[0], sizes, dtype)
    half = _half(df)
    spread = _gamma("t", keys[1], half, sizes, dtype, False)
    if not isinstance(half, float):
        half = _constant(half, values.dtype)
    result: Tensor = values * sqrt(half / spread)
    return result


def f(key: Any, dfnum: Any, dfden: Any, shape: Shape | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return values of Snedecor's F distribution, a ratio of two chi-square values, as `jax.random.f`.

    Args:
        key: uint32 (2,).
        dfnum: the degrees of freedom above, a number or a tensor, above 0.
        dfden: those below.
        shape: of the result, to which the parameters broadcast; by default theirs.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key, or numbers that are not above 0.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or parameters that do not broadcast to it.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.f(uf.random.key(0), 2.0, 5.0, (8,)) > 0.0))
    True
    """
    sizes = drawn_shape("f", shape, shape_of(dfnum), shape_of(dfden))
    keys = split(checked_key(key, "f"))
    above, below = (
        chisquare(keys[index], df, sizes, dtype) / (df if isinstance(df, (int, float)) else _constant(df, dtype))
        for index, df in ((1, dfnum), (0, dfden))
    )
    result: Tensor = above / below
    return result


def _constant(df: Any, dtype: dtypes.DTypeLike | None) -> Tensor:
    tensor = as_tensor(df)
    backend = tensor.backend
    return Tensor(backend.stop_gradient(tensor.native), backend).astype(floating(dtype, "f"))


def _half(df: Any) -> Any:
    return float(df) / 2.0 if isinstance(df, (int, float)) else as_tensor(df) / 2.0
