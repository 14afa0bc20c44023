"""Block 8: `jit` gives what eager execution gives, and traces as seldom as it promises."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend, support_table
from unifw.testing._base import Block, over
from unifw.testing._difference_quotients import gradients_of
from unifw.testing._expect import assert_array, assert_bits
from unifw.testing._gradients import differentiates

Outputs = tuple[list[Array], Hashable]


def _ones(backend: Backend, *shape: int) -> Array:
    return backend.asarray(np.ones(shape, np.float32))


def _is_eager(backend: Backend) -> None:
    """A network's loss, its gradients and one step of Adam."""
    images = backend.asarray(np.linspace(-1, 1, 72, dtype=np.float32).reshape(2, 6, 6, 1))
    kernel = backend.asarray(np.linspace(-0.5, 0.7, 18, dtype=np.float32).reshape(3, 3, 1, 2))
    weights = backend.asarray(np.linspace(0.4, -0.3, 24, dtype=np.float32).reshape(8, 3))
    labels = backend.asarray(np.asarray([2, 0]))
    zeros = [backend.xp.zeros_like(each) for each in (kernel, weights)]

    def step(arrays: list[Array], owner: Backend) -> Outputs:
        images, labels, kernel, weights, *slots = arrays

        def loss(traced: list[Array], owner: Backend) -> Array:
            hidden = owner.relu(owner.conv(images, traced[0], (1, 1), ((0, 0), (0, 0)), (1, 1)))
            pooled = owner.max_pool(hidden, (2, 2), (2, 2), ((0, 0), (0, 0)))
            logits = owner.xp.matmul(owner.xp.reshape(pooled, (-1, 8)), traced[1])
            return owner.xp.mean(owner.sparse_softmax_cross_entropy(logits, labels), axis=None, keepdims=False)

        parameters = [kernel, weights]
        gradients = gradients_of(owner, loss, parameters) if differentiates(backend) else parameters
        updated, momentums, velocities = owner.adam_update(
            parameters,
            gradients,
            slots[:2],
            slots[2:],
            step=owner.asarray(0, dtype=dtypes.int64),
            learning_rate=owner.asarray(0.01, dtype=dtypes.float32),
            beta_1=0.9,
            beta_2=0.999,
            epsilon=1e-3,
        )
        return [loss(updated, owner), *updated, *momentums, *velocities], None

    arrays = [images, labels, kernel, weights, *zeros, *zeros]
    eager, _ = step(arrays, backend)
    compiled, _ = backend.jit(step)(arrays)
    for result, expected in zip(compiled, eager, strict=True):
        assert_array(backend, result, backend.to_numpy(expected), dtypes.float32)


def _traces_once_per_shape_and_dtype(backend: Backend) -> None:
    traced: list[tuple[int, ...]] = []

    def double(arrays: list[Array], owner: Backend) -> Outputs:
        shape = owner.shape_of(arrays[0])
        traced.append(shape)
        return [owner.xp.add(arrays[0], arrays[0])], ("static value of", shape)

    compiled = backend.jit(double)
    for shape in ((2,), (3,), (2,), (3,)):
        results, static = compiled([_ones(backend, *shape)])
        assert_array(backend, results[0], np.full(shape, 2.0), dtypes.float32)
        assert static == ("static value of", shape)
    results, _ = compiled([backend.asarray(np.ones(2, np.int32))])
    assert_bits(backend, results[0], [2, 2], dtypes.int32)
    if backend.capabilities.compilation != "none":
        assert traced == [(2,), (3,), (2,)], "traced anew for a combination of shapes and dtypes it had seen"


def _may_overwrite_donated_arrays_only(backend: Backend) -> None:
    def update(arrays: list[Array], owner: Backend) -> Outputs:
        state, gradient = arrays
        return [
            owner.xp.subtract(state, owner.xp.multiply(gradient, 0.5)),
            owner.xp.sum(gradient, axis=0, keepdims=False),
        ], None

    compiled = backend.jit(update, donate=(0,))
    gradient = backend.asarray(np.asarray([2.0, 4.0], np.float32))
    state = backend.copy(_ones(backend, 2))
    for count in (1, 2, 3):
        (state, total), _ = compiled([state, gradient])
        assert_array(backend, state, [1.0 - count, 1.0 - 2 * count], dtypes.float32)
        assert_array(backend, total, 6.0, dtypes.float32)
    assert_array(backend, gradient, [2.0, 4.0], dtypes.float32)


def _leaves_what_shares_memory_with_donated_arrays_alone(backend: Backend) -> None:
    base = backend.copy(backend.asarray(np.arange(4, dtype=np.float32)))
    compiled = backend.jit(
        lambda arrays, owner: ([owner.xp.add(arrays[0], 100.0), owner.xp.multiply(arrays[1], 1.0)], None), donate=(0,)
    )
    (raised, kept), _ = compiled([base[:3], base[1:4]])
    assert_array(backend, raised, [100.0, 101.0, 102.0], dtypes.float32)
    assert_array(backend, kept, [1.0, 2.0, 3.0], dtypes.float32)
    assert_array(backend, base, [0.0, 1.0, 2.0, 3.0], dtypes.float32)


def _captures_constants_and_passes_inputs_through(backend: Backend) -> None:
    captured = backend.asarray(np.asarray([10.0, 20.0], np.float32))

    def function(arrays: list[Array], owner: Backend) -> Outputs:
        constant = owner.asarray([1, 2])
        return [
            owner.xp.add(arrays[0], captured),
            arrays[0],
            captured,
            constant,
            owner.shape_of(arrays[0]) and arrays[1],
        ], 3

    compiled = backend.jit(function)
    for _ in range(2):
        (total, same, kept, constant, other), static = compiled([_ones(backend, 2), backend.asarray(True)])
        assert_array(backend, total, [11.0, 21.0], dtypes.float32)
        assert_array(backend, same, [1.0, 1.0], dtypes.float32)
        assert_array(backend, kept, [10.0, 20.0], dtypes.float32)
        assert_bits(backend, constant, [1, 2], dtypes.int64)
        assert_bits(backend, other, True, dtypes.bool)
        assert static == 3


def _draws_the_same_random_numbers(backend: Backend) -> None:
    def draw(arrays: list[Array], owner: Backend) -> Outputs:
        key = owner.random_fold_in(arrays[0], arrays[1])
        return [owner.random_bits(key, (3, 5)), owner.random_uniform(key, (7,)), owner.random_split(key, 3)], None

    arguments = [backend.asarray([0, 42], dtype=dtypes.uint32), backend.asarray(7)]
    eager, _ = draw(arguments, backend)
    compiled, _ = backend.jit(draw)(arguments)
    for result, expected in zip(compiled, eager, strict=True):
        assert_bits(backend, result, backend.to_numpy(expected), backend.dtype_of(expected))


_CONTRACTS: Final[dict[str, Callable[[Backend], None]]] = {
    function.__name__.strip("_"): function
    for function in (
        _is_eager,
        _traces_once_per_shape_and_dtype,
        _may_overwrite_donated_arrays_only,
        _leaves_what_shares_memory_with_donated_arrays_alone,
        _captures_constants_and_passes_inputs_through,
        _draws_the_same_random_numbers,
    )
}


class Compilation(Block):
    """`Backend.jit`. Few tests, since one compilation can take many seconds."""

    @over("contract", lambda backend: _CONTRACTS if support_table(backend)["jit"] != "unsupported" else [])
    def test_jit(self, backend: Backend, contract: str) -> None:
        _CONTRACTS[contract](backend)
