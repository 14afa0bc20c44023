"""Hand-written gradients of the composites: fewer passes over memory than differentiating their formulas.

Each runs the inner backend's own version forward, and is written over the inner backend, so it nests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from unifw.backend.autodiff._over_inner import OverInner


class FusedActivations(OverInner):
    """Activations and the normalised exponentials."""

    def _activation(self, function: Callable[..., Any], x: Any, rule: Callable[..., Any], *arguments: Any) -> Any:
        """Record an elementwise function from its rule: (gradient, operand, result)."""
        if type(x) is not self.recorder.node:
            return function(x, *arguments)
        value = x.value
        result = function(value, *arguments)
        return self.recorder.node(result, (x,), (lambda g: rule(g, value, result),))

    def relu(self, x: Any) -> Any:
        """See `Activations.relu`."""
        xp = self.inner.xp
        return self._activation(self.inner.relu, x, lambda g, _x, y: xp.where(xp.greater(y, 0), g, 0.0))

    def sigmoid(self, x: Any) -> Any:
        """``y' = y * (1 - y)``."""
        xp = self.inner.xp
        return self._activation(
            self.inner.sigmoid, x, lambda g, _x, y: xp.multiply(g, xp.multiply(y, xp.subtract(1.0, y)))
        )

    def silu(self, x: Any) -> Any:
        """``y' = s + y * (1 - s)`` with ``s = sigmoid(x)``."""
        inner, xp = self.inner, self.inner.xp

        def rule(g: Any, x: Any, y: Any) -> Any:
            s = inner.sigmoid(x)
            return xp.multiply(g, xp.add(s, xp.multiply(y, xp.subtract(1.0, s))))

        return self._activation(inner.silu, x, rule)

    def softplus(self, x: Any) -> Any:
        """``y' = sigmoid(x)``."""
        xp, sigmoid = self.inner.xp, self.inner.sigmoid
        return self._activation(self.inner.softplus, x, lambda g, x, _y: xp.multiply(g, sigmoid(x)))

    def gelu(self, x: Any, approximate: bool) -> Any:
        """``y' = Phi(x) + x * phi(x)``, or the derivative of the tanh approximation."""
        inner, xp = self.inner, self.inner.xp

        def exact(g: Any, x: Any, _y: Any) -> Any:
            cumulative = xp.multiply(xp.add(inner.erf(xp.multiply(x, math.sqrt(0.5))), 1.0), 0.5)
            density = xp.multiply(xp.exp(xp.multiply(xp.square(x), -0.5)), 1 / math.sqrt(2 * math.pi))
            return xp.multiply(g, xp.add(cumulative, xp.multiply(x, density)))

        def by_tanh(g: Any, x: Any, _y: Any) -> Any:
            square = xp.square(x)
            scale = math.sqrt(2 / math.pi)
            t = xp.tanh(xp.multiply(xp.multiply(x, xp.add(xp.multiply(square, 0.044715), 1.0)), scale))
            slope = xp.multiply(xp.add(xp.multiply(square, 3 * 0.044715), 1.0), scale / 2)
            curve = xp.multiply(xp.multiply(x, xp.subtract(1.0, xp.square(t))), slope)
            return xp.multiply(g, xp.add(xp.multiply(xp.add(t, 1.0), 0.5), curve))

        return self._activation(inner.gelu, x, by_tanh if approximate else exact, approximate)

    def erf(self, x: Any) -> Any:
        """``y' = 2 / sqrt(pi) * exp(-x**2)``."""
        xp = self.inner.xp
        factor = 2 / math.sqrt(math.pi)
        return self._activation(
            self.inner.erf,
            x,
            lambda g, x, _y: xp.multiply(g, xp.multiply(xp.exp(xp.negative(xp.square(x))), factor)),
        )

    def softmax(self, x: Any, axis: int) -> Any:
        """``y * (g - sum(g * y))``."""
        xp = self.inner.xp

        def rule(g: Any, _x: Any, y: Any) -> Any:
            return xp.multiply(y, xp.subtract(g, xp.sum(xp.multiply(g, y), axis=axis, keepdims=True)))

        return self._activation(self.inner.softmax, x, rule, axis)

    def log_softmax(self, x: Any, axis: int) -> Any:
        """``g - exp(y) * sum(g)``."""
        xp = self.inner.xp

        def rule(g: Any, _x: Any, y: Any) -> Any:
            return xp.subtract(g, xp.multiply(xp.exp(y), xp.sum(g, axis=axis, keepdims=True)))

        return self._activation(self.inner.log_softmax, x, rule, axis)


class FusedLosses(OverInner):
    """Cross-entropies: probability minus target."""

    def softmax_cross_entropy(self, logits: Any, targets: Any) -> Any:
        """``softmax(x) * sum(t) - t`` for the logits, ``-log_softmax(x)`` for the targets."""
        inner, xp, value = self.inner, self.inner.xp, self.recorder.value
        x, t = value(logits), value(targets)

        def to_logits(g: Any) -> Any:
            mass = xp.sum(t, axis=-1, keepdims=True)
            part = xp.subtract(xp.multiply(inner.softmax(x, -1), mass), t)
            return self.recorder.unbroadcast(xp.multiply(part, xp.expand_dims(g, axis=-1)), x)

        def to_targets(g: Any) -> Any:
            part = xp.multiply(inner.log_softmax(x, -1), xp.expand_dims(xp.negative(g), axis=-1))
            return self.recorder.unbroadcast(part, t)

        return self.recorder.record(inner.softmax_cross_entropy(x, t), (logits, to_logits), (targets, to_targets))

    def sparse_softmax_cross_entropy(self, logits: Any, labels: Any) -> Any:
        """``softmax(x) - one_hot(label)``."""
        inner, xp = self.inner, self.inner.xp
        x, labels = self.recorder.value(logits), self.recorder.value(labels)

        def pull(g: Any) -> Any:
            hot = inner.one_hot(labels, inner.shape_of(x)[-1], inner.dtype_of(x))
            return xp.multiply(xp.subtract(inner.softmax(x, -1), hot), xp.expand_dims(g, axis=-1))

        return self.recorder.record(inner.sparse_softmax_cross_entropy(x, labels), (logits, pull))

    def sigmoid_cross_entropy(self, logits: Any, targets: Any) -> Any:
        """``sigmoid(x) - t`` for the logits, ``-x`` for the targets."""
        inner, xp, value = self.inner, self.inner.xp, self.recorder.value
        x, t = value(logits), value(targets)
        unbroadcast = self.recorder.unbroadcast
        return self.recorder.record(
            inner.sigmoid_cross_entropy(x, t),
            (logits, lambda g: unbroadcast(xp.multiply(g, xp.subtract(inner.sigmoid(x), t)), x)),
            (targets, lambda g: unbroadcast(xp.negative(xp.multiply(g, x)), t)),
        )


