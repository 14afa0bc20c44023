"""JAX's own generator for the stream it defines: one fused kernel instead of a hundred operations."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

Array = Any


def _key(data: Array) -> Array:
    return jax.random.wrap_key_data(data, impl="threefry2x32")


@jax.jit  # type: ignore[untyped-decorator]
def fold_in(key: Array, data: Array) -> Array:
    """See `Backend.random_fold_in`."""
    return jax.random.key_data(jax.random.fold_in(_key(key), data.astype(jnp.uint32)))


def split(key: Array, count: int) -> Array:
    """See `Backend.random_split`."""
    return jax.random.key_data(jax.random.split(_key(key), count))


def bits(key: Array, shape: tuple[int, ...]) -> Array:
    """See `Backend.random_bits`. The partitionable layout is what the definition of the stream says."""
    with jax.threefry_partitionable(True):
        return jax.random.bits(_key(key), shape, "uint32")
