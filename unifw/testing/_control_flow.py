"""Branches, loops, `checkpoint` and `custom_vjp` of the interface against Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.testing._expect import HostArray, assert_array, assert_bits

_ROWS: Final = np.asarray([[1.0, -2.0], [0.5, 3.0], [-1.5, 0.25]], np.float32)
_START: Final = np.asarray([2.0, -1.0], np.float32)


def _both_ways(
    backend: Backend, function: Callable[[list[Array], Backend], list[Array]], *arrays: HostArray
) -> list[list[Array]]:
    """Return the results of a function as it is, and compiled where compiling is cheap."""
    given = [backend.asarray(each) for each in arrays]
    found = [function(given, backend)]
    if backend.capabilities.compilation == "cheap":
        found.append(backend.jit(lambda traced, owner: (function(traced, owner), None))(given)[0])
    return found


def _total(owner: Backend, x: Array) -> Array:
    return owner.xp.sum(x, axis=None, keepdims=False)


def _cond_takes_one_branch(backend: Backend) -> None:
    def choose(arrays: list[Array], owner: Backend) -> list[Array]:
        return owner.cond(
            arrays[0],
            lambda given, inner: [inner.xp.multiply(given[0], 2.0)],
            lambda given, inner: [inner.xp.negative(given[0])],
            arrays[1:],
        )

    for truth, expected in ((True, 2 * _START), (False, -_START)):
        for (result,) in _both_ways(backend, choose, np.asarray(truth), _START):
            assert_array(backend, result, expected, dtypes.float32)


def _cond_is_differentiated(backend: Backend) -> None:
    def gradient(arrays: list[Array], owner: Backend) -> list[Array]:
        def loss(traced: list[Array], inner: Backend) -> tuple[Array, list[Array]]:
            chosen = inner.cond(arrays[0], lambda x, b: [b.xp.square(x[0])], lambda x, b: [b.xp.negative(x[0])], traced)
            return _total(inner, chosen[0]), []

        return owner.value_and_grad(loss, arrays[1:])[2]

    for truth, expected in ((True, 2 * _START), (False, -np.ones(2))):
        for (result,) in _both_ways(backend, gradient, np.asarray(truth), _START):
            assert_array(backend, result, expected, dtypes.float32)


def _while_loop_runs_while_its_condition_holds(backend: Backend) -> None:
    def condition(state: list[Array], owner: Backend) -> Array:
        return owner.xp.less(_total(owner, owner.xp.abs(state[0])), 100.0)

    def double(state: list[Array], owner: Backend) -> list[Array]:
        return [owner.xp.multiply(state[0], 2.0), owner.xp.add(state[1], owner.asarray(1))]

    def run(arrays: list[Array], owner: Backend) -> list[Array]:
        return owner.while_loop(condition, double, [*arrays, owner.asarray(0)])

    for start, times in ((_START, 6), (_START * 50, 0)):
        for result, count in _both_ways(backend, run, start):
            assert_array(backend, result, start * 2.0**times, dtypes.float32)
            assert_bits(backend, count, times, dtypes.int64)


def _step(carry: list[Array], rows: list[Array], owner: Backend) -> tuple[list[Array], list[Array]]:
    following = owner.xp.add(owner.xp.multiply(carry[0], 0.5), rows[0])
    return [following], [owner.xp.multiply(following, carry[0])]


def _by_python(reverse: bool) -> tuple[HostArray, HostArray]:
    carry, collected = _START.astype(np.float64), np.zeros(_ROWS.shape)
    for index in reversed(range(3)) if reverse else range(3):
        following = carry * 0.5 + _ROWS[index]
        collected[index] = following * carry
        carry = following
    return carry, collected


def _scan_is_a_loop(backend: Backend) -> None:
    for reverse in (False, True):

        def run(arrays: list[Array], owner: Backend, reverse: bool = reverse) -> list[Array]:
            carry, collected = owner.scan(_step, arrays[:1], arrays[1:], 3, reverse)
            return [*carry, *collected]

        for results in _both_ways(backend, run, _START, _ROWS):
            for result, expected in zip(results, _by_python(reverse), strict=True):
                assert_array(backend, result, expected, dtypes.float32)


def _scan_without_steps_or_rows(backend: Backend) -> None:
    start = backend.asarray(_START)
    (carry,), (collected,) = backend.scan(_step, [start], [backend.asarray(_ROWS[:0])], 0, False)
    assert_array(backend, carry, _START, dtypes.float32)
    assert_array(backend, collected, np.zeros((0, 2)), dtypes.float32)

    def double(carry: list[Array], rows: list[Array], owner: Backend) -> tuple[list[Array], list[Array]]:
        assert not rows
        return [owner.xp.multiply(carry[0], 2.0)], []

    (carry,), collected_none = backend.scan(double, [start], [], 4, False)
    assert_array(backend, carry, 16 * _START, dtypes.float32)
    assert collected_none == []


def _scan_is_differentiated(backend: Backend) -> None:
    """The last carry of `_step` is linear in the start and each row: its slopes are powers of one half."""

    def gradients(arrays: list[Array], owner: Backend) -> list[Array]:
        def loss(traced: list[Array], inner: Backend) -> tuple[Array, list[Array]]:
            (carry,), _ = inner.scan(_step, traced[:1], traced[1:], 3, False)
            return _total(inner, carry), []

        return owner.value_and_grad(loss, arrays)[2]

    for start, rows in _both_ways(backend, gradients, _START, _ROWS):
        assert_array(backend, start, [0.125, 0.125], dtypes.float32)
        assert_array(backend, rows, [[0.25, 0.25], [0.5, 0.5], [1.0, 1.0]], dtypes.float32)


def _checkpoint_changes_neither_values_nor_gradients(backend: Backend) -> None:
    def cube(arrays: list[Array], owner: Backend) -> list[Array]:
        return [owner.xp.multiply(owner.xp.square(arrays[0]), arrays[0])]

    def both(arrays: list[Array], owner: Backend) -> list[Array]:
        def loss(traced: list[Array], inner: Backend) -> tuple[Array, list[Array]]:
            return _total(inner, inner.checkpoint(cube, traced)[0]), []

        return [*owner.checkpoint(cube, arrays), *owner.value_and_grad(loss, arrays)[2]]

    for value, gradient in _both_ways(backend, both, _START):
        assert_array(backend, value, _START**3, dtypes.float32)
        assert_array(backend, gradient, 3 * _START**2, dtypes.float32)


def _custom_vjp_has_the_gradient_given(backend: Backend) -> None:
    runs: list[str] = []

    def function(arrays: list[Array], owner: Backend) -> list[Array]:
        runs.append("function")
        return [owner.xp.multiply(arrays[0], arrays[1])]

    def forward(arrays: list[Array], owner: Backend) -> tuple[list[Array], list[Array]]:
        runs.append("forward")
        return [owner.xp.multiply(arrays[0], arrays[1])], [arrays[0]]

    def backward(kept: list[Array], cotangents: list[Array], owner: Backend) -> list[Array | None]:
        return [owner.xp.multiply(owner.xp.multiply(cotangents[0], kept[0]), 10.0), None]

    arrays = [backend.asarray(_START), backend.asarray(_ROWS[0])]
    (value,) = backend.custom_vjp(function, forward, backward, arrays)
    assert_array(backend, value, _START * _ROWS[0], dtypes.float32)
    assert runs == ["function"], "where nothing is differentiated, the function itself runs"

    def loss(traced: list[Array], owner: Backend) -> tuple[Array, list[Array]]:
        return _total(owner, owner.custom_vjp(function, forward, backward, traced)[0]), []

    _, _, (first, second) = backend.value_and_grad(loss, arrays)
    assert_array(backend, first, 10 * _START, dtypes.float32)
    assert_array(backend, second, [0.0, 0.0], dtypes.float32)


CONTROL_FLOW: Final[dict[str, tuple[tuple[str, ...], Callable[[Backend], None]]]] = {
    function.__name__.strip("_"): (needed, function)
    for needed, function in (
        (("cond",), _cond_takes_one_branch),
        (("cond", "value_and_grad"), _cond_is_differentiated),
        (("while_loop",), _while_loop_runs_while_its_condition_holds),
        (("scan",), _scan_is_a_loop),
        (("scan",), _scan_without_steps_or_rows),
        (("scan", "value_and_grad"), _scan_is_differentiated),
        (("checkpoint", "value_and_grad"), _checkpoint_changes_neither_values_nor_gradients),
        (("custom_vjp", "value_and_grad"), _custom_vjp_has_the_gradient_given),
    )
}
