"""Writing elements, into a copy."""

from __future__ import annotations

from typing import Any

import torch

from unifw.backend import Backend, Reduction
from unifw_torch._compile import constant
from unifw_torch._state import state

# torch has no kernels that write these by index; the signed integers of their size hold the same bits.
_SIGNED = {torch.uint16: torch.int16, torch.uint32: torch.int32, torch.uint64: torch.int64}


class NativeIndexing(Backend):
    """Overrides for speed of `Indexing`."""

    def set_slice(self, x: Any, key: Any, values: Any) -> Any:
        """See `Indexing.set_slice`; in `vmap` by the composite, since nothing shared can be written to there."""
        if state.functional:
            return super().set_slice(x, key, values)
        result = x.clone()
        result[key] = values
        return result

    def index_set(self, x: Any, indices: Any, updates: Any) -> Any:
        """See `Indexing.index_set`."""
        if x.dtype in _SIGNED:
            signed = _SIGNED[x.dtype]
            return x.view(signed).index_copy(0, indices, updates.view(signed)).view(x.dtype)
        return x.index_copy(0, indices, updates)

    def index_add(self, x: Any, indices: Any, updates: Any, axis: int) -> Any:
        """See `Gradients.index_add`; sums of bits are the same with and without sign."""
        if indices.ndim != 1:
            flat = updates.reshape(*x.shape[:axis], indices.numel(), *x.shape[axis + 1 :])
            return self.index_add(x, indices.reshape(-1), flat, axis)
        if x.dtype in _SIGNED:
            signed = _SIGNED[x.dtype]
            return x.view(signed).index_add(axis, indices, updates.view(signed)).view(x.dtype)
        return x.index_add(axis, indices, updates)

    def index_reduce(self, x: Any, indices: Any, updates: Any, operation: Reduction) -> Any:
        """See `Indexing.index_reduce`."""
        if x.dtype in _SIGNED or x.dtype.is_complex:  # no kernels
            return super().index_reduce(x, indices, updates, operation)
        reduce = {"multiply": "prod", "maximum": "amax", "minimum": "amin"}[operation]
        places = indices.reshape(-1, *[1] * (x.ndim - 1)).expand(updates.shape)
        return constant(x).scatter_reduce(0, places, constant(updates), reduce)
