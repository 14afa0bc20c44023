"""Writing elements: `x[key] = value`.

Assignment never changes memory that another tensor, array or trace can see: it puts a new array behind the same
`Tensor`. So it works on frameworks without mutable arrays, under `jit` and under `grad`, and means the same elsewhere.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from unifw import config, dtypes
from unifw.backend import Array, Backend
from unifw.errors import ArgumentError, DTypeError, ShapeError
from unifw.tensor._creation import beside
from unifw.tensor._getitem import check_mask, read
from unifw.tensor._keys import Key, as_index, is_mask, parse
from unifw.tensor._operands import SCALARS, as_tensor, common_backend, lower
from unifw.tensor._strict import check_operands
from unifw.tensor._tensor import Tensor
from unifw.tensor._weak import WeakScalar


def setitem(self: Tensor, key: Any, value: Any) -> None:
    """Put a new array behind the tensor: the old one with the elements a key names replaced.

    Args:
        self: the tensor to change.
        key: as for reading.
        value: a tensor, array or Python scalar that broadcasts to ``self[key]`` and whose dtype ``self.dtype`` holds.
    """
    parts = key if key.__class__ is tuple else (key,)
    given = assigned(value, self)
    mask = as_index(parts[0], self.backend) if len(parts) == 1 else None
    if mask is not None and is_mask(mask):
        result = _write_masked(self, mask, given)
    else:
        parsed = parse(parts, key, self)
        result = _write_arrays(self, parsed, given) if parsed.arrays else _write_basic(self, parsed, given)
    self.native, self.backend = result.native, result.backend


def assigned(value: Any, like: Tensor) -> Tensor:
    """Return what is to be assigned to a tensor, as a tensor of its dtype.

    Raises:
        DTypeError: if the dtype does not hold it.
    """
    dtype = like.dtype
    source: Any = value
    if type(value) in SCALARS:
        given, holds = dtypes.as_dtype(type(value)), dtypes.promote_scalar(dtype, value)
    elif type(value) is WeakScalar:
        given, holds = value.wide.dtype, dtypes.promote_scalar(dtype, value.sample)
    else:
        given = _natural(value, like)
        # Of Python scalars only the kind matters.
        source = dtypes.python_type(given)() if isinstance(value, list | tuple) else given
        holds = dtypes.promote(dtype, given) if source is given else dtypes.promote_scalar(dtype, source)
    if holds != dtype:
        raise DTypeError(
            f"Cannot assign values of {given.name} to a tensor of {dtype.name} without loss. "
            + _conversion(given, dtype)
        )
    if config.may_be_strict and config.is_strict():
        check_operands("assignment by index", [dtype, source], dtype)
    if type(value) in SCALARS or isinstance(value, list | tuple):  # not by way of the default dtype
        return beside(value, like, dtype)
    return (value.wide if type(value) is WeakScalar else as_tensor(value, like.backend)).astype(dtype)


def _natural(value: Any, like: Tensor) -> dtypes.DType:
    """Return the dtype that a value has of its own."""
    try:
        return beside(value, like).dtype
    except ArgumentError:  # integers that the default dtype has not, as the tensor's may: judged when they enter it
        return dtypes.DEFAULT_INTEGER


def _conversion(given: dtypes.DType, wanted: dtypes.DType) -> str:
    if given in dtypes.COMPLEX and wanted != dtypes.bool:
        return "Take a part first: unifw.real(…), unifw.imag(…) or unifw.abs(…)."
    return f"Convert one of them first: unifw.astype(…, {wanted.name!r})."


def broadcast_values(value: Tensor, shape: tuple[int, ...], backend: Backend) -> Array:
    """Return the array of what is to be assigned to elements of a shape, broadcast to it."""
    try:
        fits = np.broadcast_shapes(value.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(
            f"Cannot assign values of shape {value.shape} to elements of shape {shape}: they must broadcast to it. "
            f"Reshape them, or insert axes with unifw.expand_dims."
        )
    array = lower(value, backend)
    return array if value.shape == shape else backend.xp.broadcast_to(array, shape)


def _write_basic(x: Tensor, key: Key, value: Tensor) -> Tensor:
    backend = common_backend([x, value], "item assignment")
    array = lower(x, backend)
    values = broadcast_values(value, read(x, key).shape, backend)
    for axis in key.flipped:
        values = backend.xp.flip(values, axis=axis)
    return Tensor(backend.set_slice(array, key.basic, values), backend)


def _write_arrays(x: Tensor, key: Key, value: Tensor) -> Tensor:
    backend = common_backend([x, value, *key.arrays.values()], "item assignment")
    xp, shape = backend.xp, x.shape
    numbered = backend.constant(np.arange(math.prod(shape), dtype=np.int64).reshape(shape), lower(x, backend))
    places = read(Tensor(numbered, backend), key)
    values = xp.reshape(broadcast_values(value, places.shape, backend), (-1,))
    flat = xp.reshape(lower(x, backend), (-1,))
    written = backend.index_set(flat, xp.reshape(lower(places, backend), (-1,)), values)
    return Tensor(xp.reshape(written, shape), backend)


def _write_masked(x: Tensor, mask: Tensor, value: Tensor) -> Tensor:
    """Write where a mask is true; the result has the shape of `x`, so this compiles."""
    check_mask(x, mask)
    if 0 in mask.shape:
        return x
    backend = common_backend([x, mask, value], "item assignment")
    xp, rank, rest = backend.xp, mask.ndim, x.shape[mask.ndim :]
    array, chosen = lower(x, backend), lower(mask, backend)
    if len(value.shape) <= len(rest) or value.shape[0] == 1:
        trimmed = (
            Tensor(xp.reshape(lower(value, backend), value.shape[1:]), backend)
            if len(value.shape) > len(rest)
            else value
        )
        values = xp.broadcast_to(broadcast_values(trimmed, rest, backend), x.shape)
    else:
        values = xp.reshape(_spread_over(mask, value, rest, backend), x.shape)
    wide = xp.broadcast_to(xp.reshape(chosen, (*mask.shape, *(1,) * (x.ndim - rank))), x.shape)
    return Tensor(xp.where(wide, values, array), backend)


def _spread_over(mask: Tensor, value: Tensor, rest: tuple[int, ...], backend: Backend) -> Array:
    """Return, for each place of the flat mask, the row of `value` that belongs there: its rank among the true ones."""
    xp, count = backend.xp, value.shape[0]
    values = broadcast_values(value, (count, *rest), backend)
    flat = backend.astype(xp.reshape(lower(mask, backend), (-1,)), dtypes.int64)
    try:
        wanted = int(backend.to_numpy(xp.sum(flat, axis=None, keepdims=False)))
    except Exception:  # noqa: BLE001 - a tracer has no values, and every framework says so differently
        wanted = count
    if wanted != count:
        raise ShapeError(
            f"Cannot assign values of shape {value.shape} to the {wanted} elements a mask selects. Give one for each, "
            f"or write unifw.where(mask, values, x)."
        )
    if not count:
        return xp.broadcast_to(backend.constant(0, values, value.dtype), (math.prod(mask.shape), *rest))
    ranks = xp.subtract(xp.cumulative_sum(flat, axis=0, include_initial=False), 1)
    return xp.take(values, xp.clip(ranks, 0, count - 1), axis=0)
