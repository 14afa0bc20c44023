"""Random orders, samples and categories."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from unifw import dtypes
from unifw.errors import ArgumentError, DTypeError, ShapeError
from unifw.tensor._arguments import brief
from unifw.tensor._indexing import take, take_along_axis
from unifw.tensor._manipulation import normalize_axis
from unifw.tensor._operands import as_tensor
from unifw.tensor._strict import check_conversion
from unifw.tensor._tensor import Tensor
from unifw.tensor.random._arguments import Shape, checked_key, drawn_shape, sizes_of, together
from unifw.tensor.random._discrete import randint
from unifw.tensor.random._logarithms import gumbel, gumbel_mode
from unifw.tensor.random._uniform import uniform


def permutation(key: Any, x: Any, axis: int = 0, independent: bool = False) -> Tensor:
    """Return the integers below `x` in random order, or a tensor shuffled along an axis, as `jax.random.permutation`.

    Args:
        key: uint32 (2,).
        x: an integer (the result is int64), or a tensor with at least one axis.
        axis: the one along which to shuffle.
        independent: whether every line along the axis has an order of its own.

    Raises:
        ArgumentError: for what is not one key, or a negative integer.
        AxisError: for an axis that `x` does not have.
        DTypeError: for a scalar that is not an integer.

    >>> import unifw as uf
    >>> sorted(uf.random.permutation(uf.random.key(0), 4).tolist())
    [0, 1, 2, 3]
    """
    tensor = checked_key(key, "permutation")
    count = _population(x, "permutation", "x")
    if count is not None:
        _axis(axis, 1, "permutation")
        return Tensor(tensor.backend.random_permutation(tensor.native, count), tensor.backend)
    values = as_tensor(x, tensor.backend)
    axis = _axis(axis, len(values.shape), "permutation")
    backend, native, _ = together("permutation", tensor, None)
    if independent and len(values.shape) > 1:
        order = Tensor(backend.random_shuffle(native, values.shape, axis), backend)
        return take_along_axis(values, order, axis=axis)
    return take(values, Tensor(backend.random_permutation(native, values.shape[axis]), backend), axis=axis)


def _population(x: Any, name: str, argument: str) -> int | None:
    """Return how many integers `x` stands for, or None if it is a tensor with axes."""
    if hasattr(x, "__index__") and not isinstance(x, Tensor) and not getattr(x, "shape", ()):
        count = int(x.__index__())
        if count < 0:
            raise ArgumentError(
                f"{name}() got {argument}={count}; a number of integers cannot be negative. Write 0 or more."
            )
        return count
    if isinstance(x, (bool, float, complex)) or not as_tensor(x).shape:
        raise DTypeError(f"{name}() needs an integer or a tensor with axes, got {argument}={brief(x)}.")
    return None


def _axis(axis: int, rank: int, name: str) -> int:
    return normalize_axis(axis, rank, name)


def choice(
    key: Any,
    a: Any,
    shape: Sequence[int] = (),
    replace: bool = True,
    p: Any = None,
    axis: int = 0,
    mode: str | None = None,
) -> Tensor:
    """Return a random sample of the elements of `a`, as `jax.random.choice`.

    Args:
        key: uint32 (2,).
        a: a tensor, or an integer for the integers below it (the result is int64).
        shape: of the sample; in the result it stands in the place of `axis`.
        replace: whether an element may be drawn more than once.
        p: the probability of each element along `axis`, (n,); by default they are equal. Scaled to sum to 1 if
            `replace`; without, only their ratios count.
        axis: the one whose elements are drawn.
        mode: see `gumbel`, which draws without replacement use.

    Raises:
        ArgumentError: for what is not one key, a sample from nothing, or one larger than `a` without replacement.
        AxisError: for an axis that `a` does not have.
        ShapeError: for what is not a shape, or a `p` of another length than the axis.

    >>> import unifw as uf
    >>> uf.random.choice(uf.random.key(0), 5, (3,), replace=False).shape
    (3,)
    """
    tensor = checked_key(key, "choice")
    sizes = sizes_of(shape, "choice")
    mode = gumbel_mode(mode, "choice")
    population = _population(a, "choice", "a")
    values = None if population is not None else as_tensor(a, tensor.backend)
    axis = _axis(axis, 1 if values is None else len(values.shape), "choice")
    count = values.shape[axis] if values is not None else population or 0
    draws = math.prod(sizes)
    if draws and not count:
        raise ArgumentError(
            f"choice() got nothing to choose {draws} elements from: a is empty along axis {axis}. Check its size first."
        )
    if not replace and draws > count:
        raise ArgumentError(
            f"choice() cannot take {draws} of {count} elements without replacement. Take at most {count}."
        )
    indices = _indices(tensor, count, sizes, replace, p, mode)
    return indices if values is None else _taken(values, indices, axis)


def _taken(values: Tensor, indices: Tensor, axis: int) -> Tensor:
    """Return elements along an axis, in whose place the shape of the indices stands."""
    flat = take(values, Tensor(indices.backend.xp.reshape(indices.native, (-1,)), indices.backend), axis=axis)
    shape = (*values.shape[:axis], *indices.shape, *values.shape[axis + 1 :])
    return Tensor(flat.backend.xp.reshape(flat.native, shape), flat.backend) if shape != flat.shape else flat


def _indices(key: Tensor, count: int, sizes: tuple[int, ...], replace: bool, p: Any, mode: str) -> Tensor:
    """Return the indices of a sample, int64."""
    draws = math.prod(sizes)
    if not draws:
        return Tensor(key.backend.xp.zeros(sizes, dtype=key.backend.native_dtype(dtypes.int64)), key.backend)
    if p is None:
        if replace:
            dtype = dtypes.int64 if count >= 1 << 31 else dtypes.int32
            return randint(key, sizes, 0, count, dtype).astype(dtypes.int64)
        order = key.backend.random_permutation(key.native, count)
        return Tensor(key.backend.xp.reshape(order[:draws, ...], sizes), key.backend)
    chances = as_tensor(p, key.backend)
    if chances.shape != (count,):
        raise ShapeError(f"choice() needs one probability for each of the {count} elements, got shape {chances.shape}.")
    if chances.dtype not in dtypes.FLOATS:
        check_conversion("choice()", "p", chances.dtype, dtypes.DEFAULT_FLOAT)
        chances = chances.astype(dtypes.DEFAULT_FLOAT)
    dtype = chances.dtype
    backend, native, (weights,) = together("choice", key, dtype, chances)
    xp = backend.xp
    if replace:
        sums = xp.cumulative_sum(weights, axis=0)
        units = uniform(Tensor(native, backend), sizes, dtype).native
        drawn = xp.multiply(sums[-1], xp.subtract(xp.full_like(units, 1.0), units))
        below = xp.less(sums, xp.expand_dims(drawn, axis=-1))
        found = xp.sum(backend.astype(below, dtypes.int64), axis=-1, keepdims=False)
        return Tensor(backend.astype(found, dtypes.int64), backend)
    scores = xp.add(gumbel(Tensor(native, backend), (count,), dtype, mode).native, xp.log(weights))
    order = xp.argsort(scores, axis=0, descending=True, stable=True)
    return Tensor(xp.reshape(order[:draws, ...], sizes), backend)


def categorical(
    key: Any,
    logits: Any,
    axis: int = -1,
    shape: Shape | None = None,
    replace: bool = True,
    mode: str | None = None,
) -> Tensor:
    """Return categories drawn with probabilities ``softmax(logits)``, as `jax.random.categorical`.

    The largest of the logits plus Gumbel numbers (the "Gumbel-max trick"); without replacement, the largest ones.

    Args:
        key: uint32 (2,).
        logits: floating-point, unnormalised logarithms of probabilities.
        axis: the one that holds the categories.
        shape: of the result; it ends with the shape of `logits` without `axis` (or, with replacement, one it
            broadcasts to), which is the default.
        replace: whether samples of one distribution (the leading axes of `shape`) may be equal.
        mode: see `gumbel`.

    Returns:
        int64.

    Raises:
        ArgumentError: for what is not one key, or more samples than categories without replacement.
        AxisError: for an axis that `logits` does not have.
        DTypeError: for logits that are not floating-point.
        ShapeError: for a shape to which that of the distributions does not broadcast.

    >>> import unifw as uf
    >>> uf.random.categorical(uf.random.key(0), uf.zeros((4, 3))).shape
    (4,)
    """
    tensor = checked_key(key, "categorical")
    scores = as_tensor(logits, tensor.backend)
    if scores.dtype not in dtypes.FLOATS:
        raise DTypeError(f"categorical() needs floating-point logits, got {scores.dtype.name}.")
    rank = len(scores.shape)
    place = _axis(axis, rank, "categorical")
    batch = (*scores.shape[:place], *scores.shape[place + 1 :])
    count = scores.shape[place]
    sizes = drawn_shape("categorical", shape, batch)
    if not count and 0 not in sizes:
        raise ArgumentError(f"categorical() got logits of shape {scores.shape} without categories on axis {axis}.")
    lead = sizes[: len(sizes) - len(batch)]
    mode = gumbel_mode(mode, "categorical")
    backend, native, (array,) = together("categorical", tensor, scores.dtype, scores)
    xp = backend.xp
    if replace:
        inner = list(sizes[len(lead) :])
        inner.insert(place, count)
        noise = backend.random_gumbel(native, (*lead, *inner), scores.dtype, mode)
        return Tensor(xp.argmax(xp.add(noise, array), axis=place - rank, keepdims=False), backend)
    draws: int = math.prod(lead)
    if draws > count:
        raise ArgumentError(
            f"categorical() cannot draw {draws} of {count} categories without replacement. Take at most {count}."
        )
    if sizes[len(lead) :] != batch:
        raise ShapeError(f"categorical() without replacement needs a shape that ends with {batch}, got {sizes}.")
    noise = backend.random_gumbel(native, scores.shape, scores.dtype, mode)
    moved = xp.moveaxis(xp.add(noise, array), place, -1)
    order = xp.argsort(moved, axis=-1, descending=True, stable=True)[..., :draws]
    return Tensor(xp.reshape(xp.moveaxis(order, -1, 0), sizes), backend)
