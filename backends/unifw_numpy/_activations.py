"""Activations where working in place saves most of the memory traffic."""

from __future__ import annotations

from typing import Any

import numpy as np

from unifw import dtypes

_HALF = (dtypes.float16, dtypes.bfloat16)


class NumpyActivations:
    """Overrides for speed of `Activations`."""

    def relu(self, x: Any) -> Any:
        """See `Activations.relu`."""
        return np.maximum(x, x.dtype.type(0))

    def softmax(self, x: Any, axis: int) -> Any:
        """See `Activations.softmax`; half precision is computed in float32."""
        if x.dtype in _HALF:
            return self.softmax(x.astype(np.float32), axis).astype(x.dtype)
        result = np.asarray(np.subtract(x, np.maximum.reduce(x, axis=axis, keepdims=True)))
        np.exp(result, out=result)
        result /= np.add.reduce(result, axis=axis, keepdims=True)
        return result

    def log_softmax(self, x: Any, axis: int) -> Any:
        """See `Activations.log_softmax`; half precision is computed in float32."""
        if x.dtype in _HALF:
            return self.log_softmax(x.astype(np.float32), axis).astype(x.dtype)
        result = np.asarray(np.subtract(x, np.maximum.reduce(x, axis=axis, keepdims=True)))
        result -= np.log(np.add.reduce(np.exp(result), axis=axis, keepdims=True))
        return result
