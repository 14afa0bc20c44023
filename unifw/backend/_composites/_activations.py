"""Activation functions, element by element. Formulas and defaults are those of `keras.activations`."""

from __future__ import annotations

import math
from typing import Any

from unifw.backend._composites._base import WithFunctions, composite


class Activations(WithFunctions):
    """Elementwise nonlinearities and the two normalised exponentials."""

    @composite
    def relu(self, x: Any) -> Any:
        """``max(x, 0)``, with derivative 0 at 0; NaN stays NaN."""
        xp = self.xp
        return xp.where(xp.less_equal(x, 0), xp.zeros_like(x), x)

    @composite
    def sigmoid(self, x: Any) -> Any:
        """``1 / (1 + exp(-x))``, written with tanh, which does not overflow."""
        xp = self.xp
        return xp.add(xp.multiply(xp.tanh(xp.multiply(x, 0.5)), 0.5), 0.5)

    @composite
    def silu(self, x: Any) -> Any:
        """``x * sigmoid(x)``."""
        return self.xp.multiply(x, self.sigmoid(x))

    @composite
    def softplus(self, x: Any) -> Any:
        """``log(1 + exp(x))``, as ``max(x, 0) + log1p(exp(-|x|))``, with derivative 1/2 at 0."""
        xp = self.xp
        above = xp.greater(x, 0)  # one choice for both terms: those of relu and |x| would each give 0 at 0
        tail = xp.log1p(xp.exp(xp.where(above, xp.negative(x), x)))
        return xp.add(xp.where(above, x, xp.zeros_like(x)), tail)

    @composite
    def gelu(self, x: Any, approximate: bool) -> Any:
        """``x * Phi(x)``, or its tanh approximation (Hendrycks and Gimpel, arXiv:1606.08415)."""
        xp = self.xp
        if approximate:
            cubic = xp.multiply(xp.multiply(xp.multiply(x, x), x), 0.044715)
            inner = xp.multiply(xp.add(x, cubic), math.sqrt(2 / math.pi))
            return xp.multiply(xp.multiply(x, 0.5), xp.add(xp.tanh(inner), 1.0))
        return xp.multiply(xp.multiply(x, 0.5), xp.add(self.erf(xp.multiply(x, math.sqrt(0.5))), 1.0))

    @composite
    def elu(self, x: Any, alpha: float) -> Any:
        """``x`` where positive, else ``alpha * (exp(x) - 1)`` (Clevert et al., arXiv:1511.07289)."""
        xp = self.xp
        below = xp.where(xp.greater(x, 0), xp.zeros_like(x), x)  # not minimum, whose slope at 0 is a half
        negative = xp.multiply(xp.expm1(below), alpha)
        return xp.where(xp.greater(x, 0), x, negative)

    @composite
    def leaky_relu(self, x: Any, negative_slope: float) -> Any:
        """``x`` where positive, else ``negative_slope * x``."""
        xp = self.xp
        return xp.where(xp.greater(x, 0), x, xp.multiply(x, negative_slope))

    @composite
    def softmax(self, x: Any, axis: int) -> Any:
        """``exp(x - max) / sum(exp(x - max))`` along one axis."""
        xp = self.xp
        exponentials = xp.exp(xp.subtract(x, self.stop_gradient(xp.max(x, axis=axis, keepdims=True))))
        return xp.divide(exponentials, xp.sum(exponentials, axis=axis, keepdims=True))

    @composite
    def log_softmax(self, x: Any, axis: int) -> Any:
        """``(x - max) - log(sum(exp(x - max)))`` along one axis."""
        xp = self.xp
        shifted = xp.subtract(x, self.stop_gradient(xp.max(x, axis=axis, keepdims=True)))
        return xp.subtract(shifted, xp.log(xp.sum(xp.exp(shifted), axis=axis, keepdims=True)))
