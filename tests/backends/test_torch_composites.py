"""The torch backend's overrides mean what their defaults mean."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.torch_arrays import BACKEND, assert_same, gradient_of, numpy, sample, tensor, torch
from unifw.backend import Backend, composites, support_table
from unifw_torch import TorchBackend

X = sample((3, 4, 6), "float64", 5)
EDGES = np.array([[0.0, -0.0, 1e-3, -1e-3, 30.0, -30.0]])
ELEMENTWISE = [
    ("relu", ()),
    ("sigmoid", ()),
    ("silu", ()),
    ("softplus", ()),
    ("gelu", (True,)),
    ("gelu", (False,)),
    ("elu", (0.7,)),
    ("leaky_relu", (0.2,)),
    ("erf", ()),
    ("softmax", (-1,)),
    ("softmax", (0,)),
    ("log_softmax", (-1,)),
    ("logsumexp", (-1, False)),
    ("logsumexp", ((0, 1), True)),
    ("logsumexp", (None, False)),
]


def assert_override(name, *arguments, differentiate=True):
    """Compare an override with the default it replaces: results and, for floating-point arrays, derivatives."""
    assert support_table(BACKEND)[name] == "native"

    def split(function):
        arrays = [each for each in arguments if isinstance(each, torch.Tensor) and each.is_floating_point()]

        def call(backend, *traced):
            values = iter(traced)
            filled = [
                next(values) if isinstance(each, torch.Tensor) and each.is_floating_point() else each
                for each in arguments
            ]
            result = function(backend, *filled)
            return torch.cat([part.reshape(-1) for part in result]) if isinstance(result, tuple) else result

        return call, arrays

    override, arrays = split(getattr(TorchBackend, name))
    default, _ = split(getattr(Backend, name))
    assert_same(override(BACKEND, *arrays), numpy(default(BACKEND, *arrays)))
    if differentiate:
        for ours, oracle in zip(gradient_of(override, *arrays), gradient_of(default, *arrays), strict=True):
            assert_same(ours, numpy(oracle))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("values", [X, EDGES], ids=["values", "edges"])
@pytest.mark.parametrize(("name", "arguments"), ELEMENTWISE)
def test_activations_mean_what_their_defaults_mean(name, arguments, values, dtype):
    if name == "logsumexp" and values is EDGES and arguments[0] == (0, 1):
        arguments = (None, True)
    if name == "elu" and values is EDGES:
        values = EDGES[:, 2:]  # the default's `minimum` halves the slope at exactly 0
    assert_override(name, tensor(values.astype(dtype)), *arguments)


def test_padding():
    assert_override("pad", tensor(X), [(0, 0), (2, 1), (0, 3)], -1.5)
    assert_override("pad", tensor(X), [(0, 0), (0, 0), (0, 0)], 0.0)


@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_attention(masked, is_causal):
    query, key, value = (tensor(sample((2, length, 3, 4), "float64", length)) for length in (5, 6, 6))
    value = tensor(sample((2, 6, 3, 4), "float64", 9))
    mask = tensor(sample((2, 1, 5, 6), "bool", 3)) if masked else None
    assert_override("dot_product_attention", query, key, value, mask, 0.5, is_causal)


WINDOWS = [
    ((6,), (3,), (1,), [(1, 1)], (1,), 1),
    ((7, 6), (3, 3), (1, 1), [(1, 1), (1, 1)], (1, 1), 1),
    ((7, 6), (3, 2), (2, 2), [(0, 1), (1, 2)], (1, 1), 1),
    ((8, 9), (3, 3), (1, 2), [(2, 2), (0, 0)], (2, 1), 2),
    ((7, 6), (3, 3), (1, 1), [(1, 1), (1, 1)], (1, 1), 4),
    ((4, 5, 6), (2, 3, 2), (1, 2, 1), [(0, 0), (1, 1), (0, 1)], (1, 1, 1), 2),
]


@pytest.mark.parametrize(("spatial", "window", "strides", "padding", "dilation", "groups"), WINDOWS)
def test_convolution(spatial, window, strides, padding, dilation, groups):
    x = tensor(sample((2, *spatial, 4), "float64", 1))
    kernel = tensor(sample((*window, 4 // groups, 8), "float64", 2))
    assert_override("conv", x, kernel, strides, padding, dilation)


POOLS = [
    ((6,), (2,), (2,), [(0, 0)]),
    ((6, 7), (2, 2), (2, 2), [(0, 0), (0, 1)]),
    ((6, 7), (3, 3), (2, 2), [(1, 1), (1, 1)]),
    ((6, 7), (2, 3), (1, 1), [(1, 0), (2, 2)]),
    ((4, 5, 6), (2, 2, 2), (2, 2, 2), [(0, 0), (0, 1), (0, 0)]),
]


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize(("spatial", "window", "strides", "padding"), POOLS)
def test_pooling(spatial, window, strides, padding, ties):
    shape = (2, *spatial, 3)
    x = tensor(sample(shape, "int8").astype("float64") if ties else sample(shape, "float64"))
    assert_override("max_pool", x, window, strides, padding)
    assert_override("average_pool", x, window, strides, padding)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normalisation(dtype):
    x = tensor(sample((5, 4, 6), dtype, 1) + 3)
    scale, offset = tensor(sample((6,), dtype, 2)), tensor(sample((6,), dtype, 3))
    assert_override("moments", x, (0, -1), True)
    assert_override("moments", x, (1,), False)
    assert_override("batch_norm", x, scale, offset, 1e-3)
    assert_override("batch_norm", x, None, None, 1e-3)
    assert_override("layer_norm", x, scale, offset, 1e-3, (-1,))
    assert_override("layer_norm", x, None, None, 1e-3, (1, 2))
    assert_override("layer_norm", x, scale, offset, 1e-3, (0, 2))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_cross_entropies(dtype):
    logits = tensor(np.concatenate([sample((4, 3, 7), dtype), np.zeros((1, 3, 7), dtype)]))
    labels = tensor(np.random.default_rng(0).integers(0, 7, (5, 3)).astype("int32"))
    assert_override("sparse_softmax_cross_entropy", logits, labels)
    assert_override("sigmoid_cross_entropy", logits, tensor(np.random.default_rng(1).random((5, 3, 7)).astype(dtype)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_writing_elements(dtype):
    x = tensor(X.astype(dtype))
    assert_override("set_slice", x, (slice(None), slice(0, 4, 2), ...), tensor(X[:, :2].astype(dtype)))
    assert_override("index_set", x, torch.tensor([2, 0]), tensor(X[:2].astype(dtype)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("axis", [0, 1])
def test_adding_rows(axis, dtype):
    x = tensor(X.astype(dtype))
    updates = tensor(np.ascontiguousarray(X[..., ::-1].take([0, 2, 2, 1], axis).astype(dtype)))
    assert_override("index_add", x, torch.tensor([2, 0, 2, 1]), updates, axis)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "uint16"])
@pytest.mark.parametrize("operation", ["multiply", "maximum", "minimum"])
def test_folding_rows(operation, dtype):
    """Its callers say what its derivative is: tests/tensor/test_at.py."""
    generator = np.random.default_rng(0)
    x, updates = (tensor(generator.integers(0, 5, (rows, 4)).astype(dtype)) for rows in (3, 4))
    assert_override("index_reduce", x, torch.tensor([2, 0, 2, 1]), updates, operation, differentiate=False)


def test_every_override_is_tested_here():
    """In this file, or in those of the optimizers and random numbers."""
    tested = {name for name, _ in ELEMENTWISE} | {
        *(
            "pad",
            "set_slice",
            "index_set",
            "index_add",
            "index_reduce",
            "dot_product_attention",
            "conv",
            "max_pool",
            "average_pool",
            "moments",
            "batch_norm",
            "layer_norm",
        ),
        *("sparse_softmax_cross_entropy", "sigmoid_cross_entropy", "adam_update", "sgd_update", "threefry2x32"),
        *(name for name in composites() if name.startswith("random_")),
    }
    native = {name for name in composites() if support_table(BACKEND)[name] == "native"}
    assert native <= tested
