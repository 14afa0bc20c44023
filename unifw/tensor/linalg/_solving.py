"""Determinants, inverses, linear systems, powers and rank.

A matrix that cannot be inverted gives values that are not finite in its place, eager or compiled, on every backend: as
in JAX. NumPy, torch and TensorFlow themselves raise.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import ml_dtypes

from unifw import dtypes
from unifw.backend import Array
from unifw.backend._shapes import broadcast_shapes
from unifw.errors import ArgumentError, DTypeError, ShapeError
from unifw.tensor._operands import as_tensor, lower, unify
from unifw.tensor._strict import check_conversion
from unifw.tensor._tensor import Tensor
from unifw.tensor.linalg._decompositions import singular_values
from unifw.tensor.linalg._matrices import HALF, REAL, Matrices, computing, extension


class SlogdetResult(NamedTuple):
    """``det(x) = sign * exp(logabsdet)``."""

    sign: Tensor
    logabsdet: Tensor


def det(x: Any, /) -> Tensor:
    """Return the determinants of square matrices (..., n, n): (...); 1 for n = 0.

    Raises:
        ShapeError: if the matrices are not square.
        DTypeError: if the dtype is not floating-point or complex.

    >>> import unifw as uf
    >>> uf.linalg.det(uf.asarray([[2.0, 0.0], [0.0, 3.0]])).item()
    6.0
    """
    m = Matrices("det", x, square=True)
    return _ones(m) if m.is_empty else m.tensor(m.linalg.det(m.array))


def _ones(m: Matrices) -> Tensor:
    """Return the determinants of matrices without elements."""
    array = m.xp.ones(m.batch, dtype=m.backend.native_dtype(computing(m.dtype)))
    return m.tensor(m.placed(array))


def slogdet(x: Any, /) -> SlogdetResult:
    """Return the signs and the logarithms of the magnitudes of determinants, which may overflow themselves.

    Args:
        x: square matrices (..., n, n).

    Returns:
        The signs (...), of the dtype of `x` (for complex matrices, of magnitude 1), and the logarithms (...), real. A
        determinant of 0 has sign 0 and logarithm -inf.

    Raises:
        ShapeError: if the matrices are not square.
        DTypeError: if the dtype is not floating-point or complex.

    >>> import unifw as uf
    >>> uf.linalg.slogdet(uf.asarray([[-1.0, 0.0], [0.0, 1.0]])).sign.item()
    -1.0
    """
    m = Matrices("slogdet", x, square=True)
    if m.is_empty:
        return SlogdetResult(_ones(m), m.zeros(m.batch, real=True))
    sign, logarithm = m.linalg.slogdet(m.array)
    return SlogdetResult(m.tensor(sign), m.tensor(logarithm))


def inv(x: Any, /) -> Tensor:
    """Return the inverses of square matrices (..., n, n). To solve equations, `solve` is faster and more exact.

    Raises:
        ShapeError: if the matrices are not square.
        DTypeError: if the dtype is not floating-point or complex.

    >>> import unifw as uf
    >>> uf.linalg.inv(uf.asarray([[2.0, 0.0], [0.0, 4.0]])).tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    m = Matrices("inv", x, square=True)
    return m.zeros(m.shape) if m.is_empty else m.tensor(m.linalg.inv(m.array))


def solve(x1: Any, x2: Any, /) -> Tensor:
    """Return the solutions y of ``x1 @ y = x2``.

    Args:
        x1: square matrices (..., n, n).
        x2: one vector (n,), or matrices (..., n, k), whose stacks broadcast with those of `x1`.

    Returns:
        (..., n) for a vector, else (..., n, k).

    Raises:
        ShapeError: if `x1` is not square, or `x2` does not fit it.
        DTypeError: if the dtype is not floating-point or complex.

    >>> import unifw as uf
    >>> uf.linalg.solve(uf.asarray([[2.0, 0.0], [0.0, 4.0]]), uf.asarray([2.0, 2.0])).tolist()
    [1.0, 0.5]
    """
    first, second = as_tensor(x1), as_tensor(x2)
    shape1, shape2 = first.shape, second.shape
    if len(shape1) < 2 or shape1[-1] != shape1[-2]:
        raise ShapeError(f"solve() needs square matrices (..., n, n) first, got shape {shape1}.")
    size = shape1[-1]
    if shape2[-2:][:1] != (size,):
        raise ShapeError(
            f"solve() got matrices of shape {shape1} and a right side of shape {shape2}; it must be ({size},), one "
            f"vector, or (..., {size}, k)."
        )
    is_vector = len(shape2) == 1
    matrix2 = (*shape2, 1) if is_vector else shape2
    batch = broadcast_shapes(shape1[:-2], matrix2[:-2])
    backend, (a, b), dtype = unify("solve", first, second)
    xp = backend.xp
    shape = (*batch, *matrix2[-2:])
    wide = computing(dtype)
    if 0 in shape:
        like = a if 0 in shape1 else b
        y = backend.to_device(xp.zeros(shape, dtype=backend.native_dtype(wide)), backend.device_of(like))
    else:
        rank = len(shape)
        a = xp.reshape(backend.astype(a, wide), (*[1] * (rank - len(shape1)), *shape1))
        b = xp.reshape(backend.astype(b, wide), (*[1] * (rank - len(matrix2)), *matrix2))
        y = extension(backend, "linalg", "solve").solve(a, b)
    y = backend.astype(y, dtype) if dtype in HALF else y
    return Tensor(xp.squeeze(y, axis=(-1,)) if is_vector else y, backend)


