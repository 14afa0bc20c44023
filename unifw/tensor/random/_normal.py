"""Normal numbers."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from unifw import dtypes
from unifw.errors import ArgumentError, ShapeError
from unifw.tensor._operands import as_tensor
from unifw.tensor._strict import check_conversion
from unifw.tensor._tensor import Tensor
from unifw.tensor.random._arguments import (
    Shape,
    checked_key,
    drawn_shape,
    floating,
    in_order,
    shape_of,
    sizes_of,
    together,
)


def normal(key: Any, shape: Shape = (), dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return standard normal values, ``sqrt(2) * erfinv(u)`` with u uniform in (-1, 1), as `jax.random.normal`.

    Args:
        key: uint32 (2,).
        shape: of the result.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape.

    >>> import unifw as uf
    >>> uf.random.normal(uf.random.key(0), (3,)).shape
    (3,)
    """
    tensor = checked_key(key, "normal")
    wanted = floating(dtype, "normal")
    return Tensor(tensor.backend.random_normal(tensor.native, sizes_of(shape, "normal"), wanted), tensor.backend)


def truncated_normal(
    key: Any, lower: Any, upper: Any, shape: Shape | None = None, dtype: dtypes.DTypeLike | None = None
) -> Tensor:
    """Return standard normal values within (lower, upper), as `jax.random.truncated_normal`.

    Args:
        key: uint32 (2,).
        lower: a number or a tensor.
        upper: the same.
        shape: of the result, to which the limits broadcast; by default theirs.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key, or numbers of which `lower` is not the smaller.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or limits that do not broadcast to it.

    >>> import unifw as uf
    >>> bool(uf.all(uf.abs(uf.random.truncated_normal(uf.random.key(0), -2.0, 2.0, (8,))) < 2.0))
    True
    """
    tensor = checked_key(key, "truncated_normal")
    wanted = floating(dtype, "truncated_normal")
    in_order(lower, upper, ("lower", "upper"), "truncated_normal")
    sizes = drawn_shape("truncated_normal", shape, shape_of(lower), shape_of(upper))
    backend, native, limits = together("truncated_normal", tensor, wanted, lower, upper)
    least, most = (float(each) if isinstance(each, int) else each for each in limits)
    return Tensor(backend.random_truncated_normal(native, least, most, sizes, wanted), backend)


_METHODS: Final = ("cholesky", "eigh", "svd")


def multivariate_normal(
    key: Any,
    mean: Any,
    cov: Any,
    shape: Shape | None = None,
    dtype: dtypes.DTypeLike | None = None,
    method: str = "cholesky",
) -> Tensor:
    """Return vectors ``mean + factor @ normal`` with ``factor @ factor.T == cov``, as `jax.random.multivariate_normal`.

    The covariance is factored on the host, so it has to have values: inside `jit` it must be a constant, and it is one
    to differentiation; `mean` may be traced.

    Args:
        key: uint32 (2,).
        mean: (..., n).
        cov: (..., n, n), symmetric and positive definite (for "eigh" and "svd" positive semidefinite).
        shape: of the result without its last axis; by default that of the leading axes of `mean` and `cov`.
        dtype: of the result; by default that of `mean` and `cov`.
        method: "cholesky", "eigh" or "svd". The latter two leave signs of columns to the library: a sample then has
            the distribution, but need not be JAX's.

    Raises:
        ArgumentError: for what is not one key, an unknown method, or a matrix that "cholesky" cannot factor.
        ShapeError: for shapes that do not fit.

    >>> import unifw as uf
    >>> uf.random.multivariate_normal(uf.random.key(0), uf.zeros(2), uf.eye(2), (5,)).shape
    (5, 2)
    """
    name = "multivariate_normal"
    tensor = checked_key(key, name)
    if method not in _METHODS:
        raise ArgumentError(f"{name}() got method={method!r}. Write one of {', '.join(map(repr, _METHODS))}.")
    mean, cov = (as_tensor(each, tensor.backend) for each in (mean, cov))
    if not mean.shape or cov.shape[-2:] != (mean.shape[-1],) * 2:
        raise ShapeError(
            f"{name}() needs a mean of shape (..., n) and a covariance of shape (..., n, n), got {mean.shape} and "
            f"{cov.shape}."
        )
    natural = dtypes.promote(mean.dtype, cov.dtype)
    wanted = floating(dtype if dtype is not None else natural if natural in dtypes.FLOATS else None, name)
    check_conversion(f"{name}()", "mean", mean.dtype, wanted)
    size = mean.shape[-1]
    sizes = drawn_shape(name, shape, mean.shape[:-1], cov.shape[:-2])
    backend, native, (covariance,) = together(name, tensor, wanted, cov)
    try:
        factor = _factor(backend.to_numpy(covariance), method).astype(wanted)
    except np.linalg.LinAlgError as error:
        raise ArgumentError(
            f"{name}() got a covariance that is not positive definite. Use method='eigh' or 'svd' for a semidefinite "
            f"one, or add a little to its diagonal."
        ) from error
    samples = backend.xp.expand_dims(backend.random_normal(native, (*sizes, size), wanted), axis=-1)
    spread = backend.xp.matmul(backend.asarray(factor, dtype=wanted, device=backend.device_of(native)), samples)
    result: Tensor = Tensor(backend.xp.squeeze(spread, axis=-1), backend) + mean.astype(wanted)
    return result


def _factor(cov: np.ndarray[Any, Any], method: str) -> np.ndarray[Any, Any]:
    matrix = cov.astype(np.float64)
    if method == "cholesky":
        return np.linalg.cholesky(matrix)
    if method == "eigh":
        values, vectors = np.linalg.eigh(matrix)
        return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :])
    vectors, values, _ = np.linalg.svd(matrix)
    return np.asarray(vectors * np.sqrt(values)[..., None, :])
