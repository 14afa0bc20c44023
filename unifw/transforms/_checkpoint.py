"""Trading time for memory in reverse mode."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from unifw.backend import Array, Backend
from unifw.tensor import Tensor, tree
from unifw.transforms._boundary import call, flatten_results, unwrap, wrap


def checkpoint(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose intermediate values are computed again when it is differentiated, as `jax.checkpoint`.

    Values and gradients are those of `fun`. JAX rematerialises always; torch in eager differentiation
    (`torch.utils.checkpoint`) and under `jit`, not inside `vmap` or forward mode. TensorFlow, NumPy and other backends
    of the tape run `fun` as it is, keeping what it computes.

    Args:
        fun: a function of trees of tensors; leaves that are not tensors are passed on as they are.

    >>> import unifw as uf
    >>> uf.grad(uf.checkpoint(lambda x: uf.sum(uf.sin(x))))(uf.asarray([0.0])).tolist()
    [1.0]
    """

    @wraps(fun)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        leaves, treedef = tree.flatten((args, kwargs))
        places = [place for place, leaf in enumerate(leaves) if leaf.__class__ is Tensor]
        backend, arrays = unwrap([leaves[place] for place in places], "checkpoint")
        structure: tree.TreeDef = treedef

        def run(traced: list[Array], owner: Backend) -> list[Array]:
            nonlocal structure
            given = list(leaves)
            for place, tensor in zip(places, wrap(traced, owner), strict=True):
                given[place] = tensor
            positional, named = tree.unflatten(treedef, given)
            results, structure = flatten_results(call(fun, owner, *positional, **named), owner, "checkpoint")
            return results

        results = backend.checkpoint(run, arrays)
        return tree.unflatten(structure, wrap(results, backend))

    return checkpointed