class FusedReductions(OverInner):
    """Log-sum-exp, moments and the normalisations."""

    def logsumexp(self, x: Any, axis: int | tuple[int, ...] | None, keepdims: bool) -> Any:
        """``g * exp(x - y)``."""
        inner, xp = self.inner, self.inner.xp
        value = self.recorder.value(x)
        kept = inner.logsumexp(value, axis, True)
        result = kept if keepdims else inner.logsumexp(value, axis, False)

        def pull(g: Any) -> Any:
            share = xp.exp(xp.subtract(value, kept))
            return xp.multiply(xp.reshape(g, inner.shape_of(kept)), share)

        return self.recorder.record(result, (x, pull))

    def moments(self, x: Any, axis: Sequence[int], keepdims: bool) -> tuple[Any, Any]:
        """``g / n`` for the mean, ``2 * g * (x - mean) / n`` for the variance."""
        mean, variance = self.inner.moments(self.recorder.value(x), axis, keepdims)
        return self._recorded_moments(x, axis, mean, variance)

    def _recorded_moments(self, x: Any, axis: Sequence[int], mean: Any, variance: Any) -> tuple[Any, Any]:
        if type(x) is not self.recorder.node:
            return mean, variance
        inner, xp, value = self.inner, self.inner.xp, x.value
        shape = inner.shape_of(value)
        axes = tuple(each % len(shape) for each in axis)
        kept = tuple(1 if i in axes else size for i, size in enumerate(shape))
        scale = 1.0 / math.prod(shape[i] for i in axes)

        def of_mean(g: Any) -> Any:
            return xp.broadcast_to(xp.multiply(xp.reshape(g, kept), scale), shape)

        def of_variance(g: Any) -> Any:
            centered = xp.subtract(value, xp.reshape(mean, kept))
            return xp.multiply(centered, xp.multiply(xp.reshape(g, kept), 2 * scale))

        node = self.recorder.node
        return node(mean, (x,), (of_mean,)), node(variance, (x,), (of_variance,))

    def batch_norm(self, x: Any, scale: Any | None, offset: Any | None, epsilon: float) -> tuple[Any, Any, Any]:
        """See `Normalization.batch_norm`; the rule is `_normalized`'s."""
        value = self.recorder.value
        result, mean, variance = self.inner.batch_norm(value(x), value(scale), value(offset), epsilon)
        axes = tuple(range(len(self.inner.shape_of(value(x))) - 1))
        recorded = self._normalized(result, x, scale, offset, (mean, variance), epsilon, axes)
        return (recorded, *self._recorded_moments(x, axes, mean, variance))

    def layer_norm(self, x: Any, scale: Any | None, offset: Any | None, epsilon: float, axis: Sequence[int]) -> Any:
        """See `Normalization.layer_norm`; the rule is `_normalized`'s."""
        inner, value = self.inner, self.recorder.value
        result = inner.layer_norm(value(x), value(scale), value(offset), epsilon, axis)
        return self._normalized(result, x, scale, offset, None, epsilon, tuple(axis))

    def _normalized(
        self,
        result: Any,
        x: Any,
        scale: Any | None,
        offset: Any | None,
        moments: tuple[Any, Any] | None,
        epsilon: float,
        axes: tuple[int, ...],
    ) -> Any:
        """With ``n`` normalised, ``h = g * scale``: ``(h - mean(h) - n * mean(h * n)) / sqrt(variance + epsilon)``."""
        inner, xp, value = self.inner, self.inner.xp, self.recorder.value
        array, factor, shift = value(x), value(scale), value(offset)
        saved: list[tuple[Any, Any]] = []

        def statistics() -> tuple[Any, Any]:
            if not saved:
                mean, variance = moments or inner.moments(array, axes, True)
                root = xp.sqrt(xp.add(variance, epsilon))
                inverse = xp.divide(xp.ones_like(root), root)
                saved.append((xp.multiply(xp.subtract(array, mean), inverse), inverse))
            return saved[0]

        def to_x(g: Any) -> Any:
            normal, inverse = statistics()
            h = g if factor is None else xp.multiply(g, factor)
            mean = xp.mean(h, axis=axes, keepdims=True)
            along = xp.multiply(normal, xp.mean(xp.multiply(h, normal), axis=axes, keepdims=True))
            return xp.multiply(xp.subtract(xp.subtract(h, mean), along), inverse)

        return self.recorder.record(
            result,
            (x, to_x),
            (scale, lambda g: self.recorder.unbroadcast(xp.multiply(g, statistics()[0]), factor)),
            (offset, lambda g: self.recorder.unbroadcast(g, shift)),
        )
