"""`unifw.random` against `jax.random`: the same bits on every backend."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="jax.random is the oracle of the stream")

import unifw as uf  # noqa: E402

SEEDS = [0, 42, 2**31, 2**32 - 1]
SHAPES = [(), (1,), (7,), (3, 4), (0,), (2, 3, 5)]


def theirs(seed):
    return jax.random.key(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_keys(backend, seed):
    np.testing.assert_array_equal(np.asarray(uf.random.key(seed)), jax.random.key_data(theirs(seed)))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("seed", SEEDS[:2])
def test_bits(backend, seed, shape):
    ours = uf.random.bits(uf.random.key(seed), shape)
    assert ours.dtype == uf.uint32
    np.testing.assert_array_equal(np.asarray(ours), jax.random.bits(theirs(seed), shape, "uint32"))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_uniform(backend, shape):
    ours = uf.random.uniform(uf.random.key(42), shape)
    np.testing.assert_array_equal(np.asarray(ours), jax.random.uniform(theirs(42), shape, "float32"))


@pytest.mark.parametrize("count", [1, 2, 5])
def test_split(backend, count):
    ours = uf.random.split(uf.random.key(42), count)
    np.testing.assert_array_equal(np.asarray(ours), jax.random.key_data(jax.random.split(theirs(42), count)))


@pytest.mark.parametrize("data", [0, 1, 12345, 2**32 - 1])
def test_fold_in(backend, data):
    expected = jax.random.key_data(jax.random.fold_in(theirs(42), data))
    np.testing.assert_array_equal(np.asarray(uf.random.fold_in(uf.random.key(42), data)), expected)
    np.testing.assert_array_equal(np.asarray(uf.random.fold_in(uf.random.key(42), uf.asarray(data))), expected)


@pytest.mark.parametrize("size", [1, 2, 10, 100])
def test_permutation(backend, size):
    ours = uf.random.permutation(uf.random.key(42), size)
    assert ours.dtype == uf.int64
    np.testing.assert_array_equal(np.asarray(ours), jax.random.permutation(theirs(42), size))


def test_permutation_of_rows(backend):
    rows = np.arange(12.0, dtype=np.float32).reshape(6, 2)
    ours = uf.random.permutation(uf.random.key(42), uf.asarray(rows))
    np.testing.assert_array_equal(np.asarray(ours), jax.random.permutation(theirs(42), rows))


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 1.0])
def test_bernoulli(backend, p):
    ours = uf.random.bernoulli(uf.random.key(42), p, (100,))
    np.testing.assert_array_equal(np.asarray(ours), jax.random.bernoulli(theirs(42), np.float32(p), (100,)))


def test_normal_is_close(backend):
    ours = uf.random.normal(uf.random.key(42), (1000,))
    tolerance = backend.tolerances[uf.float32]
    expected = jax.random.normal(theirs(42), (1000,), "float32")
    np.testing.assert_allclose(np.asarray(ours), expected, rtol=tolerance.relative, atol=tolerance.absolute)


def test_truncated_normal_is_close(backend):
    ours = uf.random.truncated_normal(uf.random.key(42), -2.0, 2.0, (1000,))
    tolerance = backend.tolerances[uf.float32]
    expected = jax.random.truncated_normal(theirs(42), -2.0, 2.0, (1000,), "float32")
    np.testing.assert_allclose(np.asarray(ours), expected, rtol=tolerance.relative, atol=tolerance.absolute)


def test_the_host_stream_has_the_same_bits(backend):
    key = uf.random.host.key(42)
    np.testing.assert_array_equal(uf.random.host.bits(key, (5,)), np.asarray(uf.random.bits(uf.random.key(42), (5,))))
    np.testing.assert_array_equal(
        uf.random.host.uniform(key, (5,)), np.asarray(uf.random.uniform(uf.random.key(42), (5,)))
    )


def test_a_compiled_draw_has_the_same_bits(backend):
    def draw(key, step):
        key = uf.random.fold_in(key, step)
        return uf.random.bernoulli(key, 0.3, (50,)), uf.random.uniform(key, (3, 5)), uf.random.permutation(key, 20)

    arguments = uf.random.key(42), uf.asarray(7)
    for compiled, eager in zip(uf.jit(draw)(*arguments), draw(*arguments), strict=True):
        np.testing.assert_array_equal(np.asarray(compiled), np.asarray(eager))


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,), (2, 0)], ids=str)
def test_split_into_a_shape_of_keys(backend, shape):
    expected = jax.random.key_data(jax.random.split(theirs(42), shape))
    ours = uf.random.split(uf.random.key(42), shape)
    assert ours.shape == (*shape, 2)
    np.testing.assert_array_equal(np.asarray(ours), expected)


@pytest.mark.parametrize("seed", [-1, -(2**63), 2**63, 2**40 + 3, np.int64(7)], ids=str)
def test_seeds_of_64_bits(backend, seed):
    lower = int(seed) % 2**64
    expected = [lower >> 32, lower % 2**32]
    assert uf.random.key(seed).tolist() == expected
