"""JAX's own generator for the stream it defines: one fused kernel instead of a hundred operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from unifw import dtypes
from unifw.backend import Backend

Array = Any


def _key(data: Array) -> Array:
    return jax.random.wrap_key_data(data, impl="threefry2x32")


@jax.jit  # type: ignore[untyped-decorator]
def _fold_in(key: Array, data: Array) -> Array:
    return jax.random.key_data(jax.random.fold_in(_key(key), data.astype(jnp.uint32)))


def _draw(name: str, key: Array, *args: Any, **kwargs: Any) -> Array:
    """Return what a function of `jax.random` draws, in the layout that the definition of the stream says."""
    with jax.threefry_partitionable(True):
        return getattr(jax.random, name)(_key(key), *args, **kwargs)


class JaxRandom(Backend):
    """`jax.random`, which is the definition."""

    def random_fold_in(self, key: Array, data: Array) -> Array:
        return _fold_in(key, data)

    def random_split(self, key: Array, count: int) -> Array:
        return jax.random.key_data(_draw("split", key, count))

    def random_bits(self, key: Array, shape: Sequence[int], dtype: dtypes.DType = dtypes.uint32) -> Array:
        return _draw("bits", key, tuple(shape), dtype)

    def random_uniform(
        self,
        key: Array,
        shape: Sequence[int],
        dtype: dtypes.DType = dtypes.float32,
        minval: Any = 0.0,
        maxval: Any = 1.0,
    ) -> Array:
        if isinstance(key, jax.core.Tracer):
            # Constants that XLA knows are folded, `(x - 1) * 1 + minval` to `x + (minval - 1)`: rounded otherwise.
            limits = (jnp.asarray(minval, dtype), jnp.asarray(maxval, dtype))
            minval, maxval = jax.lax.optimization_barrier(limits)
        return _draw("uniform", key, tuple(shape), dtype, minval, maxval)

    def random_normal(self, key: Array, shape: Sequence[int], dtype: dtypes.DType = dtypes.float32) -> Array:
        return _draw("normal", key, tuple(shape), dtype)

    def random_truncated_normal(
        self, key: Array, lower: Any, upper: Any, shape: Sequence[int], dtype: dtypes.DType = dtypes.float32
    ) -> Array:
        return _draw("truncated_normal", key, lower, upper, tuple(shape), dtype)

    def random_randint(self, key: Array, shape: Sequence[int], minval: Any, maxval: Any, dtype: dtypes.DType) -> Array:
        if isinstance(minval, int) and dtype.itemsize == 8 and max(abs(minval), abs(maxval)) >= 1 << 63:
            return super().random_randint(key, shape, minval, maxval, dtype)  # JAX's literals are int64
        return _draw("randint", key, tuple(shape), minval, maxval, dtype)

    def random_exponential(self, key: Array, shape: Sequence[int], dtype: dtypes.DType) -> Array:
        return _draw("exponential", key, tuple(shape), dtype)

    def random_gumbel(self, key: Array, shape: Sequence[int], dtype: dtypes.DType, mode: str) -> Array:
        return _draw("gumbel", key, tuple(shape), dtype, mode)

    def random_laplace(self, key: Array, shape: Sequence[int], dtype: dtypes.DType) -> Array:
        return _draw("laplace", key, tuple(shape), dtype)

    def random_logistic(self, key: Array, shape: Sequence[int], dtype: dtypes.DType) -> Array:
        return _draw("logistic", key, tuple(shape), dtype)

    def random_gamma(self, key: Array, alpha: Array, log_space: bool) -> Array:
        return _draw("loggamma" if log_space else "gamma", key, alpha, alpha.shape, alpha.dtype)

    def random_poisson(self, key: Array, rate: Array, dtype: dtypes.DType) -> Array:
        return _draw("poisson", key, rate, rate.shape, dtype)

    def loop_while(self, condition: Any, body: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(jax.lax.while_loop(lambda each: condition(*each), lambda each: body(*each), tuple(state)))
