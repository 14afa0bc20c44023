"""Division with remainder, with the standard's infinities and signs of zeros; JAX has others."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

Array = Any


@jax.jit  # type: ignore[untyped-decorator]
def floor_divide(x1: Array, x2: Array, /) -> Array:
    """`jnp.floor_divide`, but what `jnp.divide` gives where an operand is infinite, and signed zeros."""
    if not jnp.issubdtype(jnp.result_type(x1, x2), jnp.floating):
        return jnp.floor_divide(x1, x2)
    x1, x2 = jax.lax.stop_gradient((x1, x2))  # the derivative is 0 wherever there is one
    quotient, exact = jnp.floor_divide(x1, x2), jnp.divide(x1, x2)
    quotient = jnp.where(quotient == 0, jnp.copysign(quotient, exact), quotient)
    return jnp.where(jnp.isinf(x1) | jnp.isinf(x2), exact, quotient)


@jax.jit  # type: ignore[untyped-decorator]
def remainder(x1: Array, x2: Array, /) -> Array:
    """`jnp.remainder`, but a zero has the sign of the divisor, and the derivative of what is no zero."""
    remains = jnp.remainder(x1, x2)
    if not jnp.issubdtype(remains.dtype, jnp.floating):
        return remains
    value = jax.lax.stop_gradient(remains)
    zero = jnp.where(jnp.signbit(x2), -(value - remains), remains - value)
    return jnp.where(value == 0, zero, remains)
