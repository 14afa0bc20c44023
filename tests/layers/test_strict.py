"""Layers in strict mode: none converts anything by itself, and what would be cast for the user raises."""

from __future__ import annotations

import numpy as np
import pytest

import unifw as uf
from tests.layers.test_against_keras import CASES
from unifw import layers
from unifw.errors import ImplicitConversionError

ROWS = np.arange(6.0).reshape(2, 3)
NARROW, WIDE = ROWS.astype(np.float32), ROWS


@pytest.fixture(autouse=True)
def strict():
    with uf.config.strict():
        yield


@pytest.mark.parametrize("case", CASES)
def test_outputs_and_gradients_of_every_layer_need_no_conversion(backend, case):
    name, config, inputs, options = CASES[case]
    layer = getattr(layers, name)(**config)
    layer(*inputs, **options)
    state = uf.state(layer)

    def loss(parameters, inputs):
        outputs, new = uf.functional_call(layer, {**state, **parameters}, *inputs, **options)
        return uf.sum(uf.sin(outputs)), new

    parameters = {each.path: state[each.path] for each in layer.trainable_variables}
    tensors = [uf.asarray(each) for each in inputs]
    uf.value_and_grad(loss, argnums=(0, 1), has_aux=True)(parameters, tensors)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
@pytest.mark.parametrize("name", ["BatchNormalization", "LayerNormalization"])
def test_normalising_in_another_precision_than_that_of_the_layer_is_no_conversion_of_the_users(backend, name, dtype):
    x = uf.asarray(NARROW, dtype=dtype)
    options = {"training": True} if name == "BatchNormalization" else {}
    assert getattr(layers, name)(dtype=dtype)(x, **options).dtype == x.dtype


@pytest.mark.parametrize("rate", [0.0, 0.5])
def test_dropout_and_embedding_need_no_conversion(backend, rate):
    assert layers.Dropout(rate)(layers.Embedding(10, 4)(np.asarray([[1, 2]])), training=True).shape == (1, 2, 4)


def assigned(value):
    layer = layers.Dense(1)
    layer.build((None, 1))
    layer.kernel.assign(value)


def with_state(value):
    layer = layers.Dense(1, use_bias=False)
    layer.build((None, 1))
    uf.set_state(layer, {"kernel": value})


def attended(**masks):
    x = np.ones((1, 2, 4), np.float32)
    layers.MultiHeadAttention(1, 4, name="attention")(x, x, **masks)


SAID = {
    "d would convert an input from float64 to float32, and lose precision or range. "
    "Convert it: unifw.astype(x, 'float32').": lambda: layers.Dense(2, name="d")(WIDE),
    "d would convert an input from float64": lambda: layers.Dense(2, name="d")(uf.asarray(WIDE)),
    "inner would convert an input from float64 to float32": lambda: layers.Dense(2, name="inner")(
        layers.Dense(2, dtype="float64")(WIDE)
    ),
    "matmul() would promote int64 and float32": lambda: layers.Dense(2)(np.ones((2, 3), np.int64)),
    "norm would convert its input from int64 to float32": lambda: layers.LayerNormalization(name="norm")(
        np.ones((2, 3), np.int64)
    ),
    "e would convert its indices from float32 to int32": lambda: layers.Embedding(3, 2, name="e")(NARROW[0]),
    "Variable 'kernel' would convert what it is assigned from float64": lambda: assigned(np.ones((1, 1))),
    "Variable 'kernel' would convert what it is assigned from int64": lambda: assigned(np.ones((1, 1), np.int64)),
    "Variable 'kernel' would convert its value in the state from float64": lambda: with_state(np.ones((1, 1))),
    "attention would convert attention_mask from int64 to bool": lambda: attended(
        attention_mask=np.ones((1, 2, 2), np.int64)
    ),
    "attention would convert value_mask from int64 to bool": lambda: attended(value_mask=np.ones((1, 2), np.int64)),
}


@pytest.mark.parametrize("said", SAID, ids=lambda said: said[:50])
def test_a_cast_of_the_users_data_is_named_with_its_dtypes_and_the_line(backend, said):
    with pytest.raises(ImplicitConversionError, match=r"^Strict mode, tests/layers/test_strict\.py:\d+: ") as caught:
        SAID[said]()
    assert said in str(caught.value)
    with uf.config.strict(False):
        SAID[said]()


ALLOWED = {
    "half precision becomes more precise": lambda: layers.Dense(2)(NARROW.astype(np.float16)),
    "pixels are rescaled": lambda: layers.Rescaling(1 / 255)(np.ones((2, 3), np.uint8)),
    "numbers are assigned": lambda: assigned([[1]]),
}


@pytest.mark.parametrize("what", ALLOWED)
def test_not_strict_about(backend, what):
    ALLOWED[what]()
