"""The NumPy backend: eager, on the processor, always installed."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, ClassVar, Final, final

import ml_dtypes
import numpy as np
import threadpoolctl

from unifw import dtypes
from unifw.backend import Capabilities, host_cast
from unifw.backend.autodiff import TapeTransforms
from unifw.errors import DeviceError
from unifw_numpy import _namespace
from unifw_numpy._activations import NumpyActivations
from unifw_numpy._convolution import NumpyConvolution
from unifw_numpy._optimizers import NumpyOptimizers
from unifw_numpy._random import NumpyRandom
from unifw_numpy._scatter import NumpyScatter

Array = Any
_BFLOAT16: Final = dtypes.bfloat16


@final
class NumpyBackend(NumpyActivations, NumpyConvolution, NumpyOptimizers, NumpyRandom, NumpyScatter, TapeTransforms):
    """NumPy behind the interface.

    Native arrays are `numpy.ndarray`, and NumPy's scalars (`numpy.float32`, …), which its functions return instead of
    0-d arrays. NumPy neither differentiates nor compiles: transforms are unifw's tape, and Python. Floating-point
    warnings are NumPy's own (`numpy.errstate` decides).
    """

    name: ClassVar[str] = "numpy"
    interface_version: ClassVar[int] = 1
    capabilities = Capabilities(in_place_updates=True)
    xp = _namespace

    def versions(self) -> dict[str, str]:
        """Return the versions of NumPy and of what it computes with."""
        blas = sorted({f"{pool['internal_api']} {pool['version']}" for pool in threadpoolctl.threadpool_info()})
        return {"numpy": np.__version__, "ml_dtypes": version("ml_dtypes"), "blas": ", ".join(blas) or "built in"}

    def is_array(self, value: object) -> bool:
        """Return whether `value` is an array or scalar of NumPy."""
        return isinstance(value, (np.ndarray, np.generic))

    def asarray(self, value: Any, *, dtype: dtypes.DType | None = None, device: str | None = None) -> Array:
        """See `Backend.asarray`. NumPy arrays are native here, so they enter without a copy."""
        if device is not None:
            self.to_device(None, device)
        if isinstance(value, (np.ndarray, np.generic)):
            wanted = dtypes.as_dtype(value.dtype) if dtype is None else dtype
            return np.asarray(host_cast(value, wanted))
        if isinstance(value, range):
            return np.arange(value.start, value.stop, value.step, dtype=dtype or dtypes.DEFAULT_INTEGER)
        if dtype is not None:
            return np.asarray(value, dtype=dtype)
        array = np.asarray(value)
        if array.dtype in (dtypes.float64, dtypes.complex128) and not _holds_arrays(value):
            single = dtypes.DEFAULT_FLOAT if array.dtype == dtypes.float64 else dtypes.DEFAULT_COMPLEX
            return array.astype(single)
        return array.astype(dtypes.as_dtype(array.dtype), copy=False)

    def function_for(self, name: str, dtype: Any) -> Callable[..., Array]:
        """See `Backend.function_for`."""
        return _namespace.without_wrappers(getattr(self.xp, name), dtype)

    def to_numpy(self, array: Array) -> np.ndarray[Any, Any]:
        """See `Backend.to_numpy`: a read-only view."""
        view = np.asarray(array).view()
        view.flags.writeable = False
        return view

    def shape_of(self, array: Array) -> tuple[int, ...]:
        """See `Backend.shape_of`."""
        return array.shape  # type: ignore[no-any-return]

    def dtype_of(self, array: Array) -> dtypes.DType:
        """See `Backend.dtype_of`."""
        return array.dtype  # type: ignore[no-any-return]

    def native_dtype(self, dtype: dtypes.DType) -> Any:
        """See `Backend.native_dtype`: ours are NumPy's."""
        return dtype

    def astype(self, array: Array, dtype: dtypes.DType) -> Array:
        """See `Backend.astype`."""
        if array.dtype == dtype:
            return array
        return host_cast(array, dtype) if array.dtype.kind == "f" or array.dtype == _BFLOAT16 else array.astype(dtype)

    def stop_gradient(self, array: Array) -> Array:
        """Return the array: NumPy differentiates nothing."""
        return array

    def copy(self, array: Array) -> Array:
        """See `Backend.copy`."""
        return np.array(array)

    def devices(self) -> tuple[str, ...]:
        """NumPy computes on the processor."""
        return ("cpu",)

    def device_of(self, array: Array) -> str:
        """See `Backend.device_of`."""
        del array
        return "cpu"

    def to_device(self, array: Array, device: str) -> Array:
        """See `Backend.to_device`."""
        if device != "cpu":
            raise DeviceError(f"Backend 'numpy' has no device {device!r}: it computes on 'cpu' only.")
        return array

    def synchronize(self, arrays: Sequence[Array]) -> None:
        """Return at once: NumPy has finished when it returns."""

    def set_threads(self, count: int) -> None:
        """Limit the BLAS under NumPy; all else in NumPy is single-threaded."""
        threadpoolctl.threadpool_limits(count)

    def memory_stats(self, device: str) -> dict[str, int]:
        """Return what `tracemalloc` counts, to which NumPy reports its buffers; zeros before `reset_memory_stats`."""
        self.to_device(None, device)
        current, peak = tracemalloc.get_traced_memory()
        return {"peak": peak, "current": current}

    def reset_memory_stats(self, device: str) -> None:
        """Start `tracemalloc` (it slows Python down while it runs), or set its peak to what is allocated now."""
        self.to_device(None, device)
        if not tracemalloc.is_tracing():
            tracemalloc.start()
        tracemalloc.reset_peak()


def _holds_arrays(value: Any) -> bool:
    """Return whether a nested list has arrays or NumPy scalars, whose dtypes count, in it."""
    if isinstance(value, (list, tuple)):
        return any(_holds_arrays(each) for each in value)
    return isinstance(value, (np.ndarray, np.generic, ml_dtypes.bfloat16)) or hasattr(value, "__array__")
