"""Reverse mode for functions with any results: vector-Jacobian products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unifw.backend import Array, Backend
from unifw.tensor import Tensor, tree
from unifw.tensor._operands import common_backend, lower
from unifw.transforms._boundary import check_differentiable, lifts, unwrap, wrap
from unifw.transforms._linear import Differentiated, matching_leaves, matching_tensors


def vjp(fun: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """Run a function, and return its results and the function that pulls cotangents back, as `jax.vjp`.

    Args:
        fun: a function of `primals`, which returns a tree of tensors (or a pair of it and auxiliary data, with
            `has_aux`). It is run once.
        *primals: trees of floating-point tensors.
        has_aux: whether `fun` returns ``(outputs, auxiliary)``.

    Returns:
        ``(outputs, pullback)``, or ``(outputs, pullback, auxiliary)``. The pullback takes cotangents with the
        structure and shapes of `outputs` and returns a tuple of gradients, one per primal; it may be called again.
        Results that are not floating-point have no derivative: what stands for their cotangents is ignored.

    Raises:
        DTypeError: if a primal is not floating-point.
        TransformError, ShapeError: from the pullback, if cotangents do not fit the outputs.

    >>> import unifw as uf
    >>> outputs, pullback = uf.vjp(lambda x, y: x * y, uf.asarray([1.0, 2.0]), uf.asarray([3.0, 4.0]))
    >>> [gradient.tolist() for gradient in pullback(uf.asarray([1.0, 10.0]))]
    [[3.0, 40.0], [1.0, 20.0]]
    """
    leaves, treedef = tree.flatten(primals)
    check_differentiable(leaves, "vjp")
    backend, arrays = unwrap(leaves, "vjp")

    def run(traced: list[Tensor]) -> Any:
        return fun(*tree.unflatten(treedef, traced))

    function = Differentiated(run, "vjp", has_aux=has_aux)
    floating, auxiliary, pull = backend.vjp(function, arrays)
    outputs, extra = function.outputs(floating, auxiliary, backend)
    like = wrap(floating, backend)

    def pullback(cotangents: Any, /) -> Any:
        given = function.of_floating(
            matching_leaves(cotangents, function.treedef, "The pullback of vjp()", "cotangents")
        )
        tensors = matching_tensors(given, like, "The pullback of vjp()", "cotangents")
        owner, gradients = _pulled(tensors)
        return tree.unflatten(treedef, wrap(gradients, owner))

    def _pulled(tensors: list[Tensor]) -> tuple[Backend, list[Array]]:
        if all(lifts(backend, tensor) for tensor in tensors):
            return backend, pull([lower(tensor, backend) for tensor in tensors])
        # The cotangents are traced by a decorator of the backend: differentiate there, so that it sees the pullback.
        owner = common_backend(tensors, "The pullback of vjp")
        lifted = [lower(Tensor(array, backend), owner) for array in arrays]
        _, _, outer_pull = owner.vjp(Differentiated(run, "vjp", has_aux=has_aux), lifted)
        return owner, outer_pull([lower(tensor, owner) for tensor in tensors])

    return (outputs, pullback, extra) if has_aux else (outputs, pullback)
