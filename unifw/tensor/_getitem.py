"""Reading elements: `x[key]`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from unifw.errors import BoundsError, ShapeError
from unifw.tensor._keys import Key, as_index, is_mask, parse, true_places
from unifw.tensor._operands import common_backend, lower
from unifw.tensor._tensor import Tensor


def getitem(self: Tensor, key: Any) -> Tensor:
    """Return the elements a key names, as NumPy would."""
    native, backend = self.native, self.backend
    shape, parts = native.shape, key if key.__class__ is tuple else (key,)
    # Most keys are made of integers inside their axes, slices without a step, `None`, and one `...` in front. All
    # frameworks read them alike, or raise; so they are only looked at, which costs a tenth of parsing them.
    axis, left, rank = 0, 0, len(shape)
    for part in parts:
        kind = part.__class__
        if kind is int:
            if axis >= rank or not -shape[axis] <= part < shape[axis]:
                break
            axis += 1
        elif kind is slice and part.step is None:
            axis += 1
            left += 1
        elif part is None:
            left += 1
        elif part is Ellipsis and not axis and not left:
            left = 1
            axis = rank + 1 - len(parts) + sum(each is None for each in parts)
            if axis < 0:
                break
        else:
            break
    else:
        try:
            if left or rank > axis or native.__class__ is not np.ndarray:
                get_slice = backend.own_get_slice
                return Tensor(native[key] if get_slice is None else get_slice(native, key), backend)
            return Tensor(native[*parts, ...], backend)  # where no axis is left, NumPy's own gives a scalar
        except Exception:  # noqa: BLE001, S110 - what follows completes the key, or says what is wrong with it
            pass
    if len(parts) == 1 and is_mask(mask := as_index(parts[0], backend)):
        return select(self, mask)
    return read(self, parse(parts, key, self))


def read(x: Tensor, key: Key) -> Tensor:
    backend = x.backend
    try:
        array = backend.get_slice(x.native, key.basic)
    except Exception:
        if x.ndim <= _MOST_AXES:
            raise
        array = _read_flat(x, key.basic)
    for axis in key.flipped:
        array = backend.xp.flip(array, axis=axis)
    return _gather(Tensor(array, backend), key) if key.arrays else Tensor(array, backend)


_MOST_AXES = 8  # that a slice may have on every framework; TensorFlow's may have no more


def _read_flat(x: Tensor, key: Any) -> Any:
    """Return ``x[key]`` by the places of its elements in the flat tensor."""
    xp = x.backend.xp
    places = np.arange(math.prod(x.shape), dtype=np.int64).reshape(x.shape)[key]
    flat = xp.take(xp.reshape(x.native, (-1,)), x.backend.constant(places.reshape(-1), x.native), axis=0)
    return xp.reshape(flat, places.shape)


def _gather(x: Tensor, key: Key) -> Tensor:
    """Index some axes with integer arrays that broadcast against each other."""
    axes = list(key.arrays)
    backend = common_backend([x, *key.arrays.values()], "indexing")
    xp, array = backend.xp, lower(x, backend)
    shape = backend.shape_of(array)
    indices = [lower(each, backend) for each in key.arrays.values()]
    try:
        wide = np.broadcast_shapes(*(backend.shape_of(each) for each in indices))
    except ValueError:
        shapes = " and ".join(str(backend.shape_of(each)) for each in indices)
        raise ShapeError(
            f"Index arrays of shapes {shapes} do not broadcast against each other. For all pairs insert an axis: "
            f"x[rows[:, None], columns]."
        ) from None
    others = [axis for axis in range(len(shape)) if axis not in key.arrays]
    linear = indices[0]
    for axis, index in zip(axes[1:], indices[1:], strict=True):
        linear = xp.add(xp.multiply(linear, shape[axis]), index)
    linear = xp.broadcast_to(linear, wide)
    if len(axes) > 1 or axes != [0]:
        array = xp.permute_dims(array, (*axes, *others))
        array = xp.reshape(array, (math.prod(shape[axis] for axis in axes), *(shape[axis] for axis in others)))
    result = xp.take(array, linear, axis=0)
    start = axes[0] if key.adjacent else 0
    if start:
        before, count = range(len(wide), len(wide) + start), len(wide) + len(others)
        result = xp.permute_dims(result, (*before, *range(len(wide)), *range(len(wide) + start, count)))
    return Tensor(result, backend)


def select(x: Tensor, mask: Tensor) -> Tensor:
    """Return the elements where the mask, which covers the first axes, is true."""
    check_mask(x, mask)
    places = Tensor(true_places(mask), mask.backend)
    backend = common_backend([x, places], "indexing")
    rank = mask.ndim
    flat = backend.xp.reshape(lower(x, backend), (math.prod(x.shape[:rank]), *x.shape[rank:]))
    return Tensor(backend.xp.take(flat, lower(places, backend), axis=0), backend)


def check_mask(x: Tensor, mask: Tensor) -> None:
    """Raise `BoundsError` unless a mask has the shape of the first axes, or no elements along some (as in NumPy)."""
    fits = mask.ndim <= x.ndim and all(own in (size, 0) for own, size in zip(mask.shape, x.shape, strict=False))
    if not fits:
        raise BoundsError(
            f"A mask of shape {mask.shape} does not fit a tensor of shape {x.shape}: it must have the shape of the "
            f"first axes. For other axes write unifw.where, or move them to the front."
        )
