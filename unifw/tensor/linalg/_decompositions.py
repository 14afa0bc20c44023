"""Factorisations: Cholesky, QR, singular values, eigenvalues.

Stacks of matrices are factorised one by one. What has no factorisation (a matrix that is not positive definite, or not
finite) gives values that are not finite in its place, eager or compiled, on every backend: as in JAX. NumPy and torch
themselves raise.

Factors are not unique: frameworks differ in the signs of eigenvectors, of singular vectors and of the columns of Q.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from unifw.errors import ArgumentError
from unifw.tensor._tensor import Tensor
from unifw.tensor.linalg._matrices import Matrices


class QRResult(NamedTuple):
    """``x = Q @ R``."""

    Q: Tensor
    R: Tensor


class SVDResult(NamedTuple):
    """``x = U @ diag(S) @ Vh``."""

    U: Tensor
    S: Tensor
    Vh: Tensor


class EigResult(NamedTuple):
    """``x @ eigenvectors = eigenvectors @ diag(eigenvalues)``, complex."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class EighResult(NamedTuple):
    """``x = eigenvectors @ diag(eigenvalues) @ adjoint(eigenvectors)``, eigenvalues real and ascending."""

    eigenvalues: Tensor
    eigenvectors: Tensor


def cholesky(x: Any, /, *, upper: bool = False) -> Tensor:
    """Return the triangular factor of positive definite matrices: ``x = L @ adjoint(L)``.

    Args:
        x: Hermitian, positive definite matrices (..., n, n); of others the mean with their adjoint is taken.
        upper: return ``U = adjoint(L)``, so that ``x = adjoint(U) @ U``.

    Returns:
        (..., n, n), the other triangle zero; NaN for a matrix that is not positive definite.

    Raises:
        ShapeError: if the matrices are not square.
        DTypeError: if the dtype is not floating-point or complex.

    >>> import unifw as uf
    >>> uf.linalg.cholesky(uf.asarray([[4.0, 2.0], [2.0, 2.0]])).tolist()
    [[2.0, 0.0], [1.0, 1.0]]
    """
    m = Matrices("cholesky", x, square=True)
    if m.is_empty:
        return m.zeros(m.shape)
    m.symmetrize()
    lower = m.linalg.cholesky(m.array)
    return m.tensor(m.adjoint(lower) if upper else lower)


def qr(x: Any, /, *, mode: str = "reduced") -> QRResult:
    """Factorise matrices into orthonormal columns and an upper triangle: ``x = Q @ R``.

    Args:
        x: matrices (..., m, n).
        mode: ``"reduced"`` for ``k = min(m, n)`` columns of Q, ``"complete"`` for all m.

    Returns:
        Q (..., m, k) and R (..., k, n). Differentiable, if complete only for m <= n.

    Raises:
        ArgumentError: for another mode.
        DTypeError: if the dtype is not floating-point or complex.

    >>> import unifw as uf
    >>> q, r = uf.linalg.qr(uf.asarray([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    >>> q.shape, r.shape
    ((3, 2), (2, 2))
    """
    if mode not in ("reduced", "complete"):
        raise ArgumentError(f"qr() got mode={mode!r}. Write 'reduced' or 'complete'.")
    m = Matrices("qr", x)
    rows, columns = m.shape[-2:]
    k = rows if mode == "complete" else min(rows, columns)
    if m.is_empty:
        q = m.tensor(m.identity(rows)) if k == rows else m.zeros((*m.batch, rows, k))
        return QRResult(q, m.zeros((*m.batch, k, columns)))
    if rows >= columns:
        q, r = m.linalg.qr(m.array, mode=mode)
    else:  # Q is that of the first columns; said so because JAX differentiates no other matrices
        first, others = (m.backend.get_slice(m.array, (..., part)) for part in (slice(0, rows), slice(rows, columns)))
        q, r = m.linalg.qr(first, mode="reduced")
        rest = m.xp.matmul(m.adjoint(q), others)
        r = m.xp.concat([r, rest], axis=-1)
    return QRResult(m.tensor(q), m.tensor(r))


def svd(x: Any, /, *, full_matrices: bool = True) -> SVDResult:
    """Factorise matrices into ``U @ diag(S) @ Vh``, U and Vh unitary, S real, not negative, descending.

    Args:
        x: matrices (..., m, n).
        full_matrices: return all columns of U and rows of Vh, not only the ``k = min(m, n)`` that belong to S.

    Returns:
        U (..., m, m), S (..., k) and Vh (..., n, n), or (..., m, k), (..., k) and (..., k, n); NaN for a matrix that is
        not finite. Differentiable where U and Vh have k columns and rows and the singular values are distinct.

    Raises:
        DTypeError: if the dtype is not floating-point or complex.

    >>> import unifw as uf
    >>> uf.linalg.svd(uf.asarray([[3.0, 0.0], [0.0, 4.0]])).S.tolist()
    [4.0, 3.0]
    """
    m = Matrices("svd", x)
    rows, columns = m.shape[-2:]
    k = min(rows, columns)
    if m.is_empty:
        widths = (rows, columns) if full_matrices else (k, k)
        u = m.tensor(m.identity(rows)) if full_matrices else m.zeros((*m.batch, rows, widths[0]))
        vh = m.tensor(m.identity(columns)) if full_matrices else m.zeros((*m.batch, widths[1], columns))
        return SVDResult(u, m.zeros((*m.batch, k), real=True), vh)
    finite = m.mask_not_finite()
    u, s, vh = m.linalg.svd(m.array, full_matrices=full_matrices and rows != columns)
    return SVDResult(m.masked(finite, u), m.masked(finite, s, vectors=True), m.masked(finite, vh))


