"""Devices, their memory and their threads."""

from __future__ import annotations

import json
import operator
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from unifw.errors import DeviceError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


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


def peak_memory_on_cpu(function: Callable[[], object]) -> int:
    """Run a function; return the most bytes it held at once, by the allocations and frees torch's profiler recorded.

    Read from the trace that the profiler exports, whose `[memory]` events have sizes and addresses. Frees of what was
    allocated earlier do not count, and neither does scratch memory inside oneDNN or a BLAS.
    """
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as recorded:
        function()
    with tempfile.TemporaryDirectory(prefix="unifw-torch-") as directory:
        path = Path(directory, "trace.json")
        recorded.export_chrome_trace(str(path))
        events = json.loads(path.read_text(encoding="utf-8", errors="replace"))["traceEvents"]
    changes = [(event["ts"], event["args"]) for event in events if event.get("name") == "[memory]"]
    held: dict[int, int] = {}
    current = peak = 0
    for _, change in sorted(changes, key=operator.itemgetter(0)):
        address, size = change["Addr"], int(change["Bytes"])
        if change["Device Type"] != 0:
            continue
        if size > 0:
            held[address] = size
            current += size
        else:
            current -= held.pop(address, 0)
        peak = max(peak, current)
    if not peak:
        raise UnsupportedError(
            "torch's profiler recorded no allocation on the CPU. Hint: read the process's high-water mark instead."
        )
    return peak


def _cuda_device(device: str) -> Any:
    native = native_device(device)
    if native.type != "cuda":
        raise UnsupportedError(
            f"Backend 'torch' has no memory statistics for device {device!r}: torch counts allocations on CUDA only. "
            "Hint: read the process's high-water mark (VmHWM in /proc/self/status)."
        )
    return native
