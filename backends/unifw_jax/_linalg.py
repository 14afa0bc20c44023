"""`xp.linalg` and `xp.fft`: `jax.numpy`'s, but for what it does otherwise or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, Final

import jax.numpy as jnp

Array = Any


def _cholesky(x: Array) -> Array:
    return jnp.linalg.cholesky(x, symmetrize_input=False)


def _eigh(x: Array) -> Any:
    return jnp.linalg.eigh(x, symmetrize_input=False)


def _eigvalsh(x: Array) -> Array:
    return jnp.linalg.eigvalsh(x, symmetrize_input=False)


def _pinv(x: Array, *, rtol: Array) -> Array:
    return jnp.linalg.pinv(x, rtol=rtol)


linalg: Final = SimpleNamespace(
    cholesky=_cholesky,
    det=jnp.linalg.det,
    eig=jnp.linalg.eig,
    eigh=_eigh,
    eigvals=jnp.linalg.eigvals,
    eigvalsh=_eigvalsh,
    inv=jnp.linalg.inv,
    pinv=_pinv,
    qr=jnp.linalg.qr,
    slogdet=jnp.linalg.slogdet,
    solve=jnp.linalg.solve,
    svd=jnp.linalg.svd,
    svdvals=jnp.linalg.svdvals,
)


_MOST_AXES: Final = 3  # that XLA transforms at once


def _by_groups(function: Callable[..., Array]) -> Callable[..., Array]:
    """Transform any number of axes, a few at a time."""

    def transform(x: Array, *, s: Sequence[int], axes: Sequence[int], norm: str) -> Array:
        for first in range(0, len(axes), _MOST_AXES):
            group = slice(first, first + _MOST_AXES)
            x = function(x, s=tuple(s[group]), axes=tuple(axes[group]), norm=norm)
        return x

    return transform


_fftn = _by_groups(jnp.fft.fftn)
_ifftn = _by_groups(jnp.fft.ifftn)


def _rfftn(x: Array, *, s: Sequence[int], axes: Sequence[int], norm: str) -> Array:
    half = jnp.fft.rfft(x, n=s[-1], axis=axes[-1], norm=norm)
    return _fftn(half, s=s[:-1], axes=axes[:-1], norm=norm)


def _irfftn(x: Array, *, s: Sequence[int], axes: Sequence[int], norm: str) -> Array:
    half = _ifftn(x, s=s[:-1], axes=axes[:-1], norm=norm)
    return jnp.fft.irfft(half, n=s[-1], axis=axes[-1], norm=norm)


fft: Final = SimpleNamespace(fftn=_fftn, ifftn=_ifftn, irfftn=_irfftn, rfftn=_rfftn)
