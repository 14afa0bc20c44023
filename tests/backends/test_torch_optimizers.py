"""One step of each optimizer on torch, in place, against the defaults and optax."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.torch_arrays import BACKEND, XP, assert_same, numpy, sample, tensor
from unifw import dtypes
from unifw.backend import Backend


def optimizer_state(dtype):
    shapes = [(3, 4), (4,), ()]
    return [[tensor(sample(shape, dtype, seed)) for shape in shapes] for seed in (1, 2, 3)]


def absolute(arrays):
    return [XP.abs(array) for array in arrays]


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("step", [0, 1, 1000])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_adam_in_place_is_adam(dtype, step, weight_decay):
    parameters, gradients, momentums = optimizer_state(dtype)
    velocities = absolute(momentums)
    options = {
        "step": BACKEND.asarray(step),
        "learning_rate": BACKEND.asarray(0.01),
        "beta_1": 0.9,
        "beta_2": 0.999,
        "epsilon": 1e-7,
        "weight_decay": weight_decay,
    }
    oracle = Backend.adam_update(BACKEND, parameters, gradients, momentums, velocities, **options)
    oracle = [[numpy(array) for array in arrays] for arrays in oracle]
    results = BACKEND.adam_update(parameters, gradients, momentums, velocities, **options, donated=True)
    for ours, given, expected in zip(results, (parameters, momentums, velocities), oracle, strict=True):
        for array, donated, value in zip(ours, given, expected, strict=True):
            assert array is donated
            assert_same(array, value)


@pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.9, False), (0.9, True)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sgd_in_place_is_sgd(dtype, momentum, nesterov):
    parameters, gradients, velocities = optimizer_state(dtype)
    velocities = velocities if momentum else []
    options = {"learning_rate": BACKEND.asarray(0.01), "momentum": momentum, "nesterov": nesterov}
    oracle = Backend.sgd_update(BACKEND, parameters, gradients, velocities, **options)
    oracle = [[numpy(array) for array in arrays] for arrays in oracle]
    results = BACKEND.sgd_update(parameters, gradients, velocities, **options, donated=True)
    for ours, given, expected in zip(results, (parameters, velocities), oracle, strict=True):
        for array, donated, value in zip(ours, given, expected, strict=True):
            assert array is donated
            assert_same(array, value)


def test_adam_without_epsilon_is_optaxs():
    optax = pytest.importorskip("optax", reason="the oracle is optax")
    x = sample((4, 3), "float64", 1)
    transformation = optax.adam(0.01, eps=0.0)
    jax = pytest.importorskip("jax", reason="optax computes on jax")
    with jax.enable_x64(True):
        state, expected = transformation.init(x), jax.numpy.asarray(x)
        ours, m, v = [tensor(x)], [tensor(np.zeros_like(x))], [tensor(np.zeros_like(x))]
        for step in range(5):
            gradient = sample((4, 3), "float64", 10 + step)
            update, state = transformation.update(gradient, state, expected)
            expected = optax.apply_updates(expected, update)
            ours, m, v = BACKEND.adam_update(
                ours,
                [tensor(gradient)],
                m,
                v,
                step=BACKEND.asarray(step),
                learning_rate=BACKEND.asarray(0.01, dtype=dtypes.float64),
                beta_1=0.9,
                beta_2=0.999,
                epsilon=0.0,
                donated=True,
            )
        np.testing.assert_allclose(numpy(ours[0]), np.asarray(expected), rtol=1e-11)
