"""Normalisation by torch's own kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn import functional

from unifw.backend import Backend

Array = Any


class NativeNormalization(Backend):
    """Moments in one pass; layer normalisation in one kernel."""

    def moments(self, x: Array, axis: Sequence[int], keepdims: bool) -> tuple[Array, Array]:
        """See `Normalization.moments`."""
        if not axis:
            return super().moments(x, axis, keepdims)
        variance, mean = torch.var_mean(x, tuple(axis), correction=0, keepdim=keepdims)
        return mean, variance

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
