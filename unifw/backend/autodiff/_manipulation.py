"""Derivatives of functions that move elements: linear, each with its adjoint. And creation, which is constant."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from unifw.backend.autodiff._recorder import Function, Recorder, normal_axes

CONSTANT: Final = (
    "arange", "eye", "full", "full_like", "linspace", "ones", "ones_like", "zeros", "zeros_like",
)  # fmt: skip


def manipulation(recorder: Recorder) -> dict[str, Function]:
    """Return the differentiable manipulation functions of one tape."""
    xp, shape_of = recorder.xp, recorder.inner.shape_of
    functions: dict[str, Function] = {name: recorder.constant(getattr(xp, name)) for name in CONSTANT}

    def back_to_shape(g: Any, x: Any, *_arguments: Any, **_options: Any) -> Any:
        return xp.reshape(g, shape_of(x))

    def permute_back(g: Any, _x: Any, axes: Sequence[int]) -> Any:
        order = normal_axes(tuple(axes), len(axes))
        return xp.permute_dims(g, tuple(order.index(i) for i in range(len(order))))

    def roll_back(g: Any, _x: Any, shift: Any, *, axis: Any = None) -> Any:
        back = -shift if isinstance(shift, int) else tuple(-each for each in shift)
        return xp.roll(g, back, axis=axis)

    def repeat_back(g: Any, x: Any, repeats: int, *, axis: int | None = None) -> Any:
        shape = shape_of(x)
        if axis is None:
            return xp.reshape(xp.sum(xp.reshape(g, (math.prod(shape), repeats)), axis=-1), shape)
        axis %= len(shape)
        return xp.sum(xp.reshape(g, (*shape[: axis + 1], repeats, *shape[axis + 1 :])), axis=axis + 1)

    def tile_back(g: Any, x: Any, repetitions: Sequence[int]) -> Any:
        shape = shape_of(x)
        rank = max(len(shape), len(repetitions))
        sizes = (*[1] * (rank - len(shape)), *shape)
        times = (*[1] * (rank - len(repetitions)), *repetitions)
        pairs = tuple(itertools.chain.from_iterable(zip(times, sizes, strict=True)))
        return xp.reshape(xp.sum(xp.reshape(g, pairs), axis=tuple(range(0, 2 * rank, 2))), shape)

    adjoints: dict[str, Callable[..., Any]] = {
        "broadcast_to": lambda g, x, _shape: recorder.unbroadcast(g, x),
        "expand_dims": back_to_shape,
        "flip": lambda g, _x, **options: xp.flip(g, **options),
        "moveaxis": lambda g, _x, source, destination: xp.moveaxis(g, destination, source),
        "permute_dims": permute_back,
        "repeat": repeat_back,
        "reshape": back_to_shape,
        "roll": roll_back,
        "squeeze": back_to_shape,
        "tile": tile_back,
        "tril": lambda g, _x, **options: xp.tril(g, **options),
        "triu": lambda g, _x, **options: xp.triu(g, **options),
    }
    for name, adjoint in adjoints.items():
        functions[name] = recorder.linear(getattr(xp, name), adjoint)
    functions["concat"] = _concat(recorder)
    functions["stack"] = _stack(recorder)
    return functions


def _concat(recorder: Recorder) -> Function:
    xp, shape_of, value = recorder.xp, recorder.inner.shape_of, recorder.value

    def concat(arrays: Sequence[Any], /, *, axis: int | None = 0) -> Any:
        values = [value(each) for each in arrays]
        result = xp.concat(values, axis=axis)
        position = 0
        operands = []
        for array, each in zip(arrays, values, strict=True):
            shape = shape_of(each)
            size = math.prod(shape) if axis is None else shape[axis]
            lead = 0 if axis is None else axis % len(shape)
            key = (*[slice(None)] * lead, slice(position, position + size), ...)
            operands.append((array, lambda g, key=key, shape=shape: xp.reshape(g[key], shape)))
            position += size
        return recorder.record(result, *operands)

    return concat


def _stack(recorder: Recorder) -> Function:
    xp, shape_of, value = recorder.xp, recorder.inner.shape_of, recorder.value

    def stack(arrays: Sequence[Any], /, *, axis: int = 0) -> Any:
        result = xp.stack([value(each) for each in arrays], axis=axis)
        lead = axis % len(shape_of(result))
        return recorder.record(
            result,
            *[(array, lambda g, i=i: g[(*[slice(None)] * lead, i, ...)]) for i, array in enumerate(arrays)],
        )

    return stack
