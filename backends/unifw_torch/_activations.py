"""Activations and special functions by torch's own kernels, where their values and derivatives are the defaults'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import torch
from torch.nn import functional

from unifw.backend import Backend
from unifw_torch._state import state

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = Any

# Above this, torch returns x itself for softplus(x): exp(-40) is below half a unit in the last place of float64.
SOFTPLUS_THRESHOLD: Final = 40.0


class NativeActivations(Backend):
    """One kernel each, forward and backward."""

    def relu(self, x: Array) -> Array:
        """See `Activations.relu`."""
        return torch.relu(x)

    def sigmoid(self, x: Array) -> Array:
        """See `Activations.sigmoid`."""
        return torch.sigmoid(x)

    def silu(self, x: Array) -> Array:
        """See `Activations.silu`."""
        return functional.silu(x)

    def softplus(self, x: Array) -> Array:
        """See `Activations.softplus`."""
        return functional.softplus(x, threshold=SOFTPLUS_THRESHOLD)

    def gelu(self, x: Array, approximate: bool) -> Array:
        """See `Activations.gelu`."""
        return functional.gelu(x, approximate="tanh" if approximate else "none")

    def elu(self, x: Array, alpha: float) -> Array:
        """See `Activations.elu`."""
        return functional.elu(x, alpha)

    def leaky_relu(self, x: Array, negative_slope: float) -> Array:
        """See `Activations.leaky_relu`."""
        return functional.leaky_relu(x, negative_slope)

    def softmax(self, x: Array, axis: int) -> Array:
        """See `Activations.softmax`."""
        return torch.softmax(x, axis)

    def log_softmax(self, x: Array, axis: int) -> Array:
        """See `Activations.log_softmax`."""
        return torch.log_softmax(x, axis)

    def erf(self, x: Array) -> Array:
        """See `Special.erf`."""
        return torch.erf(x)

    def logsumexp(self, x: Array, axis: int | tuple[int, ...] | None, keepdims: bool) -> Array:
        """See `Special.logsumexp`."""
        return torch.logsumexp(x, tuple(range(x.ndim)) if axis is None else axis, keepdim=keepdims)

    def pad(self, x: Array, padding: Sequence[tuple[int, int]], value: float) -> Array:
        """See `Special.pad`; torch counts axes from the last."""
        if not any(before or after for before, after in padding):
            return x
        return functional.pad(x, [count for pair in reversed(padding) for count in pair], value=value)

    def dot_product_attention(
        self, query: Array, key: Array, value: Array, mask: Array | None, scale: float, is_causal: bool
    ) -> Array:
        """See `Attention.dot_product_attention`; torch's fused kernel has no second derivative, `jvp` or `vmap`."""
        if mask is not None or state.depth > 1 or state.functional:
            return super().dot_product_attention(query, key, value, mask, scale, is_causal)
        query, key, value = (each.transpose(1, 2) for each in (query, key, value))
        result = functional.scaled_dot_product_attention(query, key, value, scale=scale, is_causal=is_causal)
        return result.transpose(1, 2)
