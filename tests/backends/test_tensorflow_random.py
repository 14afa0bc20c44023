"""The random stream on TensorFlow against jax.random and the composites."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.tensorflow_arrays import MODES, assert_same, backend, run
from unifw import dtypes
from unifw.backend import Backend


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", [0, 1, 2**32 + 5])
def test_the_stream_is_that_of_jax(seed, mode):
    jax = pytest.importorskip("jax", reason="jax.random is the oracle")
    key = jax.random.key(seed) if seed < 2**32 else jax.random.wrap_key_data(np.array([1, 5], "uint32"))
    data = np.asarray(jax.random.key_data(key))

    def stream(each):
        return [
            backend.random_bits(each, (3, 5)),
            backend.random_uniform(each, (7,)),
            backend.random_split(each, 3),
            backend.random_fold_in(each, backend.asarray(11)),
            backend.random_permutation(each, 50),
            backend.random_permutation(each, 1),
        ]

    bits, uniform, split, folded, permutation, single = run(stream, data, mode=mode)
    assert_same(bits, jax.random.bits(key, (3, 5), "uint32"))
    np.testing.assert_array_equal(uniform, jax.random.uniform(key, (7,), "float32"))
    assert_same(split, jax.random.key_data(jax.random.split(key, 3)))
    assert_same(folded, jax.random.key_data(jax.random.fold_in(key, 11)))
    np.testing.assert_array_equal(permutation, jax.random.permutation(key, 50))
    np.testing.assert_array_equal(single, [0])


def test_the_stream_is_the_composite_under_jit_of_either_kind():
    key = backend.asarray(np.array([3, 4], "uint32"))
    counters = [backend.asarray(range(6), dtype=dtypes.uint32)] * 2
    expected = [each.numpy() for each in Backend.threefry2x32(backend, key, *counters)]
    compiled = backend.jit(lambda arrays, b: (list(b.threefry2x32(*arrays)), None))
    for results in (compiled([key, *counters])[0], backend.threefry2x32(key, *counters)):
        for result, each in zip(results, expected, strict=True):
            assert_same(backend.to_numpy(result), each)
