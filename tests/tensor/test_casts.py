"""Floating-point numbers become integers by XLA's rule everywhere: toward zero, to the nearest limit, NaN to 0."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import unifw as uf
from unifw.backend import get_backend

VALUES = (
    [math.nan, math.inf, -math.inf, 1e30, -1e30, 1.9, -1.9, -0.5, -1.0]
    + [sign * (2.0**bits + off) for bits in (7, 8, 15, 16, 31, 32, 63, 64) for sign in (1, -1) for off in (-1, 0, 1)]
)  # fmt: skip
FLOATS = ("float16", "bfloat16", "float32", "float64")
INTEGERS = tuple(dtype.name for dtype in uf.dtypes.INTEGERS)


def of(dtype):
    with np.errstate(all="ignore"):
        return np.asarray(VALUES).astype(uf.dtypes.as_dtype(dtype))


def by_xla(values, dtype):
    get_backend("jax")  # with 64 bits
    return np.asarray(jax.jit(lambda x: x.astype(dtype))(jnp.asarray(values)))


@pytest.mark.parametrize("integer", INTEGERS)
@pytest.mark.parametrize("floating", FLOATS)
def test_astype_is_that_of_xla(backend, floating, integer):
    values = of(floating)
    expected = by_xla(values, integer)
    np.testing.assert_array_equal(np.asarray(uf.asarray(values).astype(integer)), expected)
    np.testing.assert_array_equal(np.asarray(uf.asarray(values, dtype=integer)), expected)


def test_compiled_it_is_the_same(backend):
    values = of("float32")
    compiled = uf.jit(lambda x: {integer: x.astype(integer) for integer in ("int8", "int32", "int64", "uint8")})
    for integer, result in compiled(uf.asarray(values)).items():
        np.testing.assert_array_equal(np.asarray(result), by_xla(values, integer))


def test_integers_wrap_around(backend):
    assert uf.asarray([300, -1]).astype("uint8").tolist() == [44, 255]
