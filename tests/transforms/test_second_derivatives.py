"""Second derivatives of every public function, against difference quotients of first derivatives.

The first ones are those of the tape on NumPy, which the conformance kit holds to difference quotients and
`tests/backends/test_tape.py` to HIPS autograd. JAX is left out: its derivatives are the framework's own, and each is
compiled.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import unifw as uf
from tests.conftest import OURS
from unifw.backend import KNOWN, get_backend, missing_framework
from unifw.testing._functions import FUNCTIONS

STEP = 1e-3
WIDE = {np.dtype("float32"): "float64", np.dtype("complex64"): "complex128"}


def in_double(example):
    return [array.astype(WIDE.get(array.dtype, array.dtype)) for array in example.arrays]


def is_floating(value):
    return isinstance(value, uf.Tensor) and uf.isdtype(value.dtype, "real floating")


def is_differentiable(example):
    """Return whether real numbers go in and come out, in a way that can be compared."""
    if example.family == "Transforms" or not example.unique:
        return False
    arrays = in_double(example)
    if not any(array.dtype == np.float64 for array in arrays):
        return False
    with uf.use_backend("numpy"):
        return any(map(is_floating, uf.tree.leaves(example.call(*map(uf.asarray, arrays)))))


EXAMPLES = [each for each in FUNCTIONS if is_differentiable(each)]


def gradient_of(example):
    """Return the gradient of a weighted sum of the floating-point results in the floating-point operands, and these."""
    arrays = in_double(example)
    places = [place for place, array in enumerate(arrays) if array.dtype == np.float64]

    def total(values):
        operands = [uf.asarray(array) for array in arrays]
        for place, value in zip(places, values, strict=True):
            operands[place] = value
        result = uf.asarray(0.0, dtype="float64")
        for leaf in uf.tree.leaves(example.call(*operands)):
            if is_floating(leaf):
                weights = np.cos(np.arange(leaf.size) + 0.5).reshape(leaf.shape)
                finite = uf.where(uf.isfinite(leaf), leaf, 0.0)  # the maximum of an empty segment is not
                result = result + uf.sum(finite * uf.asarray(weights, dtype=leaf.dtype))
        return result

    return uf.grad(total), [arrays[place] for place in places]


def directions(arrays):
    return [np.cos(3.0 * np.arange(array.size) + 0.5).reshape(array.shape) + 0.1 for array in arrays]


@cache
def expected(place):
    """Return how the gradient changes along the directions: a difference quotient of fourth order."""
    with uf.use_backend("numpy"):
        gradient, arrays = gradient_of(EXAMPLES[place])

        def at(factor):
            moved = [x + factor * STEP * d for x, d in zip(arrays, directions(arrays), strict=True)]
            return [np.asarray(each) for each in gradient([uf.asarray(each) for each in moved])]

        points = zip(at(1), at(-1), at(2), at(-2), strict=True)
        return [(8.0 * (near - below) - (far - under)) / (12.0 * STEP) for near, below, far, under in points]


@pytest.mark.parametrize("name", [name for name in OURS if name != "jax"])
def test_second_derivatives_are_slopes_of_first_ones(name):
    if missing_framework(name) is not None:
        pytest.skip(f"{KNOWN[name].requires} is not installed: {KNOWN[name].install}")
    for place, example in enumerate(EXAMPLES):
        with uf.use_backend(get_backend(name)):
            gradient, arrays = gradient_of(example)
            along = [uf.asarray(each) for each in directions(arrays)]

            def slope(values, gradient=gradient, along=along):
                return sum(uf.sum(each * d) for each, d in zip(gradient(values), along, strict=True))

            found = uf.grad(slope)([uf.asarray(each) for each in arrays])
        for ours, theirs in zip(found, expected(place), strict=True):
            np.testing.assert_allclose(np.asarray(ours), theirs, rtol=1e-5, atol=1e-6, err_msg=example.label)


def test_there_are_many():
    assert len(EXAMPLES) > 180
