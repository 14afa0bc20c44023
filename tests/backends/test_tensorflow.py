"""The TensorFlow backend against oracles: array-api-compat's NumPy, jax.random, finite differences, the composites."""

from __future__ import annotations

import importlib.util
import itertools
import os
import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unifw import dtypes
from unifw.backend import Backend
from unifw.errors import DeviceError

if importlib.util.find_spec("torch"):  # before TensorFlow: the other order has crashed
    import torch  # noqa: F401
pytest.importorskip("unifw_tensorflow", reason="this file tests the TensorFlow backend")
oracle = pytest.importorskip("array_api_compat.numpy", reason="the oracle of the namespace")

import tensorflow as tf  # noqa: E402

from unifw_tensorflow import TensorflowBackend, _import, _transforms  # noqa: E402

backend = TensorflowBackend()
xp = backend.xp
REAL = (
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
)
INTEGERS = REAL[:8]
FLOATS = REAL[8:]
COMPLEX = ("complex64", "complex128")
NUMERIC = REAL + COMPLEX
EVERY = ("bool", *NUMERIC)
MODES = ("eager", "graph", "xla")
SHAPES = ((3, 4), (), (0, 3), (2, 1, 3))


def numbers(dtype, shape=(3, 4), *, seed=0, low=-3, high=4):
    """Small numbers every dtype holds: integers, or for floating-point dtypes multiples of 1/8."""
    generator = np.random.default_rng(seed)
    dtype = dtypes.as_dtype(dtype)
    if dtype in dtypes.UNSIGNED or dtype == dtypes.bool:
        low = max(low, 0)
    values = generator.integers(low, high, size=shape)
    if dtype in dtypes.FLOATS:
        return (values + generator.integers(0, 8, size=shape) / 8).astype(dtype)
    if dtype in dtypes.COMPLEX:
        return (values + 1j * generator.integers(-3, 4, size=shape)).astype(dtype)
    return values.astype(dtype)


def run(function, *arrays, mode="eager"):
    """Run a function of native arrays eagerly, as a graph, or under XLA; return NumPy arrays."""
    natives = [backend.asarray(array) for array in arrays]
    if mode != "eager":
        function = tf.function(function, autograph=False, jit_compile=mode == "xla")
    result = function(*natives)
    if isinstance(result, list | tuple):
        return [backend.to_numpy(each) for each in result]
    return backend.to_numpy(result)


def assert_same(actual, expected):
    """Same dtype, shape, and values within the backend's own tolerance for the dtype."""
    expected = np.asarray(expected)
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    if expected.dtype in backend.tolerances:
        relative, absolute = backend.tolerances[dtypes.as_dtype(expected.dtype)]
        wide = np.complex128 if expected.dtype.kind == "c" else np.float64
        np.testing.assert_allclose(actual.astype(wide), expected.astype(wide), rtol=relative, atol=absolute)
    else:
        np.testing.assert_array_equal(actual, expected)


def by_numpy(name, dtype, *arrays):
    """Compute with the oracle; in float32 for bfloat16, which its functions do not all take."""
    function = getattr(oracle, name)
    if dtype == "bfloat16":
        with np.errstate(all="ignore"):
            result = np.asarray(function(*[array.astype("float32") for array in arrays]))
        return result.astype(dtypes.bfloat16) if result.dtype == np.float32 else result
    with np.errstate(all="ignore"):
        return np.asarray(function(*arrays))


UNARY = {
    "abs": NUMERIC, "negative": NUMERIC, "sign": NUMERIC, "square": NUMERIC,
    "floor": REAL, "ceil": REAL, "trunc": REAL, "round": NUMERIC,
    "exp": FLOATS + COMPLEX, "expm1": FLOATS + COMPLEX, "sin": FLOATS + COMPLEX, "cos": FLOATS + COMPLEX,
    "tan": FLOATS + COMPLEX, "tanh": FLOATS + COMPLEX, "sinh": FLOATS + COMPLEX, "cosh": FLOATS + COMPLEX,
    "atan": FLOATS, "asinh": FLOATS,
    "isnan": NUMERIC, "isinf": NUMERIC, "isfinite": NUMERIC,
    "bitwise_invert": ("bool", *INTEGERS), "logical_not": ("bool",),
}  # fmt: skip
POSITIVE_UNARY = dict.fromkeys(("sqrt", "log", "log1p", "log2", "log10", "reciprocal"), FLOATS + COMPLEX)
UNIT_UNARY = dict.fromkeys(("acos", "asin", "atanh"), FLOATS)
BINARY = {
    "add": NUMERIC, "subtract": NUMERIC, "multiply": NUMERIC, "maximum": REAL, "minimum": REAL,
    "equal": EVERY, "not_equal": EVERY, "less": REAL, "less_equal": REAL, "greater": REAL, "greater_equal": REAL,
    "logical_and": ("bool",), "logical_or": ("bool",), "logical_xor": ("bool",),
    "bitwise_and": ("bool", *INTEGERS), "bitwise_or": ("bool", *INTEGERS), "bitwise_xor": ("bool", *INTEGERS),
    "atan2": FLOATS, "logaddexp": FLOATS,
}  # fmt: skip
POSITIVE_BINARY = {
    "divide": FLOATS + COMPLEX, "floor_divide": REAL, "remainder": REAL, "pow": NUMERIC,
    "bitwise_left_shift": INTEGERS, "bitwise_right_shift": INTEGERS,
}  # fmt: skip


