"""What `Backend.vmap` promises beside the values of what it maps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend, support_table
from unifw.testing._expect import assert_array, assert_bits

_MATRIX: Final = np.arange(6, dtype=np.float32).reshape(2, 3)
_ROW: Final = np.asarray([10.0, 20.0, 30.0], np.float32)


def _maps_each_array_along_its_own_axis_and_shares_the_rest(backend: Backend) -> None:
    arrays = [backend.asarray(each) for each in (_MATRIX, _MATRIX.T.copy(), _ROW)]

    def add(slices: list[Array], owner: Backend) -> list[Array]:
        assert [owner.shape_of(each) for each in slices] == [(3,), (3,), (3,)]
        return [owner.xp.add(owner.xp.add(slices[0], slices[1]), slices[2])]

    (result,) = backend.vmap(add, arrays, [0, 1, None], 2)
    assert_array(backend, result, 2 * _MATRIX + _ROW, dtypes.float32)


def _stacks_results_that_are_the_same_for_all(backend: Backend) -> None:
    def constant(slices: list[Array], owner: Backend) -> list[Array]:
        return [owner.asarray([1, 2]), slices[1]]

    same, shared = backend.vmap(constant, [backend.asarray(_MATRIX), backend.asarray(_ROW)], [0, None], 2)
    assert_bits(backend, same, [[1, 2], [1, 2]], dtypes.int64)
    assert_array(backend, shared, [_ROW, _ROW], dtypes.float32)


def _keeps_shapes_and_dtypes_without_applications(backend: Backend) -> None:
    def half(slices: list[Array], owner: Backend) -> list[Array]:
        return [owner.xp.greater(slices[0], 0.0), owner.xp.multiply(slices[0], 0.5)]

    truths, numbers = backend.vmap(half, [backend.asarray(np.ones((0, 3), np.float32))], [0], 0)
    assert_bits(backend, truths, np.zeros((0, 3), bool), dtypes.bool)
    assert_array(backend, numbers, np.zeros((0, 3)), dtypes.float32)


def _nests(backend: Backend) -> None:
    def outer(slices: list[Array], owner: Backend) -> list[Array]:
        row = slices[0]
        return owner.vmap(lambda one, inner: [inner.xp.multiply(one[0], row)], [slices[1]], [0], 3)

    (result,) = backend.vmap(outer, [backend.asarray(_MATRIX), backend.asarray(_ROW)], [0, None], 2)
    assert_array(backend, result, _ROW[None, :, None] * _MATRIX[:, None, :], dtypes.float32)


def _maps_gradients(backend: Backend) -> None:
    """Gradients per example: of sum(x**3) * w in x, for each row."""
    if support_table(backend)["value_and_grad"] == "unsupported":
        return

    def gradient(slices: list[Array], owner: Backend) -> list[Array]:
        def loss(traced: list[Array], inner: Backend) -> tuple[Array, list[Array]]:
            cube = inner.xp.multiply(inner.xp.square(traced[0]), traced[0])
            return inner.xp.sum(inner.xp.multiply(cube, slices[1]), axis=None, keepdims=False), []

        return owner.value_and_grad(loss, slices[:1])[2]

    arrays = [backend.asarray(_MATRIX), backend.asarray(_ROW)]
    expected = 3 * _MATRIX**2 * _ROW
    (result,) = backend.vmap(gradient, arrays, [0, None], 2)
    assert_array(backend, result, expected, dtypes.float32)
    if backend.capabilities.compilation == "cheap":
        traced = backend.jit(lambda given, owner: (owner.vmap(gradient, given, [0, None], 2), None))
        assert_array(backend, traced(arrays)[0][0], expected, dtypes.float32)


def _is_differentiated(backend: Backend) -> None:
    if support_table(backend)["value_and_grad"] == "unsupported":
        return

    def loss(traced: list[Array], owner: Backend) -> tuple[Array, list[Array]]:
        squares = owner.vmap(
            lambda one, inner: [inner.xp.multiply(inner.xp.square(one[0]), one[1])], traced, [0, None], 2
        )
        return owner.xp.sum(squares[0], axis=None, keepdims=False), []

    _, _, (matrix, row) = backend.value_and_grad(loss, [backend.asarray(_MATRIX), backend.asarray(_ROW)])
    assert_array(backend, matrix, 2 * _MATRIX * _ROW, dtypes.float32)
    assert_array(backend, row, (_MATRIX**2).sum(axis=0), dtypes.float32)


MAPPING: Final[dict[str, Callable[[Backend], None]]] = {
    function.__name__.strip("_"): function
    for function in (
        _maps_each_array_along_its_own_axis_and_shares_the_rest,
        _stacks_results_that_are_the_same_for_all,
        _keeps_shapes_and_dtypes_without_applications,
        _nests,
        _maps_gradients,
        _is_differentiated,
    )
}
