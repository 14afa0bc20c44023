"""Which elements a key of `x.at[key]` names, and what becomes of those outside."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple, cast

import numpy as np

from unifw import dtypes
from unifw.errors import ArgumentError
from unifw.tensor._arguments import brief
from unifw.tensor._binary import maximum, minimum
from unifw.tensor._choosing import where
from unifw.tensor._getitem import read
from unifw.tensor._keys import as_index, is_mask, parse
from unifw.tensor._manipulation import concat, reshape
from unifw.tensor._scattering import constant
from unifw.tensor._tensor import Tensor

_MODES: Final = ("promise_in_bounds", "clip", "drop", "fill")


class Target(NamedTuple):
    """The elements a key names, by their places in the flat tensor."""

    places: Tensor  # (n,), int64; the size of the tensor means: nowhere
    shape: tuple[int, ...]
    has_nowhere: bool

    def extended(self, x: Tensor, value: float) -> Tensor:
        """Return the flat tensor, with an element behind its end if places may point there."""
        flat = reshape(x, (-1,))
        return concat([flat, constant(np.full(1, value), x, x.dtype)]) if self.has_nowhere else flat


def target_of(x: Tensor, key: Any, mode: str | None) -> Target:
    """Return which elements a key names."""
    parts = [as_index(part, x.backend) for part in (key if key.__class__ is tuple else (key,))]
    numbers = np.arange(math.prod(x.shape), dtype=np.int64).reshape(x.shape)
    if mode is not None:
        drops = mode in {"drop", "fill"}
        parts, axes = _in_bounds(parts, x.shape, mode, x)
        if drops:
            numbers = np.pad(numbers, [(0, int(axis in axes)) for axis in range(x.ndim)], constant_values=numbers.size)
    numbered = constant(numbers, x)
    places = read(numbered, parse(tuple(parts), key, numbered))
    return Target(reshape(places, (-1,)), places.shape, mode in {"drop", "fill"})


def _in_bounds(parts: list[Any], shape: tuple[int, ...], mode: str, x: Tensor) -> tuple[list[Any], set[int]]:
    """Return the parts of a key with integers brought into their axes, and which axes these are.

    What is to be dropped gets the index behind the end.
    """
    named = sum(part.ndim if is_mask(part) else int(part is not None and part is not Ellipsis) for part in parts)
    result, axes, axis = [], set(), 0
    for part in parts:
        if part is Ellipsis:
            axis += max(len(shape) - named, 0)
        elif is_mask(part):
            axis += part.ndim
        elif part is not None:
            is_integer = part.__class__ is int or (part.__class__ is Tensor and dtypes.kind(part.dtype) == "integer")
            if is_integer and axis < len(shape):
                axes.add(axis)
                part = _brought_in(part, shape[axis], mode, x)  # noqa: PLW2901
            axis += 1
        result.append(part)
    return result, axes


def _brought_in(index: Any, size: int, mode: str, x: Tensor) -> Tensor:
    given: Tensor = constant(np.asarray(index, np.int64), x) if index.__class__ is int else index.astype(dtypes.int64)
    counted = where(given < 0, given + size, given)
    if mode == "clip":
        return minimum(maximum(counted, 0), max(size - 1, 0))
    if mode == "promise_in_bounds":
        return counted
    return where(counted < 0, size, minimum(counted, size))


def mask_of(x: Tensor, key: Any) -> Tensor | None:
    """Return the mask, if the key is one and nothing else."""
    part = as_index(key[0] if key.__class__ is tuple and len(key) == 1 else key, x.backend)
    return cast("Tensor", part) if is_mask(part) else None


def needs_places(x: Tensor, key: Any, mode: str | None) -> bool:
    """Return whether a key may name elements twice, or none under a mode: it holds integer tensors, or integers."""
    if mask_of(x, key) is not None:
        return False
    parts = [as_index(part, x.backend) for part in (key if key.__class__ is tuple else (key,))]
    return any(part.__class__ is Tensor or (mode is not None and part.__class__ is int) for part in parts)


def check_mode(mode: Any) -> None:
    """Raise `ArgumentError` for an unknown mode."""
    if mode is not None and mode not in _MODES:
        raise ArgumentError(f"x.at[…] got mode={brief(mode)}. Write one of {', '.join(map(repr, _MODES))}, or None.")


def check_unique(target: Target) -> None:
    """Raise `ArgumentError` if an element is named more than once, where values are known."""
    try:
        values = target.places.backend.to_numpy(target.places.native)
    except Exception:  # noqa: BLE001 - a tracer has no values, and every framework says so differently
        return
    repeated = values[:-1][np.diff(np.sort(values)) == 0] if values.size else values
    if repeated.size:
        raise ArgumentError(
            "apply() got an index more than once, and cannot say how often to apply the function. Name each element "
            "once."
        )


def default_fill(dtype: dtypes.DType) -> Any:
    """Return what JAX fills with: NaN, the smallest signed or the largest unsigned integer, true."""
    if dtypes.kind(dtype) == "integer":
        return np.iinfo(dtype).max if dtype in dtypes.UNSIGNED else np.iinfo(dtype).min
    return True if dtype == dtypes.bool else math.nan