def table(entries):
    return [(name, dtype) for name, names in entries.items() for dtype in names]


@pytest.mark.parametrize(("name", "dtype"), table(UNARY))
def test_elementwise_functions_of_one_array(name, dtype):
    x = numbers(dtype)
    assert_same(run(getattr(xp, name), x), by_numpy(name, dtype, x))


@pytest.mark.parametrize(("name", "dtype"), table(POSITIVE_UNARY))
def test_elementwise_functions_of_one_positive_array(name, dtype):
    x = numbers(dtype, low=1, high=9)
    assert_same(run(getattr(xp, name), x), by_numpy(name, dtype, x))


@pytest.mark.parametrize(("name", "dtype"), table(UNIT_UNARY))
def test_elementwise_functions_on_the_unit_interval(name, dtype):
    x = np.linspace(-0.875, 0.875, 8).astype(dtypes.as_dtype(dtype))
    assert_same(run(getattr(xp, name), x), by_numpy(name, dtype, x))


@pytest.mark.parametrize(("name", "dtype"), table(BINARY))
def test_elementwise_functions_of_two_arrays(name, dtype):
    x, y = numbers(dtype), numbers(dtype, (4,), seed=1)
    assert_same(run(getattr(xp, name), x, y), by_numpy(name, dtype, x, y))


@pytest.mark.parametrize(("name", "dtype"), table(POSITIVE_BINARY))
def test_elementwise_functions_of_an_array_and_a_positive_one(name, dtype):
    x, y = numbers(dtype, low=-5, high=6), numbers(dtype, (4,), seed=1, low=1, high=4)
    if dtype in FLOATS and name == "pow":
        x = np.abs(x) + x.dtype.type(1)
    if name.startswith("bitwise"):
        x = np.abs(x)
    assert_same(run(getattr(xp, name), x, y), by_numpy(name, dtype, x, y))


@pytest.mark.parametrize("mode", ["graph", "xla"])
@pytest.mark.parametrize("names", [UNARY, POSITIVE_UNARY, BINARY, POSITIVE_BINARY], ids=lambda names: next(iter(names)))
def test_elementwise_functions_give_the_same_inside_graphs(names, mode):
    def everything(*arrays):
        results = []
        for (_, dtype), (name, _) in zip(chosen, chosen, strict=True):
            index = 2 * EVERY.index(dtype)
            operands = arrays[index : index + (1 if names in (UNARY, POSITIVE_UNARY) else 2)]
            results.append(getattr(xp, name)(*operands))
        return results

    chosen = table(names)
    arrays = [numbers(dtype, low=1, high=4, seed=seed) for dtype in EVERY for seed in (0, 1)]
    for eager, compiled in zip(run(everything, *arrays), run(everything, *arrays, mode=mode), strict=True):
        assert_same(compiled, eager)


@pytest.mark.parametrize(
    "name", ["add", "subtract", "multiply", "equal", "greater", "maximum", "pow", "remainder", "floor_divide"]
)
@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32", "bfloat16", "float64"])
@pytest.mark.parametrize("mode", ["eager", "graph"])
def test_a_python_scalar_may_stand_on_either_side(name, dtype, mode):
    function, x = getattr(xp, name), numbers(dtype, low=1, high=4)
    scalar = np.asarray(2, x.dtype)
    assert_same(run(lambda each: function(each, 2), x, mode=mode), by_numpy(name, dtype, x, scalar))
    assert_same(run(lambda each: function(2, each), x, mode=mode), by_numpy(name, dtype, scalar, x))


def test_where_and_clip_take_python_scalars():
    x = numbers("float64")
    assert_same(run(lambda each: xp.where(xp.greater(each, 0), each, 0.5), x), np.where(x > 0, x, 0.5))
    assert_same(run(lambda each: xp.where(xp.greater(each, 0), 1, each), x), np.where(x > 0, 1.0, x))
    assert_same(run(lambda each: xp.clip(each, -1, 2), x), np.clip(x, -1, 2))
    assert_same(run(lambda each: xp.clip(each, max=0), x), np.clip(x, None, 0))
    assert_same(run(lambda each, limit: xp.clip(each, limit, None), x, x[0]), np.clip(x, x[0], None))


finite = st.floats(-1e6, 1e6, width=32).filter(lambda number: abs(number) > 1e-3)


@given(finite, finite)
@settings(deadline=None, max_examples=100)
def test_floor_division_and_remainder_are_pythons(x, y):
    x32, y32 = np.float32(x), np.float32(y)
    assert_same(run(xp.floor_divide, x32, y32), np.floor_divide(x32, y32))
    assert_same(run(xp.remainder, x32, y32), np.remainder(x32, y32))


