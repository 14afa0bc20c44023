"""Factorisations and Fourier transforms: shapes, and operation counts.

Counts are the leading terms for real matrices (m, n), m >= n, of G. H. Golub, C. F. Van Loan, "Matrix Computations",
and ``5 n log2(n)`` for a transform of n elements, half of that if they are real.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final, final

from unifw import dtypes
from unifw.backend._shapes import Shape, broadcast_shapes
from unifw.backend.abstract._arrays import AbstractArray

if TYPE_CHECKING:
    from unifw.backend.abstract._backend import AbstractBackend

REAL: Final = {dtypes.complex64: dtypes.float32, dtypes.complex128: dtypes.float64}
COMPLEX: Final = {dtypes.float32: dtypes.complex64, dtypes.float64: dtypes.complex128}


@final
class AbstractLinearAlgebra:
    """``xp.linalg`` of the abstract backend."""

    def __init__(self, backend: AbstractBackend) -> None:
        self._backend = backend

    def _count(self, x: AbstractArray, operations: float) -> None:
        """Add operations for each matrix of a stack."""
        self._backend.flops += math.prod(x.shape[:-2]) * round(operations)

    def cholesky(self, x: AbstractArray) -> AbstractArray:
        """``n**3 / 3``."""
        self._count(x, x.shape[-1] ** 3 / 3)
        return AbstractArray(x.shape, x.dtype)

    def det(self, x: AbstractArray) -> AbstractArray:
        """``2 * n**3 / 3``, as an LU factorisation."""
        self._count(x, 2 * x.shape[-1] ** 3 / 3)
        return AbstractArray(x.shape[:-2], x.dtype)

    def slogdet(self, x: AbstractArray) -> tuple[AbstractArray, AbstractArray]:
        """``2 * n**3 / 3``, as an LU factorisation."""
        return self.det(x), AbstractArray(x.shape[:-2], REAL.get(x.dtype, x.dtype))

    def inv(self, x: AbstractArray) -> AbstractArray:
        """``2 * n**3``."""
        self._count(x, 2 * x.shape[-1] ** 3)
        return AbstractArray(x.shape, x.dtype)

    def solve(self, x1: AbstractArray, x2: AbstractArray) -> AbstractArray:
        """``2 * n**3 / 3`` for each matrix, ``2 * n**2`` for each right side."""
        self._count(x1, 2 * x1.shape[-1] ** 3 / 3)
        shape = (*broadcast_shapes(x1.shape[:-2], x2.shape[:-2]), *x2.shape[-2:])
        result = AbstractArray(shape, x2.dtype)
        self._count(result, 2 * shape[-2] ** 2 * shape[-1])
        return result

    def qr(self, x: AbstractArray, *, mode: str) -> tuple[AbstractArray, AbstractArray]:
        """``4 * (m**2 * n - m * n**2 + n**3 / 3)`` with Q."""
        *batch, m, n = x.shape
        k = m if mode == "complete" else min(m, n)
        small, large = sorted((m, n))
        self._count(x, 4 * (large**2 * small - large * small**2 + small**3 / 3))
        return AbstractArray((*batch, m, k), x.dtype), AbstractArray((*batch, k, n), x.dtype)

    def svd(self, x: AbstractArray, *, full_matrices: bool) -> tuple[AbstractArray, AbstractArray, AbstractArray]:
        """``14 * m * n**2 + 8 * n**3`` with U and Vh."""
        *batch, m, n = x.shape
        k, large = sorted((m, n))
        self._count(x, 14 * large * k**2 + 8 * k**3)
        widths = (m, n) if full_matrices else (k, k)
        values = AbstractArray((*batch, k), REAL.get(x.dtype, x.dtype))
        return AbstractArray((*batch, m, widths[0]), x.dtype), values, AbstractArray((*batch, widths[1], n), x.dtype)

    def svdvals(self, x: AbstractArray) -> AbstractArray:
        """``4 * m * n**2 - 4 * n**3 / 3``."""
        small, large = sorted(x.shape[-2:])
        self._count(x, 4 * large * small**2 - 4 * small**3 / 3)
        return AbstractArray((*x.shape[:-2], small), REAL.get(x.dtype, x.dtype))

    def pinv(self, x: AbstractArray, *, rtol: AbstractArray) -> AbstractArray:
        """Singular values and vectors, and their product."""
        del rtol
        u, s, vh = self.svd(x, full_matrices=False)
        self._count(x, 2 * u.shape[-2] * s.shape[-1] * vh.shape[-1])
        return AbstractArray((*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype)

    def eigh(self, x: AbstractArray) -> tuple[AbstractArray, AbstractArray]:
        """``9 * n**3``."""
        self._count(x, 9 * x.shape[-1] ** 3)
        return AbstractArray(x.shape[:-1], REAL.get(x.dtype, x.dtype)), AbstractArray(x.shape, x.dtype)

    def eigvalsh(self, x: AbstractArray) -> AbstractArray:
        """``4 * n**3 / 3``."""
        self._count(x, 4 * x.shape[-1] ** 3 / 3)
        return AbstractArray(x.shape[:-1], REAL.get(x.dtype, x.dtype))

    def eig(self, x: AbstractArray) -> tuple[AbstractArray, AbstractArray]:
        """``25 * n**3``."""
        self._count(x, 25 * x.shape[-1] ** 3)
        dtype = COMPLEX.get(x.dtype, x.dtype)
        return AbstractArray(x.shape[:-1], dtype), AbstractArray(x.shape, dtype)

    def eigvals(self, x: AbstractArray) -> AbstractArray:
        """``10 * n**3``."""
        self._count(x, 10 * x.shape[-1] ** 3)
        return AbstractArray(x.shape[:-1], COMPLEX.get(x.dtype, x.dtype))


def fourier(backend: AbstractBackend) -> SimpleNamespace:
    """Return ``xp.fft`` of the abstract backend."""

    def sized(shape: Shape, s: Sequence[int], axes: Sequence[int]) -> Shape:
        sizes = dict(zip(axes, s, strict=True))
        return tuple(sizes.get(axis, size) for axis, size in enumerate(shape))

    def count(shape: Shape, s: Sequence[int], share: float) -> None:
        backend.flops += round(share * 5 * math.prod(shape) * math.log2(max(math.prod(s), 1)))

    def fftn(x: AbstractArray, *, s: Sequence[int], axes: Sequence[int], norm: str) -> AbstractArray:
        del norm
        shape = sized(x.shape, s, axes)
        count(shape, s, 1)
        return AbstractArray(shape, x.dtype)

    def rfftn(x: AbstractArray, *, s: Sequence[int], axes: Sequence[int], norm: str) -> AbstractArray:
        del norm
        count(sized(x.shape, s, axes), s, 0.5)
        return AbstractArray(sized(x.shape, (*s[:-1], s[-1] // 2 + 1), axes), COMPLEX[x.dtype])

    def irfftn(x: AbstractArray, *, s: Sequence[int], axes: Sequence[int], norm: str) -> AbstractArray:
        del norm
        shape = sized(x.shape, s, axes)
        count(shape, s, 0.5)
        return AbstractArray(shape, REAL[x.dtype])

    return SimpleNamespace(fftn=fftn, ifftn=fftn, rfftn=rfftn, irfftn=irfftn)