def pinv(x: Any, /, *, rtol: Any = None) -> Tensor:
    """Return the pseudo-inverses (Moore, Penrose) of matrices.

    Args:
        x: matrices (..., m, n).
        rtol: singular values up to `rtol` times the largest count as zero: a number, a tensor (...), or None for
            ``max(m, n)`` times the precision (eps) of the dtype.

    Returns:
        (..., n, m); NaN for a matrix that is not finite.

    Raises:
        DTypeError: if the dtype is not floating-point or complex.

    >>> import unifw as uf
    >>> uf.linalg.pinv(uf.asarray([[2.0, 0.0], [0.0, 0.0]])).tolist()
    [[0.5, 0.0], [0.0, 0.0]]
    """
    m = Matrices("pinv", x)
    tolerance = _tolerance(m, rtol)
    if m.is_empty:
        return m.zeros((*m.batch, m.shape[-1], m.shape[-2]))
    finite = m.mask_not_finite()
    return m.masked(finite, m.linalg.pinv(m.array, rtol=tolerance))


def matrix_rank(x: Any, /, *, rtol: Any = None) -> Tensor:
    """Count the singular values of matrices (..., m, n) that are not zero: int64, (...).

    Args:
        x: matrices (..., m, n).
        rtol: singular values up to `rtol` times the largest count as zero; see `pinv`.

    >>> import unifw as uf
    >>> uf.linalg.matrix_rank(uf.asarray([[1.0, 1.0], [1.0, 1.0]])).item()
    1
    """
    m = Matrices("matrix_rank", x)
    tolerance = _tolerance(m, rtol)
    backend, xp = m.backend, m.xp
    if m.is_empty:
        return Tensor(m.placed(xp.zeros(m.batch, dtype=backend.native_dtype(dtypes.int64))), backend)
    m.dtype = computing(m.dtype)
    values = singular_values(m).native
    limits = xp.multiply(m.backend.get_slice(values, (..., slice(0, 1))), xp.expand_dims(tolerance, axis=-1))
    return Tensor(xp.sum(backend.astype(xp.greater(values, limits), dtypes.int64), axis=-1), backend)


def _tolerance(m: Matrices, rtol: Any) -> Array:
    """Return the relative tolerance, without axes or with those of the stack."""
    real = computing(REAL.get(m.dtype, m.dtype))
    if rtol is None:
        eps = ml_dtypes.finfo(REAL.get(m.dtype, m.dtype)).eps  # type: ignore[no-untyped-call]
        rtol = float(eps) * max(m.shape[-2:])
    if isinstance(rtol, (int, float)):
        return m.backend.asarray(float(rtol), dtype=real, device=m.backend.device_of(m.array))
    tensor = as_tensor(rtol, m.backend)
    if not dtypes.is_floating(tensor.dtype):
        raise DTypeError(f"{m.name}() needs a real floating-point rtol, got {tensor.dtype.name}.")
    if broadcast_shapes(tensor.shape, m.batch) != m.batch:
        raise ShapeError(
            f"{m.name}() got an rtol of shape {tensor.shape} for a stack of matrices of shape {m.batch}. "
            "Give one for each matrix, or one for all."
        )
    check_conversion(f"{m.name}()", "rtol", tensor.dtype, real)
    return m.backend.astype(lower(tensor, m.backend), real)


def matrix_power(x: Any, n: int, /) -> Tensor:
    """Multiply each matrix (..., m, m) n times with itself: by repeated squaring.

    Args:
        x: square matrices.
        n: 0 gives identity matrices; below 0, the inverse is multiplied.

    Raises:
        ShapeError: if the matrices are not square.
        ArgumentError: if `n` is not an integer.
        DTypeError: if the dtype is not floating-point or complex.

    >>> import unifw as uf
    >>> uf.linalg.matrix_power(uf.asarray([[1.0, 1.0], [0.0, 1.0]]), 3).tolist()
    [[1.0, 3.0], [0.0, 1.0]]
    """
    m = Matrices("matrix_power", x, square=True)
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise ArgumentError(f"matrix_power() needs an integer n, got {n!r}.")
    n = n.__index__()
    if m.is_empty:
        return m.zeros(m.shape)
    if n == 0:
        return m.tensor(m.identity(m.shape[-1]))
    power = m.linalg.inv(m.array) if n < 0 else m.array
    matmul, result, n = m.xp.matmul, None, abs(n)
    while True:
        if n % 2:
            result = power if result is None else matmul(result, power)
        n //= 2
        if not n:
            return m.tensor(result)
        power = matmul(power, power)
