"""The random stream on torch against jax.random and the defaults."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.torch_arrays import BACKEND, assert_same, numpy, tensor, torch
from unifw.backend import Backend


@pytest.fixture(params=[0, 7, 2**40 + 3])
def keys(request):
    jax = pytest.importorskip("jax", reason="jax.random is the oracle")
    with jax.enable_x64(True):
        key = jax.random.key(request.param)
    return key, BACKEND.asarray(np.asarray(jax.random.key_data(key)))


@pytest.mark.parametrize("shape", [(), (0,), (5,), (3, 7), (100, 1000)])
def test_bits_and_uniforms_are_jaxs(keys, shape):
    import jax

    key, ours = keys
    assert_same(BACKEND.random_bits(ours, shape), np.asarray(jax.random.bits(key, shape, "uint32")))
    assert_same(BACKEND.random_uniform(ours, shape), np.asarray(jax.random.uniform(key, shape, "float32")), exact=True)


@pytest.mark.parametrize("count", [0, 1, 2, 8, 9, 20000])
def test_split_keys_are_jaxs(keys, count):
    import jax

    key, ours = keys
    assert_same(BACKEND.random_split(ours, count), np.asarray(jax.random.key_data(jax.random.split(key, count))))


@pytest.mark.parametrize("data", [0, 5, 2**32 - 1])
def test_folded_keys_are_jaxs(keys, data):
    import jax

    key, ours = keys
    oracle = np.asarray(jax.random.key_data(jax.random.fold_in(key, data)))
    assert_same(BACKEND.random_fold_in(ours, BACKEND.asarray(data)), oracle)


@pytest.mark.parametrize("size", [0, 1, 10, 5000])
def test_permutations_are_jaxs(keys, size):
    import jax

    key, ours = keys
    oracle = np.asarray(jax.random.permutation(key, size)).astype("int64")
    assert_same(BACKEND.random_permutation(ours, size), oracle)


def test_the_stream_is_the_defaults(keys):
    ours = keys[1]
    for name, argument in [("random_bits", (3, 5)), ("random_uniform", (7,)), ("random_split", 3)]:
        default = getattr(Backend, name)(BACKEND, ours, argument)
        assert_same(getattr(BACKEND, name)(ours, argument), numpy(default), exact=True)
    assert_same(BACKEND.random_permutation(ours, 9), numpy(Backend.random_permutation(BACKEND, ours, 9)))
    data = BACKEND.asarray(4)
    assert_same(BACKEND.random_fold_in(ours, data), numpy(Backend.random_fold_in(BACKEND, ours, data)))


def test_accelerators_compute_the_same_words_in_int32(keys):
    from unifw_torch import _threefry

    ours = keys[1]
    high, low = _threefry.device_words(ours.view(torch.int32), 1000)
    words = [_threefry.words(ours.tolist(), 0, index) for index in range(1000)]
    assert_same(torch.stack((high, low), -1).view(torch.uint32), np.array(words, "uint32"))


def test_threefry_takes_counters_of_any_shape(keys):
    from unifw_torch import _threefry

    ours = keys[1]
    high = np.array([[0, 0, 5], [2**32 - 1] * 3], "uint32")
    low = np.array([[1, 2, 2**31]] * 2, "uint32")
    words = BACKEND.threefry2x32(ours, tensor(high), tensor(low))
    oracle = [
        [_threefry.words(ours.tolist(), int(first), int(second)) for first, second in zip(*rows, strict=True)]
        for rows in zip(high, low, strict=True)
    ]
    assert_same(torch.stack(words, -1), np.array(oracle, "uint32"))
