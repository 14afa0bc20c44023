"""Bits, uniform numbers, integers, masks and orders: equal to `jax.random` bit for bit, eager and compiled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import unifw as uf
from tests.random.oracle import FLOATS, INTEGERS, MILLION, assert_bits, dtype_of, jax, theirs, values

SHAPES = st.one_of(st.just(()), st.lists(st.integers(0, 7), min_size=1, max_size=3).map(tuple))
SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(seed=SEEDS, shape=SHAPES, dtype=st.sampled_from(("uint8", "uint16", "uint32", "uint64")))
def test_bits(backend, seed, shape, dtype):
    assert_bits(uf.random.bits(uf.random.key(seed), shape, dtype), theirs("bits", seed, shape, dtype))


@FEW
@given(
    seed=SEEDS,
    shape=SHAPES,
    dtype=st.sampled_from(FLOATS),
    limits=st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)).map(sorted),
)
def test_uniform(backend, seed, shape, dtype, limits):
    kind = dtype_of(dtype)
    low, high = (float(kind.type(each)) for each in limits)
    ours = uf.random.uniform(uf.random.key(seed), shape, dtype, low, high)
    assert_bits(ours, theirs("uniform", seed, shape, kind, kind.type(low), kind.type(high)))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("limits", [(0.0, 1.0), (-0.05, 0.3), (1e-3, 1e4), (-2.0, 3.0)], ids=str)
def test_a_million_uniforms(backend, limits, dtype):
    ours = uf.random.uniform(uf.random.key(7), (MILLION,), dtype, *limits)
    assert_bits(ours, theirs("uniform", 7, (MILLION,), dtype_of(dtype), *limits))


def test_uniform_between_tensors(backend):
    low, high = np.float32([[-1.5], [0.1]]), np.float32([0.3, 2.0, 7.0])
    ours = uf.random.uniform(uf.random.key(1), (2, 3), minval=uf.asarray(low), maxval=uf.asarray(high))
    with jax.enable_x64(True):  # JAX takes limits of the full rank
        key = jax.random.key(1)
        limits = np.broadcast_to(low, (2, 3)), np.broadcast_to(high, (2, 3))
        expected = np.asarray(jax.random.uniform(key, (2, 3), "float32", *limits))
    assert_bits(ours, expected)


def test_rounding_once_is_exact_at_ties(backend):
    """Sums whose middle the first rounding, to float64, would reach; the exact one is in Python's fractions."""
    from fractions import Fraction

    rng = np.random.default_rng(0)
    units = (rng.integers(0, 1 << 23, 4000) * 2.0**-23).astype(np.float32)
    span = np.float32(2.0) ** rng.integers(-40, 0, 4000) * (1 + rng.integers(0, 8, 4000).astype(np.float32) / 8)
    low = (1 + rng.integers(0, 16, 4000) * 2.0**-23).astype(np.float32)
    owner = backend
    fused = owner._fused_in_float64(*(owner.asarray(each.astype(np.float32)) for each in (units, span, low)))
    exact = []
    for u, s, z in zip(units.tolist(), span.astype(np.float32).tolist(), low.tolist(), strict=True):
        exact.append(_rounded(Fraction(u) * Fraction(s) + Fraction(z)))
    np.testing.assert_array_equal(owner.to_numpy(fused), np.float32(exact))


def _rounded(number):
    """Return a fraction in [1, 4) rounded to float32, to even at ties."""
    scale = 23 if number < 2 else 22
    return round(number * 2**scale) / 2**scale  # Python rounds halves of fractions to even


@FEW
@given(seed=SEEDS, shape=SHAPES, dtype=st.sampled_from(INTEGERS), data=st.data())
def test_randint(backend, seed, shape, dtype, data):
    info = np.iinfo(dtype)
    bound = st.integers(max(int(info.min), -(2**63)), min(int(info.max), 2**63 - 1))
    low, high = sorted(data.draw(st.lists(bound, min_size=2, max_size=2, unique=True)))
    ours = uf.random.randint(uf.random.key(seed), shape, low, high, dtype)
    assert_bits(ours, theirs("randint", seed, shape, low, high, dtype))


@pytest.mark.parametrize("dtype", [each for each in INTEGERS if each not in {"int64", "uint64"}])
def test_randint_of_all_integers_there_are(backend, dtype):
    info = np.iinfo(dtype)
    low, high = int(info.min), int(info.max) + 1
    assert_bits(
        uf.random.randint(uf.random.key(3), (1000,), low, high, dtype),
        theirs("randint", 3, (1000,), low, high, dtype),
    )


