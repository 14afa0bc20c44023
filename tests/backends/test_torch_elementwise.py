"""torch's elementwise functions against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.torch_arrays import SHAPES, XP, assert_same, reference, sample, tensor, torch

FLOAT_UNARY = (
    "abs acos acosh asin asinh atan atanh ceil cos cosh exp expm1 floor isfinite isinf isnan log log10 log1p log2 "
    "negative reciprocal round sign sin sinh sqrt square tan tanh trunc"
).split()
FLOAT_BINARY = (
    "add atan2 divide equal floor_divide greater greater_equal less less_equal logaddexp maximum minimum multiply "
    "not_equal pow remainder subtract"
).split()
INTEGER_BINARY = (
    "add bitwise_and bitwise_or bitwise_xor equal greater greater_equal less less_equal maximum minimum multiply "
    "not_equal subtract"
).split()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FLOAT_UNARY)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning", "ignore:divide by zero:RuntimeWarning")
def test_an_elementwise_function_of_floats_is_numpys(name, shape):
    x = sample(shape, "float64")
    assert_same(getattr(XP, name)(tensor(x)), getattr(reference, name)(x))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FLOAT_BINARY)
def test_an_elementwise_function_of_two_floats_is_numpys(name, shape):
    x, y = sample(shape, "float64", 1, low=0.1), sample(shape, "float64", 2)
    assert_same(getattr(XP, name)(tensor(x), tensor(y)), getattr(reference, name)(x, y))


@pytest.mark.parametrize("scalar", [1.5, 2])
@pytest.mark.parametrize("name", FLOAT_BINARY)
def test_either_operand_may_be_a_python_scalar(name, scalar):
    x = sample((2, 3), "float32", low=0.1)
    as_array = np.float32(scalar)
    assert_same(getattr(XP, name)(tensor(x), scalar), getattr(reference, name)(x, as_array))
    assert_same(getattr(XP, name)(scalar, tensor(x)), getattr(reference, name)(as_array, x))


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8"])
@pytest.mark.parametrize("name", INTEGER_BINARY)
def test_an_elementwise_function_of_two_integers_is_numpys_with_wraparound(name, dtype):
    x, y = sample((4, 5), dtype, 1), sample((5,), dtype, 2)
    x[0, 0] = np.iinfo(dtype).max
    assert_same(getattr(XP, name)(tensor(x), tensor(y)), getattr(reference, name)(x, y))


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64"])
@pytest.mark.parametrize("name", INTEGER_BINARY)
def test_wide_unsigned_integers_compute_as_numpys(name, dtype):
    x, y = sample((4, 5), dtype, 1), sample((5,), dtype, 2)
    assert_same(getattr(XP, name)(tensor(x), tensor(y)), getattr(reference, name)(x, y))


@pytest.mark.parametrize("dtype", ["int32", "uint8", "uint16", "uint32"])
def test_shifts_are_numpys(dtype):
    x, y = sample((6,), dtype), np.arange(6).astype(dtype)
    assert_same(XP.bitwise_left_shift(tensor(x), tensor(y)), np.left_shift(x, y))
    assert_same(XP.bitwise_right_shift(tensor(x), tensor(y)), np.right_shift(x, y))
    assert_same(XP.bitwise_invert(tensor(x)), np.invert(x))


@pytest.mark.parametrize("name", ["logical_and", "logical_or", "logical_xor"])
def test_logic_is_numpys(name):
    x, y = sample((7,), "bool", 1), sample((7,), "bool", 2)
    assert_same(getattr(XP, name)(tensor(x), tensor(y)), getattr(reference, name)(x, y))
    assert_same(getattr(XP, name)(tensor(x), True), getattr(reference, name)(x, np.bool_(True)))


def test_nan_has_no_sign_and_infinities_are_kept():
    x = np.array([np.nan, -np.inf, -0.0, 2.0], "float32")
    assert_same(XP.sign(tensor(x)), np.sign(x))


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (None, 0.5), (-0.5, None), (None, None)])
def test_clip_takes_scalars_arrays_and_none(low, high):
    x = sample((3, 4), "float32")
    assert_same(XP.clip(tensor(x), low, high), reference.clip(x, low, high))
    if low is not None:
        bounds = np.full((4,), low, "float32")
        assert_same(XP.clip(tensor(x), tensor(bounds), high), reference.clip(x, bounds, high))


def test_multiplication_is_torchs_own_function_so_that_it_costs_nothing():
    assert (XP.multiply, XP.divide, XP.where, XP.exp) == (torch.multiply, torch.divide, torch.where, torch.exp)
