"""The functions themselves: those of `unifw.nn` under Keras' signatures."""

from __future__ import annotations

from unifw import nn
from unifw import tensor as ops
from unifw.tensor import Tensor


def linear(x: Tensor) -> Tensor:
    """Return `x` as it is."""
    return x


def relu(x: Tensor, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    """``max(x, 0)``, with Keras' generalisations.

    Args:
        x: floating-point tensor.
        negative_slope: ``negative_slope * (x - threshold)`` below the threshold.
        max_value: upper limit, or None.
        threshold: values below it count as negative.
    """
    if not negative_slope and not threshold:
        result = nn.relu(x)
    else:
        below = (x - threshold) * negative_slope
        result = ops.where(x >= threshold, x, below) if threshold else nn.leaky_relu(x, negative_slope)
    return result if max_value is None else ops.clip(result, max=max_value)


def relu6(x: Tensor) -> Tensor:
    """``min(max(x, 0), 6)``."""
    return ops.clip(x, 0.0, 6.0)


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
    return x / (1.0 + ops.abs(x))


def softmax(x: Tensor, axis: int = -1) -> Tensor:
    """``exp(x) / sum(exp(x))`` along an axis."""
    return nn.softmax(x, axis=axis)


def log_softmax(x: Tensor, axis: int = -1) -> Tensor:
    """``log(softmax(x))`` along an axis."""
    return nn.log_softmax(x, axis=axis)
