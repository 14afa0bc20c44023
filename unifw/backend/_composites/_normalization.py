"""Normalisation by statistics of the input, or by given ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw.backend._composites._base import OverNamespace, composite


class Normalization(OverNamespace):
    """Moments and the normalisations built on them; variance is the biased one, as everywhere in this field.

    Half precision is computed in float32 and rounded once, as Keras, torch and `flax` do: the mean of many halves, and
    the difference of two near ones, would keep too few digits.
    """

    @composite
    def moments(self, x: Any, axis: Sequence[int], keepdims: bool) -> tuple[Any, Any]:
        """Mean and (biased) variance along axes: ``mean(x)``, ``mean((x - mean(x))**2)``."""
        return self._computed(lambda wide: self._moments(wide, tuple(axis), keepdims), x)  # type: ignore[no-any-return]

    def _moments(self, x: Any, axes: tuple[int, ...], keepdims: bool) -> tuple[Any, Any]:
        xp = self.xp
        mean = xp.mean(x, axis=axes, keepdims=True)
        centered = xp.subtract(x, mean)
        variance = xp.mean(xp.multiply(centered, centered), axis=axes, keepdims=True)
        if keepdims:
            return mean, variance
        rank = len(self.shape_of(x))
        squeezed = tuple(each % rank for each in axes)
        return xp.squeeze(mean, axis=squeezed), xp.squeeze(variance, axis=squeezed)

    @composite
    def normalize(self, x: Any, mean: Any, variance: Any, scale: Any | None, offset: Any | None, epsilon: float) -> Any:
        """``(x - mean) / sqrt(variance + epsilon) * scale + offset``; every operand broadcasts against `x`."""
        return self._computed(lambda *wide: self._normalize(*wide, epsilon=epsilon), x, mean, variance, scale, offset)

    def _normalize(self, x: Any, mean: Any, variance: Any, scale: Any, offset: Any, *, epsilon: float) -> Any:
        xp = self.xp
        factor = xp.divide(xp.ones_like(variance), xp.sqrt(xp.add(variance, epsilon)))
        if scale is not None:
            factor = xp.multiply(factor, scale)
        result = xp.multiply(xp.subtract(x, mean), factor)
        return result if offset is None else xp.add(result, offset)

    @composite
    def batch_norm(self, x: Any, scale: Any | None, offset: Any | None, epsilon: float) -> tuple[Any, Any, Any]:
        """Normalise by the batch's own moments over all axes but the last (Ioffe and Szegedy, arXiv:1502.03167).

        Args:
            x: (*batch and spatial, channels).
            scale: (channels,) or None for 1.
            offset: (channels,) or None for 0.
            epsilon: added to the variance.

        Returns:
            The normalised array, the batch mean (channels,) and the biased batch variance (channels,).
        """
        axes = tuple(range(len(self.shape_of(x)) - 1))

        def run(x: Any, scale: Any, offset: Any) -> tuple[Any, Any, Any]:
            mean, variance = self.moments(x, axes, False)
            return self.normalize(x, mean, variance, scale, offset, epsilon), mean, variance

        return self._computed(run, x, scale, offset)  # type: ignore[no-any-return]

    @composite
    def layer_norm(self, x: Any, scale: Any | None, offset: Any | None, epsilon: float, axis: Sequence[int]) -> Any:
        """Normalise each example along the axes given (Ba et al., arXiv:1607.06450); operands broadcast."""

        def run(x: Any, scale: Any, offset: Any) -> Any:
            mean, variance = self.moments(x, axis, True)
            return self.normalize(x, mean, variance, scale, offset, epsilon)

        return self._computed(run, x, scale, offset)
