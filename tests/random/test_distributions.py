"""Distributions through logarithms and rejection: equal to `jax.random` within the bounds the module documents."""

from __future__ import annotations

import numpy as np
import pytest

import unifw as uf
from tests.random.oracle import FLOATS, MILLION, assert_bits, dtype_of, jax, theirs, ulps, values

# Units in the last place of max(1, abs(x)): measured over four million numbers, then rounded up to a power of two.
# float64: JAX's own log1p errs by 64 units (of 2.2e-16) near its change of formula.
BOUNDS = {
    "normal": {"float16": 1, "bfloat16": 1, "float32": 4, "float64": 32},
    "truncated_normal": {"float16": 1, "bfloat16": 1, "float32": 8, "float64": 32},
    "exponential": {"float16": 1, "bfloat16": 1, "float32": 2, "float64": 128},
    "laplace": {"float16": 1, "bfloat16": 1, "float32": 2, "float64": 128},
    "logistic": {"float16": 1, "bfloat16": 1, "float32": 4, "float64": 128},
    "gumbel": {"float16": 1, "bfloat16": 1, "float32": 4, "float64": 4},
}
SHAPES = [(), (0,), (5,), (2, 3, 5)]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", BOUNDS)
def test_a_million_numbers(backend, name, dtype):
    limits = (-2.0, 1.5) if name == "truncated_normal" else ()
    ours = getattr(uf.random, name)(uf.random.key(7), *limits, (MILLION,), dtype)
    expected = theirs(name, 7, *limits, (MILLION,), dtype_of(dtype))
    assert ulps(values(ours), expected).max() <= BOUNDS[name][dtype]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", BOUNDS)
def test_shapes(backend, name, shape):
    limits = (-2.0, 1.5) if name == "truncated_normal" else ()
    ours = getattr(uf.random, name)(uf.random.key(3), *limits, shape)
    assert (ulps(values(ours), theirs(name, 3, *limits, shape, "float32")) <= BOUNDS[name]["float32"]).all()


def test_gumbel_in_high_mode(backend):
    ours = uf.random.gumbel(uf.random.key(7), (MILLION,), mode="high")
    assert ulps(values(ours), theirs("gumbel", 7, (MILLION,), "float32", "high")).max() <= 4


def test_truncated_normal_between_tensors(backend):
    """The error of the limits' erf, on the device here, grows towards them."""
    low, high = np.float32([-2.0, -0.5, 0.0]), np.float32([0.5, 0.25, 3.0])
    ours = uf.random.truncated_normal(uf.random.key(7), uf.asarray(low), uf.asarray(high), (10000, 3))
    assert ulps(values(ours), theirs("truncated_normal", 7, low, high, (10000, 3), "float32")).max() <= 32
    assert (values(ours) > low).all()
    assert (values(ours) < high).all()


@pytest.mark.parametrize("alpha", [0.05, 0.3, 1.0, 5.5, 1000.0])
@pytest.mark.parametrize(("name", "bound"), [("gamma", 16), ("loggamma", 16)])
def test_gamma(backend, name, bound, alpha):
    """Each number from the same proposal of the same stream, but one in ten thousand, whose acceptance is a tie."""
    ours = getattr(uf.random, name)(uf.random.key(7), alpha, (20000,))
    distances = ulps(values(ours), theirs(name, 7, alpha, (20000,), "float32"))
    assert np.count_nonzero(distances > bound) <= 2


def test_gamma_in_float64(backend):
    ours = uf.random.gamma(uf.random.key(7), 2.5, (5000,), "float64")
    assert ulps(values(ours), theirs("gamma", 7, 2.5, (5000,), "float64")).max() <= 64


