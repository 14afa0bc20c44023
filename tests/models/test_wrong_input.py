"""What a newcomer gets wrong: each mistake has a message that says what to write."""

from __future__ import annotations

import numpy as np
import pytest

import unifw as uf
from unifw import layers
from unifw.errors import ArgumentError, CheckpointError, StateError

X = np.linspace(-1, 1, 32, dtype=np.float32).reshape(8, 4)
Y = np.arange(8) % 3


def model(**options):
    result = uf.Sequential([layers.Dense(3)])
    result.compile("sgd", uf.losses.SparseCategoricalCrossentropy(from_logits=True), **options)
    return result


def test_metrics_in_the_place_of_loss_weights_say_so():
    with pytest.raises(
        ArgumentError, match=r"loss_weights must be numbers, got \['accuracy'\].*metrics=\['accuracy'\]"
    ):
        uf.Sequential([layers.Dense(3)]).compile("adam", "mse", ["accuracy"])
    with pytest.raises(ArgumentError, match="loss_weights must be numbers"):
        uf.Sequential([layers.Dense(3)]).compile("adam", ["mse", "mse"], ["a", "b"])
    with pytest.raises(ArgumentError, match="loss_weights must be numbers"):
        uf.Sequential([layers.Dense(3)]).compile("adam", {"a": "mse"}, {"a": None})


def test_compile_takes_keras_arguments_where_they_change_nothing():
    model(steps_per_execution=1, auto_scale_loss=False)
    with pytest.raises(ArgumentError, match="only 1 is supported"):
        model(steps_per_execution=4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"validation_data": (X, Y, Y, Y)}, r"validation_data is \(x, y\).*got 4 parts"),
        ({"class_weight": [1.0, 2.0, 3.0]}, "class_weight must be a dict of one number by class"),
        ({"class_weight": {"a": 1.0}}, "class_weight must be a dict of one number by class"),
    ],
)
def test_arguments_of_fit(options, message):
    with pytest.raises(ArgumentError, match=message):
        model().fit(X, Y, verbose=0, **options)


def test_data_of_another_kind():
    with pytest.raises(ArgumentError, match=r"A batch is .*got 4 parts"):
        model().fit(iter([(X, Y, Y, Y)]), verbose=0)
    with pytest.raises(ArgumentError, match="x must be arrays or an iterable of batches, got str"):
        model().fit("x.npy", Y, verbose=0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Conv2D(3, None), "kernel_size must be an integer or 2 integers, got None"),
        (lambda: layers.Conv2D(3, "ab"), "kernel_size must be an integer or 2 integers, got 'ab'"),
        (lambda: layers.MaxPooling2D(1.5), "pool_size must be an integer or 2 integers, got 1.5"),
        (lambda: layers.Dropout("a"), "rate must be a probability"),
        (lambda: layers.LayerNormalization(axis="a"), "axis must be an integer or several, got 'a'"),
        (lambda: layers.LayerNormalization(axis=(1, -1))(X), "names an axis twice"),
        (lambda: uf.Sequential(layers.Dense(3)), "Sequential takes a list of layers"),
        (lambda: uf.Input((-1,)), r"shape must be sizes, or None for those that vary, got \(-1,\)"),
        (lambda: uf.Input("a"), "shape must be sizes"),
        (lambda: uf.Input(batch_shape=(None, "a")), "batch_shape must be sizes"),
        (layers.Dense(3), r"was called with other arguments than \(inputs.*missing a required argument: 'inputs'"),
        (lambda: layers.Dense(3)(X, X), "too many positional arguments"),
        (lambda: layers.Dense(3)(X, foo=1), "got an unexpected keyword argument 'foo'"),
        (lambda: layers.MultiHeadAttention(1, 2)(X[None]), "missing a required argument: 'value'"),
        (lambda: layers.MultiHeadAttention(1, 2, use_gate=True), "use_gate of Keras is not supported"),
        (lambda: layers.Embedding(3, 2, mask_zero=True), "mask_zero of Keras is not supported"),
        (lambda: layers.BatchNormalization(synchronized=True), "synchronized of Keras is not supported"),
        (lambda: layers.Dense(3, unit=None), "unknown arguments: unit"),
    ],
)
def test_arguments_of_layers(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


def test_options_of_keras_that_ask_for_nothing_are_taken():
    layers.Dense(np.int64(3), kernel_regularizer=None, lora_rank=None)
    layers.Embedding(3, 2, mask_zero=False, embeddings_constraint=None)
    layers.MultiHeadAttention(1, 2, flash_attention=False, sliding_window=None, use_gate=False)
    layers.BatchNormalization(renorm=False, synchronized=False)


def test_a_layer_without_a_call():
    with pytest.raises(StateError, match=r"Layer has no call\(\) method"):
        layers.Layer()(X)


def test_a_file_that_cannot_be_written(tmp_path, monkeypatch):
    trained = model()
    trained.build((None, 4))

    def refuse(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(CheckpointError, match=r"m\.safetensors cannot be written: Permission denied"):
        trained.save(tmp_path / "m.safetensors")
