"""Derivatives on torch, to any order."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.backends.torch_arrays import BACKEND, assert_same, numpy, sample, tensor, torch


def test_a_gradient_is_jaxs():
    jax = pytest.importorskip("jax", reason="the oracle is jax.grad")
    x, w = sample((4, 3), "float32", 1), sample((3, 2), "float32", 2)
    oracle = jax.grad(lambda x, w: jax.numpy.sum(jax.numpy.tanh(x @ w) ** 2), argnums=(0, 1))(x, w)

    def loss(arrays, backend):
        xp = backend.xp
        hidden = xp.tanh(xp.matmul(*arrays))
        return xp.sum(xp.multiply(hidden, hidden)), [hidden]

    value, (hidden,), gradients = BACKEND.value_and_grad(loss, [tensor(x), tensor(w)])
    assert_same(hidden, np.tanh(x @ w))
    assert not value.requires_grad
    assert not hidden.requires_grad
    for ours, expected in zip(gradients, oracle, strict=True):
        np.testing.assert_allclose(numpy(ours), expected, rtol=1e-5, atol=1e-6)


def test_the_function_runs_once_and_the_callers_arrays_stay_as_they_are():
    calls = []
    x = torch.ones(3)

    def loss(arrays, backend):
        calls.append(1)
        return backend.xp.sum(arrays[0]), []

    BACKEND.value_and_grad(loss, [x])
    assert len(calls) == 1
    assert not x.requires_grad
    assert x.grad is None


def test_what_the_value_does_not_depend_on_has_gradient_zero():
    x, y = torch.ones(2), torch.ones(3, dtype=torch.float64)
    gradients = BACKEND.value_and_grad(lambda arrays, backend: (backend.xp.sum(arrays[0]), []), [x, y])[2]
    assert_same(gradients[1], np.zeros(3))
    constant = BACKEND.value_and_grad(lambda _, backend: (backend.asarray(1.0), []), [x])[2]
    assert_same(constant[0], np.zeros(2, "float32"))


def test_gradients_flow_even_where_the_caller_switched_them_off():
    with torch.no_grad():
        gradients = BACKEND.value_and_grad(lambda arrays, backend: (backend.xp.sum(arrays[0]), []), [torch.ones(2)])[2]
    assert_same(gradients[0], np.ones(2, "float32"))


def derivative(function):
    def of(x, backend):
        return backend.value_and_grad(lambda arrays, inner: (function(arrays[0], inner), []), [x])[2][0]

    return of


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_derivatives_nest_to_any_order(order):
    function = lambda x, backend: backend.xp.sin(x)  # noqa: E731
    for _ in range(order):
        function = derivative(function)
    x = 0.7
    oracle = [math.sin(x), math.cos(x), -math.sin(x), -math.cos(x), math.sin(x)][order]
    assert float(function(torch.tensor(x, dtype=torch.float64), BACKEND)) == pytest.approx(oracle, rel=1e-12)


def test_perturbations_are_not_confused():
    """``d/dx (x * d/dy (x + y))`` is 1, not 2."""

    def outer(arrays, backend):
        x = arrays[0]
        inner = backend.value_and_grad(lambda ys, b: (b.xp.add(x, ys[0]), []), [x])[2][0]
        return backend.xp.multiply(x, inner), []

    assert float(BACKEND.value_and_grad(outer, [torch.tensor(3.0)])[2][0]) == 1.0


def test_stop_gradient_holds_at_every_level():
    function = derivative(derivative(lambda x, b: b.xp.multiply(b.stop_gradient(x), b.xp.multiply(x, x))))
    assert float(function(torch.tensor(3.0), BACKEND)) == 6.0
