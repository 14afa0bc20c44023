"""`value_and_grad` and `jit` by JAX's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import jax
import jax.numpy as jnp
import numpy as np

from unifw import dtypes
from unifw.backend import Array, ArrayFunction, Backend, CompiledFunction, LossFunction, no_value
from unifw_jax import _memory


def concrete(tracer: Array) -> np.ndarray[Any, Any]:
    """Return the value of a tracer that has one: a scalar that is only being differentiated."""
    if tracer.size != 1:
        raise no_value()
    try:
        return np.asarray(dtypes.python_type(tracer.dtype)(tracer.reshape(())), tracer.dtype).reshape(tracer.shape)
    except jax.errors.ConcretizationTypeError as error:
        raise no_value() from error


def value_and_grad(
    backend: Backend, function: LossFunction, arrays: Sequence[Array]
) -> tuple[Array, list[Array], list[Array]]:
    """See `Backend.value_and_grad`."""

    def run(traced: list[Array]) -> tuple[Array, list[Array]]:
        return function(traced, backend)

    (value, auxiliary), gradients = jax.value_and_grad(run, has_aux=True)(list(arrays))
    return value, auxiliary, gradients


@final
class _Static:
    """The static part of a compiled function's result; compared by identity, so it may hold anything."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def jit(backend: Backend, function: ArrayFunction, donate: Sequence[int]) -> CompiledFunction:
    """See `Backend.jit`. Donated buffers hold results where XLA finds shapes that fit."""

    def run(*arrays: Array) -> dict[_Static, list[Array]]:
        results, static = function(list(arrays), backend)
        # The key of a dict is part of a result's structure, which `jax.jit` carries per specialisation. A class of our
        # own, registered with JAX, could hold it too, but would be rebuilt in Python at each call.
        return {_Static(static): [jnp.asarray(result) for result in results]}

    compiled = jax.jit(run, donate_argnums=tuple(donate))

    def call(arrays: list[Array]) -> tuple[list[Array], Any]:
        if _memory.watches:
            _memory.look(compiled, arrays)
        ((static, results),) = compiled(*arrays).items()
        return results, static.value

    return call
