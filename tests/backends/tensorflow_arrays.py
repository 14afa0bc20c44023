"""What the tests of the TensorFlow backend share: dtypes, small numbers, and running them in each of its modes.

Importing anything from here, TensorFlow included, skips a test file where TensorFlow is not installed.
"""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from array_api_compat import numpy as oracle

from unifw import dtypes

if importlib.util.find_spec("torch"):  # before TensorFlow: the other order has crashed
    import torch  # noqa: F401
tf = pytest.importorskip("tensorflow", reason="these files test the TensorFlow backend")

from unifw_tensorflow import TensorflowBackend  # noqa: E402

backend = TensorflowBackend()
xp = backend.xp
REAL = (
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
)
INTEGERS = REAL[:8]
FLOATS = REAL[8:]
COMPLEX = ("complex64", "complex128")
NUMERIC = REAL + COMPLEX
EVERY = ("bool", *NUMERIC)
MODES = ("eager", "graph", "xla")
SHAPES = ((3, 4), (), (0, 3), (2, 1, 3))


def numbers(dtype, shape=(3, 4), *, seed=0, low=-3, high=4):
    """Small numbers every dtype holds: integers, or for floating-point dtypes multiples of 1/8."""
    generator = np.random.default_rng(seed)
    dtype = dtypes.as_dtype(dtype)
    if dtype in dtypes.UNSIGNED or dtype == dtypes.bool:
        low = max(low, 0)
    values = generator.integers(low, high, size=shape)
    if dtype in dtypes.FLOATS:
        return (values + generator.integers(0, 8, size=shape) / 8).astype(dtype)
    if dtype in dtypes.COMPLEX:
        return (values + 1j * generator.integers(-3, 4, size=shape)).astype(dtype)
    return values.astype(dtype)


def run(function, *arrays, mode="eager"):
    """Run a function of native arrays eagerly, as a graph, or under XLA; return NumPy arrays."""
    natives = [backend.asarray(array) for array in arrays]
    if mode != "eager":
        function = tf.function(function, autograph=False, jit_compile=mode == "xla")
    result = function(*natives)
    if isinstance(result, list | tuple):
        return [backend.to_numpy(each) for each in result]
    return backend.to_numpy(result)


def assert_same(actual, expected):
    """Same dtype, shape, and values within the backend's own tolerance for the dtype."""
    expected = np.asarray(expected)
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    if expected.dtype in backend.tolerances:
        relative, absolute = backend.tolerances[dtypes.as_dtype(expected.dtype)]
        wide = np.complex128 if expected.dtype.kind == "c" else np.float64
        np.testing.assert_allclose(actual.astype(wide), expected.astype(wide), rtol=relative, atol=absolute)
    else:
        np.testing.assert_array_equal(actual, expected)


def by_numpy(name, dtype, *arrays):
    """Compute with the oracle; in float32 for bfloat16, which its functions do not all take."""
    function = getattr(oracle, name)
    if dtype == "bfloat16":
        with np.errstate(all="ignore"):
            result = np.asarray(function(*[array.astype("float32") for array in arrays]))
        return result.astype(dtypes.bfloat16) if result.dtype == np.float32 else result
    with np.errstate(all="ignore"):
        return np.asarray(function(*arrays))


def table(entries):
    return [(name, dtype) for name, names in entries.items() for dtype in names]


def gradient_of(function, *arrays, mode="eager"):
    """Return the gradients of a scalar function of native arrays."""

    def differentiate(*natives):
        return backend.value_and_grad(lambda traced, _: (function(*traced), []), list(natives))[2]

    return run(differentiate, *arrays, mode=mode)


def smooth(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)
