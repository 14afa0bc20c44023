"""The calls of `run.py eager`, as a user of each framework writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Calls = dict[str, Callable[[], Any]]


def of_namespace(xp: Any, add_up: Callable[[Any], Any], mask: Any, x: Any, y: Any) -> Calls:
    """Return what is timed, by the name it is printed under.

    Args:
        xp: the namespace: unifw itself, or a framework.
        add_up: its sum of all elements.
        mask: (2, 2), true.
        x: (2, 2), floats.
        y: (2, 2), floats.
    """
    add, exp, reshape, where = xp.add, xp.exp, xp.reshape, xp.where
    return {
        "x + y": lambda: x + y,
        "x * 2.0": lambda: x * 2.0,
        "x @ y": lambda: x @ y,
        "add(x, y)": lambda: add(x, y),
        "exp(x)": lambda: exp(x),
        "sum(x)": lambda: add_up(x),
        "reshape(x, (4,))": lambda: reshape(x, (4,)),
        "x[0]": lambda: x[0],
        "x[0, 1]": lambda: x[0, 1],
        "x[:, 1:]": lambda: x[:, 1:],
        "where(m, x, y)": lambda: where(mask, x, y),
    }


def native_calls(backend_name: str, mask: Any, x: Any, y: Any) -> Calls:
    """Return the calls of a framework on its own arrays."""
    if backend_name == "torch":
        import torch

        return of_namespace(torch, torch.sum, mask, x, y)
    if backend_name == "jax":
        import jax.numpy as jnp

        return of_namespace(jnp, jnp.sum, mask, x, y)
    if backend_name == "tensorflow":
        import tensorflow as tf

        return of_namespace(tf, tf.reduce_sum, mask, x, y)
    import numpy as np

    return of_namespace(np, np.sum, mask, x, y)
