"""The TensorFlow backend: the interface, over `tf.Tensor`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from unifw import dtypes
from unifw.backend import (
    ArrayFunction,
    BackwardFunction,
    Capabilities,
    CompiledFunction,
    ListFunction,
    LossFunction,
    PairFunction,
    Pullback,
    no_value,
)
from unifw.errors import UnsupportedError
from unifw_tensorflow import _conversion, _devices, _differentiation, _namespace, _transforms
from unifw_tensorflow._control_flow import ControlFlow
from unifw_tensorflow._convolution import Convolutions
from unifw_tensorflow._import import raw, tf
from unifw_tensorflow._indexing import Indexing
from unifw_tensorflow._normalization import Normalizations
from unifw_tensorflow._overrides import Kernels
from unifw_tensorflow._placement import follow_operands
from unifw_tensorflow._random import Randomness

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


_PROBE = 2**12  # bytes


@final
class TensorflowBackend(Kernels, Indexing, Convolutions, Normalizations, Randomness, ControlFlow):
    """TensorFlow 2, eager and compiled.

    >>> backend = TensorflowBackend()
    >>> backend.to_numpy(backend.xp.add(backend.asarray([1.0, 2.0]), 1.0))
    array([2., 3.], dtype=float32)
    """

    name: ClassVar[str] = "tensorflow"
    interface_version: ClassVar[int] = 1
    xp: Any = _namespace

    def __init__(self) -> None:
        self.capabilities = Capabilities(
            device_kinds=("cpu", "cuda", "tpu"),
            dtypes=frozenset(dtypes.ALL),
            asynchronous_dispatch=not all(name.startswith("cpu") for name in _devices.devices()),
            compilation="cheap",
            in_place_updates=False,
            flushes_denormals=True,
        )
        if len(_devices.devices()) > 1:
            follow_operands(self)

    def versions(self) -> dict[str, str]:
        """TensorFlow's version."""
        return {"tensorflow": str(tf.__version__)}

    # --- arrays --------------------------------------------------------------------------------------------------

    def is_array(self, value: object) -> bool:
        """Tensors, eager and symbolic; not variables, which can change."""
        return isinstance(value, tf.Tensor)

    def asarray(self, value: Any, *, dtype: dtypes.DType | None = None, device: str | None = None) -> Any:
        """See `Backend.asarray`; a `tf.Variable` gives its present value."""
        if device is not None:
            with tf.device(_devices.native_name(device)):
                return raw.Identity(input=self.asarray(value, dtype=dtype))
        if isinstance(value, tf.Variable):
            value = value.read_value()
        if not isinstance(value, tf.Tensor):
            return _conversion.from_python(value, dtype)
        return value if dtype is None else _conversion.cast(value, _conversion.NATIVE[dtype])

    def constant(self, value: Any, like: Any, dtype: dtypes.DType | None = None) -> Any:
        """See `OverNamespace.constant`; on the default device, and in graphs, TensorFlow places it itself."""
        device = _devices.device_of(like)
        return self.asarray(value, dtype=dtype, device=None if device == _devices.devices()[0] else device)

    def from_dlpack(self, array: Any) -> Any:
        """See `Backend.from_dlpack`."""
        return tf.experimental.dlpack.from_dlpack(array.__dlpack__())

    def to_numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """A copy on the host."""
        if not hasattr(array, "numpy"):
            raise no_value()
        result: np.ndarray[Any, Any] = np.asarray(array.numpy())
        return result

    def function_for(self, name: str, dtype: Any) -> Callable[..., Any]:
        """See `Backend.function_for`."""
        return _select if name == "where" else super().function_for(name, dtype)

    def shape_of(self, array: Any) -> tuple[int, ...]:
        """The static shape, which every array has here."""
        return tuple(array.shape.as_list())

    def dtype_of(self, array: Any) -> dtypes.DType:
        """The dtype."""
        return _conversion.OURS[array.dtype]

    def native_dtype(self, dtype: dtypes.DType) -> Any:
        """A `tf.DType`."""
        return _conversion.NATIVE[dtype]

    def astype(self, array: Any, dtype: dtypes.DType) -> Any:
        """See `Backend.astype`; complex to real takes the real part."""
        return _conversion.cast(array, _conversion.NATIVE[dtype])

    def stop_gradient(self, array: Any) -> Any:
        """See `Backend.stop_gradient`."""
        return tf.stop_gradient(array)

    def copy(self, array: Any) -> Any:
        """See `Backend.copy`."""
        return _conversion.copy(array)

    # --- devices -------------------------------------------------------------------------------------------------

    def devices(self) -> tuple[str, ...]:
        """``("cuda:0", …, "cpu")``."""
        return _devices.devices()

    def device_of(self, array: Any) -> str:
        """The device; a tracer's is not decided yet, and reads as the default."""
        return _devices.device_of(array)

    def to_device(self, array: Any, device: str) -> Any:
        """See `Backend.to_device`; inside `jit` it says where the graph shall put the array."""
        with tf.device(_devices.native_name(device)):
            return raw.Identity(input=array)

    def synchronize(self, arrays: Sequence[Any]) -> None:
        """Wait for the accelerators that hold an array; the CPU has finished when a call returns."""
        if any(_devices.device_of(array) != "cpu" for array in arrays):
            tf.test.experimental.sync_devices()

    def set_threads(self, count: int) -> None:
        """Set both thread pools; TensorFlow fixes them when the first operation runs, after which nothing happens."""
        with contextlib.suppress(RuntimeError):
            tf.config.threading.set_intra_op_parallelism_threads(count)
            tf.config.threading.set_inter_op_parallelism_threads(count)

    # --- transforms and measurements -----------------------------------------------------------------------------

    def value_and_grad(self, function: LossFunction, arrays: Sequence[Any]) -> tuple[Any, list[Any], list[Any]]:
        """See `Backend.value_and_grad`."""
        return _transforms.value_and_grad(lambda traced: function(traced, self), arrays)

    def vjp(self, function: PairFunction, arrays: Sequence[Any]) -> tuple[list[Any], list[Any], Pullback]:
        """See `Backend.vjp`."""
        return _differentiation.vjp(lambda traced: function(traced, self), arrays)

    def jvp(
        self, function: PairFunction, arrays: Sequence[Any], tangents: Sequence[Any]
    ) -> tuple[list[Any], list[Any], list[Any]]:
        """See `Backend.jvp`."""
        return _differentiation.jvp(lambda traced: function(traced, self), arrays, tangents)

    def custom_vjp(
        self, function: ListFunction, forward: PairFunction, backward: BackwardFunction, arrays: Sequence[Any]
    ) -> list[Any]:
        """See `Backend.custom_vjp`."""
        if not _transforms.differentiating():
            return function(list(arrays), self)
        return _differentiation.custom_vjp(
            lambda given: forward(given, self),
            lambda residuals, cotangents: backward(residuals, cotangents, self),
            arrays,
        )

    def jit(self, function: ArrayFunction, *, donate: Sequence[int] = ()) -> CompiledFunction:
        """See `Backend.jit`."""
        del donate
        return _transforms.jit(lambda traced: function(traced, self))

    def memory_stats(self, device: str) -> dict[str, int]:
        """The allocator's ``current`` and ``peak``; on the CPU counted from the first call of this method on."""
        try:
            figures = tf.config.experimental.get_memory_info(_devices.native_name(device))
        except ValueError as error:  # as on the CPU without oneDNN
            raise UnsupportedError(
                f"TensorFlow's allocator for {device!r} keeps no statistics: {error}. "
                "Hint: read the process's high-water mark instead."
            ) from error
        return {"current": int(figures["current"]), "peak": int(figures["peak"])}

    def reset_memory_stats(self, device: str) -> None:
        """See `Backend.reset_memory_stats`."""
        tf.config.experimental.reset_memory_stats(_devices.native_name(device))

    def peak_memory(self, function: Callable[[], object], device: str) -> int:
        """See `Backend.peak_memory`; refused where the allocator overlooks small arrays, as oneDNN's does."""
        before = self.memory_stats(device)["current"]
        probe = self.asarray(np.ones(_PROBE, np.uint8), device=device)
        seen = self.memory_stats(device)["current"] - before
        del probe
        if seen < _PROBE:
            raise UnsupportedError(
                f"TensorFlow's allocator for {device!r} does not count small arrays (with oneDNN: below 256 KiB), so "
                "its peak would be too low. Hint: read the process's high-water mark instead."
            )
        return super().peak_memory(function, device)


def _select(condition: Any, x1: Any, x2: Any) -> Any:
    return raw.SelectV2(condition=condition, t=x1, e=x2)
