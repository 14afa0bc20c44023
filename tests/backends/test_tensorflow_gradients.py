"""TensorFlow's gradients against finite differences, and their conventions."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.finite_differences import finite_differences
from tests.backends.tensorflow_arrays import MODES, backend, gradient_of, run, smooth, tf, xp


def squares(x):
    return xp.sum(xp.square(x))


DIFFERENTIABLE = {
    "matmul": lambda x, y: xp.sum(xp.sin(xp.matmul(x, y))),
    "take": lambda x, _: squares(xp.take(x, backend.asarray([0, 2, 0]), axis=0)),
    "take_along_axis": lambda x, _: squares(xp.take_along_axis(x, backend.asarray([[1, 1], [0, 2], [3, 0]]), axis=1)),
    "sort": lambda x, _: xp.sum(xp.multiply(xp.sort(x, axis=0), xp.arange(4, dtype=tf.float64))),
    "max and min": lambda x, y: xp.add(xp.sum(xp.max(x, axis=1)), xp.min(y)),
    "std": lambda x, _: xp.sum(xp.std(x, axis=0, correction=1)),
    "logaddexp": lambda x, y: xp.sum(xp.logaddexp(x, xp.matrix_transpose(y))),
    "cumulative_sum": lambda x, _: squares(xp.cumulative_sum(x, axis=1, include_initial=True)),
    "slices": lambda x, y: xp.add(squares(x[1:, ::2]), y[0, 0]),
    "roll and flip": lambda x, _: xp.sum(xp.multiply(xp.roll(xp.flip(x), 1), xp.exp(x))),
    "tile and repeat": lambda x, _: xp.sum(
        xp.multiply(xp.tile(xp.repeat(x, 2, axis=1), (1, 2)), xp.arange(16, dtype=tf.float64))
    ),
    "pow": lambda x, _: xp.sum(xp.pow(xp.abs(x), 1.5)),
    "atan2": lambda x, y: xp.sum(xp.atan2(x, xp.matrix_transpose(y))),
    "remainder": lambda x, y: xp.sum(xp.multiply(xp.remainder(x, y[:, 0]), x)),
    "tensordot": lambda x, y: squares(xp.tensordot(x, y, axes=1)),
    "vecdot": lambda x, y: squares(xp.vecdot(x, xp.matrix_transpose(y))),
    "where": lambda x, _: xp.sum(xp.where(xp.greater(x, 0), xp.square(x), 0.0)),
    "clip": lambda _, y: squares(xp.clip(y, -0.4, 0.4)),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradients_are_those_of_finite_differences(name, mode):
    function, arrays = DIFFERENTIABLE[name], (smooth((3, 4)), smooth((4, 3), seed=1))
    slopes = finite_differences(lambda inputs: run(function, *inputs), arrays)
    for gradient, expected in zip(gradient_of(function, *arrays, mode=mode), slopes, strict=True):
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-7)


def test_the_function_runs_once_and_returns_auxiliaries():
    calls = []

    def function(arrays, b):
        calls.append(b)
        return b.xp.sum(arrays[0]), [b.xp.square(arrays[0])]

    value, (auxiliary,), gradients = backend.value_and_grad(
        function, [backend.asarray([2.0]), backend.asarray([[5.0]])]
    )
    assert (float(value), float(auxiliary[0]), calls) == (2, 4, [backend])
    assert [gradient.numpy().tolist() for gradient in gradients] == [[1], [[0]]]  # zeros where unconnected


def test_only_arguments_are_differentiated():
    x = backend.asarray(3.0)
    _, _, (first, second) = backend.value_and_grad(
        lambda a, b: (b.xp.multiply(b.xp.multiply(a[0], a[0]), x), []), [x, x]
    )
    assert (float(first), float(second)) == (18, 0)
    assert gradient_of(lambda a: backend.stop_gradient(a) * a, np.float32(3))[0] == 3


@pytest.mark.parametrize("mode", MODES)
def test_third_derivative(mode):
    def derivative(function):
        return lambda x: backend.value_and_grad(lambda traced, _: (function(traced[0]), []), [x])[2][0]

    third = derivative(derivative(derivative(lambda x: xp.sum(xp.pow(x, 4)))))
    assert run(third, np.float64(2), mode=mode) == pytest.approx(48)


def test_gradient_conventions():
    np.testing.assert_array_equal(gradient_of(xp.max, np.array([1.0, 2.0, 2.0]))[0], [0, 0.5, 0.5])
    np.testing.assert_array_equal(
        gradient_of(lambda x: xp.sum(backend.relu(x)), np.array([-1.0, 0.0, 2.0]))[0], [0, 0, 1]
    )
    np.testing.assert_array_equal(gradient_of(xp.logaddexp, np.float64(1), np.float64(1)), [0.5, 0.5])
    pooled = gradient_of(
        lambda x: xp.sum(backend.max_pool(x, (2, 2), (2, 2), ((0, 0), (0, 0)))), np.ones((1, 4, 4, 1))
    )[0]
    np.testing.assert_array_equal(pooled[0, :, :, 0], [[1, 0, 1, 0], [0, 0, 0, 0]] * 2)
