"""TensorFlow's reductions, products, taking and sorting, against NumPy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.backends.tensorflow_arrays import (
    COMPLEX,
    EVERY,
    FLOATS,
    INTEGERS,
    MODES,
    NUMERIC,
    REAL,
    assert_same,
    numbers,
    oracle,
    run,
    table,
    xp,
)

REDUCTIONS = {
    "sum": NUMERIC,
    "prod": NUMERIC,
    "max": REAL,
    "min": REAL,
    "all": EVERY,
    "any": EVERY,
    "mean": FLOATS + COMPLEX,
}


@pytest.mark.parametrize(("name", "dtype"), table(REDUCTIONS))
@pytest.mark.parametrize("mode", MODES)
def test_reductions(name, dtype, mode):
    x = numbers(dtype, (2, 3, 2), low=0, high=3)
    options = [*itertools.product([None, 0, -1, (0, 2), (-2,), ()], [False, True])]
    ours = getattr(xp, name)
    results = run(lambda each: [ours(each, axis=axis, keepdims=keep) for axis, keep in options], x, mode=mode)
    wide = x.astype("float32") if dtype == "bfloat16" else x
    extra = {"dtype": wide.dtype} if name in ("sum", "prod") else {}
    for result, (axis, keep) in zip(results, options, strict=True):
        expected = np.asarray(getattr(oracle, name)(wide, axis=axis, keepdims=keep, **extra))
        assert_same(result, expected.astype(x.dtype) if name not in ("all", "any") else expected)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("name", ["var", "std"])
def test_variance(name, dtype):
    x = numbers(dtype, (4, 3))
    for axis, correction, keepdims in itertools.product([None, 0, (0, 1)], [0, 1], [False, True]):
        result = run(
            lambda each, a=axis, c=correction, k=keepdims: getattr(xp, name)(each, axis=a, correction=c, keepdims=k), x
        )
        assert_same(result, getattr(np, name)(x, axis=axis, ddof=correction, keepdims=keepdims))


@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("name", ["argmax", "argmin"])
@pytest.mark.parametrize("mode", MODES)
def test_index_of_the_first_extreme(name, dtype, mode):
    x = numbers(dtype, (3, 5))
    options = [*itertools.product([None, 0, -1], [False, True])]
    results = run(lambda each: [getattr(xp, name)(each, axis=a, keepdims=k) for a, k in options], x, mode=mode)
    for result, (axis, keepdims) in zip(results, options, strict=True):
        assert_same(result, np.asarray(getattr(np, name)(x, axis=axis, keepdims=keepdims)))


@pytest.mark.parametrize("dtype", NUMERIC)
@pytest.mark.parametrize("mode", MODES)
def test_cumulative_sum(dtype, mode):
    x = numbers(dtype)
    plain, initial = run(
        lambda each: (xp.cumulative_sum(each, axis=-1), xp.cumulative_sum(each, axis=0, include_initial=True)),
        x,
        mode=mode,
    )
    assert_same(plain, np.cumsum(x, axis=-1, dtype=x.dtype))
    assert_same(initial, np.concatenate([np.zeros_like(x[:1]), np.cumsum(x, axis=0, dtype=x.dtype)]))


@pytest.mark.parametrize("dtype", NUMERIC)
@pytest.mark.parametrize("mode", MODES)
def test_matrix_products(dtype, mode):
    shapes = [
        ((3, 4), (4, 2)),
        ((4,), (4, 2)),
        ((3, 4), (4,)),
        ((4,), (4,)),
        ((2, 1, 3, 4), (5, 4, 2)),
        ((2, 3, 4), (4, 2)),
    ]
    pairs = [(numbers(dtype, first), numbers(dtype, second, seed=1)) for first, second in shapes]
    flat = [array for pair in pairs for array in pair]
    results = run(
        lambda *arrays: [xp.matmul(x, y) for x, y in zip(arrays[::2], arrays[1::2], strict=True)], *flat, mode=mode
    )
    for result, (x, y) in zip(results, pairs, strict=True):
        wide = (x.astype("float32"), y.astype("float32")) if dtype in ("bfloat16", "float16") else (x, y)
        assert_same(result, np.asarray(np.matmul(*wide)).astype(x.dtype))


@pytest.mark.parametrize("dtype", ["int8", "uint64", "float32", "float64", "complex64"])
def test_tensor_products(dtype):
    x, y = numbers(dtype, (2, 3, 4)), numbers(dtype, (3, 4, 5), seed=1)
    assert_same(run(lambda a, b: xp.tensordot(a, b, axes=2), x, y), np.tensordot(x, y, axes=2))
    assert_same(
        run(lambda a, b: xp.tensordot(a, b, axes=((-1, 1), (1, 0))), x, y), np.tensordot(x, y, axes=((-1, 1), (1, 0)))
    )
    assert_same(run(lambda a, b: xp.tensordot(a, b, axes=0), x, y), np.tensordot(x, y, axes=0))
    assert_same(run(xp.matrix_transpose, x), np.swapaxes(x, -1, -2))
    z = numbers(dtype, (2, 3, 4), seed=2)
    assert_same(run(lambda a, b: xp.vecdot(a, b, axis=1), x, z), oracle.vecdot(x, z, axis=1))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", EVERY)
def test_taking(dtype, mode):
    x, rows = numbers(dtype, (3, 4)), np.array([[2, 0], [1, 1]])
    first, last = run(lambda a, i: (xp.take(a, i[0], axis=0), xp.take(a, i, axis=-1)), x, rows, mode=mode)
    assert_same(first, np.take(x, rows[0], axis=0))
    assert_same(last, np.take(x, rows, axis=-1))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("index_dtype", ["int32", "int64", "uint8"])
def test_taking_along_an_axis(index_dtype, mode):
    x = numbers("float32", (2, 3, 4))
    for axis, shape in ((-1, (2, 3, 2)), (0, (5, 3, 4)), (1, (2, 1, 4)), (-1, (1, 3, 2))):
        indices = np.random.default_rng(0).integers(0, x.shape[axis], shape).astype(index_dtype)
        result = run(lambda a, i, axis=axis: xp.take_along_axis(a, i, axis=axis), x, indices, mode=mode)
        assert_same(result, np.take_along_axis(x, indices.astype("int64"), axis=axis))
    flat = run(lambda a, i: xp.take_along_axis(a, i, axis=0), x[0, 0], np.array([3, 0]), mode=mode)
    assert_same(flat, x[0, 0][[3, 0]])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", ["bool", *REAL])
def test_sorting_is_stable(dtype, mode):
    x = numbers(dtype, (4, 30))
    if dtype in INTEGERS:
        x[0, :2] = np.iinfo(x.dtype).min, np.iinfo(x.dtype).max

    def everything(each):
        return [
            getattr(xp, name)(each, axis=axis, descending=down)
            for name in ("sort", "argsort") for axis in (-1, 0) for down in (False, True)
        ]  # fmt: skip

    results = iter(run(everything, x, mode=mode))
    wide = x.astype("float32") if dtype == "bfloat16" else x
    for name in ("sort", "argsort"):
        for axis, down in itertools.product((-1, 0), (False, True)):
            expected = np.asarray(getattr(oracle, name)(wide, axis=axis, descending=down, stable=True))
            assert_same(next(results), expected.astype(x.dtype if name == "sort" else "int64"))
