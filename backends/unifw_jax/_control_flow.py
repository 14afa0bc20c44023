"""Control flow by `jax.lax`, and `vmap`."""

from __future__ import annotations

from collections.abc import Sequence

import jax

from unifw.backend import Array, Backend, ConditionFunction, ListFunction, ScanFunction


class JaxControlFlow(Backend):
    """Each member is the function of its name in JAX."""

    def vmap(
        self, function: ListFunction, arrays: Sequence[Array], axes: Sequence[int | None], size: int
    ) -> list[Array]:
        mapped = jax.vmap(lambda *traced: function(list(traced), self), in_axes=tuple(axes), axis_size=size)
        return mapped(*arrays)  # type: ignore[no-any-return]

    def cond(
        self, predicate: Array, true_function: ListFunction, false_function: ListFunction, arrays: Sequence[Array]
    ) -> list[Array]:
        return jax.lax.cond(  # type: ignore[no-any-return]
            predicate,
            lambda operands: true_function(operands, self),
            lambda operands: false_function(operands, self),
            list(arrays),
        )

    def while_loop(self, condition: ConditionFunction, body: ListFunction, arrays: Sequence[Array]) -> list[Array]:
        return jax.lax.while_loop(  # type: ignore[no-any-return]
            lambda state: condition(list(state), self), lambda state: body(list(state), self), list(arrays)
        )

    def scan(
        self, function: ScanFunction, carry: Sequence[Array], xs: Sequence[Array], length: int, reverse: bool
    ) -> tuple[list[Array], list[Array]]:
        return jax.lax.scan(  # type: ignore[no-any-return]
            lambda state, rows: function(list(state), list(rows), self), list(carry), list(xs), length, reverse
        )
