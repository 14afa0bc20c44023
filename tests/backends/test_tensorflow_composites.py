"""The TensorFlow backend's overrides against the composites they replace."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.tensorflow_arrays import FLOATS, MODES, assert_same, backend, run, smooth, xp
from unifw import dtypes
from unifw.backend import Backend

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
