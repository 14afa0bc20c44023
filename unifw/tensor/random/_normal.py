"""Normal numbers."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from unifw import dtypes
from unifw.errors import ArgumentError, ShapeError
from unifw.tensor import linalg
from unifw.tensor._binary import maximum, multiply
from unifw.tensor._manipulation import expand_dims, squeeze
from unifw.tensor._operands import as_tensor, lower
from unifw.tensor._strict import check_conversion
from unifw.tensor._tensor import Tensor
from unifw.tensor._unary import sqrt
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
        ArgumentError: for what is not one key, an unknown method, or a matrix that "cholesky" cannot factor (under
            `jit`, where values are not known, the samples are NaN instead).
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
    backend, native, _ = together(name, tensor, wanted, cov)
    # In 64 bits where there are, so that samples are those of JAX to a few units in the last place on every backend.
    wide = dtypes.float64 if dtypes.float64 in backend.capabilities.dtypes else wanted
    factor = _factor(Tensor(lower(cov, backend), backend).astype(wide), method)
    if method == "cholesky" and not _is_known_to_be_finite(factor):
        raise ArgumentError(
            f"{name}() got a covariance that is not positive definite. Use method='eigh' or 'svd' for a semidefinite "
            f"one, or add a little to its diagonal."
        )
    samples = Tensor(backend.random_normal(native, (*sizes, size), wanted), backend)
    spread = squeeze(linalg.matmul(factor.astype(wanted), expand_dims(samples, axis=-1)), axis=-1)
    result: Tensor = spread + mean.astype(wanted)
    return result


def _is_known_to_be_finite(factor: Tensor) -> bool:
    """Return False for a matrix that could not be factored; of a traced one nobody knows, and it stays NaN."""
    try:
        return bool(np.all(np.isfinite(factor.backend.to_numpy(factor.native))))
    except Exception:  # noqa: BLE001 - a tracer has no values, and every framework says so differently
        return True


def _factor(cov: Tensor, method: str) -> Tensor:
    if method == "cholesky":
        return linalg.cholesky(cov)
    if method == "eigh":
        values, vectors = linalg.eigh(cov)
        values = maximum(values, 0.0)
    else:
        vectors, values, _ = linalg.svd(cov)
    return multiply(vectors, expand_dims(sqrt(values), axis=-2))
