"""The backend: everything of the interface, each method a line to the file of its family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, final

import torch

from unifw.backend import (
    ArrayFunction,
    BackwardFunction,
    Capabilities,
    CompiledFunction,
    ListFunction,
    LossFunction,
    PairFunction,
    Pullback,
)
from unifw_torch import _compile, _conversion, _custom_vjp, _devices, _transforms
from unifw_torch._activations import NativeActivations
from unifw_torch._control_flow import NativeControlFlow
from unifw_torch._convolution import NativeConvolution
from unifw_torch._dtypes import TO_TORCH
from unifw_torch._indexing import NativeIndexing
from unifw_torch._losses import NativeLosses
from unifw_torch._namespace import namespace
from unifw_torch._normalization import NativeNormalization
from unifw_torch._optimizers import NativeOptimizers
from unifw_torch._random import NativeRandom
from unifw_torch._state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from unifw import dtypes


_FLOATS: Final = (torch.float32, torch.float64)
_OF_FLOATS: Final = {"matmul": torch.matmul, "mean": torch.mean, "sum": torch.sum}


@final
class TorchBackend(
    NativeActivations,
    NativeControlFlow,
    NativeConvolution,
    NativeIndexing,
    NativeLosses,
    NativeNormalization,
    NativeOptimizers,
    NativeRandom,
):
    """torch: eager, differentiated by torch.autograd, compiled by Inductor."""

    name: ClassVar[str] = "torch"
    interface_version: ClassVar[int] = 1
    capabilities = Capabilities(
        device_kinds=("cpu", "cuda", "mps"),
        asynchronous_dispatch=_devices.devices()[0] != "cpu",
        compilation="costly",
        in_place_updates=True,
    )

    def __init__(self) -> None:
        self.xp = namespace()

    def versions(self) -> dict[str, str]:
        """See `Backend.versions`."""
        cuda = {"cuda": torch.version.cuda} if torch.cuda.is_available() else {}
        return {"torch": torch.__version__, **cuda}

    def is_array(self, value: object) -> bool:
        """See `Backend.is_array`."""
        return isinstance(value, torch.Tensor)

    def asarray(self, value: Any, *, dtype: dtypes.DType | None = None, device: str | None = None) -> Any:
        """See `Backend.asarray`."""
        if isinstance(value, torch.Tensor):
            if value.requires_grad and not state.depth:
                value = value.detach()  # a parameter of a torch module: its graph is not ours
            if dtype is not None:
                value = self.astype(value, dtype)
            return value if device is None else value.to(_devices.native_device(device))
        target = _devices.default_device() if device is None else _devices.native_device(device)
        return _conversion.asarray(value, dtype, target)

    def constant(self, value: Any, like: Any, dtype: dtypes.DType | None = None) -> Any:
        """See `OverNamespace.constant`."""
        return _conversion.asarray(value, dtype, like.device)

    def function_for(self, name: str, dtype: Any) -> Callable[..., Any]:
        """See `Backend.function_for`."""
        native = _OF_FLOATS.get(name) if dtype in _FLOATS else None
        return getattr(self.xp, name) if native is None else native  # type: ignore[no-any-return]

    def from_dlpack(self, array: Any) -> Any:
        """See `Backend.from_dlpack`."""
        return torch.from_dlpack(array)

    def to_numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """See `Backend.to_numpy`."""
        if state.tracing:
            return _compile.outside_the_trace(array, _conversion.to_numpy)  # type: ignore[no-any-return]
        if state.functional:
            return _conversion.wrapped_to_numpy(array)
        return _conversion.to_numpy(array)

    def shape_of(self, array: Any) -> tuple[int, ...]:
        """See `Backend.shape_of`."""
        return tuple(array.shape)

    def dtype_of(self, array: Any) -> dtypes.DType:
        """See `Backend.dtype_of`."""
        return _conversion.dtype_of(array)

    def native_dtype(self, dtype: dtypes.DType) -> Any:
        """See `Backend.native_dtype`."""
        return TO_TORCH[dtype]

    def astype(self, array: Any, dtype: dtypes.DType) -> Any:
        """See `Backend.astype`."""
        return _conversion.astype(array, TO_TORCH[dtype])

    def stop_gradient(self, array: Any) -> Any:
        """See `Backend.stop_gradient`."""
        return _compile.constant(array)

    def copy(self, array: Any) -> Any:
        """See `Backend.copy`."""
        return array.clone()

    def devices(self) -> tuple[str, ...]:
        """See `Backend.devices`."""
        return _devices.devices()

    def device_of(self, array: Any) -> str:
        """See `Backend.device_of`."""
        return _devices.device_name(array.device)

    def to_device(self, array: Any, device: str) -> Any:
        """See `Backend.to_device`."""
        return array.to(_devices.native_device(device))

    def synchronize(self, arrays: Sequence[Any]) -> None:
        """See `Backend.synchronize`."""
        _devices.synchronize(arrays)

    def set_threads(self, count: int) -> None:
        """See `Backend.set_threads`."""
        torch.set_num_threads(count)

    def value_and_grad(self, function: LossFunction, arrays: Sequence[Any]) -> tuple[Any, list[Any], list[Any]]:
        """See `Backend.value_and_grad`."""
        return _transforms.value_and_grad(self, function, arrays)

    def vjp(self, function: PairFunction, arrays: Sequence[Any]) -> tuple[list[Any], list[Any], Pullback]:
        """See `Backend.vjp`."""
        return _transforms.vjp(self, function, arrays)

    def jvp(
        self, function: PairFunction, arrays: Sequence[Any], tangents: Sequence[Any]
    ) -> tuple[list[Any], list[Any], list[Any]]:
        """See `Backend.jvp`."""
        return _transforms.jvp(self, function, arrays, tangents)

    def vmap(self, function: ListFunction, arrays: Sequence[Any], axes: Sequence[int | None], size: int) -> list[Any]:
        """See `Backend.vmap`."""
        if not size:  # torch.func maps over one slice at least
            return super().vmap(function, arrays, axes, size)
        return _transforms.vmap(self, function, arrays, axes)

    def checkpoint(self, function: ListFunction, arrays: Sequence[Any]) -> list[Any]:
        """See `Backend.checkpoint`."""
        return _transforms.checkpoint(self, function, arrays)

    def custom_vjp(
        self, function: ListFunction, forward: PairFunction, backward: BackwardFunction, arrays: Sequence[Any]
    ) -> list[Any]:
        """See `Backend.custom_vjp`."""
        return _custom_vjp.custom_vjp(self, function, forward, backward, arrays)

    def jit(self, function: ArrayFunction, *, donate: Sequence[int] = ()) -> CompiledFunction:
        """See `Backend.jit`."""
        return _compile.jit(self, function, donate=donate)

    def memory_stats(self, device: str) -> dict[str, int]:
        """See `Backend.memory_stats`; of CUDA devices only."""
        return _devices.memory_stats(device)

    def reset_memory_stats(self, device: str) -> None:
        """See `Backend.reset_memory_stats`; of CUDA devices only."""
        _devices.reset_memory_stats(device)

    def peak_memory(self, function: Callable[[], object], device: str) -> int:
        """See `Backend.peak_memory`: by the allocator on CUDA, by torch's profiler on the CPU."""
        return _devices.peak_memory_on_cpu(function) if device == "cpu" else super().peak_memory(function, device)
