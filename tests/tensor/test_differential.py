"""Every elementwise function on every dtype against NumPy: limits, wraparound, zeros, infinities, NaN and subnormals.

NumPy (with `ml_dtypes`) is the oracle. Half precision is computed by it in float64 and rounded once.
"""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

import unifw as uf
from unifw import dtypes
from unifw.errors import DTypeError

HALF = (dtypes.float16, dtypes.bfloat16)
TOLERANCE = {"float16": 2e-3, "bfloat16": 1.6e-2, "float32": 4e-6, "float64": 1e-12}
UNARY = {
    "abs": np.abs, "acos": np.arccos, "acosh": np.arccosh, "asin": np.arcsin, "asinh": np.arcsinh, "atan": np.arctan,
    "atanh": np.arctanh, "bitwise_invert": np.invert, "ceil": np.ceil, "conj": np.conj, "cos": np.cos,
    "cosh": np.cosh, "exp": np.exp, "expm1": np.expm1, "floor": np.floor, "imag": np.imag, "isfinite": np.isfinite,
    "isinf": np.isinf, "isnan": np.isnan, "log": np.log, "log10": np.log10, "log1p": np.log1p, "log2": np.log2,
    "logical_not": np.logical_not, "negative": np.negative, "positive": np.positive, "real": np.real,
    "reciprocal": lambda x: 1 / x, "round": np.round, "sign": np.sign, "signbit": np.signbit, "sin": np.sin,
    "sinh": np.sinh, "sqrt": np.sqrt, "square": np.square, "tan": np.tan, "tanh": np.tanh, "trunc": np.trunc,
}  # fmt: skip
BINARY = {
    "add": np.add, "atan2": np.arctan2, "bitwise_and": np.bitwise_and, "bitwise_left_shift": np.left_shift,
    "bitwise_or": np.bitwise_or, "bitwise_right_shift": np.right_shift, "bitwise_xor": np.bitwise_xor,
    "copysign": np.copysign, "divide": np.divide, "equal": np.equal, "floor_divide": np.floor_divide,
    "greater": np.greater, "greater_equal": np.greater_equal, "hypot": np.hypot, "less": np.less,
    "less_equal": np.less_equal, "logaddexp": np.logaddexp, "logical_and": np.logical_and,
    "logical_or": np.logical_or, "logical_xor": np.logical_xor, "maximum": np.maximum, "minimum": np.minimum,
    "multiply": np.multiply, "nextafter": np.nextafter, "not_equal": np.not_equal, "pow": np.power,
    "remainder": np.remainder, "subtract": np.subtract,
}  # fmt: skip
REAL = [dtype for dtype in dtypes.ALL if dtypes.kind(dtype) != "complex"]


@pytest.fixture(autouse=True)
def quiet():
    """NumPy warns of what is asked for here."""
    with np.errstate(all="ignore"):
        yield


