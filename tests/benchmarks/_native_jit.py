"""Two functions compiled by each framework's own compiler: many small operations, and many small arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

SIZES = (64, 1024)
LEAVES = 100


def small_operations(xp: Any) -> Callable[[Any], Any]:
    """Return a function of 200 elementwise operations, from a namespace."""

    def function(x: Any) -> Any:
        y = x
        for _ in range(50):
            y = xp.sin(y * 1.01 + 0.5) - x
        return y

    return function


def increment(tree: dict[str, Any]) -> dict[str, Any]:
    """Add one to every leaf."""
    return {name: leaf + 1.0 for name, leaf in tree.items()}


def leaves() -> dict[str, np.ndarray]:
    """Return the tree `increment` is called with."""
    return {f"leaf_{number:03d}": np.full(4, number, np.float32) for number in range(LEAVES)}


def jax_native() -> tuple[Any, Callable[[Any], Any], dict[str, Callable[[Any], Any]], Callable[[Any], Any]]:
    """Return namespace, conversion, the compilers and what waits for an array."""
    import jax
    import jax.numpy as jnp

    return jnp, jnp.asarray, {"jax.jit": jax.jit}, lambda array: array.block_until_ready()


def torch_native() -> tuple[Any, Callable[[Any], Any], dict[str, Callable[[Any], Any]], Callable[[Any], Any]]:
    """See `jax_native`."""
    import torch

    return torch, torch.as_tensor, {"torch.compile": torch.compile}, lambda array: array


def tensorflow_native() -> tuple[Any, Callable[[Any], Any], dict[str, Callable[[Any], Any]], Callable[[Any], Any]]:
    """See `jax_native`."""
    import tensorflow as tf

    compilers = {
        "tf.function, graph": tf.function,
        "tf.function, XLA": lambda function: tf.function(function, jit_compile=True),
    }
    return tf, tf.constant, compilers, lambda array: array


NATIVE = {"jax": jax_native, "torch": torch_native, "tensorflow": tensorflow_native}
