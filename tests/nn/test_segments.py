"""Segments, counts, and writing at indices: `jax.ops`, `jax.lax` and `keras.ops` (on JAX) are the oracles."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

import unifw as uf
from unifw.errors import ArgumentError, BoundsError, DTypeError, ShapeError

RNG = np.random.default_rng(0)
DATA = RNG.normal(size=(7, 3)).astype(np.float32)
IDS = np.array([0, 2, 2, 5, 0, -1, 9])
FOLDS = ("segment_sum", "segment_prod", "segment_max", "segment_min")


def values_of(x):
    return x.backend.to_numpy(x.native)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint8"])
@pytest.mark.parametrize("name", FOLDS)
def test_segments_are_those_of_jax(backend, name, dtype):
    data = (np.abs(DATA * 3) + 1).astype(dtype)
    expected = getattr(jax.ops, name)(jnp.asarray(data), IDS, 6)
    result = getattr(uf.nn, name)(uf.asarray(data), uf.asarray(IDS), 6)
    assert result.dtype == uf.asarray(data).dtype
    np.testing.assert_allclose(values_of(result), expected, rtol=1e-6)


@pytest.mark.parametrize("name", FOLDS)
def test_how_many_there_are_follows_from_the_ids(backend, name):
    ids = np.array([0, 2, 2, 3, 0, 1, 1])
    expected = getattr(jax.ops, name)(DATA, ids)
    np.testing.assert_allclose(values_of(getattr(uf.nn, name)(uf.asarray(DATA), uf.asarray(ids))), expected, rtol=1e-6)


@pytest.mark.parametrize("name", ["segment_sum", "segment_max", "segment_min"])
def test_gradients_also_compiled(backend, name):
    weights = RNG.normal(size=(6, 3)).astype(np.float32)

    def expected(data):
        folded = getattr(jax.ops, name)(data, IDS, 6)
        return jnp.sum(jnp.where(jnp.isfinite(folded), weights * folded, 0))

    def ours(data):
        folded = getattr(uf.nn, name)(data, uf.asarray(IDS), 6)
        return uf.sum(uf.where(uf.isfinite(folded), uf.asarray(weights) * folded, 0.0))

    wanted = jax.grad(expected)(DATA)
    for function in (uf.grad(ours), uf.jit(uf.grad(ours))):
        np.testing.assert_allclose(values_of(function(uf.asarray(DATA))), wanted, rtol=1e-6, atol=1e-6)


def test_gradient_of_a_product_with_zeros(backend):
    data = np.asarray([2.0, 0.0, 3.0, 5.0, 0.0, 0.0], np.float32)
    ids = np.asarray([0, 0, 0, 1, 2, 2])
    result = uf.grad(lambda x: uf.sum(uf.nn.segment_prod(x, uf.asarray(ids), 3)))(uf.asarray(data))
    np.testing.assert_allclose(values_of(result), [0.0, 6.0, 0.0, 1.0, 0.0, 0.0], atol=1e-6)


@pytest.mark.parametrize("name", FOLDS)
def test_mapping(backend, name):
    data, ids = np.stack([DATA, DATA + 1]), np.stack([IDS, IDS[::-1]])
    expected = jax.vmap(lambda d, i: getattr(jax.ops, name)(d, i, 6))(data, ids)
    result = uf.vmap(lambda d, i: getattr(uf.nn, name)(d, i, 6))(uf.asarray(data), uf.asarray(ids))
    np.testing.assert_allclose(values_of(result), expected, rtol=1e-6)


@pytest.mark.parametrize(
    "options", [{}, {"minlength": 9}, {"length": 3}, {"weights": np.asarray([1, 2, 4, 8, 16], np.float32)}]
)
def test_bincount(backend, options):
    x = np.asarray([3, 0, 3, 5, 1])
    expected = jnp.bincount(x, **options)
    ours = {name: uf.asarray(value) if isinstance(value, np.ndarray) else value for name, value in options.items()}
    result = uf.nn.bincount(uf.asarray(x), **ours)
    np.testing.assert_array_equal(values_of(result), expected)


def test_counting_compiles_with_a_length(backend):
    count = uf.jit(lambda x: uf.nn.bincount(x, length=4))
    assert count(uf.asarray([1, 1, 7, -1])).tolist() == [1, 2, 0, 0]


@pytest.mark.parametrize("depth", [1, 2])
def test_scatter(backend, depth):
    shape = (4, 5)
    indices = RNG.integers(0, 4, (6, depth))
    values = RNG.normal(size=(6, *shape[depth:])).astype(np.float32)
    expected = keras.ops.scatter(indices, values, shape)
    result = uf.nn.scatter(uf.asarray(indices), uf.asarray(values), shape)
    np.testing.assert_allclose(values_of(result), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("depth", [1, 2])
def test_scatter_update(backend, depth):
    x = RNG.normal(size=(4, 5)).astype(np.float32)
    indices = np.asarray([[2, 1], [0, 3], [3, 0]])[:, :depth]
    updates = RNG.normal(size=(3, *x.shape[depth:])).astype(np.float32)
    expected = keras.ops.scatter_update(x, indices, updates)
    result = uf.nn.scatter_update(*map(uf.asarray, (x, indices, updates)))
    np.testing.assert_array_equal(values_of(result), expected)


@pytest.mark.parametrize("start", [[0, 0], [1, 2], [3, 9], [-1, 0]])
def test_boxes(backend, start):
    x = np.arange(20, dtype=np.float32).reshape(4, 5)
    box = np.full((2, 3), -1, np.float32)
    read, written = jax.lax.dynamic_slice(x, start, (2, 3)), jax.lax.dynamic_update_slice(x, box, start)
    for given in (start, uf.asarray(start)):
        np.testing.assert_array_equal(values_of(uf.nn.slice(uf.asarray(x), given, (2, 3))), read)
        np.testing.assert_array_equal(values_of(uf.nn.slice_update(uf.asarray(x), given, uf.asarray(box))), written)
    compiled = uf.jit(lambda a, i: (uf.nn.slice(a, i, (2, 3)), uf.nn.slice_update(a, i, uf.asarray(box))))
    for result, expected in zip(compiled(uf.asarray(x), uf.asarray(start)), (read, written), strict=True):
        np.testing.assert_array_equal(values_of(result), expected)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: uf.nn.segment_sum(uf.ones(3), uf.asarray([0, 1])), ShapeError, r"got shapes \(3,\) and \(2,\)"),
        (lambda: uf.nn.segment_sum(uf.ones(2), uf.asarray([0.0, 1.0])), DTypeError, "segment_ids, got float32"),
        (lambda: uf.nn.segment_max(uf.ones(2) > 0, uf.asarray([0, 1])), DTypeError, "got bool"),
        (lambda: uf.nn.segment_sum(uf.ones(2), uf.asarray([0, 1]), -1), ArgumentError, "num_segments=-1"),
        (lambda: uf.nn.bincount(uf.ones((2, 2), dtype="int32")), ShapeError, "needs one axis"),
        (lambda: uf.nn.bincount(uf.asarray([1]), weights=uf.ones(2)), ShapeError, r"weights of shape \(2,\)"),
        (lambda: uf.nn.scatter(uf.asarray([0]), uf.ones(()), (2, 2)), ShapeError, "needs values of shape"),
        (lambda: uf.nn.scatter(uf.asarray([[7]]), uf.ones(1), (4,)), BoundsError, "Index 7 is outside"),
        (lambda: uf.nn.scatter(uf.asarray([[0.5]]), uf.ones(1), (4,)), DTypeError, "integer indices, got float32"),
        (lambda: uf.nn.slice(uf.ones(3), [0], (4,)), ShapeError, r"box of shape \(4,\)"),
        (lambda: uf.nn.slice(uf.ones(3), [0, 1], (1,)), ShapeError, "Each axis needs a start"),
        (lambda: uf.nn.slice_update(uf.ones(3), [0.5], uf.ones(1)), DTypeError, "start_indices, got float32"),
    ],
)
def test_misuse_is_explained(backend, call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_sizes_that_follow_from_values_do_not_compile(backend):
    if backend.capabilities.compilation == "none":
        assert uf.jit(uf.nn.bincount)(uf.asarray([1])).tolist() == [0, 1]
        return
    with pytest.raises(ArgumentError, match="Write length="):
        uf.jit(uf.nn.bincount)(uf.asarray([1]))
