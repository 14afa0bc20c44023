"""Cross-entropies by torch's own kernels: one pass forward, one backward."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from unifw.backend import Backend

Array = Any


class NativeLosses(Backend):
    """Losses from logits, per example."""

    def sparse_softmax_cross_entropy(self, logits: Array, labels: Array) -> Array:
        """See `Losses.sparse_softmax_cross_entropy`."""
        flat = functional.cross_entropy(
            logits.reshape(-1, logits.shape[-1]), labels.reshape(-1).to(torch.int64), reduction="none"
        )
        return flat.reshape(labels.shape)

    def sigmoid_cross_entropy(self, logits: Array, targets: Array) -> Array:
        """See `Losses.sigmoid_cross_entropy`."""
        return functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
