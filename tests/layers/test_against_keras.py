"""Layers give what Keras 3 gives: same configuration, same weights, same outputs and gradients."""

from __future__ import annotations

import inspect

import jax
import keras
import numpy as np
import pytest

import unifw as uf
from unifw import layers
from unifw.errors import ShapeError

RANDOM = np.random.default_rng(0)


def floats(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


IMAGES = floats(2, 7, 6, 4)
ROWS = floats(5, 6)
SEQUENCES = floats(2, 5, 8)
OTHER = floats(2, 7, 8)
MASK = RANDOM.random((2, 5, 7)) < 0.7
MASK[:, :, 0] = True

CASES = {
    "dense relu": ("Dense", {"units": 3, "activation": "relu"}, [ROWS], {}),
    "dense gelu without bias": ("Dense", {"units": 3, "activation": "gelu", "use_bias": False}, [SEQUENCES], {}),
    "dense softmax": ("Dense", {"units": 3, "activation": "softmax"}, [ROWS], {}),
    "dense elu": ("Dense", {"units": 3, "activation": "elu"}, [ROWS], {}),
    "dense silu": ("Dense", {"units": 3, "activation": "swish"}, [ROWS], {}),
    "dense softplus": ("Dense", {"units": 3, "activation": "softplus"}, [ROWS], {}),
    "dense softsign": ("Dense", {"units": 3, "activation": "softsign"}, [ROWS], {}),
    "dense relu6": ("Dense", {"units": 3, "activation": "relu6"}, [ROWS * 9], {}),
    "dense leaky": ("Dense", {"units": 3, "activation": "leaky_relu"}, [ROWS], {}),
    "conv valid": ("Conv2D", {"filters": 3, "kernel_size": 3, "activation": "tanh"}, [IMAGES], {}),
    "conv same strided": (
        "Conv2D",
        {"filters": 3, "kernel_size": (3, 2), "strides": 2, "padding": "same"},
        [IMAGES],
        {},
    ),
    "conv dilated": ("Conv2D", {"filters": 3, "kernel_size": 3, "dilation_rate": 2}, [IMAGES], {}),
    "conv grouped": ("Conv2D", {"filters": 6, "kernel_size": 3, "groups": 2}, [IMAGES], {}),
    "conv over one axis": (
        "Conv1D",
        {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"},
        [SEQUENCES],
        {},
    ),
    "conv over three axes": ("Conv3D", {"filters": 2, "kernel_size": 2}, [floats(1, 3, 4, 3, 2)], {}),
    "max pooling": ("MaxPooling2D", {}, [IMAGES], {}),
    "max pooling same": ("MaxPooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, [IMAGES], {}),
    "average pooling": ("AveragePooling2D", {"pool_size": 2}, [IMAGES], {}),
    "average pooling same": ("AveragePooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, [IMAGES], {}),
    "global average": ("GlobalAveragePooling2D", {}, [IMAGES], {}),
    "global maximum": ("GlobalMaxPooling2D", {"keepdims": True}, [IMAGES], {}),
    "flatten": ("Flatten", {}, [IMAGES], {}),
    "reshape": ("Reshape", {"target_shape": (3, -1)}, [ROWS], {}),
    "batch norm training": ("BatchNormalization", {"momentum": 0.9}, [IMAGES], {"training": True}),
    "batch norm inference": ("BatchNormalization", {}, [IMAGES], {"training": False}),
    "batch norm axis 1": ("BatchNormalization", {"axis": 1, "scale": False}, [IMAGES], {"training": True}),
    "layer norm": ("LayerNormalization", {}, [SEQUENCES], {}),
    "layer norm two axes": ("LayerNormalization", {"axis": (1, 2), "epsilon": 1e-5}, [SEQUENCES], {}),
    "layer norm first axis": ("LayerNormalization", {"axis": 1}, [SEQUENCES], {}),
    "layer norm axes in any order": ("LayerNormalization", {"axis": (2, 1)}, [SEQUENCES], {}),
    "layer norm axes from the end": ("LayerNormalization", {"axis": (-1, -2), "epsilon": 1e-4}, [IMAGES], {}),
    "activation": ("Activation", {"activation": "sigmoid"}, [ROWS], {}),
    "relu with everything": ("ReLU", {"max_value": 1.0, "negative_slope": 0.1, "threshold": 0.2}, [ROWS], {}),
    "softmax": ("Softmax", {"axis": 1}, [SEQUENCES], {}),
    "rescaling": ("Rescaling", {"scale": 0.5, "offset": -1.0}, [ROWS], {}),
    "attention": ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, [SEQUENCES, OTHER], {}),
    "attention causal": (
        "MultiHeadAttention",
        {"num_heads": 2, "key_dim": 3},
        [SEQUENCES, SEQUENCES],
        {"use_causal_mask": True},
    ),
    "attention masked": (
        "MultiHeadAttention",
        {"num_heads": 2, "key_dim": 3},
        [SEQUENCES, OTHER],
        {"attention_mask": MASK},
    ),
    "attention over padded values": (
        "MultiHeadAttention",
        {"num_heads": 2, "key_dim": 3},
        [SEQUENCES, OTHER],
        {"value_mask": MASK[:, 0]},
    ),
    "attention with all masks": (
        "MultiHeadAttention",
        {"num_heads": 2, "key_dim": 3},
        [SEQUENCES, SEQUENCES, SEQUENCES],
        {
            "value_mask": MASK[:, 0, :5],
            "key_mask": MASK[:, 1, :5],
            "attention_mask": MASK[:, :, :5],
            "use_causal_mask": True,
        },
    ),
    "attention with key": (
        "MultiHeadAttention",
        {"num_heads": 2, "key_dim": 3, "output_shape": 4, "use_bias": False},
        [SEQUENCES, OTHER, floats(2, 7, 4)],
        {},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_outputs_state_and_gradients(backend, case):
    name, config, inputs, options = CASES[case]
    ours = getattr(layers, name)(**config)
    theirs = getattr(keras.layers, name)(**config)
    ours(*inputs, **options)
    theirs.build(*[each.shape for each in inputs])
    random = np.random.default_rng(1)
    weights = [0.5 * random.standard_normal(each.shape).astype(np.float32) for each in ours.get_weights()]
    if name == "BatchNormalization":
        weights = [np.abs(each) + 0.5 for each in weights]
    ours.set_weights(weights)
    theirs.set_weights(weights)

    non_trainable = [each.value for each in theirs.non_trainable_variables]

    def their_loss(trainable, inputs):
        outputs, new = theirs.stateless_call(trainable, non_trainable, *inputs, **options)
        return jax.numpy.sum(jax.numpy.sin(outputs)), (outputs, new)

    trainable = [each.value for each in theirs.trainable_variables]
    (_, (expected, expected_state)), expected_gradients = jax.value_and_grad(their_loss, argnums=(0, 1), has_aux=True)(
        trainable, inputs
    )

    state = uf.state(ours)
    fixed = {each.path: each.value for each in ours.non_trainable_variables}

    def our_loss(trainable, inputs):
        outputs, new = uf.functional_call(ours, {**trainable, **fixed}, *inputs, **options)
        return uf.sum(uf.sin(outputs)), (outputs, new)

    paths = [each.path for each in ours.trainable_variables]
    (_, (outputs, new)), gradients = uf.value_and_grad(our_loss, argnums=(0, 1), has_aux=True)(
        {path: state[path] for path in paths}, [uf.asarray(each) for each in inputs]
    )
    close = {"rtol": 2e-4, "atol": 3e-5}
    np.testing.assert_allclose(np.asarray(outputs), expected, **close)
    for path, value in zip(fixed, expected_state, strict=True):
        np.testing.assert_allclose(np.asarray(new[path]), value, **close)
    for path, value in zip(paths, expected_gradients[0], strict=True):
        np.testing.assert_allclose(np.asarray(gradients[0][path]), value, **close, err_msg=path)
    for ours_, value in zip(gradients[1], expected_gradients[1], strict=True):
        np.testing.assert_allclose(np.asarray(ours_), value, **close)


def test_attention_scores(backend):
    ours, theirs = (each.MultiHeadAttention(num_heads=2, key_dim=3, value_dim=5) for each in (layers, keras.layers))
    ours(SEQUENCES, OTHER)
    theirs.build(SEQUENCES.shape, OTHER.shape)
    theirs.set_weights(ours.get_weights())
    output, scores = ours(SEQUENCES, OTHER, return_attention_scores=True)
    expected, expected_scores = theirs(SEQUENCES, OTHER, return_attention_scores=True)
    np.testing.assert_allclose(np.asarray(output), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.asarray(scores), expected_scores, rtol=1e-4, atol=1e-5)


def test_the_mask_of_the_query_means_what_keras_mask_means(backend):
    ours, theirs = (each.MultiHeadAttention(num_heads=2, key_dim=3) for each in (layers, keras.layers))
    ours(SEQUENCES, OTHER)
    theirs.build(SEQUENCES.shape, OTHER.shape)
    theirs.set_weights(ours.get_weights())
    mask = MASK[:, :, 3]
    assert not mask.all()

    def expected(**options):
        query = jax.numpy.asarray(SEQUENCES)
        keras.src.backend.set_keras_mask(query, jax.numpy.asarray(mask))  # Keras reads the query's mask there alone
        return theirs(query, OTHER, value_mask=MASK[:, 0], **options)

    options = {"query_mask": mask, "value_mask": MASK[:, 0]}
    output, scores = ours(SEQUENCES, OTHER, **options, return_attention_scores=True)
    expected_output, expected_scores = expected(return_attention_scores=True)
    np.testing.assert_allclose(np.asarray(scores), expected_scores, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.asarray(output), expected_output, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(np.asarray(ours(SEQUENCES, OTHER, **options)), expected(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"attention_mask": MASK[:1, :4]}, r"attention_mask must be .*here \(2, 5, 7\).*got shape \(1, 4, 7\)"),
        ({"attention_mask": MASK[0, 0]}, r"attention_mask must be .*got shape \(7,\)"),
        ({"query_mask": MASK[:, 0]}, r"query_mask must be \(batch, length\), here \(2, 5\), got shape \(2, 7\)"),
        ({"value_mask": MASK}, "value_mask must be"),
        ({"key_mask": MASK[0]}, "key_mask must be"),
    ],
)
def test_a_mask_that_does_not_fit_says_so(backend, options, words):
    with pytest.raises(ShapeError, match=words):
        layers.MultiHeadAttention(num_heads=2, key_dim=3)(SEQUENCES, OTHER, **options)


@pytest.mark.parametrize("name", ["BatchNormalization", "LayerNormalization"])
def test_an_axis_that_is_not_there_says_so(backend, name):
    with pytest.raises(ShapeError, match=r"axis 5 .* shape \(5, 6\)"):
        getattr(layers, name)(axis=5)(ROWS)


def test_the_call_of_attention_has_the_order_and_defaults_of_keras():
    ours, theirs = (
        {key: each.default for key, each in inspect.signature(module.MultiHeadAttention.call).parameters.items()}
        for module in (layers, keras.layers)
    )
    assert list(ours.items()) == list(theirs.items())


def test_embedding(backend):
    ours, theirs = layers.Embedding(10, 4), keras.layers.Embedding(10, 4)
    indices = np.asarray([[1, 2, 1], [9, 0, 3]])
    ours(indices)
    theirs.build(indices.shape)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_array_equal(np.asarray(ours(indices)), theirs(indices))
    gradient = uf.grad(lambda state: uf.sum(uf.functional_call(ours, state, indices)[0]))(uf.state(ours))
    expected = np.bincount(indices.reshape(-1), minlength=10)[:, None] * np.ones((10, 4))
    np.testing.assert_allclose(np.asarray(gradient["embeddings"]), expected)


@pytest.mark.parametrize("name", sorted({case[0] for case in CASES.values()} | {"Dropout", "Embedding"}))
def test_arguments_have_the_order_and_defaults_of_keras(name):
    ours, theirs = (
        {
            key: parameter.default
            for key, parameter in inspect.signature(getattr(module, name).__init__).parameters.items()
            if key not in ("self", "kwargs")
        }
        for module in (layers, keras.layers)
    )
    assert set(ours) <= set(theirs)
    assert list(ours) == [key for key in theirs if key in ours]

    def normal(default):
        return default[0] if isinstance(default, tuple) and len(set(default)) == 1 else default

    for key, default in ours.items():
        assert normal(default) == normal(theirs[key]), key
