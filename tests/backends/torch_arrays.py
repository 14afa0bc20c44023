"""What the tests of the torch backend share: samples, conversion, comparison, and gradients.

Importing anything from here, torch included, skips a test file where torch is not installed.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the torch plug-in needs torch")

import array_api_compat.numpy as reference  # noqa: E402, F401 - for the tests

from unifw import dtypes  # noqa: E402
from unifw_torch import TorchBackend  # noqa: E402

BACKEND = TorchBackend()
XP = BACKEND.xp
SHAPES = [(), (0,), (5,), (2, 3), (2, 0, 3), (4, 1, 3)]


def tensor(value, dtype=None):
    return BACKEND.asarray(np.asarray(value), dtype=dtype)


def numpy(array):
    return BACKEND.to_numpy(array)


def sample(shape, dtype, seed=0, low=-3.0, high=3.0):
    random = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return random.random(shape) < 0.5
    if dtype.kind in "iu":
        return random.integers(0 if dtype.kind == "u" else -4, 5, shape).astype(dtype)
    if dtype.kind == "c":
        return (random.uniform(low, high, shape) + 1j * random.uniform(low, high, shape)).astype(dtype)
    return random.uniform(low, high, shape).astype(dtype)


def assert_same(ours, oracle, exact=False):
    oracle = np.asarray(oracle)
    ours = numpy(ours)
    assert ours.shape == oracle.shape
    assert ours.dtype == oracle.dtype
    if exact or oracle.dtype.kind in "biu":
        np.testing.assert_array_equal(ours, oracle)
    else:
        tolerance = BACKEND.tolerances[dtypes.as_dtype(oracle.dtype)]
        np.testing.assert_allclose(ours, oracle, rtol=tolerance.relative, atol=tolerance.absolute)


def gradient_of(function, *arrays):
    """Return the gradients of ``function(backend, *arrays)`` summed with fixed weights, through `value_and_grad`."""

    def loss(traced, backend):
        result = function(backend, *traced)
        weights = backend.asarray(np.cos(np.arange(math.prod(result.shape))).reshape(result.shape)).to(result.dtype)
        return backend.xp.sum(backend.xp.multiply(result, weights)), []

    return BACKEND.value_and_grad(loss, list(arrays))[2]