def test_randint_of_all_64_bits_is_the_second_draw(backend):
    key = uf.random.key(3)
    expected = values(uf.random.bits(uf.random.split(key)[1], (100,), "uint64"))
    np.testing.assert_array_equal(values(uf.random.randint(key, (100,), 0, 2**64, "uint64")), expected)
    signed = values(uf.random.randint(key, (100,), -(2**63), 2**63, "int64"))
    np.testing.assert_array_equal(signed, expected.view(np.int64) + np.int64(-(2**63)), strict=True)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_randint_between_tensors(backend, dtype):
    least = [[0], [3]] if dtype.startswith("u") else [[-7], [3]]
    low, high = np.asarray(least, np.int32), np.asarray([5, 3, 100], np.int32)  # also where none is left
    ours = uf.random.randint(uf.random.key(5), (2, 3), uf.asarray(low), uf.asarray(high), dtype)
    with jax.enable_x64(True):
        limits = np.broadcast_to(low, (2, 3)), np.broadcast_to(high, (2, 3))
        expected = np.asarray(jax.random.randint(jax.random.key(5), (2, 3), *limits, dtype))
    assert_bits(ours, expected)


@FEW
@given(seed=SEEDS, shape=SHAPES, p=st.floats(0, 1, width=32), mode=st.sampled_from(["low", "high"]))
def test_bernoulli(backend, seed, shape, p, mode):
    expected = theirs("bernoulli", seed, np.float32(p), shape, mode)
    assert_bits(uf.random.bernoulli(uf.random.key(seed), p, shape, mode), expected)


@pytest.mark.parametrize("dtype", FLOATS)
def test_bernoulli_with_a_tensor(backend, dtype):
    p = np.linspace(0, 1, 6).astype(dtype_of(dtype))
    assert_bits(uf.random.bernoulli(uf.random.key(2), uf.asarray(p), (50, 6)), theirs("bernoulli", 2, p, (50, 6)))
    assert uf.random.bernoulli(uf.random.key(2), uf.asarray(p)).shape == (6,)


@pytest.mark.parametrize("dtype", [None, "int8", "int64", "float32"])
def test_rademacher(backend, dtype):
    with jax.enable_x64(False):  # whose uniform numbers JAX draws as float32, as it comes
        expected = np.asarray(jax.random.rademacher(jax.random.key(4), (3, 50)))
    ours = uf.random.rademacher(uf.random.key(4), (3, 50), dtype)
    assert ours.dtype == dtype_of(dtype or "int32")
    np.testing.assert_array_equal(values(ours), expected)


@FEW
@given(
    seed=SEEDS,
    shape=st.lists(st.integers(0, 6), min_size=1, max_size=3).map(tuple),
    independent=st.booleans(),
    data=st.data(),
)
def test_permutation_of_a_tensor(backend, seed, shape, independent, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = np.arange(np.prod(shape, dtype=int), dtype=np.int32).reshape(shape)
    ours = uf.random.permutation(uf.random.key(seed), uf.asarray(x), axis, independent)
    assert_bits(ours, theirs("permutation", seed, x, axis, independent))


def draws(key):
    """One of every draw that is exact."""
    return {
        "bits": uf.random.bits(key, (7,), "uint64"),
        "uniform": uf.random.uniform(key, (3, 5), minval=-0.3, maxval=0.7),
        "float64": uf.random.uniform(key, (3, 5), "float64", 0.1, 1.1),
        "half": uf.random.uniform(key, (9,), "float16", 0.25, 1.25),
        "bfloat16": uf.random.uniform(key, (9,), "bfloat16"),
        "randint": uf.random.randint(key, (11,), -3, 1000),
        "wide": uf.random.randint(key, (11,), 5, 2**40, "uint64"),
        "limits": uf.random.randint(key, (2,), uf.asarray([0, 5]), uf.asarray([9, 7]), "int16"),
        "mask": uf.random.bernoulli(key, 0.3, (20,)),
        "order": uf.random.permutation(key, 20),
        "independent": uf.random.permutation(key, uf.random.randint(key, (4, 5), 0, 99), 1, independent=True),
        "sign": uf.random.rademacher(key, (6,)),
        "choice": uf.random.choice(key, 9, (4,), replace=False),
        "split": uf.random.split(key, (2, 2)),
    }


def test_compiled_draws_are_the_eager_ones(backend):
    key = uf.random.key(42)
    eager, compiled = draws(key), uf.jit(draws)(key)
    for name, tensor in eager.items():
        assert_bits(compiled[name], values(tensor))
