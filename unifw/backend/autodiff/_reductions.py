"""Derivatives of reductions. Equal maxima share the gradient evenly, as in JAX."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from unifw.backend.autodiff._recorder import Function, Recorder, normal_axes

Axis = int | tuple[int, ...] | None
CONSTANT: Final = ("all", "any", "argmax", "argmin")


def reductions(recorder: Recorder, functions: dict[str, Function]) -> dict[str, Function]:
    """Return the differentiable reductions of one tape.

    Args:
        recorder: the tape's.
        functions: its elementwise functions and manipulations, for the rules made of them.
    """
    xp = recorder.xp
    found: dict[str, Function] = {name: recorder.constant(getattr(xp, name)) for name in CONSTANT}
    found["sum"] = _reduction(recorder, xp.sum, lambda g, _x, _y, _axes, _count: g)
    found["mean"] = _reduction(recorder, xp.mean, lambda g, _x, _y, _axes, count: xp.divide(g, float(count)))

    def shared(g: Any, x: Any, y: Any, axes: tuple[int, ...], _count: int) -> Any:
        hit = xp.equal(x, y)
        ones = xp.where(hit, xp.ones_like(x), 0.0)
        return xp.where(hit, xp.divide(g, xp.sum(ones, axis=axes, keepdims=True)), 0.0)

    found["max"] = _reduction(recorder, xp.max, shared)
    found["min"] = _reduction(recorder, xp.min, shared)
    found["prod"] = _product(recorder, functions)
    found["cumulative_sum"] = _cumulative_sum(recorder)
    found["cumulative_prod"] = _cumulative_prod(recorder, functions)
    for name in ("var", "std"):
        found[name] = _spread(recorder, name)
    return found


def _reduction(recorder: Recorder, function: Function, rule: Callable[..., Any]) -> Function:
    """Return a reduction from its rule: (gradient, operand, result, axes, count) with the reduced axes kept."""
    node, xp, shape_of = recorder.node, recorder.xp, recorder.inner.shape_of

    def apply(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
        if type(x) is not node:
            return function(x, axis=axis, keepdims=keepdims)
        value = x.value
        result = function(value, axis=axis, keepdims=keepdims)

        def pull(g: Any) -> Any:
            shape = shape_of(value)
            axes = normal_axes(axis, len(shape))
            kept = tuple(1 if i in axes else size for i, size in enumerate(shape))
            count = math.prod(shape[i] for i in axes)
            part = rule(xp.reshape(g, kept), value, xp.reshape(result, kept), axes, count)
            return part if shape_of(part) == shape else xp.broadcast_to(part, shape)

        return node(result, (x,), (pull,))

    return apply


def _spread(recorder: Recorder, name: str) -> Function:
    """Return `var` or `std`."""
    xp = recorder.xp
    function = getattr(xp, name)

    def apply(x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
        def rule(g: Any, value: Any, result: Any, axes: tuple[int, ...], count: int) -> Any:
            centered = xp.subtract(value, xp.mean(value, axis=axes, keepdims=True))
            scaled = xp.multiply(g, 1.0 / (count - correction))
            return xp.multiply(centered, xp.multiply(scaled, 2.0) if name == "var" else xp.divide(scaled, result))

        def reduce(value: Any, *, axis: Axis, keepdims: bool) -> Any:
            return function(value, axis=axis, correction=correction, keepdims=keepdims)

        return _reduction(recorder, reduce, rule)(x, axis=axis, keepdims=keepdims)

    return apply


def _product(recorder: Recorder, functions: dict[str, Function]) -> Function:
    """Return `prod` as a tree of products of two, so that zeros among the factors need no special case."""
    node, xp, shape_of = recorder.node, recorder.xp, recorder.inner.shape_of

    def prod(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
        if type(x) is not node:
            return xp.prod(x, axis=axis, keepdims=keepdims)
        shape = shape_of(x.value)
        axes = normal_axes(axis, len(shape))
        rest = tuple(i for i in range(len(shape)) if i not in axes)
        count = math.prod(shape[i] for i in axes)
        result_shape = tuple(1 if i in axes else size for i, size in enumerate(shape) if keepdims or i not in axes)
        if count == 0:
            return xp.prod(x.value, axis=axis, keepdims=keepdims)
        moved = functions["permute_dims"](x, (*axes, *rest))
        factors = functions["reshape"](moved, (count, *(shape[i] for i in rest)))
        while count > 1:
            half = count // 2
            pairs = functions["multiply"](factors[0:half, ...], factors[half : 2 * half, ...])
            factors = functions["concat"]([pairs, factors[2 * half :, ...]], axis=0) if count % 2 else pairs
            count -= half
        return functions["reshape"](factors, result_shape)

    return prod


def _cumulative_prod(recorder: Recorder, functions: dict[str, Function]) -> Function:
    """Products by doubling: after k rounds each element has met 2**k before it. Right where elements are 0, too."""
    node, xp, shape_of = recorder.node, recorder.xp, recorder.inner.shape_of

    def cumulative_prod(x: Any, /, *, axis: int | None = None, include_initial: bool = False) -> Any:
        if type(x) is not node:
            return xp.cumulative_prod(x, axis=axis, include_initial=include_initial)
        shape = shape_of(x.value)
        along = 0 if axis is None else axis % len(shape)
        front = (slice(None),) * along

        def ones(count: int) -> Any:
            return xp.broadcast_to(
                xp.ones_like(x.value[(*front, slice(0, 1), ...)]), (*shape[:along], count, *shape[along + 1 :])
            )

        distance = 1
        while distance < shape[along]:
            earlier = x[(*front, slice(0, shape[along] - distance), ...)]
            x = functions["multiply"](x, functions["concat"]([ones(distance), earlier], axis=along))
            distance *= 2
        return functions["concat"]([ones(1), x], axis=along) if include_initial else x

    return cumulative_prod


def _cumulative_sum(recorder: Recorder) -> Function:
    node, xp, shape_of = recorder.node, recorder.xp, recorder.inner.shape_of

    def cumulative_sum(x: Any, /, *, axis: int | None = None, include_initial: bool = False) -> Any:
        if type(x) is not node:
            return xp.cumulative_sum(x, axis=axis, include_initial=include_initial)
        value = x.value
        along = 0 if axis is None else axis % len(shape_of(value))

        def pull(g: Any) -> Any:
            if include_initial:
                g = g[(*[slice(None)] * along, slice(1, shape_of(g)[along]), ...)]
            return xp.flip(xp.cumulative_sum(xp.flip(g, axis=along), axis=along), axis=along)

        return node(xp.cumulative_sum(value, axis=axis, include_initial=include_initial), (x,), (pull,))

    return cumulative_sum
