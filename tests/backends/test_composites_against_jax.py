"""The composites on NumPy, overrides and defaults, against functions of JAX that share no formula with them."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.backends.differentiable_cases import arrays
from unifw import dtypes
from unifw.backend import Backend
from unifw_numpy import NumpyBackend

jax.config.update("jax_enable_x64", True)
numpy = NumpyBackend()


def both(name: str) -> list[Any]:
    """The override, and the default it replaces."""

    def default(*arguments: Any) -> Any:
        return getattr(Backend, name)(numpy, *arguments)

    return [getattr(numpy, name), default]


@pytest.mark.parametrize(
    ("shape", "kernel", "strides", "padding", "dilation"),
    [
        ((2, 9, 3), (3, 3, 4), (1,), ((0, 0),), (1,)),
        ((2, 8, 7, 3), (3, 2, 3, 4), (1, 1), ((0, 0), (0, 0)), (1, 1)),
        ((2, 8, 7, 3), (3, 2, 3, 4), (2, 3), ((1, 0), (2, 1)), (1, 1)),
        ((2, 9, 9, 4), (3, 3, 4, 2), (1, 1), ((2, 2), (2, 2)), (2, 3)),
        ((2, 8, 7, 4), (3, 2, 2, 6), (2, 1), ((1, 1), (0, 1)), (1, 2)),
        ((2, 8, 7, 4), (3, 3, 1, 4), (1, 1), ((1, 1), (1, 1)), (1, 1)),
        ((2, 8, 7, 4), (3, 3, 1, 8), (1, 1), ((1, 1), (1, 1)), (1, 1)),
        ((40, 16, 16, 8), (3, 3, 8, 8), (1, 1), ((1, 1), (1, 1)), (1, 1)),  # several blocks, the last one smaller
        ((1, 4, 5, 6, 2), (2, 2, 3, 2, 3), (1, 2, 1), ((0, 1), (1, 0), (1, 1)), (1, 1, 1)),
    ],
)
def test_convolution_and_its_gradients(shape, kernel, strides, padding, dilation):
    x, k = arrays(shape, kernel)
    names = {1: ("NWC", "WIO", "NWC"), 2: ("NHWC", "HWIO", "NHWC"), 3: ("NDHWC", "DHWIO", "NDHWC")}[len(strides)]

    def oracle(x: Any, k: Any) -> Any:
        return jax.lax.conv_general_dilated(
            x, k, strides, padding, rhs_dilation=dilation, dimension_numbers=names,
            feature_group_count=shape[-1] // kernel[-2],
        )  # fmt: skip

    wanted, pull = jax.vjp(oracle, jnp.asarray(x), jnp.asarray(k))
    (g,) = arrays(wanted.shape)
    to_x, to_k = pull(jnp.asarray(g))
    how = (strides, padding, dilation)
    for conv, input_gradient, kernel_gradient in zip(
        both("conv"), both("conv_input_gradient"), both("conv_kernel_gradient"), strict=True
    ):
        np.testing.assert_allclose(conv(x, k, *how), wanted, rtol=1e-10, atol=1e-11)
        np.testing.assert_allclose(input_gradient(g, k, shape, *how), to_x, rtol=1e-10, atol=1e-11)
        np.testing.assert_allclose(kernel_gradient(x, g, kernel, *how), to_k, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize(
    ("window", "strides", "padding"),
    [((2, 2), (2, 2), ((0, 0), (0, 0))), ((3, 2), (1, 2), ((1, 1), (0, 1))), ((2, 3), (3, 3), ((0, 0), (0, 0)))],
)
def test_pooling_and_its_gradients(window, strides, padding):
    (x,) = arrays((2, 8, 7, 3))
    how = ((1, *window, 1), (1, *strides, 1), ((0, 0), *padding, (0, 0)))

    def largest(x: Any) -> Any:
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, *how)

    def average(x: Any) -> Any:
        totals = [jax.lax.reduce_window(each, 0.0, jax.lax.add, *how) for each in (x, jnp.ones_like(x))]
        return totals[0] / totals[1]

    wanted, pull = jax.vjp(largest, jnp.asarray(x))
    (g,) = arrays(wanted.shape)
    for pool, gradient in zip(both("max_pool"), both("max_pool_gradient"), strict=True):
        found = pool(x, window, strides, padding)
        np.testing.assert_array_equal(found, wanted)
        np.testing.assert_allclose(gradient(x, found, g, window, strides, padding), pull(g)[0], rtol=1e-12)
    wanted, pull = jax.vjp(average, jnp.asarray(x))
    for pool, gradient in zip(both("average_pool"), both("average_pool_gradient"), strict=True):
        np.testing.assert_allclose(pool(x, window, strides, padding), wanted, rtol=1e-12)
        np.testing.assert_allclose(gradient(g, x.shape, window, strides, padding), pull(g)[0], rtol=1e-12)


@pytest.mark.parametrize(
    ("key", "shape", "values"),
    [
        ((0, slice(1, 7, 2), None), (2, 8, 3), (3, 1, 3)),
        ((..., -1), (3, 4), (3,)),
        (slice(2, 2), (3, 4), (0, 4)),
        ((slice(None), slice(-3, None)), (3, 4), (3, 3)),
    ],
)
def test_scatter_slice(key, shape, values):
    (v,) = arrays(values)
    for scatter in both("scatter_slice"):
        np.testing.assert_array_equal(scatter(v, key, shape), jnp.zeros(shape).at[key].set(v))


@pytest.mark.parametrize("indices", [[1, 0, 1, 1], [[2, 2], [0, 2]], []], ids=str)
def test_index_add(indices):
    positions = np.asarray(indices, np.int64)
    x, updates = arrays((2, 3, 4), (2, *positions.shape, 4))
    for add in both("index_add"):
        np.testing.assert_allclose(
            add(x, positions, updates, 1), jnp.asarray(x).at[:, positions].add(updates), rtol=1e-12
        )


@pytest.mark.parametrize("causal", [False, True])
def test_attention(causal):
    """In float32: JAX takes its softmax in float32 whatever it is given."""
    q, k, v = (each.astype(np.float32) for each in arrays((2, 5, 3, 4), (2, 5, 3, 4), (2, 5, 3, 4)))
    mask = np.random.default_rng(0).random((2, 1, 5, 5)) < 0.7
    mask[..., 0] = True
    wanted = jax.nn.dot_product_attention(*map(jnp.asarray, (q, k, v)), mask=mask, scale=0.3, is_causal=causal)
    found = numpy.dot_product_attention(q, k, v, mask, 0.3, causal)
    tolerance = numpy.tolerances[dtypes.float32]
    np.testing.assert_allclose(found, wanted, rtol=tolerance.relative, atol=tolerance.absolute)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_error_function(dtype):
    x = np.linspace(-6.5, 6.5, 1001).astype(dtype)
    wanted = [math.erf(each) for each in x]
    np.testing.assert_allclose(numpy.erf(x), wanted, rtol=4 * np.finfo(dtype).eps)
