"""Gathering by index, and sorting."""

from __future__ import annotations

from typing import Any

import numpy as np

from unifw_tensorflow._import import raw, tf
from unifw_tensorflow._namespace._manipulation import broadcast_to, moveaxis, reshape


def take(x: Any, indices: Any, /, *, axis: int | None = None) -> Any:
    """Elements along an axis (needed if `x` has several); indices in ``[0, n)``, of any shape."""
    if axis is None:
        axis = 0
    return raw.GatherV2(params=x, indices=_as_index(indices), axis=axis % x.shape.rank)


def nonzero(x: Any, /) -> tuple[Any, ...]:
    """The indices (int64) of the elements that are not zero, one array per axis; the length depends on values."""
    return tuple(tf.unstack(tf.where(x), num=x.shape.rank, axis=1))


def take_along_axis(x: Any, indices: Any, /, *, axis: int = -1) -> Any:
    """One element of `x` for each index along an axis; the other axes of the two broadcast."""
    rank = x.shape.rank
    axis %= rank
    x, indices = moveaxis(x, axis, -1), moveaxis(_as_index(indices), axis, -1)
    batch = tf.broadcast_static_shape(x.shape[:-1], indices.shape[:-1])
    if x.shape[:-1] != batch:
        x = broadcast_to(x, [*batch, x.shape[-1]])
    if indices.shape[:-1] != batch:
        indices = broadcast_to(indices, [*batch, indices.shape[-1]])
    size, count = x.shape[-1], indices.shape[-1]
    if rank == 1:
        return raw.GatherV2(params=x, indices=indices, axis=0)
    rows = batch.num_elements()
    # One gather of the flattened array costs a third of `batch_dims`, which builds the same indices from more ops.
    offsets = tf.range(rows, dtype=indices.dtype)[:, None] * size
    picked = raw.GatherV2(params=reshape(x, (-1,)), indices=reshape(indices, (rows, count)) + offsets, axis=0)
    return moveaxis(reshape(picked, [*batch, count]), -1, axis)


def _as_index(indices: Any) -> Any:
    return indices if indices.dtype in {tf.int32, tf.int64} else raw.Cast(x=indices, DstT=tf.int64)


def sort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """In order along an axis; always stable, NaN last (first in descending order)."""
    return take_along_axis(x, argsort(x, axis=axis, descending=descending, stable=stable), axis=axis)


def argsort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """The indices (int64) that sort along an axis; always stable, NaN last (first in descending order)."""
    del stable
    axis %= x.shape.rank
    keys = moveaxis(order_keys(x), axis, -1)
    # `TopKV2` takes the first of equal ones first, so a mirrored order keeps them in place.
    top = raw.TopKV2(input=keys if descending else raw.Invert(x=keys), k=keys.shape[-1], sorted=True)
    return moveaxis(raw.Cast(x=top.indices, DstT=tf.int64), -1, axis)


def order_keys(x: Any) -> Any:
    """Return integers in the order of the numbers, of a dtype that `TopKV2` takes, under XLA too."""
    if x.dtype in {tf.int32, tf.int64}:
        return x
    if x.dtype == tf.uint64:  # the upper half comes after the lower one
        return raw.BitwiseXor(x=raw.Bitcast(input=x, type=tf.int64), y=tf.constant(-(2**63), tf.int64))
    if not x.dtype.is_floating:
        return raw.Cast(x=x, DstT=tf.int64 if x.dtype == tf.uint32 else tf.int32)
    if x.dtype in {tf.float16, tf.bfloat16}:
        x = raw.Cast(x=x, DstT=tf.float32)
    # The bits of IEEE 754 numbers are in their order, once those of negative ones are mirrored. Adding 0 makes -0.0
    # equal to 0.0; all NaN become the one that is larger than any number.
    x = tf.where(raw.IsNan(x=x), tf.constant(np.nan, x.dtype), x + tf.constant(0, x.dtype))
    integer, width = (tf.int32, 31) if x.dtype == tf.float32 else (tf.int64, 63)
    bits = raw.Bitcast(input=x, type=integer)
    mirror = raw.BitwiseAnd(
        x=raw.RightShift(x=bits, y=tf.constant(width, integer)), y=tf.constant(2**width - 1, integer)
    )
    return raw.BitwiseXor(x=bits, y=mirror)
