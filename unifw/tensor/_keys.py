"""What `x[key]` means, the same on every backend.

A key follows the Array API standard, and NumPy where the standard stops: integers, slices with any step, `...`, `None`,
boolean masks, integer arrays, and mixtures of these. Backends only read integers and forward slices; the rest is said
with `take`, `flip` and `where`, so that it is differentiable and compiles wherever those are and do.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.errors import ArgumentError, BoundsError, DTypeError, TransformError, UnifwError
from unifw.tensor._arguments import brief
from unifw.tensor._creation import beside
from unifw.tensor._operands import as_tensor
from unifw.tensor._tensor import Tensor


class Key(NamedTuple):
    """A key in parts: first the basic entries, then integer arrays on what these leave."""

    basic: tuple[Any, ...]
    """Integers, slices with positive steps, `...` and `None`."""
    flipped: tuple[int, ...]
    """Axes of the result of `basic` to reverse: those of slices with negative steps."""
    arrays: dict[int, Tensor]
    """By axis of that result: integer tensors that index it."""
    adjacent: bool
    """Whether the arrays stood next to each other, so that their axes stay in their place."""


def as_index(part: Any, backend: Backend) -> Any:
    """Return arrays and lists as tensors, everything else as it is."""
    if part is None or part is Ellipsis or part.__class__ in {int, slice}:
        return part
    if part.__class__ is Tensor:
        return part
    if isinstance(part, np.integer):
        return int(part)
    if isinstance(part, bool | np.bool_ | np.ndarray | list) or backend.is_array(part):
        is_empty_list = isinstance(part, list) and not part
        return as_tensor(np.asarray(part, np.int64) if is_empty_list else part, backend)
    return as_tensor(part) if hasattr(part, "__unifw_tensor__") else part


def is_mask(part: Any) -> bool:
    return part.__class__ is Tensor and part.dtype == dtypes.bool


def parse(parts: tuple[Any, ...], key: Any, x: Tensor) -> Key:
    """Complete a key and sort its parts.

    Args:
        parts: of the key.
        key: as it was written, for messages.
        x: what it indexes.

    Raises:
        BoundsError: if it names too many axes, or an integer lies outside.
        DTypeError: if a part is not an index.
    """
    shape = x.shape
    entries = _entries(parts, key, x)
    named = sum(not (each is None or each is Ellipsis or each.__class__ is _ScalarMask) for each in entries)
    if named > len(shape):
        raise BoundsError(
            f"Index [{brief(key)}] names {named} {_axes(named)} of a tensor with {len(shape)}: shape {shape}. Leave "
            f"out some, or insert axes with None."
        )
    has_arrays = any(each.__class__ in {Tensor, _ScalarMask} for each in entries)
    basic: list[Any] = []
    flipped: list[int] = []
    arrays: dict[int, Tensor] = {}
    places: list[int] = []
    axis = out = 0  # of x, and of the result of the basic entries
    for place, entry in enumerate(entries):
        if entry is Ellipsis:
            basic.append(Ellipsis)
            axis, out = axis + len(shape) - named, out + len(shape) - named
        elif entry is None:
            basic.append(None)
            out += 1
        elif entry.__class__ is _ScalarMask:
            basic.append(None)
            arrays[out] = entry.places
            places.append(place)
            out += 1
        elif entry.__class__ is slice:
            forward, reverse = _forward(entry, shape[axis], key)
            basic.append(forward)
            flipped.extend([out] if reverse else [])
            axis, out = axis + 1, out + 1
        elif entry.__class__ is Tensor or has_arrays:  # beside arrays an integer is one of them
            basic.append(slice(None))
            arrays[out] = _index_array(entry, axis, shape, key, x)
            places.append(place)
            axis, out = axis + 1, out + 1
        else:
            basic.append(_integer(entry, axis, shape, key))
            axis += 1
    adjacent = not places or places[-1] - places[0] + 1 == len(places)
    return Key(tuple(basic), tuple(flipped), arrays, adjacent)


class _ScalarMask(NamedTuple):
    """A mask without axes: it adds an axis of size 0 or 1."""

    places: Tensor


def _entries(parts: tuple[Any, ...], key: Any, x: Tensor) -> list[Any]:
    """Return a complete list of entries: arrays as tensors, masks as the positions they select."""
    entries: list[Any] = []
    for part in (as_index(beside(part, x) if isinstance(part, list) and part else part, x.backend) for part in parts):
        if not is_mask(part):
            entries.append(part)
        elif part.ndim:
            entries.extend(positions(part))
        else:
            entries.append(_ScalarMask(Tensor(true_places(part), part.backend)))
    ellipses = sum(each is Ellipsis for each in entries)
    if ellipses > 1:
        raise BoundsError(f"Index [{brief(key)}] has {ellipses} ellipses; one '...' stands for all axes not named.")
    return entries if ellipses else [*entries, Ellipsis]


def _integer(entry: Any, axis: int, shape: tuple[int, ...], key: Any) -> int:
    size = shape[axis]
    try:
        index = entry.__index__()
    except (AttributeError, TypeError):
        raise DTypeError(
            f"Index [{brief(key)}] holds {brief(entry)}, of type {type(entry).__name__}. Write integers, slices, "
            "'...', None, or tensors of integers or booleans."
        ) from None
    if not -size <= index < size:
        raise _outside(index, axis, shape)
    return int(index)


def _axes(count: int) -> str:
    return "axis" if count == 1 else "axes"


def _outside(index: Any, axis: int, shape: tuple[int, ...]) -> BoundsError:
    size = shape[axis]
    allowed = f"it must be in [{-size}, {size})" if size else "it has no elements"
    return BoundsError(f"Index {index} is outside axis {axis} of shape {shape}: {allowed}.")


def _forward(entry: slice, size: int, key: Any) -> tuple[slice, bool]:
    """Return the same elements as a slice with a positive step, and whether they come in reverse."""
    try:
        places = range(size)[entry]
    except UnifwError:  # of a tensor
        raise
    except TypeError:
        raise DTypeError(
            f"Index [{brief(key)}] holds the slice {brief(entry)}. Write integers or nothing between the colons."
        ) from None
    except ValueError:
        raise ArgumentError(
            f"Index [{brief(key)}] holds a slice with step 0, with which it would never end. Write 1, -1 or more."
        ) from None
    if not places:
        return slice(0, 0), False
    if places.step < 0:
        return slice(places[-1], places[0] + 1, -places.step), True
    return slice(places.start, places.stop, places.step), False


def _index_array(index: Any, axis: int, shape: tuple[int, ...], key: Any, x: Tensor) -> Tensor:
    """Return an integer or index tensor as an int64 tensor, counted from the front."""
    if index.__class__ is not Tensor:
        place = np.asarray(_integer(index, axis, shape, key) % shape[axis])
        return Tensor(x.backend.constant(place, x.native), x.backend)
    if dtypes.kind(index.dtype) != "integer":
        raise DTypeError(
            f"Index [{brief(key)}] holds a tensor of {index.dtype.name}. Index with integers or booleans: "
            "unifw.astype(…, 'int64')."
        )
    has_negative = check_bounds(index, axis, shape)
    backend = index.backend
    array = backend.astype(index.native, dtypes.int64)
    return Tensor(from_the_front(array, shape[axis], backend) if has_negative else array, backend)


def check_bounds(index: Tensor, axis: int, shape: tuple[int, ...]) -> bool:
    """Return whether an index tensor may hold negative indices.

    Raises `BoundsError` if its values are known, and one lies outside its axis.

    Frameworks clamp, wrap or fail there, each in its own way. Inside `jit` values are not known, and the result is not
    defined.
    """
    try:
        values = index.backend.to_numpy(index.native)
    except Exception:  # noqa: BLE001 - a tracer has no values, and every framework says so differently
        return True
    size = shape[axis]
    outside = values[(values < -size) | (values >= size)] if values.size else values
    if outside.size:
        raise _outside(outside.flat[0], axis, shape)
    return bool(values.size) and bool(values.min() < 0)


def from_the_front(index: Array, size: int, backend: Backend) -> Array:
    """Return int64 indices with negative ones counted from the end."""
    xp = backend.xp
    return xp.where(xp.less(index, 0), xp.add(index, size), index)


def positions(mask: Tensor) -> list[Tensor]:
    """Return the indices of the true elements, one tensor per axis of the mask."""
    backend = mask.backend
    flat = true_places(mask)
    indices = []
    rest, xp = flat, backend.xp
    for size in reversed(mask.shape):
        indices.append(Tensor(xp.remainder(rest, size), backend))
        rest = xp.floor_divide(rest, size)
    return indices[::-1]


def true_places(mask: Tensor) -> Array:
    """Return the positions (int64) of the true elements in row-major order.

    Raises:
        TransformError: inside `jit`, where how many there are is not known.
    """
    backend = mask.backend
    try:
        places = backend.xp.nonzero(backend.xp.reshape(mask.native, (-1,)))[0]
        known = all(isinstance(size, int) for size in backend.shape_of(places))
    except Exception as error:
        raise _unknown_size() from error
    if not known:
        raise _unknown_size()
    return backend.astype(places, dtypes.int64)


def _unknown_size() -> TransformError:
    return TransformError(
        "A boolean mask selects a number of elements that depends on values, which are not known inside jit. Write "
        "unifw.where(mask, x, 0), which keeps the shape, or select outside of jit."
    )
