"""Arithmetic that JAX has otherwise: division's infinities and signs of zeros, powers and logarithms."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

Array = Any


@jax.jit  # type: ignore[untyped-decorator]
def floor_divide(x1: Array, x2: Array, /) -> Array:
    """`jnp.floor_divide`, but what `jnp.divide` gives where an operand is infinite, and signed zeros."""
    if not jnp.issubdtype(jnp.result_type(x1, x2), jnp.floating):
        quotient = jnp.floor_divide(x1, x2)
        return jnp.where(jnp.equal(x2, 0), jnp.zeros_like(quotient), quotient)  # as NumPy; JAX has -1 or -2
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


@jax.jit  # type: ignore[untyped-decorator]
def power(x1: Array, x2: Array, /) -> Array:
    """`jnp.power`, but with all bits of an integer exponent, of which JAX reads six."""
    dtype = jnp.result_type(x1, x2)
    if not jnp.issubdtype(dtype, jnp.integer) or jnp.issubdtype(jnp.result_type(x2), jnp.bool_):
        return jnp.power(x1, x2)
    base, exponent = jnp.broadcast_arrays(jnp.asarray(x1, dtype), jnp.asarray(x2, dtype))
    result = jnp.ones_like(base)
    for bit in range(jnp.iinfo(dtype).bits - jnp.issubdtype(dtype, jnp.signedinteger)):
        result = jnp.where((exponent >> bit) & 1, result * base, result)
        base = base * base
    return jnp.where(exponent < 0, jnp.zeros_like(result), result)


@jax.jit  # type: ignore[untyped-decorator]
def logaddexp(x1: Array, x2: Array, /) -> Array:
    """`jnp.logaddexp`; half precision through float32, rounded once, as the others have it."""
    dtype = jnp.result_type(x1, x2)
    if dtype in (jnp.float16, jnp.bfloat16):
        return jnp.logaddexp(*(jnp.asarray(each, jnp.float32) for each in (x1, x2))).astype(dtype)
    return jnp.logaddexp(x1, x2)
