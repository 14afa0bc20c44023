"""A third-party backend for unifw, as small as one can be.

It drives `array_api_strict`, a library that implements the Array API standard and nothing else: no gradients, no
neural network functions, no random numbers. Gradients come from unifw's tape, everything else from its composites.
"""

from __future__ import annotations

from types import SimpleNamespace

import array_api_strict as strict
import numpy as np

from unifw import dtypes
from unifw.backend import Backend, Capabilities, unsupported
from unifw.backend.autodiff import TapeTransforms

STANDARD = frozenset(dtypes.ALL) - {dtypes.float16, dtypes.bfloat16}  # the standard has no half precision
NATIVE = {dtype: getattr(strict, dtype.name) for dtype in STANDARD}
OURS = {native: dtype for dtype, native in NATIVE.items()}
DEFAULTS = {"i": dtypes.int64, "f": dtypes.float32, "c": dtypes.complex64}


def take(x, indices, *, axis):
    """The standard takes one-dimensional indices; unifw's embeddings take any."""
    axis %= x.ndim
    flat = strict.take(x, strict.reshape(indices, (-1,)), axis=axis)
    return strict.reshape(flat, (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]))


class ToyBackend(TapeTransforms, Backend):
    """`array_api_strict` behind the interface; transforms by unifw's tape and Python."""

    name = "toy"
    interface_version = 1
    capabilities = Capabilities(dtypes=STANDARD)
    xp = SimpleNamespace(**{**vars(strict), "take": take})

    def versions(self):
        return {"array-api-strict": strict.__version__}

    def is_array(self, value):
        return hasattr(value, "__array_namespace__") and value.__array_namespace__() is strict

    def asarray(self, value, *, dtype=None, device=None):
        if self.is_array(value):
            return value if dtype is None else self.astype(value, dtype)
        values = np.array(value)
        if dtype is None:
            dtype = values.dtype if isinstance(value, (np.ndarray, np.generic)) else DEFAULTS.get(values.dtype.kind)
        return strict.asarray(values.astype(dtype or values.dtype))

    def to_numpy(self, array):
        return np.array(array)

    def shape_of(self, array):
        return array.shape

    def dtype_of(self, array):
        return OURS[array.dtype]

    def native_dtype(self, dtype):
        return NATIVE[dtype]

    def astype(self, array, dtype):
        if dtype == dtypes.bool and array.dtype in (strict.complex64, strict.complex128):
            return array != 0  # the standard leaves this conversion out
        return strict.astype(array, NATIVE[dtype], copy=False)

    def stop_gradient(self, array):
        return array

    def copy(self, array):
        return strict.asarray(array, copy=True)

    def devices(self):
        return ("cpu",)

    def device_of(self, array):
        return "cpu"

    def to_device(self, array, device):
        return array

    def synchronize(self, arrays):
        """Nothing runs in the background."""

    set_threads = unsupported("array_api_strict computes in one thread")
    memory_stats = unsupported("array_api_strict does not count memory", hint="use tracemalloc")
    reset_memory_stats = unsupported("array_api_strict does not count memory", hint="use tracemalloc")
