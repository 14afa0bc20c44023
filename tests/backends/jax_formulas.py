"""An oracle: the interface's own formulas over `jax.numpy`, differentiated by JAX."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from unifw.backend._composites import (
    Activations,
    Attention,
    Convolution,
    Gradients,
    Indexing,
    Losses,
    Normalization,
    Optimizers,
    Random,
    Special,
)

jax.config.update("jax_enable_x64", True)


class JaxFormulas(
    Activations, Special, Attention, Convolution, Gradients, Indexing, Normalization, Losses, Optimizers, Random
):
    """Every composite's default, over JAX."""

    xp = jnp

    def asarray(self, value: Any, *, dtype: Any = None, device: str | None = None) -> Any:
        del device
        if isinstance(value, range):
            value = np.arange(value.start, value.stop, value.step)
        return jnp.asarray(value, dtype=dtype)

    def astype(self, array: Any, dtype: Any) -> Any:
        return array.astype(dtype)

    def dtype_of(self, array: Any) -> Any:
        return array.dtype

    def native_dtype(self, dtype: Any) -> Any:
        return dtype

    def device_of(self, array: Any) -> str:
        return "cpu"

    def to_device(self, array: Any, device: str) -> Any:
        return array

    def shape_of(self, array: Any) -> tuple[int, ...]:
        return array.shape

    def stop_gradient(self, array: Any) -> Any:
        return jax.lax.stop_gradient(array)
