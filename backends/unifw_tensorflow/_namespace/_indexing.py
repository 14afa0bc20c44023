"""Gathering by index, and sorting."""

from __future__ import annotations

from typing import Any

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
    """In order along an axis; always stable, and NaN lands anywhere."""
    del stable
    axis %= x.shape.rank
    keys = moveaxis(_sortable(x), axis, -1)
    values = _top(keys, descending).values
    return raw.Cast(x=moveaxis(values if descending else _mirrored(values), -1, axis), DstT=x.dtype)


def argsort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """The indices (int64) that sort along an axis; always stable."""
    del stable
    axis %= x.shape.rank
    indices = _top(moveaxis(_sortable(x), axis, -1), descending).indices
    return moveaxis(raw.Cast(x=indices, DstT=tf.int64), -1, axis)


def _sortable(x: Any) -> Any:
    """Convert to the nearest dtype that holds the same numbers and that `TopKV2` takes, under XLA too."""
    if x.dtype in {tf.bool, tf.int8, tf.uint8, tf.int16, tf.uint16}:
        return raw.Cast(x=x, DstT=tf.int32)
    return raw.Cast(x=x, DstT=tf.int64) if x.dtype == tf.uint32 else x


def _top(keys: Any, descending: bool) -> Any:
    """All keys in descending order (`TopKV2` takes the first of equal ones first), mirrored to ascend."""
    return raw.TopKV2(input=keys if descending else _mirrored(keys), k=keys.shape[-1], sorted=True)


def _mirrored(x: Any) -> Any:
    """Reverse the order of all numbers: ``-x``, or for integers ``~x``, which no integer overflows."""
    return raw.Invert(x=x) if x.dtype.is_integer else raw.Neg(x=x)
