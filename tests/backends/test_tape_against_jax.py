"""The gradient tape against JAX: the same formulas, differentiated by `jax.grad`."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from tests.backends.differentiable_cases import CASES, weighted
from tests.backends.jax_formulas import JaxFormulas
from unifw_numpy import NumpyBackend

numpy = NumpyBackend()
formulas = JaxFormulas()


def by_tape(call: Any, inputs: Any) -> list[np.ndarray]:
    return numpy.value_and_grad(lambda arrays, b: (weighted(b, call(b, *arrays)), []), inputs)[2]


def by_jax(call: Any, inputs: Any) -> Any:
    def function(arrays: Any) -> Any:
        return weighted(formulas, call(formulas, *arrays))

    return jax.jit(jax.grad(function))([formulas.asarray(each) for each in inputs])


@pytest.mark.parametrize("name", CASES)
def test_gradient_is_that_of_jax_on_the_same_formula(name):
    case = CASES[name]
    for found, wanted in zip(by_tape(*case), by_jax(*case), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "inputs"),
    [
        (lambda b, x: b.xp.max(x, axis=1), (np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]),)),
        (lambda b, x: b.xp.min(x), (np.array([[1.0, 3.0, 1.0]]),)),
        (lambda b, x, y: b.xp.maximum(x, y), (np.array([1.0, 2.0]), np.array([1.0, 5.0]))),
        (lambda b, x, y: b.xp.minimum(x, y), (np.array([1.0, 2.0]), np.array([1.0, 5.0]))),
        (lambda b, x: b.xp.clip(x, 0.0, 1.0), (np.array([-1.0, 0.0, 0.5, 1.0, 2.0]),)),
        (lambda b, x: b.xp.pow(x, 2.0), (np.array([-1.0, 0.0, 2.0]),)),
        (lambda b, x, y: b.xp.pow(x, y), (np.array([0.0, 2.0]), np.array([3.0, 0.0]))),
        (lambda b, x: b.relu(x), (np.array([-1.0, 0.0, 2.0]),)),
        (lambda b, x: b.elu(x, 1.5), (np.array([-1.0, 0.0, 2.0]),)),
        (lambda b, x: b.leaky_relu(x, 0.1), (np.array([-1.0, 0.0, 2.0]),)),
        (lambda b, x: b.max_pool(x, (2, 2), (2, 2), ((0, 0), (0, 0))), (np.ones((1, 4, 4, 2)),)),
        (lambda b, x: b.max_pool(x, (3, 3), (1, 1), ((1, 1), (1, 1))), (np.ones((1, 4, 4, 1)),)),
        (lambda b, x: b.xp.sort(x), (np.array([2.0, 1.0, 2.0]),)),
    ],
)
def test_at_ties_and_kinks_we_follow_jax(call, inputs):
    for found, wanted in zip(by_tape(call, inputs), by_jax(call, inputs), strict=True):
        np.testing.assert_array_equal(found, wanted)
