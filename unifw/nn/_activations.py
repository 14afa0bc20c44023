"""Activation functions: names and defaults of `keras.ops` and `jax.nn`. All keep shape and floating-point dtype."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw.nn._operands import elementwise, floating
from unifw.tensor import Tensor
from unifw.tensor._manipulation import normalize_axes, normalize_axis
from unifw.tensor._operands import as_tensor


def relu(x: Any) -> Tensor:
    """``max(x, 0)``; the derivative at 0 is 0.

    >>> import unifw as uf
    >>> uf.nn.relu(uf.asarray([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """
    return elementwise("relu", x)


def sigmoid(x: Any) -> Tensor:
    """``1 / (1 + exp(-x))``.

    >>> import unifw as uf
    >>> uf.nn.sigmoid(uf.asarray(0.0)).item()
    0.5
    """
    return elementwise("sigmoid", x)


def silu(x: Any) -> Tensor:
    """``x * sigmoid(x)``, also called swish (Hendrycks and Gimpel, arXiv:1606.08415).

    >>> import unifw as uf
    >>> uf.nn.silu(uf.asarray(0.0)).item()
    0.0
    """
    return elementwise("silu", x)


def softplus(x: Any) -> Tensor:
    """``log(1 + exp(x))``, without overflow.

    >>> import unifw as uf
    >>> round(uf.nn.softplus(uf.asarray(0.0)).item(), 4)
    0.6931
    """
    return elementwise("softplus", x)


def gelu(x: Any, approximate: bool = True) -> Tensor:
    """``x * Phi(x)`` with Phi the normal distribution (Hendrycks and Gimpel, arXiv:1606.08415).

    Args:
        x: any shape.
        approximate: the tanh formula (the default of `jax.nn.gelu` and `keras.ops.gelu`) instead of the error
            function. torch and `keras.activations.gelu` have the exact one as their default.

    >>> import unifw as uf
    >>> round(uf.nn.gelu(uf.asarray(1.0), approximate=False).item(), 4)
    0.8413
    """
    return elementwise("gelu", x, approximate)


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """``x`` where positive, else ``alpha * (exp(x) - 1)`` (Clevert et al., arXiv:1511.07289).

    >>> import unifw as uf
    >>> uf.nn.elu(uf.asarray(2.0)).item()
    2.0
    """
    return elementwise("elu", x, alpha)


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """``x`` where positive, else ``negative_slope * x``. The default is Keras'; torch and JAX have 0.01.

    >>> import unifw as uf
    >>> uf.nn.leaky_relu(uf.asarray(-1.0), 0.5).item()
    -0.5
    """
    return elementwise("leaky_relu", x, negative_slope)


def erf(x: Any) -> Tensor:
    """The error function.

    >>> import unifw as uf
    >>> round(uf.nn.erf(uf.asarray(1.0)).item(), 4)
    0.8427
    """
    return elementwise("erf", x)


def erfinv(x: Any) -> Tensor:
    """The inverse of `erf`: infinite at -1 and 1, NaN beyond.

    One formula on every backend (M. Giles, "Approximating the erfinv function", 2011), within 4 ulp in float32 and
    float64, also next to 1, where JAX's float32 is 40 ulp off; torch's own differs from that by 2e-5, TensorFlow's by
    6e-3 in the tails.

    >>> import unifw as uf
    >>> round(uf.nn.erfinv(uf.asarray(0.5)).item(), 4)
    0.4769
    """
    return elementwise("erfinv", x)


def softmax(x: Any, axis: int = -1) -> Tensor:
    """``exp(x) / sum(exp(x))`` along an axis, without overflow.

    >>> import unifw as uf
    >>> uf.nn.softmax(uf.asarray([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    return elementwise("softmax", x, normalize_axis(axis, as_tensor(x).ndim, "softmax"))


def log_softmax(x: Any, axis: int = -1) -> Tensor:
    """``x - log(sum(exp(x)))`` along an axis, without overflow.

    >>> import unifw as uf
    >>> round(uf.nn.log_softmax(uf.asarray([0.0, 0.0]))[0].item(), 4)
    -0.6931
    """
    return elementwise("log_softmax", x, normalize_axis(axis, as_tensor(x).ndim, "log_softmax"))


def logsumexp(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor:
    """``log(sum(exp(x)))`` along axes (None: all), without overflow.

    >>> import unifw as uf
    >>> round(uf.nn.logsumexp(uf.asarray([0.0, 0.0])).item(), 4)
    0.6931
    """
    backend, (array,) = floating("logsumexp", x)
    axes = normalize_axes(axis, len(backend.shape_of(array)), "logsumexp")
    return Tensor(backend.logsumexp(array, axes, keepdims), backend)
