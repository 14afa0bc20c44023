"""Gradients against difference quotients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.testing._base import widest_float
from unifw.testing._composites import cast
from unifw.testing._expect import HostArray, assert_values, quotient_tolerance

Results: TypeAlias = Callable[[Backend, Sequence[Array]], list[Array]]
Loss: TypeAlias = Callable[[list[Array], Backend], Array]


def total(owner: Backend, x: Array) -> Array:
    """Return the sum of all elements."""
    return owner.xp.sum(x, axis=None, keepdims=False)


def _weights(shape: tuple[int, ...], dtype: dtypes.DType) -> HostArray:
    return np.asarray(np.cos(np.arange(int(np.prod(shape)), dtype=np.float64) + 0.5).reshape(shape), dtype)


def weighted_sum(results: list[Array], owner: Backend) -> Array:
    """Return one number from all results, in which every element counts differently."""
    total = None
    for result in results:
        weights = owner.asarray(_weights(owner.shape_of(result), owner.dtype_of(result)))
        term = owner.xp.sum(owner.xp.multiply(result, weights), axis=None, keepdims=False)
        total = term if total is None else owner.xp.add(total, term)
    return total


def gradients_of(backend: Backend, loss: Loss, arrays: Sequence[Array]) -> list[Array]:
    """Return the gradients of a loss without auxiliary values."""
    _, _, gradients = backend.value_and_grad(lambda traced, owner: (loss(traced, owner), []), arrays)
    return gradients


def assert_gradients(backend: Backend, results: Results, values: Sequence[HostArray], *, second: bool) -> None:
    """Fail unless first (and second) derivatives agree with difference quotients along a direction.

    The quotient is the central one of fourth order, ``(8 f(h) - 8 f(-h) - f(2h) + f(-2h)) / 12h``, of the directional
    derivative; a wrong element of the gradient changes it, since no element of the direction is 0. The second
    derivative is the gradient of the first directional derivative. Where compiling is cheap, all of it is compiled,
    since running single operations is what is dear there.
    """
    dtype = widest_float(backend)
    tolerance = quotient_tolerance(backend, dtype)
    floats = [index for index, value in enumerate(values) if value.dtype == np.float64]
    points = [values[index] for index in floats]
    directions = [_weights(point.shape, np.dtype(np.float64)) + 0.1 for point in points]
    fixed = [backend.asarray(cast(value, dtype)) for value in values]

    def loss(traced: list[Array], owner: Backend) -> Array:
        operands = list(fixed)
        for index, array in zip(floats, traced, strict=True):
            operands[index] = array
        return weighted_sum(results(owner, operands), owner)

    def along(traced: list[Array], owner: Backend) -> Array:
        total = None
        for gradient, direction in zip(gradients_of(owner, loss, traced), directions, strict=True):
            product = owner.xp.multiply(gradient, owner.asarray(direction.astype(dtype)))
            term = owner.xp.sum(product, axis=None, keepdims=False)
            total = term if total is None else owner.xp.add(total, term)
        return total

    functions = (loss, along) if second else (loss,)

    def derivatives(traced: list[Array], owner: Backend) -> tuple[list[Array], None]:
        numbers = [function(traced, owner) for function in functions]
        return [*numbers, *(each for function in functions for each in gradients_of(owner, function, traced))], None

    compiles = backend.capabilities.compilation == "cheap"
    run = backend.jit(derivatives) if compiles else lambda arrays: derivatives(arrays, backend)

    def at(distance: float) -> list[Array]:
        moved = [(p + distance * d).astype(dtype) for p, d in zip(points, directions, strict=True)]
        return run([backend.asarray(each) for each in moved])[0]

    step = 1e-3 if dtype == dtypes.float64 else 3e-2
    around = {
        factor: [float(backend.to_numpy(each)) for each in at(factor * step)[: len(functions)]]
        for factor in (-2, -1, 1, 2)
    }
    gradients = at(0.0)[len(functions) :]
    for order in range(len(functions)):
        found = 0.0
        for gradient, direction in zip(gradients[order * len(points) :], directions, strict=False):
            assert backend.shape_of(gradient) == direction.shape
            assert backend.dtype_of(gradient) == dtype
            found += float((backend.to_numpy(gradient).astype(np.float64) * direction).sum())
        quotient = 8 * (around[1][order] - around[-1][order]) - (around[2][order] - around[-2][order])
        expected = np.asarray(quotient / (12 * step))
        assert_values(np.asarray(found), expected, tolerance, f"derivative of order {order + 1}")
