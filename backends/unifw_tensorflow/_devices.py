"""Devices: TensorFlow's names and ours."""

from __future__ import annotations

from functools import cache
from typing import Any

from unifw.errors import DeviceError
from unifw_tensorflow._import import tf

_OURS = {"CPU": "cpu", "GPU": "cuda", "TPU": "tpu"}


@cache
def devices() -> tuple[str, ...]:
    """Return the devices present, accelerators first; asking does not start them, which would fix the thread pools."""
    names = []
    for kind in ("GPU", "TPU"):
        names += [f"{_OURS[kind]}:{index}" for index in range(len(tf.config.list_physical_devices(kind)))]
    return (*names, "cpu")


def native_name(device: str) -> str:
    """Return TensorFlow's name of a device: ``"cuda:0"`` is ``"GPU:0"``.

    Raises:
        DeviceError: if it is not present.
    """
    if device not in devices():
        known = ", ".join(devices())
        raise DeviceError(f"Backend 'tensorflow' has no device {device!r} here. Write one of: {known}.")
    if device == "cpu":
        return "CPU:0"
    kind, _, index = device.partition(":")
    return f"{next(native for native, ours in _OURS.items() if ours == kind)}:{index}"


def device_of(array: Any) -> str:
    """Return the device of an array; that of a tracer is not decided yet, and reads as the default."""
    if not array.device:
        return devices()[0]
    kind, index = array.device.split(":")[-2:]
    return "cpu" if kind == "CPU" else f"{_OURS[kind]}:{index}"
