"""Distributions that are a formula away from others: `jax.random` is the oracle, within the documented bounds."""

from __future__ import annotations

import numpy as np
import pytest

import unifw as uf
from tests.random.oracle import assert_bits, dtype_of, jax, theirs, ulps, values
from unifw.errors import ArgumentError, DTypeError, ShapeError

MANY = 1 << 17
DTYPES = ("float16", "bfloat16", "float32", "float64")
# Parameters, and units in the last place of max(1, abs(x)) per dtype, as in `DTYPES`.
CASES = {
    "cauchy": ((), (16, 2, 8, 64)),
    "lognormal": ((0.7,), (2, 1, 8, 16)),
    "maxwell": ((), (1, 2, 4, 16)),
    "pareto": ((3.0,), (4, 1, 4, 32)),
    "rayleigh": ((2.0,), (1, 1, 2, 2)),
    "triangular": ((-1.0, 0.5, 2.0), (1, 1, 2, 2)),
    "wald": ((1.0,), (1, 1, 128, 64)),
    "weibull_min": ((2.0, 1.5), (1, 1, 2, 128)),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
def test_many_numbers(backend, name, dtype):
    parameters, bounds = CASES[name]
    ours = values(getattr(uf.random, name)(uf.random.key(7), *parameters, shape=(MANY,), dtype=dtype))
    expected = theirs(name, 7, *parameters, shape=(MANY,), dtype=dtype_of(dtype))
    infinite = np.isinf(expected)
    np.testing.assert_array_equal(np.isinf(ours), infinite)
    assert ulps(ours[~infinite], expected[~infinite]).max() <= bounds[DTYPES.index(dtype)]


@pytest.mark.parametrize("name", ["lognormal", "pareto", "rayleigh", "wald"])
def test_tensors_as_parameters(backend, name):
    parameter = np.float32([[0.5], [1.0]])
    ours = getattr(uf.random, name)(uf.random.key(1), uf.asarray(parameter), (2, 50))
    assert ulps(values(ours), theirs(name, 1, parameter, (2, 50), "float32")).max() <= 128
    assert getattr(uf.random, name)(uf.random.key(1), uf.asarray(parameter)).shape == (2, 1)
    assert getattr(uf.random, name)(uf.random.key(1), 1.0).shape == ()
    assert getattr(uf.random, name)(uf.random.key(1), 1.0, (0, 3)).shape == (0, 3)


def test_several_tensors_as_parameters(backend):
    low, high = np.float32([-2.0, -1.0]), np.float32([1.0, 3.0])
    ours = uf.random.triangular(uf.random.key(1), uf.asarray(low), 0.0, uf.asarray(high), (50, 2))
    assert ulps(values(ours), theirs("triangular", 1, low, 0.0, high, (50, 2), "float32")).max() <= 4
    scale, power = np.float32([0.5, 2.0]), np.float32([1.0, 3.0])
    ours = uf.random.weibull_min(uf.random.key(1), uf.asarray(scale), uf.asarray(power), (50, 2))
    assert ulps(values(ours), theirs("weibull_min", 1, scale, power, (50, 2), "float32")).max() <= 4
    ours = uf.random.f(uf.random.key(1), uf.asarray(scale), uf.asarray(power))
    assert ulps(values(ours), theirs("f", 1, scale, power, dtype="float32")).max() <= 32


def test_f(backend):
    ours = uf.random.f(uf.random.key(7), 2.0, 5.0, (5000,))
    assert np.count_nonzero(ulps(values(ours), theirs("f", 7, 2.0, 5.0, (5000,), "float32")) > 32) <= 2


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64"])
@pytest.mark.parametrize("p", [1e-3, 0.25, 1.0])
def test_geometric(backend, p, dtype):
    with jax.enable_x64(False):
        expected = np.asarray(jax.random.geometric(jax.random.key(7), p, (20000,)))
    ours = uf.random.geometric(uf.random.key(7), p, (20000,), dtype)
    assert ours.dtype == dtype_of(dtype)
    if dtype != "int8":
        assert np.count_nonzero(values(ours) != expected) <= 2


def test_geometric_with_a_tensor(backend):
    p = np.float64([0.1, 0.9])
    assert_bits(uf.random.geometric(uf.random.key(7), uf.asarray(p), (100, 2)), theirs("geometric", 7, p, (100, 2)))


def without_64_bits(name, *args, **kwargs):
    """Signs are drawn as JAX draws them as it comes."""
    with jax.enable_x64(False):
        return np.asarray(getattr(jax.random, name)(jax.random.key(7), *args, **kwargs))


@pytest.mark.parametrize("shape", [(), (0,), (3, 5)], ids=str)
def test_double_sided_maxwell(backend, shape):
    ours = uf.random.double_sided_maxwell(uf.random.key(7), 1.0, 2.0, shape)
    assert (ulps(values(ours), without_64_bits("double_sided_maxwell", 1.0, 2.0, shape)) <= 8).all()
    loc = np.float32([1.0, 3.0])
    ours = uf.random.double_sided_maxwell(uf.random.key(7), uf.asarray(loc), 2.0, shape)
    assert (ulps(values(ours), without_64_bits("double_sided_maxwell", loc, np.float32(2.0), shape)) <= 8).all()


@pytest.mark.parametrize("p", [1.0, 2, 3.5])
def test_generalized_normal_and_ball(backend, p):
    ours = uf.random.generalized_normal(uf.random.key(7), p, (3000,))
    assert np.count_nonzero(ulps(values(ours), without_64_bits("generalized_normal", p, (3000,))) > 32) <= 1
    ours = uf.random.ball(uf.random.key(7), 3, p, (1000,))
    assert np.count_nonzero(ulps(values(ours), without_64_bits("ball", 3, p, (1000,))) > 32) <= 3
    assert uf.random.ball(uf.random.key(7), 0, p, (2,)).shape == (2, 0)


@pytest.mark.parametrize("sizes", [(4, None), (3, 5), (5, 3)], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_orthogonal(backend, sizes, dtype):
    n, m = sizes
    ours = uf.random.orthogonal(uf.random.key(7), n, (2,), dtype, m)
    assert ulps(values(ours), theirs("orthogonal", 7, n, (2,), dtype_of(dtype), m)).max() <= 64


def test_keys_are_their_words(backend):
    words = np.asarray(jax.random.key_data(jax.random.split(jax.random.key(3), 2)))
    keys = uf.random.wrap_key_data(uf.asarray(words))
    assert_bits(uf.random.key_data(keys), words)
    assert_bits(uf.random.clone(keys[1]), words[1])
    first = jax.random.split(jax.random.key(3))[0]
    assert_bits(uf.random.uniform(keys[0], (5,)), np.asarray(jax.random.uniform(first, (5,), "float32")))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda key: uf.random.pareto(key, -1.0), ArgumentError, r"pareto\(\) got b=-1.0; it must be above 0"),
        (lambda key: uf.random.geometric(key, 0.0), ArgumentError, "probability"),
        (lambda key: uf.random.maxwell(key, (2,), "int32"), DTypeError, "int32"),
        (lambda key: uf.random.lognormal(key, uf.ones(3), (2,)), ShapeError, "broadcast"),
        (lambda key: uf.random.orthogonal(key, -1), ArgumentError, "n=-1"),
        (lambda key: uf.random.ball(key, 2.5), ArgumentError, "d=2.5"),
        (lambda key: uf.random.wrap_key_data(uf.ones(2)), ArgumentError, "uint32"),
        (lambda key: uf.random.cauchy(uf.ones(2)), ArgumentError, "needs a key"),
    ],
    ids=["number", "p", "dtype", "shape", "size", "float", "words", "key"],
)
def test_misuse_is_explained(backend, call, kind, message):
    with pytest.raises(kind, match=message):
        call(uf.random.key(0))


def draws(key):
    """One of each."""
    drawn = {name: getattr(uf.random, name)(key, *parameters, shape=(20,)) for name, (parameters, _) in CASES.items()}
    return drawn | {
        "geometric": uf.random.geometric(key, 0.2, (20,)),
        "f": uf.random.f(key, 2.0, 5.0, (20,)),
        "ball": uf.random.ball(key, 2, shape=(20,)),
    }


def test_compiled_draws_are_the_eager_ones_within_the_bounds(backend):
    key = uf.random.key(42)
    eager, compiled = draws(key), uf.jit(draws)(key)
    for name, tensor in eager.items():
        if tensor.dtype == uf.float32:
            assert ulps(values(compiled[name]), values(tensor)).max() <= 64, name
        else:
            np.testing.assert_array_equal(values(compiled[name]), values(tensor))