def test_gamma_with_tensors_and_shapes(backend):
    alpha = np.float32([[0.4], [3.0]])
    ours = uf.random.gamma(uf.random.key(1), uf.asarray(alpha), (2, 7))
    assert ulps(values(ours), theirs("gamma", 1, alpha, (2, 7), "float32")).max() <= 16
    assert uf.random.gamma(uf.random.key(1), uf.asarray(alpha)).shape == (2, 1)
    assert uf.random.gamma(uf.random.key(1), 1.0).shape == ()
    assert uf.random.gamma(uf.random.key(1), 1.0, (0, 3)).shape == (0, 3)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("beta", (0.7, 2.5)),
        ("chisquare", (3.0,)),
        ("t", (3.0,)),
        ("dirichlet", (np.float32([0.4, 1.0, 3.0]),)),
    ],
)
def test_what_is_made_of_gamma(backend, name, arguments):
    given = [uf.asarray(each) if isinstance(each, np.ndarray) else each for each in arguments]
    ours = getattr(uf.random, name)(uf.random.key(7), *given, (10000,))
    distances = ulps(values(ours), theirs(name, 7, *arguments, (10000,), "float32"))
    assert np.count_nonzero(distances > 32) <= 2


@pytest.mark.parametrize("rate", [0.0, 0.5, 4.0, 9.99, 10.0, 30.0, 1000.0])
def test_poisson(backend, rate):
    ours = uf.random.poisson(uf.random.key(7), rate, (20000,))
    assert ours.dtype == uf.int32
    assert np.count_nonzero(values(ours) != theirs("poisson", 7, rate, (20000,), "int32")) <= 2


def test_poisson_with_a_tensor(backend):
    rates = np.float32([0.0, 1.0, 20.0, np.nan])
    ours = uf.random.poisson(uf.random.key(7), uf.asarray(rates), (50, 4), "int16")
    assert_bits(ours, theirs("poisson", 7, rates, (50, 4), "int16"))


@pytest.mark.parametrize("shape", [None, (5,), (4, 5)], ids=str)
def test_multivariate_normal(backend, shape):
    mean, cov = np.float32([1.0, -2.0]), np.float32([[2.0, 0.6], [0.6, 1.0]])
    ours = uf.random.multivariate_normal(uf.random.key(7), uf.asarray(mean), uf.asarray(cov), shape)
    assert ulps(values(ours), theirs("multivariate_normal", 7, mean, cov, shape, "float32")).max() <= 8


def test_multivariate_normal_is_differentiable_and_compiles(backend):
    """In its covariance too: samples are ``mean + factor @ normals``, as in JAX."""
    mean, cov = np.zeros(2, np.float32), np.asarray([[2.0, 0.5], [0.5, 1.0]], np.float32)

    def ours(mean, cov):
        return uf.sum(uf.sin(uf.random.multivariate_normal(uf.random.key(7), mean, cov, (3,))))

    def oracle(mean, cov):
        return jax.numpy.sin(jax.random.multivariate_normal(jax.random.key(7), mean, cov, (3,), "float32")).sum()

    found = uf.jit(uf.grad(ours, argnums=(0, 1)))(uf.asarray(mean), uf.asarray(cov))
    wanted = jax.grad(oracle, argnums=(0, 1))(mean, cov)
    np.testing.assert_allclose(values(found[0]), wanted[0], rtol=1e-5)
    symmetric = [np.asarray(each) + np.asarray(each).T for each in (values(found[1]), wanted[1])]  # either triangle
    np.testing.assert_allclose(*symmetric, rtol=1e-5)


@pytest.mark.parametrize("method", ["eigh", "svd"])
def test_multivariate_normal_has_the_covariance(backend, method):
    cov = np.float32([[2.0, 0.6], [0.6, 1.0]])
    ours = uf.random.multivariate_normal(uf.random.key(7), uf.zeros(2), uf.asarray(cov), (20000,), method=method)
    np.testing.assert_allclose(np.cov(values(ours).T), cov, atol=0.05)


