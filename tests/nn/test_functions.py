"""Comparing, ordering, padding, resizing, `erfinv`: JAX and NumPy are the oracles."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from scipy import special

import unifw as uf
from unifw.errors import ArgumentError, DTypeError, ShapeError

RNG = np.random.default_rng(0)
SPECIAL = np.asarray([0.0, -0.0, 1.0, 1.0 + 1e-7, 1.1, np.nan, np.inf, -np.inf, 1e30], np.float32)


def values_of(x):
    return x.backend.to_numpy(x.native)


# --- comparing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("equal_nan", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "complex64"])
def test_isclose(backend, dtype, equal_nan):
    with np.errstate(over="ignore"):
        a, b = (each.astype(dtype) for each in np.meshgrid(SPECIAL, SPECIAL))
    expected = np.isclose(a, b, equal_nan=equal_nan)
    result = uf.nn.isclose(uf.asarray(a), uf.asarray(b), equal_nan=equal_nan)
    np.testing.assert_array_equal(values_of(result), expected)


def test_integers_are_close_within_the_tolerance(backend):
    assert uf.nn.isclose(uf.asarray([100, 100]), uf.asarray([100, 102]), rtol=0.01).tolist() == [True, False]
    assert bool(uf.nn.allclose(uf.asarray([1, 2]), uf.asarray([1.0, 2.0])))
    assert not bool(uf.nn.allclose(uf.asarray([1, 2]), uf.asarray([1.0, 2.1])))


def test_array_equal(backend):
    nan = uf.asarray([1.0, float("nan")])
    assert not bool(uf.nn.array_equal(nan, nan))
    assert bool(uf.nn.array_equal(nan, nan, equal_nan=True))
    assert not bool(uf.nn.array_equal(uf.ones(2), uf.ones(3)))
    assert bool(uf.nn.array_equal(uf.asarray([1, 2]), uf.asarray([1, 2], dtype="uint8")))


@pytest.mark.parametrize("options", [{}, {"nan": 2.0, "posinf": 5.0}, {"neginf": -1.0}])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "complex64"])
def test_nan_to_num(backend, dtype, options):
    x = SPECIAL.astype(dtype) if dtype != "int32" else np.asarray([1, -2], np.int32)
    result = uf.nn.nan_to_num(uf.asarray(x), **options)
    assert result.dtype.name == dtype
    np.testing.assert_array_equal(values_of(result), jnp.nan_to_num(x, **options))


@pytest.mark.parametrize("axis", [None, 0, -1])
@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
def test_running_sums_and_products(backend, name, axis):
    x = RNG.normal(size=(3, 4)).astype(np.float32)
    ours, theirs = getattr(uf.nn, name), getattr(jnp, name)
    expected = theirs(x, axis=axis)
    result = ours(uf.asarray(x), axis=axis)
    assert result.shape == expected.shape
    np.testing.assert_allclose(values_of(result), expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(result.tolist(), getattr(keras.ops, name)(x, axis=axis), rtol=1e-6, atol=1e-6)
    slope = uf.grad(lambda x: uf.sum(uf.sin(ours(x, axis=axis))))(uf.asarray(x))
    wanted = jax.grad(lambda x: jnp.sum(jnp.sin(theirs(x, axis=axis))))(x)
    np.testing.assert_allclose(values_of(slope), wanted, rtol=1e-5, atol=1e-5)
    assert values_of(ours(uf.asarray([100, 100, 100], dtype="int8"), dtype="float64")).dtype == np.float64


def test_comparing_booleans_is_refused(backend):
    with pytest.raises(DTypeError, match="Write a == b"):
        uf.nn.isclose(uf.asarray([True]), uf.asarray([1.0]))


# --- ordering ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [0, 1, 3, 6])
@pytest.mark.parametrize("dtype", ["float32", "int32", "float16"])
def test_top_k_takes_the_first_of_equals(backend, dtype, k):
    x = RNG.integers(0, 4, (3, 6)).astype(dtype)
    expected = jax.lax.top_k(x, k)
    result = uf.nn.top_k(uf.asarray(x), k)
    for ours, theirs in zip(result, expected, strict=True):
        np.testing.assert_array_equal(values_of(ours), theirs)
    compiled = uf.jit(lambda a: uf.nn.top_k(a, k))(uf.asarray(x))
    np.testing.assert_array_equal(values_of(compiled[1]), expected[1])


def test_gradient_of_top_k(backend):
    x, weights = RNG.normal(size=(2, 5)).astype(np.float32), np.asarray([3.0, 1.0], np.float32)
    expected = jax.grad(lambda a: jnp.sum(jax.lax.top_k(a, 2)[0] * weights))(x)
    result = uf.grad(lambda a: uf.sum(uf.nn.top_k(a, 2)[0] * uf.asarray(weights)))(uf.asarray(x))
    np.testing.assert_array_equal(values_of(result), expected)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_in_top_k(backend, k):
    predictions = RNG.normal(size=(6, 4)).astype(np.float32)
    predictions[2] = 1.0
    targets = RNG.integers(0, 4, 6)
    expected = keras.ops.in_top_k(targets, predictions, min(k, 4))
    result = uf.nn.in_top_k(uf.asarray(targets), uf.asarray(predictions), k)
    np.testing.assert_array_equal(values_of(result), np.asarray(expected) | (k > 4))


@pytest.mark.parametrize("method", ["linear", "lower", "higher", "nearest", "midpoint"])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_quantile(backend, axis, method, keepdims):
    x = RNG.normal(size=(3, 4, 5)).astype(np.float32)
    shares = np.asarray([0.0, 0.3, 0.5, 1.0], np.float32)
    for q in (shares, shares[1]):
        expected = jnp.quantile(x, q, axis=axis, method=method, keepdims=keepdims)
        result = uf.nn.quantile(uf.asarray(x), uf.asarray(q), axis=axis, method=method, keepdims=keepdims)
        np.testing.assert_allclose(values_of(result), expected, rtol=1e-5, atol=1e-6)


def test_median(backend):
    x = RNG.normal(size=(4, 6)).astype(np.float32)
    x[1, 2] = np.nan
    np.testing.assert_allclose(values_of(uf.nn.median(uf.asarray(x), axis=1)), jnp.median(x, axis=1), rtol=1e-6)
    assert uf.nn.median(uf.asarray([1, 2, 4])).item() == 2.0


def test_gradient_of_the_median(backend):
    x = RNG.normal(size=(3, 4)).astype(np.float32)
    expected = jax.grad(lambda a: jnp.sum(jnp.median(a, axis=1)))(x)
    result = uf.grad(lambda a: uf.sum(uf.nn.median(a, axis=1)))(uf.asarray(x))
    np.testing.assert_allclose(values_of(result), expected)


# --- padding and resizing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["constant", "reflect", "symmetric", "edge", "wrap"])
@pytest.mark.parametrize("width", [2, (1, 3), ((1, 0), (4, 7)), ((0, 0), (0, 0))])
@pytest.mark.parametrize("dtype", ["float32", "int32", "bool"])
def test_pad(backend, dtype, width, mode):
    x = RNG.normal(size=(3, 4)).astype(dtype)
    expected = np.pad(x, width, mode=mode)
    result = uf.nn.pad(uf.asarray(x), width, mode=mode)
    assert result.dtype.name == dtype
    np.testing.assert_array_equal(values_of(result), expected)


def test_gradient_of_padding(backend):
    x, weights = RNG.normal(size=4).astype(np.float32), RNG.normal(size=9).astype(np.float32)
    for mode in ("constant", "reflect", "wrap"):
        expected = jax.grad(lambda a, mode=mode: jnp.sum(jnp.pad(a, (3, 2), mode=mode) * weights))(x)
        result = uf.grad(lambda a, mode=mode: uf.sum(uf.nn.pad(a, (3, 2), mode) * uf.asarray(weights)))(uf.asarray(x))
        np.testing.assert_allclose(values_of(result), expected, rtol=1e-6)


METHODS = ("nearest", "linear", "cubic", "lanczos3", "lanczos5")


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("shape", [(2, 9, 3, 3), (2, 3, 11, 3), (2, 1, 1, 3), (2, 7, 5, 4)])
@pytest.mark.parametrize("method", METHODS)
def test_resize(backend, method, shape, antialias):
    image = RNG.normal(size=(2, 7, 5, 3)).astype(np.float32)
    expected = jax.image.resize(image, shape, method, antialias, precision="highest")
    result = uf.nn.resize(uf.asarray(image), shape, method, antialias)
    np.testing.assert_allclose(values_of(result), expected, rtol=1e-4, atol=2e-6)


def test_gradient_of_resizing_also_compiled(backend):
    image = RNG.normal(size=(5, 6)).astype(np.float32)
    expected = jax.grad(lambda x: jnp.sum(jnp.sin(jax.image.resize(x, (8, 3), "cubic", precision="highest"))))(image)
    ours = uf.grad(lambda x: uf.sum(uf.sin(uf.nn.resize(x, (8, 3), "cubic"))))
    for function in (ours, uf.jit(ours)):
        np.testing.assert_allclose(values_of(function(uf.asarray(image))), expected, rtol=1e-4, atol=1e-5)


# --- erfinv --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dtype", "ulps"), [("float32", 4), ("float64", 4)])
def test_erfinv_is_within_its_bound(backend, dtype, ulps):
    x = np.concatenate([np.linspace(-1, 1, 2001), 1 - np.logspace(-7, -1, 50), np.logspace(-12, -1, 50)]).astype(dtype)
    expected = special.erfinv(x.astype(np.float64))
    result = values_of(uf.nn.erfinv(uf.asarray(x))).astype(np.float64)
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(result[~finite], expected[~finite])
    gap = np.abs(result[finite] - expected[finite])
    assert (gap <= ulps * np.finfo(dtype).eps * np.abs(expected[finite])).all()


def test_erfinv_outside_is_nan_and_its_slope_is_right(backend):
    assert np.isnan(values_of(uf.nn.erfinv(uf.asarray([1.5, -2.0])))).all()
    x = np.asarray([-0.99, -0.3, 0.0, 0.7], np.float64)
    expected = np.sqrt(np.pi) / 2 * np.exp(special.erfinv(x) ** 2)
    result = uf.grad(lambda a: uf.sum(uf.nn.erfinv(a)))(uf.asarray(x))
    np.testing.assert_allclose(values_of(result), expected, rtol=1e-9)


# --- misuse --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: uf.nn.top_k(uf.ones(3), 4), ArgumentError),
        (lambda: uf.nn.top_k(uf.ones(3), 1.0), ArgumentError),
        (lambda: uf.nn.top_k(uf.ones(()), 1), ShapeError),
        (lambda: uf.nn.in_top_k(uf.asarray([1]), uf.ones((2, 3)), 1), ShapeError),
        (lambda: uf.nn.in_top_k(uf.asarray([1]), uf.ones((1, 3)), 0), ArgumentError),
        (lambda: uf.nn.quantile(uf.ones(3), 0.5, method="best"), ArgumentError),
        (lambda: uf.nn.quantile(uf.ones((0, 2)), 0.5, axis=0), ShapeError),
        (lambda: uf.nn.quantile(uf.ones(3), uf.ones((2, 2))), ShapeError),
        (lambda: uf.nn.quantile(uf.ones(3), 0.5, axis=1), ShapeError),
        (lambda: uf.nn.pad(uf.ones(3), -1), ArgumentError),
        (lambda: uf.nn.pad(uf.ones(3), 1.5), ArgumentError),
        (lambda: uf.nn.pad(uf.ones(3), (1, 2, 3)), ShapeError),
        (lambda: uf.nn.pad(uf.ones(3), 1, mode="mirror"), ArgumentError),
        (lambda: uf.nn.pad(uf.ones(0), 1, mode="edge"), ArgumentError),
        (lambda: uf.nn.pad(uf.ones(3), 1, mode="edge", constant_values=1.0), ArgumentError),
        (lambda: uf.nn.pad(uf.ones(3, dtype="int32"), 1, constant_values=0.5), DTypeError),
        (lambda: uf.nn.resize(uf.ones(3), (4,), "area"), ArgumentError),
        (lambda: uf.nn.resize(uf.ones(3), (4, 4), "linear"), ShapeError),
        (lambda: uf.nn.resize(uf.ones(3), (0,), "linear"), ShapeError),
        (lambda: uf.nn.resize(uf.ones(3, dtype="int32"), (4,), "linear"), DTypeError),
        (lambda: uf.nn.erfinv(uf.ones(3, dtype="complex64")), DTypeError),
    ],
)
def test_misuse_has_one_message_on_all_backends(call, error):
    messages = set()
    for name in ("numpy", "jax", "torch", "tensorflow"):
        with uf.use_backend(name), pytest.raises(error) as caught:
            call()
        messages.add(str(caught.value))
    assert len(messages) == 1