def svdvals(x: Any, /) -> Tensor:
    """Return the singular values of matrices (..., m, n): real, descending, (..., min(m, n)).

    >>> import unifw as uf
    >>> uf.linalg.svdvals(uf.asarray([[3.0, 0.0], [0.0, 4.0]])).tolist()
    [4.0, 3.0]
    """
    return singular_values(Matrices("svdvals", x))


def singular_values(m: Matrices) -> Tensor:
    """Return the singular values of judged matrices."""
    if m.is_empty:
        return m.zeros((*m.batch, min(m.shape[-2:])), real=True)
    finite = m.mask_not_finite()
    return m.masked(finite, m.linalg.svdvals(m.array), vectors=True)


def eigh(x: Any, /) -> EighResult:
    """Return the eigenvalues (ascending) and eigenvectors of Hermitian matrices.

    Args:
        x: Hermitian matrices (..., n, n); of others the mean with their adjoint is taken.

    Returns:
        The eigenvalues, real, (..., n), and the eigenvectors, columns of (..., n, n), of the dtype of `x`; NaN for a
        matrix that is not finite. Eigenvectors are differentiable where the eigenvalues are distinct.

    Raises:
        ShapeError: if the matrices are not square.
        DTypeError: if the dtype is not floating-point or complex.

    >>> import unifw as uf
    >>> uf.linalg.eigh(uf.asarray([[2.0, 0.0], [0.0, 1.0]])).eigenvalues.tolist()
    [1.0, 2.0]
    """
    m = Matrices("eigh", x, square=True)
    if m.is_empty:
        return EighResult(m.zeros(m.shape[:-1], real=True), m.zeros(m.shape))
    m.symmetrize()
    finite = m.mask_not_finite()
    values, vectors = m.linalg.eigh(m.array)
    return EighResult(m.masked(finite, values, vectors=True), m.masked(finite, vectors))


def eigvalsh(x: Any, /) -> Tensor:
    """Return the eigenvalues of Hermitian matrices (..., n, n): real, ascending, (..., n); see `eigh`.

    >>> import unifw as uf
    >>> uf.linalg.eigvalsh(uf.asarray([[2.0, 0.0], [0.0, 1.0]])).tolist()
    [1.0, 2.0]
    """
    m = Matrices("eigvalsh", x, square=True)
    if m.is_empty:
        return m.zeros(m.shape[:-1], real=True)
    m.symmetrize()
    finite = m.mask_not_finite()
    return m.masked(finite, m.linalg.eigvalsh(m.array), vectors=True)


def eig(x: Any, /) -> EigResult:
    """Return the eigenvalues and eigenvectors of any square matrices: complex, in no particular order.

    Args:
        x: matrices (..., n, n).

    Returns:
        The eigenvalues (..., n) and the eigenvectors, columns of length 1 in (..., n, n); NaN for a matrix that is not
        finite.

    Raises:
        ShapeError: if the matrices are not square.
        DTypeError: if the dtype is not floating-point or complex.

    >>> import unifw as uf
    >>> uf.linalg.eig(uf.asarray([[2.0, 0.0], [0.0, 1.0]])).eigenvalues.dtype.name
    'complex64'
    """
    m = Matrices("eig", x, square=True)
    if m.is_empty:
        return EigResult(m.zeros(m.shape[:-1], complex=True), m.zeros(m.shape, complex=True))
    finite = m.mask_not_finite()
    values, vectors = m.linalg.eig(m.array)
    return EigResult(m.masked(finite, values, vectors=True), m.masked(finite, vectors))


def eigvals(x: Any, /) -> Tensor:
    """Return the eigenvalues of any square matrices (..., n, n): complex, in no particular order, (..., n).

    >>> import unifw as uf
    >>> uf.linalg.eigvals(uf.asarray([[2.0]])).tolist()
    [(2+0j)]
    """
    m = Matrices("eigvals", x, square=True)
    if m.is_empty:
        return m.zeros(m.shape[:-1], complex=True)
    finite = m.mask_not_finite()
    return m.masked(finite, m.linalg.eigvals(m.array), vectors=True)