def numbers(dtype):
    """The numbers of a dtype at which functions break."""
    kind = dtypes.kind(dtype)
    if kind == "bool":
        return np.asarray([False, True])
    if kind == "integer":
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        small = [0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64, 65, 100]
        signed = [-1, -2, -3, -7, -8, -100, low, low + 1] if low else []
        return np.asarray([*small, *signed, high, high - 1, high // 2, high // 2 + 1], dtype)
    info = ml_dtypes.finfo(dtype)
    halves = [0.5, 1.5, 2.5, 3.5, 4.5, 8.5, 0.3, 1, 2, 3, 7, 10, 20, 88, 100, 300, 1e-3]
    edges = [float(info.max), float(info.eps), 1 + float(info.eps), np.inf, 0.0]
    return np.asarray([*halves, *edges, *(-each for each in halves + edges), np.nan], np.float64).astype(dtype)


def oracle(function, result, *arrays):
    """What NumPy computes, in float32 where the standard leaves integers to us, and half precision rounded once."""
    if dtypes.kind(arrays[0].dtype) in ("integer", "bool") and result.dtype == dtypes.float32:
        arrays = [each.astype(np.float32) for each in arrays]
    elif arrays[0].dtype in HALF and function is not np.nextafter:
        arrays = [each.astype(np.float64) for each in arrays]
    with np.errstate(all="ignore"):
        return np.asarray(function(*arrays)).astype(result.dtype)


def check(name, result, expected, *, signed_zeros=True):
    actual = np.asarray(result)
    assert actual.dtype == expected.dtype
    if actual.dtype.kind in "biu":
        np.testing.assert_array_equal(actual, expected, err_msg=name)
        return
    tolerance = TOLERANCE[actual.dtype.name]
    a, b = actual.astype(np.float64), expected.astype(np.float64)
    smallest = float(ml_dtypes.finfo(actual.dtype).tiny)  # below, some flush to zero
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=smallest, err_msg=f"{name} {actual.dtype.name}")
    if signed_zeros:
        zero = (a == 0) & (b == 0)
        np.testing.assert_array_equal(np.signbit(a[zero]), np.signbit(b[zero]), err_msg=name)


def same(result, expected, message=""):
    """Assert equal elements and dtype, NaN equal to NaN, which NumPy does not know of bfloat16."""
    actual = np.asarray(result)
    assert actual.dtype == expected.dtype, message
    wide = [each.astype(np.float64) if each.dtype in HALF else each for each in (actual, expected)]
    np.testing.assert_array_equal(*wide, err_msg=message)


def applied(name, *arrays):
    """Return the result, or None for a dtype the function does not take."""
    try:
        with np.errstate(all="ignore"):
            return getattr(uf, name)(*map(uf.asarray, arrays))
    except DTypeError:
        return None


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_operand_are_those_of_numpy(backend, name):
    for dtype in REAL:
        x = numbers(dtype)
        result = applied(name, x)
        if result is not None:
            check(name, result, oracle(UNARY[name], result, x))


@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_operands_are_those_of_numpy(backend, name):
    for dtype in REAL:
        x, y = np.meshgrid(numbers(dtype), numbers(dtype), indexing="ij")
        if name == "pow" and dtype in dtypes.SIGNED:
            y = np.where(y < 0, np.asarray(2, dtype), y)
        if name == "floor_divide" and dtypes.kind(dtype) == "floating":
            x, y = (np.where(np.isinf(each), np.asarray(2, dtype), each) for each in (x, y))  # the standard's differ
        result = applied(name, x, y)
        if result is not None:
            expected = oracle(BINARY[name], result, x, y)
            # NumPy picks either zero for maximum and minimum; of equal zeros the standard's nextafter takes the second.
            check(name, result, expected, signed_zeros=name not in ("maximum", "minimum", "nextafter"))


@pytest.mark.parametrize("name", ["floor_divide", "remainder", "pow", "bitwise_left_shift", "bitwise_right_shift"])
def test_integers_are_the_same_compiled(backend, name):
    for dtype in (dtypes.int32, dtypes.uint8):
        x, y = np.meshgrid(numbers(dtype), numbers(dtype), indexing="ij")
        y = np.where(y < 0, np.asarray(2, dtype), y)
        result = uf.jit(getattr(uf, name))(uf.asarray(x), uf.asarray(y))
        check(name, result, oracle(BINARY[name], result, x, y))


@pytest.mark.parametrize("source", dtypes.ALL, ids=str)
def test_conversions_are_those_of_numpy(backend, source):
    x = numbers(source) if source in REAL else np.asarray([1.5 - 2.5j, 0, -1j], source)
    for target in dtypes.ALL:
        given = x
        if source not in REAL and target in REAL:
            continue
        if dtypes.kind(source) == "floating" and dtypes.kind(target) == "integer":
            limits, wide = np.iinfo(target), x.astype(np.float64)  # what lies beyond is nobody's promise
            given = x[np.isfinite(wide) & (wide >= float(limits.min)) & (wide < float(limits.max))]
        with np.errstate(all="ignore"):
            expected = given.astype(target)
        same(uf.asarray(given).astype(target), expected, str(target))


def test_integers_round_once_into_floats_of_any_size(backend):
    x = np.asarray([257, 259, 2049, 2051, 16777217, 16777219, 2**53 + 1, 2**62 + 12345, -(2**62) - 1, 32769])
    for dtype in dtypes.FLOATS:
        with np.errstate(over="ignore"):
            expected = x.astype(np.float64).astype(dtype) if dtype == dtypes.bfloat16 else x.astype(dtype)
        same(uf.asarray(x).astype(dtype), expected)


@pytest.mark.parametrize("name", ["add", "subtract"])
def test_infinite_parts_of_complex_numbers_stay_apart(backend, name):
    parts = [0.0, 1.0, -2.5, np.inf]
    plane = np.asarray([complex(a, b) for a in parts for b in parts], np.complex64)
    x, y = np.meshgrid(plane, plane, indexing="ij")
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(np.asarray(getattr(uf, name)(uf.asarray(x), uf.asarray(y))), BINARY[name](x, y))


def test_order_is_that_of_numpy_with_nan_last(backend):
    for dtype in (dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.uint64, dtypes.int8):
        x = numbers(dtype)
        x = np.concatenate([x, x[::-1]])  # equal ones, whose order must stay
        wide = x.astype(np.float64) if dtype in HALF else x
        order = np.argsort(wide, stable=True)
        np.testing.assert_array_equal(np.asarray(uf.argsort(uf.asarray(x))), order)
        same(uf.sort(uf.asarray(x)), x[order])
        downward = len(x) - 1 - np.argsort(wide[::-1], stable=True)[::-1]
        np.testing.assert_array_equal(np.asarray(uf.argsort(uf.asarray(x), descending=True)), downward)
        found = uf.unique_all(uf.asarray(x))
        values, first, inverse, counts = np.unique(wide, True, True, True, equal_nan=False)
        same(found.values, values.astype(dtype))
        for ours, theirs in ((found.indices, first), (found.inverse_indices, inverse), (found.counts, counts)):
            np.testing.assert_array_equal(np.asarray(ours), theirs)
        for side in ("left", "right"):
            places = uf.searchsorted(uf.asarray(x[order][::2]), uf.asarray(x), side=side)
            np.testing.assert_array_equal(np.asarray(places), np.searchsorted(wide[order][::2], wide, side=side))


@pytest.mark.parametrize("dtype", [dtypes.uint64, dtypes.uint32, dtypes.int8, dtypes.bfloat16], ids=str)
@pytest.mark.parametrize("name", ["max", "min", "argmax", "argmin"])
def test_extremes_are_those_of_numpy(backend, name, dtype):
    x = numbers(dtype)
    x = x[~np.isnan(x.astype(np.float64))][:18].reshape(3, 6)
    for axis in (None, 0, 1):
        expected = getattr(np, name)(x, axis=axis)
        np.testing.assert_array_equal(np.asarray(getattr(uf, name)(uf.asarray(x), axis=axis)), expected)
    if name.startswith("arg"):
        assert getattr(uf, name)(uf.asarray(np.zeros((3, 0), dtype)), axis=0).shape == (0,)
        assert getattr(uf, name)(uf.asarray(np.zeros((3, 0), dtype)), axis=0, keepdims=True).shape == (1, 0)


@pytest.mark.parametrize("dtype", HALF, ids=str)
def test_half_precision_is_summed_in_more(backend, dtype):
    x = np.full(3000, 0.1).astype(dtype)
    total = x.astype(np.float64).sum()
    for result, expected in [
        (uf.sum(uf.asarray(x)), total),
        (uf.cumulative_sum(uf.asarray(x))[-1], total),
        (uf.mean(uf.asarray(np.full(300, 300.0).astype(dtype))), 300.0),
        (uf.std(uf.asarray((np.arange(300) % 2 * 600).astype(dtype))), 300.0),
        (uf.vecdot(uf.asarray(x), uf.ones(3000, dtype=dtype)), total),
    ]:
        assert result.dtype == dtype
        assert float(result) == pytest.approx(expected, rel=8e-3)


def test_the_largest_integers_enter_and_are_counted(backend):
    large = 2**64 - 1
    assert uf.asarray([large, 0], dtype="uint64").tolist() == [large, 0]
    assert uf.arange(large - 3, large, dtype="uint64").tolist() == [large - 3, large - 2, large - 1]
    assert uf.clip(uf.asarray([0, large], dtype="uint64"), 1, large - 1).tolist() == [1, large - 1]
    assert (uf.asarray([0, 1], dtype="uint64") + large).tolist() == [large, 0]


def test_the_mean_of_no_complex_numbers_is_nan(backend):
    with np.errstate(invalid="ignore"):
        result = uf.mean(uf.zeros((0, 2), dtype="complex64"), axis=0)
    assert np.isnan(np.asarray(result)).all()
