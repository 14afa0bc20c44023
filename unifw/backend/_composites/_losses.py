"""Loss kernels that are worth fusing; the classes of `unifw.losses` are built on these."""

from __future__ import annotations

from typing import Any

from unifw.backend._composites._base import WithFunctions, composite


class Losses(WithFunctions):
    """Cross-entropies from logits, per example."""

    @composite
    def softmax_cross_entropy(self, logits: Any, targets: Any) -> Any:
        """``-sum(targets * log_softmax(logits))`` along the last axis."""
        xp = self.xp
        return xp.negative(xp.sum(xp.multiply(targets, self.log_softmax(logits, -1)), axis=-1))

    @composite
    def sparse_softmax_cross_entropy(self, logits: Any, labels: Any) -> Any:
        """``-log_softmax(logits)[label]`` along the last axis.

        Args:
            logits: (*batch, classes).
            labels: (*batch), an integer dtype, each in [0, classes).

        Returns:
            (*batch).
        """
        xp = self.xp
        picked = xp.take_along_axis(self.log_softmax(logits, -1), xp.expand_dims(labels, axis=-1), axis=-1)
        return xp.negative(xp.squeeze(picked, axis=-1))

    @composite
    def sigmoid_cross_entropy(self, logits: Any, targets: Any) -> Any:
        """``softplus(x) - x * t``, element by element; the derivative is ``sigmoid(x) - t``."""
        xp = self.xp
        return xp.subtract(self.softplus(logits), xp.multiply(logits, targets))
