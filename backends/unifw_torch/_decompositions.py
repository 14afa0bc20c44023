"""`xp.linalg`: torch's factorisations. What fails is NaN in its place, where torch raises, so that nothing waits."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, Final

import torch

Array = Any


def _nan_where(failed: Array, result: Array) -> Array:
    """Return NaN in place of the matrices that failed: `failed` is not 0 there."""
    return torch.where((failed != 0)[..., None, None], math.nan, result)


def _cholesky(x: Array) -> Array:
    result, failed = torch.linalg.cholesky_ex(x)
    return torch.tril(_nan_where(failed, result))


def _inv(x: Array) -> Array:
    result, failed = torch.linalg.inv_ex(x)
    return _nan_where(failed, result)


def _solve(x1: Array, x2: Array) -> Array:
    result, failed = torch.linalg.solve_ex(x1, x2)
    return _nan_where(failed, result)


def _qr(x: Array, *, mode: str) -> tuple[Array, Array]:
    q, r = torch.linalg.qr(x, mode=mode)
    return q, r


def _pinv(x: Array, *, rtol: Array) -> Array:
    return torch.linalg.pinv(x, rtol=rtol)


linalg: Final = SimpleNamespace(
    cholesky=_cholesky,
    det=torch.linalg.det,
    eig=torch.linalg.eig,
    eigh=torch.linalg.eigh,
    eigvals=torch.linalg.eigvals,
    eigvalsh=torch.linalg.eigvalsh,
    inv=_inv,
    pinv=_pinv,
    qr=_qr,
    slogdet=torch.linalg.slogdet,
    solve=_solve,
    svd=torch.linalg.svd,
    svdvals=torch.linalg.svdvals,
)
