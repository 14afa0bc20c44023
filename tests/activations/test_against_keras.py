"""Activations have Keras' values and slopes, at the corners too."""

from __future__ import annotations

import jax
import keras
import numpy as np
import pytest

import unifw as uf

X = np.asarray([-7.0, -1.0, -0.5, -0.25, -0.0, 0.0, 0.25, 0.5, 1.0, 2.0, 5.75, 6.0, 6.25, 9.0], np.float32)

CASES = {
    "relu": ("relu", {}),
    "relu above a threshold": ("relu", {"threshold": 0.5}),
    "relu above a negative threshold": ("relu", {"threshold": -0.5}),
    "relu with a slope": ("relu", {"negative_slope": 0.25}),
    "relu with a slope below a threshold": ("relu", {"negative_slope": 0.25, "threshold": 0.5}),
    "relu up to": ("relu", {"max_value": 2.0}),
    "relu up to six": ("relu", {"max_value": 6.0}),
    "relu up to six with a slope": ("relu", {"max_value": 6, "negative_slope": 0.5}),
    "relu with everything": ("relu", {"max_value": 2.0, "negative_slope": 0.25, "threshold": 0.5}),
    "relu with everything, negative": ("relu", {"max_value": 2.0, "negative_slope": 0.25, "threshold": -0.5}),
    "relu up to six above a threshold": ("relu", {"max_value": 6.0, "threshold": 0.25}),
    "relu6": ("relu6", {}),
    "leaky_relu": ("leaky_relu", {}),
    "hard_shrink": ("hard_shrink", {}),
    "hard_shrink at one": ("hard_shrink", {"threshold": 1.0}),
    "soft_shrink": ("soft_shrink", {}),
    "threshold": ("threshold", {"threshold": 0.5, "default_value": 0.25}),
    "hard_tanh": ("hard_tanh", {}),
    "sparse_plus": ("sparse_plus", {}),
    "sparse_sigmoid": ("sparse_sigmoid", {}),
}
ROUNDED = {
    "hard_sigmoid": {},
    "hard_silu": {},
    "hard_swish": {},
    "celu": {"alpha": 0.5},
    "selu": {},
    "mish": {},
    "log_sigmoid": {},
    "squareplus": {"b": 2},
    "softsign": {},
    "tanh_shrink": {},
    "swish": {},
    "elu": {"alpha": 0.5},
    "exponential": {},
    "softplus": {},
}
CORNERS = np.asarray([-7.0, -3.0, -2.5, -1.0, -0.25, 0.0, 0.25, 1.0, 2.5, 3.0, 6.0], np.float32)


@pytest.mark.parametrize("case", CASES)
def test_values_and_slopes(backend, case):
    name, options = CASES[case]
    ours, theirs = (getattr(each, name) for each in (uf.activations, keras.activations))
    expected = np.asarray(theirs(X, **options))
    np.testing.assert_array_equal(np.asarray(ours(uf.asarray(X), **options)), expected)
    expected = jax.grad(lambda x: jax.numpy.sum(theirs(x, **options)))(X)
    slopes = uf.grad(lambda x: uf.sum(ours(x, **options)))(uf.asarray(X))
    # The slope of leaky_relu at 0 is that of its left side on all our backends (as torch's), in JAX that of its right.
    compared = X != 0 if case in ("leaky_relu", "relu with a slope") else slice(None)
    np.testing.assert_array_equal(np.asarray(slopes)[compared], np.asarray(expected)[compared])


@pytest.mark.parametrize("name", ROUNDED)
def test_values_and_slopes_up_to_rounding(backend, name):
    ours, theirs = (getattr(each, name) for each in (uf.activations, keras.activations))
    options = ROUNDED[name]
    np.testing.assert_allclose(
        np.asarray(ours(uf.asarray(CORNERS), **options)), np.asarray(theirs(CORNERS, **options)), rtol=2e-6, atol=1e-7
    )
    expected = jax.grad(lambda x: jax.numpy.sum(theirs(x, **options)))(CORNERS)
    gradient = uf.grad(lambda x: uf.sum(ours(x, **options)))
    for function in (gradient, uf.jit(gradient)):
        np.testing.assert_allclose(np.asarray(function(uf.asarray(CORNERS))), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("axis", [-1, 0])
def test_glu(backend, axis):
    x = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
    np.testing.assert_allclose(
        np.asarray(uf.activations.glu(uf.asarray(x), axis=axis)), jax.nn.glu(x, axis=axis), rtol=1e-6
    )
    with pytest.raises(uf.errors.ShapeError, match="is odd"):
        uf.activations.glu(uf.ones((2, 3)))


@pytest.mark.parametrize("axis", [-1, 0])
def test_sparsemax_is_the_projection_on_the_simplex(backend, axis):
    """What no other point of the simplex is nearer than: the condition of the paper, not a formula."""
    x = np.random.default_rng(0).normal(size=(5, 6)) * 2
    result = np.moveaxis(np.asarray(uf.activations.sparsemax(uf.asarray(x), axis=axis)), axis, -1)
    np.testing.assert_allclose(result.sum(axis=-1), 1.0)
    assert (result >= 0).all()
    gap = np.moveaxis(x, axis, -1) - result  # one number where the result is positive, and no more elsewhere
    for row, point in zip(gap, result, strict=True):
        tau = row[point > 0]
        np.testing.assert_allclose(tau, tau[0])
        assert (row[point == 0] <= tau[0] + 1e-12).all()


def test_gradient_of_sparsemax(backend):
    x = np.asarray([0.5, 0.1, -3.0])
    weights = uf.asarray(np.asarray([1.0, 2.0, 5.0]))
    result = uf.grad(lambda v: uf.sum(weights * uf.activations.sparsemax(v)))(uf.asarray(x))
    np.testing.assert_allclose(np.asarray(result), [-0.5, 0.5, 0.0])


def test_standardize(backend):
    x = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
    np.testing.assert_allclose(
        np.asarray(uf.nn.standardize(uf.asarray(x))), jax.nn.standardize(x), rtol=2e-5, atol=1e-6
    )


def test_every_name_of_keras_is_found(backend):
    names = {name for name in dir(keras.activations) if not name.startswith("_")} - {"deserialize", "get", "serialize"}
    for name in names:
        assert callable(uf.activations.get(name)), name


@pytest.mark.parametrize("name", ["relu", "relu6"])
def test_nan_stays_nan(backend, name):
    assert np.isnan(np.asarray(getattr(uf.activations, name)(uf.asarray(np.float32("nan")))))


def test_infinity_below_a_threshold_is_zero(backend):
    assert uf.activations.relu(uf.asarray(-np.inf), threshold=0.5).item() == 0.0
