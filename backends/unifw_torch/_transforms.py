"""`value_and_grad` by torch.autograd: the engine torch users know, and the cheapest to enter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from unifw_torch._state import state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unifw.backend import Backend, LossFunction


def value_and_grad(backend: Backend, function: LossFunction, arrays: Sequence[Any]) -> tuple[Any, list[Any], list[Any]]:
    """See `Backend.value_and_grad`.

    The outermost call differentiates constants and frees its graph at once. A call inside it differentiates nodes of
    the outer graph, and records its own backward pass there, so that the outer one can go through it.
    """
    nested = state.depth > 0
    state.depth += 1
    try:
        with torch.enable_grad():
            variables = [
                array.view_as(array) if nested and array.requires_grad else array.detach().requires_grad_()
                for array in arrays
            ]
            value, auxiliaries = function(variables, backend)
            if value.requires_grad and variables:
                gradients = list(
                    torch.autograd.grad(
                        value, variables, create_graph=nested, allow_unused=True, materialize_grads=True
                    )
                )
            else:
                gradients = [torch.zeros_like(variable) for variable in variables]
    finally:
        state.depth -= 1
    if nested:
        return value, auxiliaries, gradients
    return value.detach(), [each.detach() for each in auxiliaries], gradients
