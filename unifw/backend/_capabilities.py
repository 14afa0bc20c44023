"""What a backend can do, as data: core and tests ask these fields, never a backend's name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from unifw import dtypes


class Tolerance(NamedTuple):
    """How far two correct results may lie apart: ``|a - b| <= absolute + relative * |b|``."""

    relative: float
    absolute: float


DEFAULT_TOLERANCES: dict[dtypes.DType, Tolerance] = {
    dtypes.float16: Tolerance(1e-2, 1e-3),
    dtypes.bfloat16: Tolerance(4e-2, 1e-2),
    dtypes.float32: Tolerance(2e-5, 1e-6),
    dtypes.float64: Tolerance(1e-11, 1e-12),
    dtypes.complex64: Tolerance(2e-5, 1e-6),
    dtypes.complex128: Tolerance(1e-11, 1e-12),
}


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Facts about a backend that code above may rely on.

    Attributes:
        device_kinds: kinds of device the framework can use when they are present, "cpu" first. Empty if arrays have
            no place (the abstract backend): then the user's choice of a device does not concern it.
        dtypes: dtypes that arrays can have.
        asynchronous_dispatch: whether a call can return before its work is done, so that a clock needs `synchronize`.
        compilation: what `jit` costs: "none" (it runs the function as it is), "cheap" (under about a second, so
            `compile="auto"` compiles) or "costly" (many seconds, so only `compile=True` does).
        in_place_updates: whether donated arrays can be overwritten outside `jit` (see `Backend.adam_update`).
        flushes_denormals: whether numbers below the smallest normal one become zero.
    """

    device_kinds: tuple[str, ...] = ("cpu",)
    dtypes: frozenset[dtypes.DType] = field(default=frozenset(dtypes.ALL))
    asynchronous_dispatch: bool = False
    compilation: Literal["none", "cheap", "costly"] = "none"
    in_place_updates: bool = False
    flushes_denormals: bool = False
