"""Devices: TensorFlow's names and ours."""

from __future__ import annotations

from functools import cache
from typing import Any

from unifw.errors import DeviceError
from unifw_tensorflow._import import tf

_OURS = {"CPU": "cpu", "GPU": "cuda", "TPU": "tpu"}


@cache
def devices() -> tuple[str, ...]:
    """Return the devices present, accelerators first; asking does not start them, which would fix the thread pools.

    They are TensorFlow's logical devices, which its names count: the visible physical ones, each split as configured.
    """
    names = []
    for kind in ("GPU", "TPU", "CPU"):
        physical = tf.config.get_visible_devices(kind)
        # TensorFlow splits no TPU, and refuses to be asked.
        split = 1 if kind == "TPU" else None
        count = sum(split or len(tf.config.get_logical_device_configuration(each) or [each]) for each in physical)
        names += [_name(kind, index) for index in range(count)]
    return tuple(names)


def _name(kind: str, index: int) -> str:
    return "cpu" if kind == "CPU" and index == 0 else f"{_OURS[kind]}:{index}"


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
    return _name(kind, int(index))
