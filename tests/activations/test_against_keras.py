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
}


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


@pytest.mark.parametrize("name", ["relu", "relu6"])
def test_nan_stays_nan(backend, name):
    assert np.isnan(np.asarray(getattr(uf.activations, name)(uf.asarray(np.float32("nan")))))


def test_infinity_below_a_threshold_is_zero(backend):
    assert uf.activations.relu(uf.asarray(-np.inf), threshold=0.5).item() == 0.0
