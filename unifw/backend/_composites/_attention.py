"""Scaled dot-product attention."""

from __future__ import annotations

from typing import Any

import ml_dtypes

from unifw import dtypes
from unifw.backend._composites._base import WithFunctions, composite


class Attention(WithFunctions):
    """Attention in the layout of `jax.nn.dot_product_attention` and `keras.ops.dot_product_attention`."""

    @composite
    def dot_product_attention(
        self, query: Any, key: Any, value: Any, mask: Any | None, scale: float, is_causal: bool
    ) -> Any:
        """``softmax(query @ key.T * scale + mask) @ value`` (Vaswani et al., arXiv:1706.03762).

        Args:
            query: (batch, target, heads, size).
            key: (batch, source, heads, size).
            value: (batch, source, heads, size).
            mask: boolean, broadcastable to (batch, heads, target, source); False hides. None hides nothing.
            scale: factor on the products, usually ``size ** -0.5``.
            is_causal: hide source positions after the target's.

        Returns:
            (batch, target, heads, size).
        """
        xp = self.xp
        query, key, value = (xp.permute_dims(each, (0, 2, 1, 3)) for each in (query, key, value))
        scores = xp.multiply(xp.matmul(query, xp.permute_dims(key, (0, 1, 3, 2))), scale)
        if is_causal:
            target, source = self.shape_of(scores)[-2:]
            rows = xp.expand_dims(self.constant(range(target), scores), axis=1)
            causal = xp.greater_equal(rows, xp.expand_dims(self.constant(range(source), scores), axis=0))
            mask = causal if mask is None else xp.logical_and(mask, causal)
        if mask is not None:
            lowest = xp.full_like(scores, _lowest(self.dtype_of(scores)))
            scores = xp.where(mask, scores, lowest)
        weights = self.softmax(scores, -1)
        return xp.permute_dims(xp.matmul(weights, value), (0, 2, 1, 3))


def _lowest(dtype: dtypes.DType) -> float:
    """Return a finite number far below every score, so that a row with nothing visible stays free of NaN."""
    return float(ml_dtypes.finfo(dtype).min) / 2  # type: ignore[no-untyped-call]
