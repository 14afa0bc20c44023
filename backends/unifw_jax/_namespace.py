"""`jax.numpy` as the interface wants it; it is an Array API namespace already, but for names it spells otherwise."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp

Array = Any


def _take(x: Array, indices: Array, *, axis: int) -> Array:
    return jnp.take(x, indices, axis=axis, mode="clip")


def _take_along_axis(x: Array, indices: Array, *, axis: int) -> Array:
    return jnp.take_along_axis(x, indices, axis=axis, mode="clip")


def _tensordot(x1: Array, x2: Array, *, axes: Any) -> Array:
    return jnp.tensordot(x1, x2, axes=axes)


@final
class Namespace:
    """`jax.numpy`, read through once per name; the functions above replace those it defines otherwise."""

    take = staticmethod(_take)
    take_along_axis = staticmethod(_take_along_axis)
    tensordot = staticmethod(_tensordot)

    def __getattr__(self, name: str) -> Any:
        function = getattr(jnp, name)
        setattr(self, name, function)
        return function


namespace = Namespace()
