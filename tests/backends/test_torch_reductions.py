"""torch's reductions against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.torch_arrays import XP, assert_same, sample, tensor, torch

REDUCTIONS = ["all", "any", "max", "mean", "min", "prod", "std", "sum", "var"]
AXES = [None, (), 0, -1, (0, 2), (-1, -2), (0, 1, 2)]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_a_reduction_is_numpys(name, axis, keepdims):
    x = sample((2, 3, 4), "bool" if name in {"all", "any"} else "float64")
    expected = getattr(np, name)(x, axis=axis, keepdims=keepdims)
    assert_same(getattr(XP, name)(tensor(x), axis=axis, keepdims=keepdims), expected)


@pytest.mark.parametrize("name", ["max", "mean", "min", "prod", "std", "sum", "var"])
def test_a_scalar_reduces_to_itself(name):
    x = np.float64(1.5)
    assert_same(getattr(XP, name)(tensor(x)), getattr(np, name)(x))
    assert_same(getattr(XP, name)(tensor(x), keepdims=True), getattr(np, name)(x))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint16", "uint32", "float32"])
@pytest.mark.parametrize("name", ["sum", "prod", "cumulative_sum"])
def test_a_sum_has_the_dtype_of_its_operand(name, dtype):
    x = sample((5,), dtype)
    oracle = {"sum": np.sum, "prod": np.prod, "cumulative_sum": np.cumsum}[name]
    assert_same(getattr(XP, name)(tensor(x), axis=0), oracle(x, axis=0, dtype=dtype))


@pytest.mark.parametrize("name", ["std", "var"])
def test_variance_takes_a_correction(name):
    x = sample((4, 5), "float64")
    assert_same(getattr(XP, name)(tensor(x), axis=1, correction=1), getattr(np, name)(x, axis=1, ddof=1))


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1])
@pytest.mark.parametrize("dtype", ["float32", "int16", "uint32", "bool"])
@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_the_first_extremum_is_found(name, dtype, axis, keepdims):
    x = sample((4, 6), dtype)
    assert_same(
        getattr(XP, name)(tensor(x), axis=axis, keepdims=keepdims), getattr(np, name)(x, axis=axis, keepdims=keepdims)
    )


@pytest.mark.parametrize("axis", [0, -1])
def test_a_cumulative_sum_can_begin_with_zero(axis):
    x = sample((3, 4), "float64")
    oracle = np.insert(np.cumsum(x, axis), 0, 0.0, axis)
    assert_same(XP.cumulative_sum(tensor(x), axis=axis, include_initial=True), oracle)


def test_a_maximum_shares_its_gradient_evenly_among_equals():
    x = torch.tensor([1.0, 3.0, 3.0], requires_grad=True)
    (gradient,) = torch.autograd.grad(XP.max(x), x)
    assert gradient.tolist() == [0.0, 0.5, 0.5]
