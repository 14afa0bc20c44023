"""Random numbers on NumPy: bit for bit what JAX draws."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from unifw import dtypes
from unifw_numpy import NumpyBackend

numpy = NumpyBackend()

SHAPES = [(), (1,), (0,), (7,), (3, 5), (2, 0, 3), (1000,), (129, 257)]
SEEDS = [0, 42, 2**32 + 5]


def keys(seed: int) -> tuple[np.ndarray, Any]:
    key = jax.random.key(seed)
    return np.asarray(jax.random.key_data(key)), key


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_bits_and_uniform_are_those_of_jax(shape, seed):
    key, oracle = keys(seed)
    bits = numpy.random_bits(key, shape)
    assert bits.dtype == dtypes.uint32
    np.testing.assert_array_equal(bits, jax.random.bits(oracle, shape, "uint32"))
    uniform = numpy.random_uniform(key, shape)
    assert uniform.dtype == dtypes.float32
    np.testing.assert_array_equal(uniform, jax.random.uniform(oracle, shape, "float32"))


@pytest.mark.parametrize("seed", SEEDS)
def test_split_and_fold_in_are_those_of_jax(seed):
    key, oracle = keys(seed)
    for count in (1, 2, 5):
        np.testing.assert_array_equal(
            numpy.random_split(key, count), jax.random.key_data(jax.random.split(oracle, count))
        )
    for data in (0, 1, 2**31, 2**32 - 1):
        np.testing.assert_array_equal(
            numpy.random_fold_in(key, np.asarray(data)), jax.random.key_data(jax.random.fold_in(oracle, data))
        )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("size", [0, 1, 2, 7, 1000, 3000])
def test_permutations_are_those_of_jax(size, seed):
    key, oracle = keys(seed)
    np.testing.assert_array_equal(numpy.random_permutation(key, size), jax.random.permutation(oracle, size))