@given(st.integers(-(2**31), 2**31 - 1), st.integers(-(2**31) + 1, 2**31 - 1).filter(bool))
@settings(deadline=None, max_examples=100)
def test_integer_division_rounds_down(x, y):
    assert run(xp.floor_divide, np.int64(x), np.int64(y)) == x // y
    assert run(xp.remainder, np.int64(x), np.int64(y)) == x % y


def test_special_numbers_divide_as_in_numpy():
    values = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan], "float32")
    x, y = (each.ravel() for each in np.meshgrid(values, values))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(run(xp.remainder, x, y), np.remainder(x, y))
        np.testing.assert_array_equal(run(xp.floor_divide, x, y), np.floor_divide(x, y))
        np.testing.assert_array_equal(run(xp.logaddexp, x, y), np.logaddexp(x, y))


def test_halves_round_to_even():
    x = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], "float32")
    np.testing.assert_array_equal(run(xp.round, x), [-2, -2, -0.0, 0, 2, 2])


def test_nan_survives_extrema():
    x = np.array([np.nan, 1.0], "float32")
    assert np.isnan(run(xp.max, x))
    assert np.isnan(run(xp.maximum, x, x[::-1].copy())).all()
    assert np.isnan(run(xp.sign, x))[0]


@pytest.mark.parametrize("dtype", EVERY)
def test_creation(dtype):
    native, ours = backend.native_dtype(dtypes.as_dtype(dtype)), dtypes.as_dtype(dtype)
    convert = backend.to_numpy
    assert_same(convert(xp.zeros((2, 3), dtype=native)), np.zeros((2, 3), ours))
    assert_same(convert(xp.ones((), dtype=native)), np.ones((), ours))
    assert_same(convert(xp.full((0, 2), 1, dtype=native)), np.full((0, 2), 1, ours))
    assert_same(convert(xp.full((2,), True, dtype=native)), np.full((2,), True, ours))
    for n, m, k in ((3, 3, 0), (2, 4, 1), (4, 2, -1), (0, 2, 0)):
        assert_same(convert(xp.eye(n, m, k=k, dtype=native)), np.eye(n, m, k=k, dtype=ours))
    x = numbers(dtype)
    assert_same(run(xp.zeros_like, x), np.zeros_like(x))
    assert_same(run(xp.ones_like, x), np.ones_like(x))
    assert_same(run(lambda each: xp.full_like(each, 1), x), np.ones_like(x))
    for k in (-1, 0, 2):
        assert_same(run(lambda each, k=k: xp.tril(each, k=k), x), np.tril(x, k=k).astype(ours))
        assert_same(run(lambda each, k=k: xp.triu(each, k=k), x), np.triu(x, k=k).astype(ours))


@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("arguments", [(0, 5, 1), (1, 9, 3), (9, 1, -3), (3, 3, 1), (5, 2, 1)])
def test_arange(arguments, dtype):
    ours = dtypes.as_dtype(dtype)
    result = backend.to_numpy(xp.arange(*arguments, dtype=backend.native_dtype(ours)))
    assert_same(result, np.arange(*arguments).astype(ours))


def test_spacing():
    float64 = backend.native_dtype(dtypes.float64)
    assert_same(backend.to_numpy(xp.arange(0.5, 3.0, 0.25, dtype=float64)), np.arange(0.5, 3.0, 0.25))
    assert_same(backend.to_numpy(xp.linspace(-1, 2, 7, dtype=float64)), np.linspace(-1, 2, 7))
    assert_same(
        backend.to_numpy(xp.linspace(-1, 2, 7, endpoint=False)), np.linspace(-1, 2, 7, endpoint=False, dtype="f")
    )


