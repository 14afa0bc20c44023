"""Elementwise formulas where fewer passes over memory pay (softmax in place gained 4 %: not worth an override)."""

from __future__ import annotations

from typing import Any, Final, cast

import numpy as np

from unifw.backend import Backend

_BLOCK: Final = 1 << 15  # elements of one block of a long formula: its temporaries stay in the second-level cache


class NumpyActivations:
    """Overrides for speed of `Activations`."""

    def relu(self, x: Any) -> Any:
        """See `Activations.relu`."""
        return np.maximum(x, x.dtype.type(0))

    def erf(self, x: Any) -> Any:
        """See `Special.erf`: the default's formula, in blocks, for its forty passes over memory."""
        default = cast("Backend", self)
        if x.size <= _BLOCK:
            return Backend.erf(default, x)
        flat = x.reshape(-1)
        result = np.empty_like(flat)
        for start in range(0, flat.size, _BLOCK):
            result[start : start + _BLOCK] = Backend.erf(default, flat[start : start + _BLOCK])
        return result.reshape(x.shape)
