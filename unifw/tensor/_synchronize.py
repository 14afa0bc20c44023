"""Waiting for results."""

from __future__ import annotations

from typing import Any

from unifw.backend import Backend
from unifw.tensor import tree
from unifw.tensor._tensor import Tensor


def synchronize(value: Any) -> Any:
    """Return `value` (a tree) once the values of all tensors in it exist, as `jax.block_until_ready`.

    JAX always, and every framework on an accelerator, returns from a call before its work is done: a clock around
    the call must include this.

    >>> import unifw as uf
    >>> uf.synchronize(uf.ones(2) + 1).tolist()
    [2.0, 2.0]
    """
    arrays: dict[Backend, list[Any]] = {}
    for leaf in tree.leaves(value):
        if isinstance(leaf, Tensor):
            arrays.setdefault(leaf.backend, []).append(leaf.native)
    for backend, natives in arrays.items():
        backend.synchronize(natives)
    return value
