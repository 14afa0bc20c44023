"""Normalisation by torch's own kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, final

import torch
from torch.nn import functional

from unifw.backend import Backend
from unifw_torch._state import state

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = Any


FUSED_DTYPES: Final = (torch.float32, torch.float64)


@final
class _BatchNorm(torch.autograd.Function):  # type: ignore[misc]
    """torch's kernel, which normalises and finds the moments at once but does not differentiate through the moments."""

    @staticmethod
    def forward(ctx: Any, x: Array, scale: Array | None, offset: Array | None, epsilon: float) -> tuple[Array, ...]:
        result, mean, inverse = torch.native_batch_norm(
            torch.movedim(x, -1, 1), scale, offset, None, None, True, 0.0, epsilon
        )
        variance = (inverse.square().reciprocal() - epsilon).clamp_min(0)
        ctx.save_for_backward(x, scale, mean, inverse)
        ctx.epsilon = epsilon
        ctx.set_materialize_grads(False)
        return torch.movedim(result, 1, -1), mean, variance

    @staticmethod
    @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, result: Array | None, mean: Array | None, variance: Array | None) -> tuple[Any, ...]:
        x, scale, center, inverse = ctx.saved_tensors
        count = x.numel() // x.shape[-1]
        gradients: list[Any] = [None, None, None]
        if result is not None:
            needed = [bool(each) for each in ctx.needs_input_grad[:3]]
            first, *others = torch.ops.aten.native_batch_norm_backward(
                torch.movedim(result, -1, 1),
                torch.movedim(x, -1, 1),
                scale,
                None,
                None,
                center,
                inverse,
                True,
                ctx.epsilon,
                needed,
            )
            gradients = [torch.movedim(first, 1, -1) if needed[0] else None, *others]
        if ctx.needs_input_grad[0]:
            for term in (
                None if mean is None else mean / count,
                None if variance is None else (x - center) * (variance * (2 / count)),
            ):
                if term is not None:
                    gradients[0] = term.expand_as(x) if gradients[0] is None else gradients[0] + term
        return *(
            gradient if need else None for gradient, need in zip(gradients, ctx.needs_input_grad, strict=False)
        ), None


class NativeNormalization(Backend):
    """Moments in one pass; layer normalisation in one kernel."""

    def moments(self, x: Array, axis: Sequence[int], keepdims: bool) -> tuple[Array, Array]:
        """See `Normalization.moments`."""
        if not axis:
            return super().moments(x, axis, keepdims)
        variance, mean = torch.var_mean(x, tuple(axis), correction=0, keepdim=keepdims)
        return mean, variance

    def batch_norm(
        self, x: Array, scale: Array | None, offset: Array | None, epsilon: float
    ) -> tuple[Array, Array, Array]:
        """See `Normalization.batch_norm`; the fused kernel is differentiated once, and not by torch.func."""
        slow = x.ndim < 2 or x.dtype not in FUSED_DTYPES or not x.numel()
        if slow or state.depth > 1 or state.functional:
            return super().batch_norm(x, scale, offset, epsilon)
        result: tuple[Array, Array, Array] = _BatchNorm.apply(x, scale, offset, epsilon)
        return result

    def layer_norm(
        self, x: Array, scale: Array | None, offset: Array | None, epsilon: float, axis: Sequence[int]
    ) -> Array:
        """See `Normalization.layer_norm`; torch's kernel takes the last axes, and operands of exactly their shape."""
        last = sorted(each % x.ndim for each in axis)
        shape = x.shape[x.ndim - len(last) :]
        fits = all(operand is None or operand.shape == shape for operand in (scale, offset))
        if not fits or last != list(range(x.ndim - len(last), x.ndim)):
            return super().layer_norm(x, scale, offset, epsilon, axis)
        return functional.layer_norm(x, shape, scale, offset, epsilon)
