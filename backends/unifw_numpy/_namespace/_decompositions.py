"""`xp.linalg`: LAPACK's factorisations, through NumPy. What fails is NaN in its place, where NumPy raises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import array_api_compat.numpy.linalg as compat
import numpy as np

__all__ = [
    "cholesky", "det", "eig", "eigh", "eigvals", "eigvalsh", "inv", "pinv", "qr", "slogdet", "solve", "svd", "svdvals",
]  # fmt: skip

_COMPLEX: Final = {"f": np.complex64, "d": np.complex128}


def _nan_where_singular(function: Callable[..., Any], failed: Callable[[Any], Any]) -> Callable[..., Any]:
    """Compute a whole stack at once; if that fails, matrix by matrix, and ``failed(nan)`` for those that fail."""

    def apply(*stacks: Any) -> Any:
        try:
            return function(*stacks)
        except np.linalg.LinAlgError:
            several = list(stacks) if len(stacks) == 1 else _same_batch(*stacks)
            result = np.empty(several[-1].shape, several[-1].dtype)
            for place in np.ndindex(result.shape[:-2]):
                try:
                    result[place] = function(*[stack[place] for stack in several])
                except np.linalg.LinAlgError:
                    result[place] = failed(np.full(result.shape[-2:], np.nan, result.dtype))
            return result

    return apply


def _whole(x: Any) -> Any:
    return x


def _same_batch(x1: Any, x2: Any) -> list[Any]:
    batch = np.broadcast_shapes(x1.shape[:-2], x2.shape[:-2])
    return [np.broadcast_to(each, (*batch, *each.shape[-2:])) for each in (x1, x2)]


cholesky = _nan_where_singular(np.linalg.cholesky, np.tril)
det = np.linalg.det
eigh = np.linalg.eigh
eigvalsh = np.linalg.eigvalsh
inv = _nan_where_singular(np.linalg.inv, _whole)
qr = np.linalg.qr
slogdet = np.linalg.slogdet
solve = _nan_where_singular(np.linalg.solve, _whole)


def svd(x: Any, *, full_matrices: bool) -> Any:
    """Return U, S and Vh."""
    return np.linalg.svd(x, full_matrices=full_matrices)


def svdvals(x: Any) -> Any:
    """Return the singular values."""
    return np.linalg.svd(x, compute_uv=False)


def pinv(x: Any, *, rtol: Any) -> Any:
    """Return the pseudo-inverses, given the relative tolerance."""
    return compat.pinv(x, rtol=rtol)


def eig(x: Any) -> tuple[Any, Any]:
    """Return eigenvalues and eigenvectors, complex also if no eigenvalue is; NumPy's dtype depends on the values."""
    values, vectors = np.linalg.eig(x)
    dtype = _COMPLEX.get(x.dtype.char, x.dtype)
    return values.astype(dtype, copy=False), vectors.astype(dtype, copy=False)


def eigvals(x: Any) -> Any:
    """Return the eigenvalues, complex also if none is."""
    return np.linalg.eigvals(x).astype(_COMPLEX.get(x.dtype.char, x.dtype), copy=False)
