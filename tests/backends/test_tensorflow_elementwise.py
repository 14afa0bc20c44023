"""TensorFlow's elementwise functions against array-api-compat's NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.backends.tensorflow_arrays import (
    COMPLEX,
    EVERY,
    FLOATS,
    INTEGERS,
    NUMERIC,
    REAL,
    assert_same,
    by_numpy,
    numbers,
    run,
    table,
    xp,
)
from unifw import dtypes

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


def test_special_numbers_divide_as_in_numpy_and_by_infinities_as_the_standard_says():
    values = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan], "float32")
    x, y = (each.ravel() for each in np.meshgrid(values, values))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(run(xp.remainder, x, y), np.remainder(x, y))
        quotient = np.where(np.isinf(x) | np.isinf(y), x / y, np.floor_divide(x, y))
        np.testing.assert_array_equal(run(xp.floor_divide, x, y), quotient)
        np.testing.assert_array_equal(run(xp.logaddexp, x, y), np.logaddexp(x, y))


def test_halves_round_to_even():
    x = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], "float32")
    np.testing.assert_array_equal(run(xp.round, x), [-2, -2, -0.0, 0, 2, 2])


def test_nan_survives_extrema():
    x = np.array([np.nan, 1.0], "float32")
    assert np.isnan(run(xp.max, x))
    assert np.isnan(run(xp.maximum, x, x[::-1].copy())).all()
    assert np.isnan(run(xp.sign, x))[0]