LOGITS = np.linspace(-2, 2, 12).astype(np.float32).reshape(3, 4)


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
@pytest.mark.parametrize("lead", [(), (50,), (0,)], ids=str)
def test_categorical(backend, lead, axis):
    shape = (*lead, 4 if axis in {0, -2} else 3)
    ours = uf.random.categorical(uf.random.key(7), uf.asarray(LOGITS), axis, shape)
    assert ours.dtype == uf.int64
    assert_bits(ours, theirs("categorical", 7, LOGITS, axis, shape))


@pytest.mark.parametrize("axis", [0, -1])
def test_categorical_without_replacement(backend, axis):
    shape = (2, 4 if axis == 0 else 3)
    ours = uf.random.categorical(uf.random.key(7), uf.asarray(LOGITS), axis, shape, replace=False)
    assert_bits(ours, theirs("categorical", 7, LOGITS, axis, shape, replace=False))


@pytest.mark.parametrize("replace", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("shape", [(), (3,), (2, 2), (0,)], ids=str)
def test_choice(backend, shape, weighted, replace):
    p = np.float32([0.1, 0.2, 0.3, 0.2, 0.2]) if weighted else None
    ours = {"replace": replace, "p": uf.asarray(p) if weighted else None}
    x = np.arange(30, dtype=np.int32).reshape(2, 5, 3)
    drawn = uf.random.choice(uf.random.key(7), uf.asarray(x), shape, axis=1, **ours)
    if shape == (0,):  # of nothing JAX returns the shape without the other axes
        assert drawn.shape == (2, 0, 3)
        return
    with jax.enable_x64(False):  # JAX as it comes: it draws indices of 32 bits
        expected = np.asarray(jax.random.choice(jax.random.key(7), x, shape, replace, p, 1))
    assert_bits(drawn, expected)
    x = np.arange(5, dtype=np.int32)
    drawn = uf.random.choice(uf.random.key(7), 5, shape, **ours)
    assert drawn.dtype == uf.int64
    np.testing.assert_array_equal(
        values(drawn), values(uf.random.choice(uf.random.key(7), uf.asarray(x), shape, **ours))
    )


def draws(key, alpha):
    """One of every draw that compiles to a loop or a logarithm."""
    return {
        "normal": uf.random.normal(key, (50,)),
        "truncated_normal": uf.random.truncated_normal(key, -2.0, 2.0, (50,)),
        "exponential": uf.random.exponential(key, (50,)),
        "gumbel": uf.random.gumbel(key, (50,)),
        "laplace": uf.random.laplace(key, (50,)),
        "logistic": uf.random.logistic(key, (50,)),
        "gamma": uf.random.gamma(key, alpha, (50, 2)),
        "beta": uf.random.beta(key, alpha, 2.0),
        "poisson": uf.random.poisson(key, alpha * 20.0),
        "categorical": uf.random.categorical(key, alpha, shape=(20,)),
    }


def test_compiled_draws_are_the_eager_ones_within_the_bounds(backend):
    arguments = uf.random.key(42), uf.asarray([0.3, 4.0])
    eager, compiled = draws(*arguments), uf.jit(draws)(*arguments)
    for name, tensor in eager.items():
        if tensor.dtype == uf.float32:
            assert ulps(values(compiled[name]), values(tensor)).max() <= 16, name
        else:
            np.testing.assert_array_equal(values(compiled[name]), values(tensor))


def test_draws_are_constants_to_differentiation(backend):
    def loss(alpha):
        key = uf.random.key(0)
        return uf.sum(alpha * (uf.random.gamma(key, alpha) + uf.random.uniform(key, (2,), maxval=alpha)))

    alpha = uf.asarray([1.5, 4.0])
    key = uf.random.key(0)
    expected = values(uf.random.gamma(key, alpha)) + values(uf.random.uniform(key, (2,), maxval=alpha))
    np.testing.assert_allclose(values(uf.grad(loss)(alpha)), expected, rtol=1e-6)