MANIPULATION = {
    "broadcast_to": (lambda n, x: n.broadcast_to(x, (5, *x.shape)), SHAPES),
    "concat": (lambda n, x: n.concat([x, x, x], axis=-1), SHAPES[:1] + SHAPES[2:]),
    "concat of one": (lambda n, x: n.concat([x], axis=0), SHAPES[:1]),
    "concat flat": (lambda n, x: n.concat([x, x], axis=None), SHAPES),
    "stack": (lambda n, x: n.stack([x, x], axis=-1), SHAPES),
    "expand_dims": (lambda n, x: n.expand_dims(x, axis=-1), SHAPES),
    "flip": (lambda n, x: n.flip(x, axis=-1), SHAPES[:1] + SHAPES[2:]),
    "flip all": (lambda n, x: n.flip(x), SHAPES),
    "moveaxis": (lambda n, x: n.moveaxis(x, 0, -1), SHAPES[:1] + SHAPES[2:]),
    "moveaxis of two": (lambda n, x: n.moveaxis(x, (0, 1), (-1, 0)), SHAPES[3:]),
    "permute_dims": (lambda n, x: n.permute_dims(x, tuple(reversed(range(len(x.shape))))), SHAPES),
    "repeat": (lambda n, x: n.repeat(x, 3, axis=-1), SHAPES[:1] + SHAPES[2:]),
    "repeat flat": (lambda n, x: n.repeat(x, 2), SHAPES),
    "reshape": (lambda n, x: n.reshape(x, (-1,)), SHAPES[:2] + SHAPES[3:]),
    "reshape to 0-d": (lambda n, x: n.reshape(n.reshape(x, (-1,))[:1], ()), SHAPES[:2]),
    "roll": (lambda n, x: n.roll(x, 2, axis=-1), SHAPES[:1] + SHAPES[2:]),
    "roll flat": (lambda n, x: n.roll(x, -1), SHAPES[:1]),
    "roll two": (lambda n, x: n.roll(x, (1, -1), axis=(0, 1)), SHAPES[:1]),
    "squeeze": (lambda n, x: n.squeeze(x, axis=1), SHAPES[3:]),
    "squeeze none": (lambda n, x: n.squeeze(x, axis=()), SHAPES[3:]),
    "tile": (lambda n, x: n.tile(x, (2, 3)), SHAPES),
    "index": (lambda _, x: x[1, None, ..., ::2], SHAPES[:1]),
    "slice": (lambda _, x: x[:, 1:-1], SHAPES[:1]),
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("label", "shape"), [(label, shape) for label, (_, shapes) in MANIPULATION.items() for shape in shapes]
)
def test_manipulation(label, shape, mode):
    function = MANIPULATION[label][0]
    arrays = [numbers(dtype, shape) for dtype in (("float32",) if mode == "xla" else EVERY)]
    results = run(lambda *natives: [function(xp, each) for each in natives], *arrays, mode=mode)
    for result, array in zip(results, arrays, strict=True):
        assert_same(result, function(oracle, array))


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


# --- conversion -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", EVERY)
@pytest.mark.parametrize("shape", SHAPES)
def test_numpy_arrays_go_in_and_out_unchanged(dtype, shape):
    x = numbers(dtype, shape)
    native = backend.asarray(x)
    assert backend.is_array(native)
    assert backend.dtype_of(native) == x.dtype
    assert backend.shape_of(native) == shape
    assert_same(backend.to_numpy(native), x)


def test_arrays_do_not_share_memory_with_numpy():
    room = np.zeros(2**20 + 64, np.uint8)
    start = -room.ctypes.data % 64  # TensorFlow adopts memory that is aligned
    x = room[start : start + 2**20].view(np.float32)
    native = backend.asarray(x)
    x[:] = 7
    assert not backend.to_numpy(native).any()
    out = backend.to_numpy(native)
    if out.flags.writeable:
        out[:] = 7
    assert not backend.to_numpy(native).any()


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (True, dtypes.bool), (3, dtypes.int64), (0.5, dtypes.float32), (1j, dtypes.complex64), (range(4), dtypes.int64),
        ([[1, 2], [3, 4]], dtypes.int64), ([1, 2.5], dtypes.float32), ([True], dtypes.bool),
        (np.float64(2), dtypes.float64), (ml_dtypes.bfloat16(2), dtypes.bfloat16),
    ],
    ids=str,
)  # fmt: skip
def test_python_values_get_the_default_dtypes(value, dtype):
    native = backend.asarray(value)
    assert backend.dtype_of(native) == dtype
    np.testing.assert_array_equal(backend.to_numpy(native), np.asarray(value))
    assert backend.dtype_of(backend.asarray(value, dtype=dtypes.complex128)) == dtypes.complex128


def test_lists_may_hold_tensors_also_inside_graphs():
    assert_same(
        run(lambda x: backend.asarray([x, [1.0, 2.0]]), np.zeros(2, "f"), mode="graph"), np.array([[0, 0], [1, 2]], "f")
    )


def test_a_variable_gives_its_value():
    assert_same(backend.to_numpy(backend.asarray(tf.Variable([1.0, 2.0]))), np.array([1, 2], "f"))


@pytest.mark.parametrize(("source", "target"), list(itertools.product(EVERY, EVERY)))
def test_astype(source, target):
    x = np.abs(numbers(source)) if source not in COMPLEX else np.abs(numbers(source)).astype(source)
    native = backend.asarray(x)
    converted = backend.astype(native, dtypes.as_dtype(target))
    with np.errstate(all="ignore"):
        expected = (x.real if source in COMPLEX and target not in COMPLEX and target != "bool" else x).astype(
            dtypes.as_dtype(target)
        )
    assert_same(backend.to_numpy(converted), expected)
    assert (converted is native) == (source == target)


def test_copies_differentiate():
    value, _, (gradient,) = backend.value_and_grad(
        lambda arrays, b: (b.xp.sum(b.xp.square(b.copy(arrays[0]))), []), [backend.asarray([3.0])]
    )
    assert (float(value), gradient.numpy().tolist()) == (9, [6])


def test_devices():
    assert "cpu" in backend.devices()
    array = backend.to_device(backend.asarray([1.0]), "cpu")
    assert backend.device_of(array) == "cpu"
    backend.synchronize([array])
    with pytest.raises(DeviceError, match=r"no device 'cuda:99'.*cpu"):
        backend.asarray(1.0, device="cuda:99")


