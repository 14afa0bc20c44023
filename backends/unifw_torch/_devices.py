"""Devices, their memory and their threads."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import torch

from unifw.errors import DeviceError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence


@cache
def devices() -> tuple[str, ...]:
    """Return accelerators first, because the first is the default, and "cpu" last."""
    found = [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        found.append("mps")
    return (*found, "cpu")


@cache
def default_device() -> Any:
    """Return the device new arrays go to."""
    return torch.device(devices()[0])


@cache
def native_device(name: str) -> Any:
    """Return torch's device for a name of `devices`."""
    if name not in devices():
        raise DeviceError(f"torch finds no device {name!r} here. Present are: {', '.join(devices())}.")
    return torch.device(name)


def device_name(device: Any) -> str:
    """Return the name `devices` gives to a device of torch."""
    return "mps" if device.type == "mps" else str(device)


def synchronize(arrays: Sequence[Any]) -> None:
    """Wait for the accelerators that hold the arrays; the CPU has always finished."""
    for device in {array.device for array in arrays}:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        elif device.type == "mps":
            torch.mps.synchronize()


def memory_stats(device: str) -> dict[str, int]:
    """Return bytes held by live arrays: now, and at most since the last reset."""
    statistics = torch.cuda.memory_stats(_cuda_device(device))
    return {
        "peak": int(statistics.get("allocated_bytes.all.peak", 0)),
        "current": int(statistics.get("allocated_bytes.all.current", 0)),
    }


def reset_memory_stats(device: str) -> None:
    """Set the peak to what is allocated now."""
    torch.cuda.reset_peak_memory_stats(_cuda_device(device))


def _cuda_device(device: str) -> Any:
    native = native_device(device)
    if native.type != "cuda":
        raise UnsupportedError(
            f"Backend 'torch' has no memory statistics for device {device!r}: torch counts allocations on CUDA only. "
            "Hint: read the process's high-water mark (VmHWM in /proc/self/status)."
        )
    return native
