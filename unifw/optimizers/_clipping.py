"""Clipping gradients, on native arrays. Formulas are those of `keras.optimizers`."""

from __future__ import annotations

from typing import Any

from unifw import dtypes
from unifw.backend import Backend


def by_norm(backend: Backend, gradient: Any, limit: float) -> Any:
    """Return the gradient, scaled down to the norm `limit` if it is longer: ``g * limit / max(norm, limit)``."""
    xp = backend.xp
    norm = xp.sqrt(xp.sum(xp.multiply(gradient, gradient)))
    return xp.divide(xp.multiply(gradient, limit), xp.maximum(norm, limit))


def by_global_norm(backend: Backend, gradients: list[Any], limit: float) -> list[Any]:
    """Return the gradients, scaled down together to the norm `limit`; not-a-number if their norm is not finite."""
    xp = backend.xp
    squares = [backend.astype(xp.sum(xp.multiply(each, each)), dtypes.float32) for each in gradients]
    norm = xp.sqrt(xp.sum(xp.stack(squares, axis=0)))
    scale = xp.divide(xp.multiply(xp.ones_like(norm), limit), xp.maximum(norm, limit))
    scale = xp.add(scale, xp.subtract(norm, norm))  # infinite norms make every gradient nan, rather than zero
    return [xp.multiply(each, backend.astype(scale, backend.dtype_of(each))) for each in gradients]
