"""`x.at[key].add(values)` and its siblings: JAX is the oracle, on every backend, under grad, jit and vmap."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import unifw as uf
from unifw.errors import ArgumentError, BoundsError, DTypeError, ShapeError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 5)).astype(np.float32)
OPERATIONS = ("add", "subtract", "multiply", "divide", "power", "min", "max")
KEYS = {
    "an array with repetitions": np.array([0, 2, 2]),
    "arrays that broadcast, with repetitions": (np.array([[0, 1], [1, 1]]), np.array([1, 1])),
    "a slice": slice(1, 3),
    "a reversed slice and an integer": (slice(None, None, -1), 3),
    "an integer": 2,
    "an array on the second axis": (slice(None), np.array([0, 0, 4])),
    "a new axis": (None, 2),
    "an ellipsis and an array": (..., np.array([-1, -1])),
    "an array and a slice with a step": (np.array([1, 1]), slice(0, 4, 2)),
    "an empty array": np.array([], np.int64),
}


def values_of(x):
    return x.backend.to_numpy(x.native)


def for_jax(key):
    if isinstance(key, tuple):
        return tuple(map(for_jax, key))
    return jnp.asarray(key) if isinstance(key, np.ndarray) else key


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", KEYS)
def test_updates_are_those_of_jax(backend, name, operation):
    base = np.abs(X) + 0.1 if operation == "power" else X
    key = KEYS[name]
    values = RNG.normal(size=base[key].shape).astype(np.float32)
    expected = getattr(jnp.asarray(base).at[for_jax(key)], operation)(values)
    result = getattr(uf.asarray(base).at[key], operation)(uf.asarray(values))
    np.testing.assert_allclose(values_of(result), expected, rtol=1e-5, atol=1e-6)
    assert result.dtype == uf.float32


@pytest.mark.parametrize("operation", ["set", *OPERATIONS])
def test_a_mask_takes_one_value_also_under_jit(backend, operation):
    base = np.abs(X) + 0.1
    expected = getattr(jnp.asarray(base).at[X > 0], operation)(np.float32(0.7))

    def update(x):
        return getattr(x.at[uf.asarray(X) > 0], operation)(0.7)

    for function in (update, uf.jit(update)):
        np.testing.assert_allclose(values_of(function(uf.asarray(base))), expected, rtol=1e-5)


def test_a_mask_takes_a_value_for_each_of_its_elements(backend):
    given = np.arange((X > 0).sum(), dtype=np.float32)
    expected = X.copy()
    expected[X > 0] += given
    np.testing.assert_allclose(values_of(uf.asarray(X).at[X > 0].add(uf.asarray(given))), expected)


def test_the_tensor_stays_as_it_is(backend):
    x = uf.asarray(X)
    x.at[0].set(7.0)
    x.at[np.array([1])].add(7.0)
    np.testing.assert_array_equal(values_of(x), X)


@pytest.mark.parametrize("mode", ["clip", "drop"])
@pytest.mark.parametrize("operation", ["add", "multiply", "min", "max"])
def test_indices_outside(backend, operation, mode):
    key = np.array([0, 7, -9, 3, -1])
    values = RNG.normal(size=(5, 5)).astype(np.float32)
    expected = getattr(jnp.asarray(X).at[key], operation)(values, mode=mode)
    result = getattr(uf.asarray(X).at[key], operation)(uf.asarray(values), mode=mode)
    np.testing.assert_allclose(values_of(result), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("key", [9, (2, -7), (np.array([1, 8]), 9)])
def test_an_integer_outside_is_dropped_too(backend, key):
    expected = jnp.asarray(X).at[for_jax(key)].set(1.0, mode="drop")
    np.testing.assert_array_equal(values_of(uf.asarray(X).at[key].set(1.0, mode="drop")), expected)


@pytest.mark.parametrize("dtype", ["float32", "int32", "uint8", "bool"])
def test_reading_outside_fills(backend, dtype):
    x = (np.abs(X) > 0.5).astype(dtype)
    key = (np.array([0, 9, -1, -9]), 1)
    for options in ({}, {"fill_value": 1}):
        expected = jnp.asarray(x).at[key].get(mode="fill", **options)
        result = uf.asarray(x).at[key].get(mode="fill", **options)
        np.testing.assert_array_equal(values_of(result), expected)
    np.testing.assert_array_equal(
        values_of(uf.asarray(x).at[key].get(mode="clip")), jnp.asarray(x).at[key].get(mode="clip")
    )


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64", "uint32", "float16", "bfloat16", "float64"])
@pytest.mark.parametrize("operation", ["add", "multiply", "min", "max"])
def test_dtypes_stay(backend, operation, dtype):
    dtype = uf.asarray(0, dtype=dtype).dtype
    x, values = np.asarray([1, 2, 3], dtype), np.asarray([5, 1, 2], dtype)
    result = getattr(uf.asarray(x).at[np.array([2, 2, 0])], operation)(uf.asarray(values))
    assert result.dtype == dtype
    np.testing.assert_array_equal(values_of(result), getattr(jnp.asarray(x).at[np.array([2, 2, 0])], operation)(values))


@pytest.mark.parametrize("operation", ["add", "multiply", "min", "max"])
def test_nan_and_infinity(backend, operation):
    x = np.asarray([1.0, np.inf, -np.inf, 2.0], np.float32)
    values = np.asarray([np.nan, 3.0, np.inf, np.inf], np.float32)
    key = np.array([0, 1, 3, 3])
    result = getattr(uf.asarray(x).at[key], operation)(uf.asarray(values))
    np.testing.assert_array_equal(values_of(result), getattr(jnp.asarray(x).at[key], operation)(values))


def dense(operation, x, key, values):
    """What JAX cannot differentiate, in a form that it can."""
    hits = np.arange(len(x))[:, None] == key[None, :]
    product = jnp.prod(jnp.where(hits[:, :, None], values[None], 1.0), axis=1)
    return {"multiply": lambda: x * product, "divide": lambda: x / product, "power": lambda: x**product}[operation]()


@pytest.mark.parametrize("operation", ["set", "add", "multiply", "divide", "power", "min", "max"])
def test_gradients_also_at_ties(backend, operation):
    key = np.array([0, 2, 3, 1]) if operation == "set" else np.array([0, 2, 2, 0])
    x = np.abs(X) + 0.1 if operation == "power" else X
    values = RNG.normal(size=(4, 5)).astype(np.float32)
    values[1] = values[2]
    weights = RNG.normal(size=(4, 5)).astype(np.float32)

    def expected(a, b):
        if operation in ("multiply", "divide", "power"):
            return jnp.sum(weights * dense(operation, a, key, b))
        return jnp.sum(weights * getattr(a.at[key], operation)(b))

    def ours(a, b):
        return uf.sum(uf.asarray(weights) * getattr(a.at[key], operation)(b))

    wanted = jax.grad(expected, argnums=(0, 1))(jnp.asarray(x), jnp.asarray(values))
    gradient = uf.grad(ours, argnums=(0, 1))
    for function in (gradient, uf.jit(gradient)):
        for result, each in zip(function(uf.asarray(x), uf.asarray(values)), wanted, strict=True):
            np.testing.assert_allclose(values_of(result), each, rtol=2e-4, atol=1e-5)


def test_second_derivative_of_a_product(backend):
    key = np.array([0, 0])

    def f(v):
        return uf.sum(uf.ones(2).at[key].multiply(v))

    second = uf.grad(lambda v: uf.grad(f)(v)[0])(uf.asarray([3.0, 5.0]))
    np.testing.assert_allclose(values_of(second), [0.0, 1.0], atol=1e-6)


@pytest.mark.parametrize("operation", ["set", "add", "multiply", "min", "max"])
def test_mapping(backend, operation):
    x, keys = np.stack([X, X + 1]), np.array([[0, 1], [2, 3]])
    values = RNG.normal(size=(2, 2, 5)).astype(np.float32)
    expected = jax.vmap(lambda a, i, v: getattr(a.at[i], operation)(v))(x, keys, values)
    result = uf.vmap(lambda a, i, v: getattr(a.at[i], operation)(v))(*map(uf.asarray, (x, keys, values)))
    np.testing.assert_allclose(values_of(result), expected, rtol=1e-6, atol=1e-6)


def test_apply(backend):
    result = uf.asarray([4.0, 9.0, 16.0]).at[np.array([2, 0])].apply(uf.sqrt)
    assert result.tolist() == [2.0, 9.0, 4.0]
    gradient = uf.grad(lambda x: uf.sum(x.at[1:].apply(lambda y: y * y)))(uf.asarray([1.0, 2.0, 3.0]))
    assert gradient.tolist() == [1.0, 4.0, 6.0]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: x.at[4].add(1.0), BoundsError, r"Index 4 is outside axis 0 of shape \(4, 5\)"),
        (lambda x: x.at[np.array([4])].add(1.0), BoundsError, "Index 4 is outside"),
        (lambda x: x.at[0].add(uf.zeros(3)), ShapeError, r"shapes \(5,\) and \(3,\)"),
        (lambda x: x.at[0].set(1j), DTypeError, "without loss"),
        (lambda x: x.at[0].add(1, mode="wrap"), ArgumentError, "mode='wrap'. Write one of 'promise_in_bounds'"),
        (lambda x: x.at[0].get(fill_value=0), ArgumentError, "mode='fill'"),
        (lambda x: (x > 0).at[0].add(True), DTypeError, "works on numbers, got bool"),
        (lambda x: x.astype("int32").at[0].divide(2), DTypeError, "gives fractions, got int32"),
        (lambda x: x.astype("complex64").at[np.array([0])].max(2.0), DTypeError, "no order"),
        (lambda x: x.at[np.array([0, 0])].apply(uf.sqrt), ArgumentError, "more than once"),
    ],
)
def test_misuse_is_explained(backend, call, error, text):
    with pytest.raises(error, match=text):
        call(uf.asarray(X))
