"""Functions of `unifw.nn` under Keras' signatures, where these differ or the name does."""

from __future__ import annotations

from typing import Final

from unifw import nn
from unifw import tensor as ops
from unifw.nn import (
    relu6,
)
from unifw.tensor import Tensor

_SIX: Final = 6.0


def linear(x: Tensor) -> Tensor:
    """Return `x` as it is."""
    return x


def relu(x: Tensor, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    """``x`` above the threshold and 0 elsewhere, with Keras' generalisations.

    ``clip(x if x > threshold else 0, 0, max_value) - negative_slope * max(threshold - x, 0)``, where the clipping is
    left out without a `max_value`.

    Args:
        x: floating-point tensor.
        negative_slope: ``negative_slope * (x - threshold)`` below the threshold.
        max_value: upper limit, or None.
        threshold: values up to it count as negative.
    """
    if negative_slope and max_value is None and not threshold:
        return nn.leaky_relu(x, negative_slope)
    if not threshold and max_value == _SIX:
        result = relu6(x)
    else:
        result = ops.where(x > threshold, x, ops.zeros_like(x)) if threshold else nn.relu(x)
        result = result if max_value is None else ops.clip(result, 0.0, max_value)
    return result - negative_slope * nn.relu(threshold - x) if negative_slope else result


def leaky_relu(x: Tensor, negative_slope: float = 0.2) -> Tensor:
    """``x`` where positive, else ``negative_slope * x``."""
    return nn.leaky_relu(x, negative_slope)


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """``x`` where positive, else ``alpha * (exp(x) - 1)``."""
    return nn.elu(x, alpha)


def gelu(x: Tensor, approximate: bool = False) -> Tensor:
    """``x * Phi(x)``, exact by default as in Keras (`jax.nn.gelu` approximates by default)."""
    return nn.gelu(x, approximate=approximate)


def sigmoid(x: Tensor) -> Tensor:
    """``1 / (1 + exp(-x))``."""
    return nn.sigmoid(x)


def silu(x: Tensor) -> Tensor:
    """``x * sigmoid(x)``, also called swish."""
    return nn.silu(x)


def tanh(x: Tensor) -> Tensor:
    """The hyperbolic tangent."""
    return ops.tanh(x)


def exponential(x: Tensor) -> Tensor:
    """``exp(x)``."""
    return ops.exp(x)


def softplus(x: Tensor) -> Tensor:
    """``log(1 + exp(x))``."""
    return nn.softplus(x)


def softsign(x: Tensor) -> Tensor:
    """``x / (1 + |x|)``."""
    return nn.soft_sign(x)


def softmax(x: Tensor, axis: int = -1) -> Tensor:
    """``exp(x) / sum(exp(x))`` along an axis."""
    return nn.softmax(x, axis=axis)


def log_softmax(x: Tensor, axis: int = -1) -> Tensor:
    """``log(softmax(x))`` along an axis."""
    return nn.log_softmax(x, axis=axis)
