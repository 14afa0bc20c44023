"""`jax.numpy` as the interface wants it; it is an Array API namespace already, but for names it spells otherwise."""

from __future__ import annotations

from typing import Any, final

import jax
import jax.numpy as jnp

from unifw_jax import _arithmetic, _complex, _linalg

Array = Any


def _take(x: Array, indices: Array, *, axis: int) -> Array:
    return jnp.take(x, indices, axis=axis, mode="clip")


def _take_along_axis(x: Array, indices: Array, *, axis: int) -> Array:
    return jnp.take_along_axis(x, indices, axis=axis, mode="clip")


def _nextafter(x1: Array, x2: Array, /) -> Array:
    return jnp.nextafter(jax.lax.stop_gradient(x1), jax.lax.stop_gradient(x2))  # it has no derivative rule


def _tensordot(x1: Array, x2: Array, *, axes: Any) -> Array:
    return jnp.tensordot(x1, x2, axes=axes)


def _through_float32(function: Any) -> Any:
    """Let a reduction of half precision compute in float32 and round once: its sums and squares overflow."""

    def reduce(x: Array, **options: Any) -> Array:
        if x.dtype in (jnp.float16, jnp.bfloat16):
            return function(x.astype(jnp.float32), **options).astype(x.dtype)
        return function(x, **options)

    return reduce


def _abs_derivative(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (x,), (change,) = primals, tangents
    return _abs(x), jnp.real(change * jnp.conj(jnp.sign(x)))


def _magnitude(x: Array) -> Array:
    if not jnp.issubdtype(x.dtype, jnp.complexfloating):
        return jnp.abs(x)
    return jnp.where(jnp.isinf(x), jnp.inf, jnp.abs(x))  # `jnp.abs` has NaN where the other part is NaN


# |x| with derivative 0 at 0, where that of `jnp.abs` is 1.
_differentiable_abs = jax.custom_jvp(_magnitude)
_differentiable_abs.defjvp(_abs_derivative)
_abs = jax.jit(_differentiable_abs)


@final
class Namespace:
    """`jax.numpy`, read through once per name; the functions above replace those it defines otherwise."""

    abs = staticmethod(_abs)
    fft = _linalg.fft
    floor_divide = staticmethod(_arithmetic.floor_divide)
    linalg = _linalg.linalg
    logaddexp = staticmethod(_arithmetic.logaddexp)
    mean = staticmethod(_through_float32(jnp.mean))
    nextafter = staticmethod(_nextafter)
    pow = staticmethod(_arithmetic.power)
    remainder = staticmethod(_arithmetic.remainder)
    std = staticmethod(_through_float32(jnp.std))
    take = staticmethod(_take)
    take_along_axis = staticmethod(_take_along_axis)
    tensordot = staticmethod(_tensordot)
    var = staticmethod(_through_float32(jnp.var))

    def __init__(self) -> None:
        vars(self).update(_complex.functions(self))

    def __getattr__(self, name: str) -> Any:
        function = getattr(jnp, name)
        setattr(self, name, function)
        return function


namespace = Namespace()
