"""Differentiation by torch.autograd, the engine torch users know and the cheapest to enter, or by torch.func.

Inside `vmap` and `jvp`, which are torch.func's, arrays are its wrappers, and only its own reverse mode takes these:
`state.functional` says so. Outside, torch.autograd differentiates what torch.func computed.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from unifw_torch import _loops
from unifw_torch._state import NotAPart, state

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from unifw.backend import Backend, ListFunction, LossFunction, PairFunction, Pullback

Arrays = list[Any]


@contextmanager
def _differentiating(*, functional: bool) -> Iterator[None]:
    before = state.depth, state.functional
    state.depth, state.functional = before[0] + 1, before[1] + functional
    try:
        yield
    finally:
        state.depth, state.functional = before


def _variables(arrays: Sequence[Any], *, nested: bool) -> Arrays:
    return [
        array.view_as(array) if nested and array.requires_grad else array.detach().requires_grad_() for array in arrays
    ]


def value_and_grad(backend: Backend, function: LossFunction, arrays: Sequence[Any]) -> tuple[Any, Arrays, Arrays]:
    """See `Backend.value_and_grad`.

    The outermost call differentiates constants and frees its graph at once. A call inside it differentiates nodes of
    the outer graph, and records its own backward pass there, so that the outer one can go through it.
    """
    if state.functional:
        return _functional_value_and_grad(backend, function, arrays)
    nested = state.depth > 0
    with _differentiating(functional=False), torch.enable_grad():
        variables = _variables(arrays, nested=nested)
        value, auxiliaries = function(variables, backend)
        if value.requires_grad and variables:
            gradients = list(
                torch.autograd.grad(value, variables, create_graph=nested, allow_unused=True, materialize_grads=True)
            )
        else:
            gradients = [torch.zeros_like(variable) for variable in variables]
    if nested:
        return value, auxiliaries, gradients
    return value.detach(), [each.detach() for each in auxiliaries], gradients


def _functional_value_and_grad(
    backend: Backend, function: LossFunction, arrays: Sequence[Any]
) -> tuple[Any, Arrays, Arrays]:
    def run(traced: Arrays, owner: Backend) -> tuple[Arrays, Arrays]:
        value, auxiliaries = function(traced, owner)
        return [value], auxiliaries

    (value,), auxiliaries, pullback = vjp(backend, run, arrays)
    return value, auxiliaries, pullback([torch.ones_like(value)])


def vjp(backend: Backend, function: PairFunction, arrays: Sequence[Any]) -> tuple[Arrays, Arrays, Pullback]:
    """See `Backend.vjp`."""
    if state.functional:
        return _functional_vjp(backend, function, arrays)
    nested = state.depth > 0
    with _differentiating(functional=False), torch.enable_grad():
        variables = _variables(arrays, nested=nested)
        outputs, auxiliaries = function(variables, backend)

    def pullback(cotangents: Arrays) -> Arrays:
        pairs = [pair for pair in zip(outputs, cotangents, strict=True) if pair[0].requires_grad]
        if not pairs or not variables:
            return [torch.zeros_like(variable) for variable in variables]
        further = nested or state.depth > 0
        with torch.set_grad_enabled(further):
            gradients = torch.autograd.grad(
                [output for output, _ in pairs],
                variables,
                [cotangent for _, cotangent in pairs],
                retain_graph=True,
                create_graph=further,
                allow_unused=True,
                materialize_grads=True,
            )
        return list(gradients)

    if nested:
        return outputs, auxiliaries, pullback
    return [each.detach() for each in outputs], [each.detach() for each in auxiliaries], pullback


def _functional_vjp(backend: Backend, function: PairFunction, arrays: Sequence[Any]) -> tuple[Arrays, Arrays, Pullback]:
    def run(*traced: Any) -> tuple[tuple[Any, ...], Arrays]:
        outputs, auxiliaries = function(list(traced), backend)
        return tuple(outputs), auxiliaries

    with _differentiating(functional=True):
        outputs, pull, auxiliaries = torch.func.vjp(run, *arrays, has_aux=True)
    return list(outputs), list(auxiliaries), lambda cotangents: list(pull(tuple(cotangents)))


def jvp(
    backend: Backend, function: PairFunction, arrays: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Arrays, Arrays, Arrays]:
    """See `Backend.jvp`: by dual numbers."""

    def run(*traced: Any) -> tuple[tuple[Any, ...], Arrays]:
        outputs, auxiliaries = function(list(traced), backend)
        return tuple(outputs), auxiliaries

    with _differentiating(functional=True):
        outputs, derivatives, auxiliaries = torch.func.jvp(run, tuple(arrays), tuple(tangents), has_aux=True)
    return list(outputs), list(auxiliaries), list(derivatives)


def vmap(backend: Backend, function: ListFunction, arrays: Sequence[Any], axes: Sequence[int | None]) -> Arrays:
    """See `Backend.vmap`."""

    def run(*traced: Any) -> tuple[Any, ...]:
        return tuple(function(list(traced), backend))

    before = state.functional
    state.functional += 1
    try:
        return list(torch.func.vmap(run, in_dims=tuple(axes), randomness="different")(*arrays))
    finally:
        state.functional = before


def checkpoint(backend: Backend, function: ListFunction, arrays: Sequence[Any]) -> Arrays:
    """See `Backend.checkpoint`: by torch.utils.checkpoint, where torch.autograd records.

    Under `jit` by the graph of the function, run again in the backward pass. torch.func has no hooks for what is saved,
    and a part of a graph (the body of a loop) is computed again anyway: there the function just runs.
    """
    if not state.depth or state.functional or state.enclosing:
        return function(list(arrays), backend)
    if state.tracing:
        try:
            return _loops.checkpoint(backend, function, arrays)
        except NotAPart:
            return function(list(arrays), backend)
    from torch.utils.checkpoint import checkpoint as recomputed
    from torch.utils.checkpoint import set_checkpoint_early_stop

    def run(*traced: Any) -> tuple[Any, ...]:
        before, state.depth = state.depth, max(1, state.depth)  # the second run may be on autograd's own thread
        try:
            return tuple(function(list(traced), backend))
        finally:
            state.depth = before

    with set_checkpoint_early_stop(False):  # it stops by an exception, which our operators would explain as a failure
        return list(recomputed(run, *arrays, use_reentrant=False, preserve_rng_state=False))
