"""What the tests of random numbers share: `jax.random` as the oracle, and distances in units in the last place."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="jax.random is the oracle of the stream")

import unifw as uf  # noqa: E402

MILLION = 1 << 20
FLOATS = ("float16", "bfloat16", "float32", "float64")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


def dtype_of(name):
    return np.dtype(uf.dtypes.as_dtype(name))


def theirs(name, seed, *args, **kwargs):
    """Return what `jax.random` draws with its 64-bit dtypes, which it has only when asked."""
    with jax.enable_x64(True):
        return np.asarray(getattr(jax.random, name)(jax.random.key(seed), *args, **kwargs))


def values(tensor):
    """Return a tensor's values with its own dtype."""
    return tensor.backend.to_numpy(tensor.native)


def assert_bits(tensor, expected):
    """Assert dtype, shape and every bit (of integers: every value, whatever JAX's index dtype)."""
    result = values(tensor)
    if np.asarray(expected).dtype.kind != "i":
        assert result.dtype == expected.dtype
    np.testing.assert_array_equal(result, expected, strict=False)
    assert result.shape == expected.shape


def ulps(result, expected):
    """Return distances in units in the last place of max(1, abs(expected))."""
    assert result.dtype == expected.dtype
    assert result.shape == expected.shape
    unit = float(ml_dtypes.finfo(expected.dtype).eps) * np.maximum(1.0, np.abs(expected.astype(float)))
    return np.abs(result.astype(float) - expected.astype(float)) / unit