def test_memory_statistics_see_an_allocation():
    backend.memory_stats("cpu")
    backend.reset_memory_stats("cpu")
    before = backend.memory_stats("cpu")
    array = xp.add(xp.zeros((2**20,), dtype=tf.float32), 1.0)
    after = backend.memory_stats("cpu")
    assert after["peak"] - before["current"] >= 2**22
    assert after["current"] - before["current"] >= 2**22
    del array
    backend.reset_memory_stats("cpu")
    assert backend.memory_stats("cpu")["peak"] < after["peak"]


def test_import_is_silent_and_threads_can_be_set():
    code = (
        "import unifw_tensorflow as u, tensorflow as tf, warnings\n"
        "b = u.TensorflowBackend(); b.set_threads(1); b.asarray(1.0)\n"
        "assert tf.config.threading.get_intra_op_parallelism_threads() == 1\n"
        "b.set_threads(2); assert tf.config.threading.get_intra_op_parallelism_threads() == 1\n"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_standard_error_is_shown_when_the_import_fails(capfd):
    def failing_import():
        with _import._standard_error_held_back():
            os.write(2, b"the reason\n")
            raise ImportError

    with pytest.raises(ImportError):
        failing_import()
    assert "the reason" in capfd.readouterr().err


# --- transforms -------------------------------------------------------------------------------------------------------


def gradient_of(function, *arrays, mode="eager"):
    """Return the gradients of a scalar function of native arrays."""

    def differentiate(*natives):
        return backend.value_and_grad(lambda traced, _: (function(*traced), []), list(natives))[2]

    return run(differentiate, *arrays, mode=mode)


def finite_differences(function, *arrays, step=1e-6):
    """Central differences in float64."""
    results = []
    for position, array in enumerate(arrays):
        gradient = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            values = []
            for sign in (1, -1):
                moved = [each.copy() for each in arrays]
                moved[position][index] += sign * step
                values.append(float(run(function, *moved)))
            gradient[index] = (values[0] - values[1]) / (2 * step)
        results.append(gradient)
    return results


def smooth(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def squares(x):
    return xp.sum(xp.square(x))


DIFFERENTIABLE = {
    "matmul": lambda x, y: xp.sum(xp.sin(xp.matmul(x, y))),
    "take": lambda x, _: squares(xp.take(x, backend.asarray([0, 2, 0]), axis=0)),
    "take_along_axis": lambda x, _: squares(xp.take_along_axis(x, backend.asarray([[1, 1], [0, 2], [3, 0]]), axis=1)),
    "sort": lambda x, _: xp.sum(xp.multiply(xp.sort(x, axis=0), xp.arange(4, dtype=tf.float64))),
    "max and min": lambda x, y: xp.add(xp.sum(xp.max(x, axis=1)), xp.min(y)),
    "std": lambda x, _: xp.sum(xp.std(x, axis=0, correction=1)),
    "logaddexp": lambda x, y: xp.sum(xp.logaddexp(x, xp.matrix_transpose(y))),
    "cumulative_sum": lambda x, _: squares(xp.cumulative_sum(x, axis=1, include_initial=True)),
    "slices": lambda x, y: xp.add(squares(x[1:, ::2]), y[0, 0]),
    "roll and flip": lambda x, _: xp.sum(xp.multiply(xp.roll(xp.flip(x), 1), xp.exp(x))),
    "tile and repeat": lambda x, _: xp.sum(
        xp.multiply(xp.tile(xp.repeat(x, 2, axis=1), (1, 2)), xp.arange(16, dtype=tf.float64))
    ),
    "pow": lambda x, _: xp.sum(xp.pow(xp.abs(x), 1.5)),
    "atan2": lambda x, y: xp.sum(xp.atan2(x, xp.matrix_transpose(y))),
    "remainder": lambda x, y: xp.sum(xp.multiply(xp.remainder(x, y[:, 0]), x)),
    "tensordot": lambda x, y: squares(xp.tensordot(x, y, axes=1)),
    "vecdot": lambda x, y: squares(xp.vecdot(x, xp.matrix_transpose(y))),
    "where": lambda x, _: xp.sum(xp.where(xp.greater(x, 0), xp.square(x), 0.0)),
    "clip": lambda _, y: squares(xp.clip(y, -0.4, 0.4)),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradients_are_those_of_finite_differences(name, mode):
    function, arrays = DIFFERENTIABLE[name], (smooth((3, 4)), smooth((4, 3), seed=1))
    for gradient, expected in zip(
        gradient_of(function, *arrays, mode=mode), finite_differences(function, *arrays), strict=True
    ):
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-7)


def test_the_function_runs_once_and_returns_auxiliaries():
    calls = []

    def function(arrays, b):
        calls.append(b)
        return b.xp.sum(arrays[0]), [b.xp.square(arrays[0])]

    value, (auxiliary,), gradients = backend.value_and_grad(
        function, [backend.asarray([2.0]), backend.asarray([[5.0]])]
    )
    assert (float(value), float(auxiliary[0]), calls) == (2, 4, [backend])
    assert [gradient.numpy().tolist() for gradient in gradients] == [[1], [[0]]]  # zeros where unconnected


def test_only_arguments_are_differentiated():
    x = backend.asarray(3.0)
    _, _, (first, second) = backend.value_and_grad(
        lambda a, b: (b.xp.multiply(b.xp.multiply(a[0], a[0]), x), []), [x, x]
    )
    assert (float(first), float(second)) == (18, 0)
    assert gradient_of(lambda a: backend.stop_gradient(a) * a, np.float32(3))[0] == 3


@pytest.mark.parametrize("mode", MODES)
def test_third_derivative(mode):
    def derivative(function):
        return lambda x: backend.value_and_grad(lambda traced, _: (function(traced[0]), []), [x])[2][0]

    third = derivative(derivative(derivative(lambda x: xp.sum(xp.pow(x, 4)))))
    assert run(third, np.float64(2), mode=mode) == pytest.approx(48)


def test_gradient_conventions():
    np.testing.assert_array_equal(gradient_of(xp.max, np.array([1.0, 2.0, 2.0]))[0], [0, 0.5, 0.5])
    np.testing.assert_array_equal(
        gradient_of(lambda x: xp.sum(backend.relu(x)), np.array([-1.0, 0.0, 2.0]))[0], [0, 0, 1]
    )
    np.testing.assert_array_equal(gradient_of(xp.logaddexp, np.float64(1), np.float64(1)), [0.5, 0.5])
    pooled = gradient_of(
        lambda x: xp.sum(backend.max_pool(x, (2, 2), (2, 2), ((0, 0), (0, 0)))), np.ones((1, 4, 4, 1))
    )[0]
    np.testing.assert_array_equal(pooled[0, :, :, 0], [[1, 0, 1, 0], [0, 0, 0, 0]] * 2)


def test_jit_traces_once_per_shape_and_dtype_and_remembers_the_static_value():
    traces = []

    def function(arrays, b):
        traces.append(b.shape_of(arrays[0]))
        return [b.xp.square(arrays[0]), b.xp.sum(arrays[0])], ("static", b.shape_of(arrays[0]))

    compiled = backend.jit(function)
    for shape, dtype in (((2,), "float32"), ((3,), "float32"), ((2,), "float64"), ((2,), "float32"), ((3,), "float32")):
        x = numbers(dtype, shape)
        (squares, total), static = compiled([backend.asarray(x)])
        assert_same(backend.to_numpy(squares), np.square(x))
        assert_same(backend.to_numpy(total), np.sum(x))
        assert static == ("static", shape)
    assert traces == [(2,), (3,), (2,)]


def test_jit_keeps_what_it_closes_over_and_may_return_nothing():
    large = backend.asarray(smooth((100, 100)))
    compiled = backend.jit(lambda arrays, b: ([b.xp.add(arrays[0], large), arrays[0], large], None))
    (total, same, constant), _ = compiled([large])
    np.testing.assert_array_equal(total, 2 * large.numpy())
    np.testing.assert_array_equal(same, large.numpy())
    np.testing.assert_array_equal(constant, large.numpy())
    assert backend.jit(lambda _arrays, _b: ([], 5))([]) == ([], 5)


def test_jit_inside_jit_and_gradients_through_jit():
    cube = backend.jit(lambda arrays, b: ([b.xp.pow(arrays[0], 3)], "cube"))
    outer = backend.jit(lambda arrays, b: ([b.xp.add(cube(arrays)[0][0], 1.0)], None))
    assert float(outer([backend.asarray(2.0)])[0][0]) == 9
    for _ in range(2):
        assert gradient_of(lambda x: cube([x])[0][0], np.float32(2))[0] == 12
    assert float(cube([backend.asarray(2.0)])[0][0]) == 8


def test_gradients_inside_jit():
    def function(arrays, b):
        value, _, gradients = b.value_and_grad(
            lambda traced, inner: (inner.xp.sum(inner.xp.square(traced[0])), []), arrays
        )
        return [value, *gradients], None

    value, gradient = backend.jit(function, donate=[0])([backend.asarray([1.0, 2.0])])[0]
    assert (float(value), gradient.numpy().tolist()) == (5, [2, 4])


def uses_xla(compiled):
    """Return, for each program of a compiled function, whether it now runs under XLA."""
    programs = next(cell.cell_contents for cell in compiled.__closure__ if isinstance(cell.cell_contents, dict))
    return [program._concrete is not program._graph for program in programs.values()]


def test_jit_chooses_xla_for_the_first_shape_later_for_others_and_not_for_convolutions():
    compiled = backend.jit(lambda arrays, b: ([b.softmax(arrays[0], -1)], None))
    for size in (3, 2):
        for _ in range(3):
            x = numbers("float32", (size,))
            result = compiled([backend.asarray(x)])[0][0]
            assert_same(backend.to_numpy(result), (np.exp(x) / np.exp(x).sum()).astype("float32"))
    assert uses_xla(compiled) == [True, False]
    for _ in range(_transforms._PATIENCE):
        compiled([backend.asarray(numbers("float32", (2,)))])
    assert uses_xla(compiled) == [True, True]
    pads = ((0, 0), (0, 0))
    convolve = backend.jit(lambda arrays, b: ([b.conv(*arrays, (1, 1), pads, (1, 1))], None))
    convolve([backend.asarray(numbers("float32", (1, 4, 4, 2))), backend.asarray(numbers("float32", (2, 2, 2, 3)))])
    assert uses_xla(convolve) == [False]


def test_jit_stays_with_the_graph_where_xla_has_no_kernel():
    compiled = backend.jit(lambda arrays, _: ([tf.py_function(lambda x: x + 1, arrays, tf.float32)], None))
    for _ in range(2):
        assert compiled([backend.asarray(1.0)])[0][0] == 2
    assert uses_xla(compiled) == [False]


# --- overrides against the composites they replace --------------------------------------------------------------------

ACTIVATIONS = {
    "relu": (), "sigmoid": (), "silu": (), "softplus": (), "erf": (), "leaky_relu": (0.2,), "elu": (1.0,),
    "softmax": (-1,),
    "log_softmax": (-1,), "gelu": (True,),
}  # fmt: skip


def method(owner, name):
    """Return a method by name, or with ``name[i]`` the function that returns its i-th result."""
    name, _, position = name.partition("[")
    function = getattr(owner, name)
    return (lambda *arguments: function(*arguments)[int(position[:-1])]) if position else function


def composite(name, *arguments):
    return method(Backend, name)(backend, *arguments)


def assert_like_the_composite(name, arrays, *arguments, dtype="float64", mode="graph"):
    """Same value and gradients as the default, for a weighted sum of the result."""
    arrays = [array.astype(dtypes.as_dtype(dtype)) if array.dtype.kind == "f" else array for array in arrays]
    shape = run(lambda *a: method(backend, name)(*a, *arguments), *arrays).shape
    weights = backend.asarray(smooth(shape, seed=9).astype(dtypes.as_dtype(dtype)))
    floating = [array for array in arrays if array.dtype.kind != "i"]
    fixed = [backend.asarray(array) for array in arrays if array.dtype.kind == "i"]

    def evaluate(function):
        def loss(*natives):
            value = function(*natives, *fixed, *arguments)
            return [
                value,
                *backend.value_and_grad(lambda t, _: (xp.sum(function(*t, *fixed, *arguments) * weights), []), natives)[
                    2
                ],
            ]

        return run(loss, *floating, mode=mode)

    actual = evaluate(method(backend, name))
    expected = evaluate(lambda *a: composite(name, *a))
    relative, absolute = backend.tolerances[dtypes.as_dtype(dtype)]
    for one, other in zip(actual, expected, strict=True):
        scale = max(1.0, float(np.abs(other.astype("float64")).max(initial=0)))
        np.testing.assert_allclose(one.astype("float64"), other.astype("float64"), rtol=relative, atol=absolute * scale)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_the_composites(name, dtype):
    x = np.concatenate([np.linspace(-4, 4, 31), [0.0]]).reshape(4, 8)
    assert_like_the_composite(name, [x], *ACTIVATIONS[name], dtype=dtype, mode="eager")


def test_activations_along_other_axes_and_with_other_slopes():
    for name, arguments in (("softmax", (0,)), ("log_softmax", (1,)), ("elu", (0.5,))):
        assert_like_the_composite(name, [smooth((3, 4, 2))], *arguments)


# XLA takes a second to compile a composite, so it gets one dtype.
MODES_AND_DTYPES = [("eager", "float32"), ("eager", "float64"), ("graph", "float32"), ("xla", "float32")]
CONVOLUTIONS = {
    "valid": ((2, 7, 8, 3), (3, 3, 3, 4), (1, 1), ((0, 0), (0, 0)), (1, 1)),
    "same": ((2, 7, 8, 3), (3, 3, 3, 4), (1, 1), ((1, 1), (1, 1)), (1, 1)),
    "same, strided": ((2, 8, 7, 3), (3, 3, 3, 4), (2, 2), ((0, 1), (1, 1)), (1, 1)),
    "explicit": ((2, 7, 8, 3), (3, 2, 3, 4), (2, 1), ((2, 0), (0, 1)), (1, 1)),
    "dilated": ((2, 9, 9, 3), (3, 3, 3, 4), (1, 1), ((1, 0), (0, 0)), (2, 2)),
    "grouped": ((2, 7, 7, 4), (3, 3, 2, 6), (1, 1), ((1, 1), (1, 1)), (1, 1)),
    "depthwise": ((2, 7, 7, 3), (3, 3, 1, 6), (1, 1), ((1, 1), (1, 1)), (1, 1)),
    "depthwise, two strides": ((2, 7, 7, 3), (3, 3, 1, 6), (2, 1), ((1, 0), (1, 1)), (1, 1)),
    "one axis": ((2, 9, 3), (3, 3, 4), (2,), ((1, 0),), (1,)),
    "three axes": ((1, 4, 4, 4, 2), (2, 2, 2, 2, 3), (1, 1, 1), ((0, 1), (0, 0), (0, 0)), (1, 1, 1)),
}  # fmt: skip


@pytest.mark.parametrize(("mode", "dtype"), MODES_AND_DTYPES)
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolution_is_the_composite(name, dtype, mode):
    x, kernel, *arguments = CONVOLUTIONS[name]
    assert_like_the_composite("conv", [smooth(x), smooth(kernel, 1)], *arguments, dtype=dtype, mode=mode)


POOLS = {
    "valid": ((2, 6, 8, 3), (2, 2), (2, 2), ((0, 0), (0, 0))),
    "overlapping": ((2, 6, 7, 3), (3, 2), (2, 1), ((0, 0), (0, 0))),
    "same": ((2, 7, 7, 3), (2, 2), (2, 2), ((0, 1), (0, 1))),
    "explicit": ((2, 7, 7, 3), (3, 3), (2, 2), ((1, 0), (0, 1))),
    "one axis": ((2, 7, 3), (2,), (2,), ((0, 1),)),
}  # fmt: skip


@pytest.mark.parametrize(("mode", "dtype"), MODES_AND_DTYPES)
@pytest.mark.parametrize("pool", ["max_pool", "average_pool"])
@pytest.mark.parametrize("name", POOLS)
def test_pooling_is_the_composite(name, pool, dtype, mode):
    x, *arguments = POOLS[name]
    assert_like_the_composite(pool, [smooth(x)], *arguments, dtype=dtype, mode=mode)


@pytest.mark.parametrize("label_dtype", ["int64", "int32", "uint8"])
def test_cross_entropy_is_the_composite(label_dtype):
    labels = np.array([[0, 4, 2], [1, 1, 3]])
    assert_like_the_composite("sparse_softmax_cross_entropy", [smooth((2, 3, 5)), labels])
    loss = run(backend.sparse_softmax_cross_entropy, smooth((2, 3, 5)), labels.astype(label_dtype))
    np.testing.assert_allclose(loss, run(backend.sparse_softmax_cross_entropy, smooth((2, 3, 5)), labels))


@pytest.mark.parametrize("dtype", ["bool", "float32", "bfloat16", "int64"])
@pytest.mark.parametrize("index_dtype", ["int64", "int16", "uint8"])
def test_one_hot_is_the_composite(dtype, index_dtype):
    indices, ours = np.array([[0, 3], [2, 7]], index_dtype), dtypes.as_dtype(dtype)
    expected = composite("one_hot", backend.asarray(indices), 4, ours)
    assert_same(run(lambda i: backend.one_hot(i, 4, ours), indices), backend.to_numpy(expected))


@pytest.mark.parametrize("mode", MODES)
def test_normalisations_are_the_composites(mode):
    x, scale, offset = smooth((4, 3, 5)), smooth((5,), 1), smooth((5,), 2)
    assert_like_the_composite("layer_norm", [x, scale, offset], 1e-3, (-1,), mode=mode)
    for position in range(3):  # the normalised array, and the moments, which have gradients too
        for operands, constants in (([x, scale, offset], ()), ([x], (None, None))):
            assert_like_the_composite(f"batch_norm[{position}]", operands, *constants, 1e-3, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_batch_norm_of_images_is_the_composite(mode):
    x, scale, offset = smooth((4, 3, 2, 5)), smooth((5,), 1), smooth((5,), 2)
    for position in range(3):
        for operands, constants in (([x, scale, offset], ()), ([x], (None, None))):
            assert_like_the_composite(f"batch_norm[{position}]", operands, *constants, 1e-3, dtype="float32", mode=mode)


def test_second_derivatives_of_batch_norm_are_those_of_the_composite():
    def curvature(function):
        def slope(arrays, b):
            def loss(inner, _):
                return xp.sum(xp.sin(xp.add(xp.square(function(b, *inner, None, None, 1e-3)[0]), weights))), []

            return xp.sum(xp.multiply(b.value_and_grad(loss, arrays)[2][0], weights)), []

        return backend.value_and_grad(slope, [x])[2][0].numpy()

    x, weights = (backend.asarray(smooth((3, 2, 2, 2), seed).astype("float32")) for seed in (0, 1))
    np.testing.assert_allclose(curvature(type(backend).batch_norm), curvature(Backend.batch_norm), rtol=1e-3, atol=1e-4)


def test_pad_is_the_composite():
    assert_like_the_composite("pad", [smooth((2, 3))], [(1, 0), (0, 2)], 0.5)
    assert_like_the_composite("pad", [smooth((2, 3))], [(0, 0), (0, 0)], 0.5)


# --- random -----------------------------------------------------------------------------------------------------------


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
    expected = [
        each.numpy() for each in composite("threefry2x32", key, *[backend.asarray(range(6), dtype=dtypes.uint32)] * 2)
    ]
    counters = [backend.asarray(range(6), dtype=dtypes.uint32)] * 2
    compiled = backend.jit(lambda arrays, b: (list(b.threefry2x32(*arrays)), None))
    for results in (compiled([key, *counters])[0], backend.threefry2x32(key, *counters)):
        for result, each in zip(results, expected, strict=True):
            assert_same(backend.to_numpy(result), each)
