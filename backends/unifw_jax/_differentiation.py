"""`vjp`, `jvp`, `checkpoint` and `custom_vjp`, as JAX has them."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from unifw.backend import Array, Backend, BackwardFunction, ListFunction, PairFunction, Pullback


class JaxDifferentiation(Backend):
    """Each member is the function of its name in JAX."""

    def vjp(self, function: PairFunction, arrays: Sequence[Array]) -> tuple[list[Array], list[Array], Pullback]:
        def run(*traced: Array) -> tuple[list[Array], list[Array]]:
            return function(list(traced), self)

        outputs, pull, auxiliary = jax.vjp(run, *arrays, has_aux=True)
        return outputs, auxiliary, lambda cotangents: list(pull(list(cotangents)))

    def jvp(
        self, function: PairFunction, arrays: Sequence[Array], tangents: Sequence[Array]
    ) -> tuple[list[Array], list[Array], list[Array]]:
        def run(*traced: Array) -> tuple[list[Array], list[Array]]:
            return function(list(traced), self)

        outputs, derivatives, auxiliary = jax.jvp(run, tuple(arrays), tuple(tangents), has_aux=True)
        return outputs, auxiliary, derivatives

    def checkpoint(self, function: ListFunction, arrays: Sequence[Array]) -> list[Array]:
        return jax.checkpoint(lambda *traced: function(list(traced), self))(*arrays)  # type: ignore[no-any-return]

    def custom_vjp(
        self, function: ListFunction, forward: PairFunction, backward: BackwardFunction, arrays: Sequence[Array]
    ) -> list[Array]:
        def pull(residuals: list[Array], cotangents: list[Array]) -> tuple[Array | None, ...]:
            # JAX's cotangents of integers are of a dtype without values, float0.
            known = [
                jnp.zeros(each.shape, jnp.int8) if each.dtype == jax.dtypes.float0 else each for each in cotangents
            ]
            return tuple(backward(list(residuals), known, self))

        custom = jax.custom_vjp(lambda *traced: function(list(traced), self))
        custom.defvjp(lambda *traced: forward(list(traced), self), pull)
        return custom(*arrays)  # type: ignore[no-any-return]
