"""Elementwise functions whose complex special values JAX has otherwise than the standard: nearly all.

Each is one jitted function that looks at the dtype when it is traced, so real numbers pay nothing for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import jax
import jax.numpy as jnp

from unifw.backend import complete_complex

Array = Any
Function = Callable[[Array], Array]

# sin, tan, asin and atan are -i f(i z) of these, and so right where these are.
_HYPERBOLIC: Final = {"sin": jnp.sinh, "tan": jnp.tanh, "asin": jnp.arcsinh, "atan": jnp.arctanh}
_PLAIN: Final = ("acos", "asinh", "atanh", "cosh", "exp", "expm1", "log", "log1p", "sinh", "sqrt", "tanh")
_LOGARITHMS: Final = {"log2": math.log(2), "log10": math.log(10)}


def _turned(function: Function) -> Function:
    """Return ``-i f(i z)``, by f in the first quadrant alone: of z there, it is ``conj(i f(i conj(z)))``."""

    def turned(z: Array) -> Array:
        value = function(jax.lax.complex(jnp.imag(z), jnp.real(z)))
        return jax.lax.complex(jnp.imag(value), jnp.real(value))

    return turned


def _acosh(z: Array) -> Array:
    """``i acos(z)``: the derivative of JAX's own is wrong in the left half plane."""
    value = jnp.arccos(z)
    return jax.lax.complex(-jnp.imag(value), jnp.real(value))


def _cos(z: Array) -> Array:
    return jnp.conj(jnp.cosh(jax.lax.complex(jnp.imag(z), jnp.real(z))))


def _sign(x: Array) -> Array:
    """`jnp.sign`, but 0 for -0."""
    return jnp.where(x == 0, 0, jnp.sign(x))


def functions(xp: Any) -> dict[str, Function]:
    """Return the functions by name; `xp` is the namespace they shall belong to."""
    inside = {name: getattr(jnp, name) for name in _PLAIN}
    inside |= {name: _turned(function) for name, function in _HYPERBOLIC.items()}
    inside |= {"acosh": _acosh, "cos": _cos, "sign": _sign}
    completed = {
        name: complete_complex(name, function, xp=xp, join=jax.lax.complex, stop_gradient=jax.lax.stop_gradient)
        for name, function in inside.items()
    }
    completed |= {name: _to_base(divisor, completed["log"]) for name, divisor in _LOGARITHMS.items()}
    real = {name: getattr(jnp, name) for name in completed} | {"sign": _sign}
    return {name: _by_dtype(real[name], function) for name, function in completed.items()}


def _to_base(divisor: float, log: Function) -> Function:
    def logarithm(z: Array) -> Array:
        value = log(z)
        return jax.lax.complex(jnp.real(value) / divisor, jnp.imag(value) / divisor)

    return logarithm


def _by_dtype(real: Function, completed: Function) -> Function:
    def elementwise(x: Array, /) -> Array:
        return completed(x) if jnp.issubdtype(jnp.result_type(x), jnp.complexfloating) else real(x)

    elementwise.__name__ = elementwise.__qualname__ = real.__name__
    return jax.jit(elementwise, inline=True)  # type: ignore[no-any-return]
