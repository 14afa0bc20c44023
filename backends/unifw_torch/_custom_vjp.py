"""`custom_vjp` by `torch.autograd.Function`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

import torch

from unifw_torch._state import NotAPart, state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unifw.backend import Backend, BackwardFunction, ListFunction, PairFunction


@final
class _Custom(torch.autograd.Function):  # type: ignore[misc]  # torch is not followed by mypy
    """The identity on outputs, as a function of outputs, arrays and residuals, whose gradient goes to the arrays only.

    Residuals are inputs, so that differentiating the backward pass goes on through the forward rule.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(_pull: Any, outputs: int, _arrays: int, *given: Any) -> tuple[Any, ...]:
        return tuple(each.view_as(each) for each in given[:outputs])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Any, ...]) -> None:  # noqa: ARG004 - torch's
        ctx.pull, ctx.outputs, ctx.arrays, *given = inputs
        ctx.residuals = len(given) - ctx.outputs - ctx.arrays
        ctx.save_for_backward(*given[ctx.outputs + ctx.arrays :])

    @staticmethod
    def backward(ctx: Any, *cotangents: Any) -> tuple[Any, ...]:
        gradients = ctx.pull(list(ctx.saved_tensors), list(cotangents))
        return (None, None, None, *[None] * ctx.outputs, *gradients, *[None] * ctx.residuals)


def custom_vjp(
    backend: Backend,
    function: ListFunction,
    forward: PairFunction,
    backward: BackwardFunction,
    arrays: Sequence[Any],
) -> list[Any]:
    """See `Backend.custom_vjp`.

    A forward rule may call the function it belongs to. There it is differentiated once less: by the enclosing calls.
    """
    if state.enclosing:
        raise NotAPart  # derivatives of the part's graph would not know the rule
    if state.depth <= state.rules:
        return function(list(arrays), backend)
    state.rules += 1
    try:
        with torch.set_grad_enabled(torch.is_grad_enabled() and (state.depth > 1 or state.functional > 0)):
            outputs, residuals = forward(list(arrays), backend)
    finally:
        state.rules -= 1
    detached = [each.detach() for each in outputs]
    depth = state.depth

    def pull(kept: list[Any], cotangents: list[Any]) -> list[Any]:
        before, state.depth = state.depth, max(depth, state.depth)
        try:
            return backward(kept, cotangents, backend)
        finally:
            state.depth = before

    return list(_Custom.apply(pull, len(detached), len(arrays), *detached, *arrays, *residuals))
