"""The JAX backend: nearly everything is `jax.numpy` as it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, final

import jax
import jax.numpy as jnp
import numpy as np

from unifw import dtypes
from unifw.backend import Array, ArrayFunction, Capabilities, CompiledFunction, LossFunction, host_cast, unsupported
from unifw.errors import UnsupportedError
from unifw_jax import _memory, _transforms
from unifw_jax._control_flow import JaxControlFlow
from unifw_jax._differentiation import JaxDifferentiation
from unifw_jax._indexing import JaxIndexing
from unifw_jax._namespace import namespace
from unifw_jax._random import JaxRandom


@final
class JaxBackend(JaxDifferentiation, JaxControlFlow, JaxIndexing, JaxRandom):
    """JAX, on whatever device it finds.

    Loading this backend sets `jax_enable_x64`: unifw promises honest 64-bit dtypes, and JAX would silently give
    32 bits otherwise. JAX code of your own in the same process then also sees 64-bit defaults.
    """

    name: ClassVar[str] = "jax"
    interface_version: ClassVar[int] = 1

    def __init__(self) -> None:
        jax.config.update("jax_enable_x64", True)
        self.xp = namespace
        platforms = tuple(dict.fromkeys(device.split(":")[0] for device in self.devices()))
        self.capabilities = Capabilities(
            device_kinds=("cpu", *(platform for platform in platforms if platform != "cpu")),
            asynchronous_dispatch=True,
            compilation="cheap",
            flushes_denormals=True,
        )

    def versions(self) -> dict[str, str]:
        import jaxlib

        return {"jax": jax.__version__, "jaxlib": jaxlib.version.__version__}

    # --- arrays --------------------------------------------------------------------------------------------------

    def is_array(self, value: object) -> bool:
        return isinstance(value, jax.Array)

    def asarray(self, value: Any, *, dtype: dtypes.DType | None = None, device: str | None = None) -> Array:
        target = None if device is None else _placement(device)
        if isinstance(value, jax.Array):
            array = value if dtype is None else value.astype(dtype)
            return array if target is None else jax.device_put(array, target)
        if not isinstance(value, (np.ndarray, np.generic)):
            values = np.asarray(value)
            defaults = {"i": dtypes.DEFAULT_INTEGER, "f": dtypes.DEFAULT_FLOAT, "c": dtypes.DEFAULT_COMPLEX}
            value = host_cast(values, dtype or defaults.get(values.dtype.kind, values.dtype))
        # jnp.array copies: jnp.asarray may alias the NumPy buffer on CPU, which the caller can still write to.
        return jnp.array(value if dtype is None else host_cast(value, dtype), dtype=dtype, device=target)

    def from_dlpack(self, array: Any) -> Array:
        return jnp.from_dlpack(array)

    def to_numpy(self, array: Array) -> np.ndarray[Any, Any]:
        return _transforms.concrete(array) if isinstance(array, jax.core.Tracer) else np.asarray(array)

    def shape_of(self, array: Array) -> tuple[int, ...]:
        return array.shape  # type: ignore[no-any-return]

    def dtype_of(self, array: Array) -> dtypes.DType:
        return array.dtype  # type: ignore[no-any-return]

    def native_dtype(self, dtype: dtypes.DType) -> Any:
        return dtype

    def astype(self, array: Array, dtype: dtypes.DType) -> Array:
        return array if array.dtype == dtype else array.astype(dtype)

    def function_for(self, name: str, dtype: Any) -> Callable[..., Array]:
        """See `Backend.function_for`."""
        return _where if name == "where" else super().function_for(name, dtype)

    def stop_gradient(self, array: Array) -> Array:
        return jax.lax.stop_gradient(array)

    def copy(self, array: Array) -> Array:
        return jnp.copy(array)

    # --- devices -------------------------------------------------------------------------------------------------

    def devices(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_device_name(device) for device in [*jax.devices(), *jax.devices("cpu")]))

    def device_of(self, array: Array) -> str:
        if isinstance(array, jax.core.Tracer):
            return self.devices()[0]
        return _device_name(next(iter(array.devices())))

    def to_device(self, array: Array, device: str) -> Array:
        return array if self.device_of(array) == device else jax.device_put(array, _device(device))

    def synchronize(self, arrays: Sequence[Array]) -> None:
        jax.block_until_ready(arrays)

    set_threads = unsupported(
        "XLA's thread pool is made when JAX is imported",
        hint="set the environment variable NPROC (and the CPU affinity) before the process starts",
    )

    # --- transforms ----------------------------------------------------------------------------------------------

    def value_and_grad(self, function: LossFunction, arrays: Sequence[Array]) -> tuple[Array, list[Array], list[Array]]:
        return _transforms.value_and_grad(self, function, arrays)

    def jit(self, function: ArrayFunction, *, donate: Sequence[int] = ()) -> CompiledFunction:
        return _transforms.jit(self, function, donate)

    def memory_stats(self, device: str) -> dict[str, int]:
        stats = _device(device).memory_stats()
        if stats is None:
            raise UnsupportedError(
                f"JAX keeps no allocator statistics on {device!r}. Hint: use the process's high-water mark."
            )
        return {"peak": stats["peak_bytes_in_use"], "current": stats["bytes_in_use"]}

    reset_memory_stats = unsupported("JAX's allocator peak cannot be reset", hint="measure in a fresh process")

    def peak_memory(self, function: Callable[[], object], device: str) -> int:
        _device(device)
        return _memory.peak_memory(function)

    # --- faster than the composites --------------------------------------------------------------------------------

    def relu(self, x: Array) -> Array:
        return jax.nn.relu(x)

    def sigmoid(self, x: Array) -> Array:
        return jax.nn.sigmoid(x)

    def erf(self, x: Array) -> Array:
        return jax.lax.erf(x)

    def pad(self, x: Array, padding: Sequence[tuple[int, int]], value: float) -> Array:
        return jnp.pad(x, padding, constant_values=value) if any(map(any, padding)) else x

    def conv(
        self,
        x: Array,
        kernel: Array,
        strides: Sequence[int],
        padding: Sequence[tuple[int, int]],
        dilation: Sequence[int],
    ) -> Array:
        rank = len(strides)
        spatial = "DHW"[3 - rank :] if rank <= 3 else "".join(chr(ord("0") + axis) for axis in range(rank))
        return jax.lax.conv_general_dilated(
            x,
            kernel,
            tuple(strides),
            tuple(padding),
            rhs_dilation=tuple(dilation),
            dimension_numbers=(f"N{spatial}C", f"{spatial}IO", f"N{spatial}C"),
            feature_group_count=x.shape[-1] // kernel.shape[-2],
        )

    def max_pool(
        self, x: Array, window: Sequence[int], strides: Sequence[int], padding: Sequence[tuple[int, int]]
    ) -> Array:
        return jax.lax.reduce_window(
            x, -np.inf, jax.lax.max, (1, *window, 1), (1, *strides, 1), ((0, 0), *padding, (0, 0))
        )

    def average_pool(
        self, x: Array, window: Sequence[int], strides: Sequence[int], padding: Sequence[tuple[int, int]]
    ) -> Array:
        def total(values: Array) -> Array:
            sizes, steps, pads = (1, *window, 1), (1, *strides, 1), ((0, 0), *padding, (0, 0))
            return jax.lax.reduce_window(values, np.zeros((), values.dtype), jax.lax.add, sizes, steps, pads)

        # How many elements of each window are not padding depends on shapes alone: XLA folds it into a constant.
        return total(x) / total(jnp.ones((1, *x.shape[1:-1], 1), x.dtype))


_where = jax.jit(jnp.where)  # whose own wrapper takes a microsecond more


def _device_name(device: Any) -> str:
    kind = "cuda" if device.platform == "gpu" else device.platform
    return "cpu" if kind == "cpu" and device.id == 0 else f"{kind}:{device.id}"


def _placement(name: str) -> Any:
    """Return the device to ask JAX for: None for its default one.

    Asking for the default device by name would commit the array to it. One committed constant inside `jit` makes all
    results committed, so that the second call of a training step, whose state they are, would compile once more.
    """
    device = _device(name)
    return None if device == jax.devices()[0] else device


def _device(name: str) -> Any:
    kind, _, index = name.partition(":")
    return jax.devices("gpu" if kind == "cuda" else kind)[int(index or 0)]
