"""Norms of vectors and matrices. At zero their gradients are those of the formulas: NaN for the roots, as in JAX."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from unifw.backend import Array
from unifw.errors import ArgumentError, ShapeError
from unifw.tensor._kinds import resolve
from unifw.tensor._manipulation import normalize_axes
from unifw.tensor._operands import as_tensor
from unifw.tensor._tensor import Tensor
from unifw.tensor.linalg._decompositions import singular_values
from unifw.tensor.linalg._matrices import HALF, Matrices, computing


def vector_norm(
    x: Any, /, *, axis: int | Sequence[int] | None = None, keepdims: bool = False, ord: float = 2
) -> Tensor:
    """Return the length of vectors: ``sum(abs(x) ** ord) ** (1 / ord)`` along axes.

    Args:
        x: a tensor.
        axis: along which vectors lie: one, several taken as one long axis, or None for all.
        keepdims: keep those axes with size 1.
        ord: 2 for the Euclidean length, ``inf`` for the largest magnitude, ``-inf`` for the smallest, 0 for the number
            of elements that are not zero, or any other number.

    Returns:
        The norms, real.

    Raises:
        ShapeError: if there is no such axis, or no element for ``ord=-inf``.
        DTypeError: if the dtype is not floating-point or complex.

    >>> import unifw as uf
    >>> uf.linalg.vector_norm(uf.asarray([3.0, 4.0])).item()
    5.0
    """
    x = as_tensor(x)
    dtype = resolve("vector_norm", x.dtype)
    axes = normalize_axes(axis, x.ndim, "vector_norm")
    if isinstance(ord, bool) or not isinstance(ord, (int, float)):
        raise ArgumentError(f"vector_norm() needs a number as ord, got {ord!r}.")
    backend = x.backend
    if ord == -math.inf and 0 in [x.shape[each] for each in axes]:
        raise ShapeError(f"vector_norm() of no elements is not defined for ord=-inf: shape {x.shape}, axis {axis}.")
    array = backend.astype(x.native, computing(dtype))
    if ord == math.inf and 0 in [x.shape[each] for each in axes]:
        ord = 1  # the largest of no magnitudes is their sum, 0
    result = _norm(backend.xp, array, axes, keepdims, float(ord), x)
    return Tensor(backend.astype(result, dtype) if dtype in HALF else result, backend)


def _norm(xp: Any, array: Array, axes: tuple[int, ...], keepdims: bool, order: float, x: Tensor) -> Array:
    size = xp.abs(array)
    options = {"axis": axes, "keepdims": keepdims}
    if order == 2:
        return xp.sqrt(xp.sum(xp.square(size), **options))
    if order == 1:
        return xp.sum(size, **options)
    if math.isinf(order):
        return xp.max(size, **options) if order > 0 else xp.min(size, **options)
    if order == 0:
        backend = x.backend
        return xp.sum(backend.astype(xp.not_equal(size, 0.0), backend.dtype_of(size)), **options)
    # 1 / order overflows for the smallest of numbers: the root of a sum of at least one is then inf, as it should be.
    return xp.pow(xp.sum(xp.pow(size, order), **options), 1 / order)


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: float | str | None = "fro") -> Tensor:
    """Return a norm of each matrix (..., m, n).

    Args:
        x: matrices (..., m, n).
        keepdims: return (..., 1, 1) instead of (...).
        ord: ``"fro"`` (or None), the root of the sum of squares; ``"nuc"``, the sum of the singular values; 2 and -2,
            the largest and the smallest of them; 1 and -1, the largest and smallest sum of magnitudes of a column;
            ``inf`` and ``-inf``, of a row.

    Returns:
        The norms, real. Those of a matrix without elements are 0.

    Raises:
        ShapeError: if there are no matrices, or nothing to take the smallest of.
        ArgumentError: for another `ord`.
        DTypeError: if the dtype is not floating-point or complex.

    >>> import unifw as uf
    >>> uf.linalg.matrix_norm(uf.asarray([[3.0, 0.0], [0.0, 4.0]])).item()
    5.0
    """
    m = Matrices("matrix_norm", x)
    if ord not in ("fro", "nuc", None, 1, -1, 2, -2, math.inf, -math.inf) or isinstance(ord, bool):
        raise ArgumentError(f"matrix_norm() got ord={ord!r}. Write 'fro', 'nuc', 1, -1, 2, -2, inf or -inf.")
    kept = (*m.batch, 1, 1) if keepdims else m.batch
    if 0 in m.shape[-2:]:
        if isinstance(ord, (int, float)) and ord < 0:
            raise ShapeError(f"matrix_norm() of no elements is not defined for ord={ord}: shape {m.shape}.")
        return m.zeros(kept, real=True)
    xp = m.xp
    if ord in ("fro", None):
        result = xp.sqrt(xp.sum(xp.square(xp.abs(m.array)), axis=(-2, -1)))
    elif ord in ("nuc", 2, -2):
        m.dtype = computing(original := m.dtype)
        values = singular_values(m).native
        m.dtype = original
        # Singular values come in descending order.
        result = xp.sum(values, axis=-1) if ord == "nuc" else values[..., 0 if ord == 2 else min(m.shape[-2:]) - 1]
    else:
        sums = xp.sum(xp.abs(m.array), axis=-2 if ord in (1, -1) else -1)
        reduce = xp.max if isinstance(ord, (int, float)) and ord > 0 else xp.min
        result = reduce(sums, axis=-1)
    return m.tensor(xp.reshape(result, kept) if keepdims else result)
