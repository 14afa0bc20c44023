"""What `compile` accepts, names and refuses, with one output and with several: as Keras 3 does, or saying why not."""

from __future__ import annotations

import inspect

import keras
import numpy as np
import pytest

import unifw as uf
from unifw import layers
from unifw.errors import ArgumentError, StateError

X = np.random.default_rng(0).standard_normal((12, 4)).astype(np.float32)
START = np.linspace(-1, 1, 4, dtype=np.float32)[:, None]
TARGETS = {"a": X[:, :1], "b": (X[:, 1:2] > 0).astype(np.float32)}


def several(module, form):
    """A model with two outputs, in a dict or a list, with the same weights here and in Keras."""

    class Two(module.Model):
        def __init__(self):
            super().__init__()
            self.a, self.b = module.layers.Dense(1), module.layers.Dense(1, activation="sigmoid")

        def call(self, x):
            outputs = {"a": self.a(x), "b": self.b(x)}
            return outputs if form is dict else list(outputs.values())

    model = Two()
    model(X)
    for layer in (model.a, model.b):
        layer.set_weights([START, np.zeros(1, np.float32)])
    return model


def logs(module, form, **options):
    model = several(module, form)
    model.compile(module.optimizers.SGD(0.1), **options)
    y = TARGETS if form is dict else list(TARGETS.values())
    history = model.fit(X, y, epochs=2, shuffle=False, verbose=0, batch_size=12).history
    return {name: values for name, values in history.items() if name not in ("a_loss", "b_loss", "mse_loss")}


@pytest.mark.parametrize(
    ("form", "options"),
    [
        (dict, {"loss": {"a": "mse", "b": "binary_crossentropy"}, "loss_weights": {"a": 0.5, "b": 2.0}}),
        (dict, {"loss": "mse", "metrics": {"a": ["mae"], "b": ["accuracy", "mse"]}}),
        (dict, {"loss": {"a": "mse"}, "metrics": {"b": "accuracy"}}),
        (dict, {"loss": {"a": "mse", "b": "mse"}, "metrics": [["mae"], ["accuracy"]]}),
        (dict, {"loss": {"a": "mse", "b": "mse"}, "metrics": ["mae", "accuracy"], "weighted_metrics": ["mse", None]}),
        (list, {"loss": ["mse", "binary_crossentropy"], "loss_weights": [0.5, 2.0]}),
        (list, {"loss": ["mse", "mse"], "metrics": [["mae"], ["accuracy", "mse"]]}),
        (list, {"loss": ["mse", "mse"], "metrics": ["mae", "accuracy"]}),
        (list, {"loss": ["mse", "mse"], "metrics": ["mae", "mae"]}),
    ],
    ids=str,
)
def test_several_outputs_as_in_keras(form, options):
    expected = {name: values for name, values in logs(keras, form, **options).items() if not name.endswith("_loss")}
    with uf.use_backend("jax"):
        found = logs(uf, form, **options)
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize(
    "options",
    [
        {"metrics": ["accuracy"], "weighted_metrics": ["accuracy"]},
        {"metrics": ["mae", "mae"], "weighted_metrics": ["mae", "mse"]},
    ],
    ids=str,
)
def test_names_of_weighted_metrics_as_in_keras(options):
    names = []
    for module in (uf, keras):
        with uf.use_backend("numpy"):
            model = module.Sequential([module.Input((4,)), module.layers.Dense(1)])
            model.compile("sgd", "mse", **options)
            names.append(sorted(model.fit(X, X[:, :1], verbose=0).history))
    assert names[0] == names[1]


def test_defaults_are_keras():
    ours = inspect.signature(uf.Model.compile).parameters
    theirs = inspect.signature(keras.Model.compile).parameters
    for name in ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly", "jit_compile"):
        assert ours[name].default == theirs[name].default, name
    model = uf.Sequential([layers.Dense(1)])
    model.compile(loss="mse")
    assert isinstance(model.optimizer, uf.optimizers.RMSprop)


@pytest.mark.parametrize(
    ("options", "mode"),
    [
        ({}, "auto"),
        ({"jit_compile": True}, True),
        ({"jit_compile": False}, False),
        ({"compile": False, "jit_compile": "auto"}, False),
        ({"compile": True, "jit_compile": True}, True),
        ({"run_eagerly": True, "jit_compile": "auto"}, False),
    ],
    ids=str,
)
def test_jit_compile_is_another_name_of_compile(options, mode):
    model = uf.Sequential([layers.Dense(1)])
    model.compile(loss="mse", **options)
    assert model.compilation.mode == mode


def fitted(form, **options):
    with uf.use_backend("jax"):
        model = several(uf, form)
        model.compile("sgd", **options)
        model.fit(X, TARGETS if form is dict else list(TARGETS.values()))


MSE = {"a": "mse", "b": "mse"}


@pytest.mark.parametrize(
    ("form", "options", "words"),
    [
        (
            dict,
            {"loss": MSE | {"c": "mse"}},
            "losses for outputs 'a', 'b', 'c', but the model returns a dict of 'a', 'b'",
        ),
        (dict, {"loss": ["mse", "mse"]}, "Give a dict"),
        (dict, {"loss": MSE, "loss_weights": {"a": 1.0}}, "loss_weights"),
        (dict, {"loss": "mse", "loss_weights": {"a": 1.0}}, "Give one number"),
        (dict, {"loss": MSE, "metrics": {"c": ["mae"]}}, "no entry for the output 'c'"),
        (dict, {"loss": MSE, "metrics": ["mae"]}, "metrics has 1 entries for the outputs 'a', 'b'"),
        (dict, {"loss": "mse", "metrics": ["mae"]}, "'mae' needs to know its output"),
        (list, {"loss": ["mse"]}, "1 losses in a list, but the model returns 2 outputs"),
        (list, {"loss": ["mse", "mse", "mse"]}, "outputs 0, 1, 2"),
        (list, {"loss": ["mse", "mse"], "loss_weights": [1.0]}, "loss_weights"),
        (list, {"loss": [None, None]}, "no loss for any output"),
        (list, {"loss": "mse", "compile": True, "jit_compile": False}, "contradict"),
        (list, {"loss": "mse", "run_eagerly": True, "jit_compile": True}, "contradict"),
        (list, {"loss": "mse", "jit_compile": "yes"}, "jit_compile must be"),
    ],
)
def test_what_does_not_fit_says_so(form, options, words):
    with pytest.raises(ArgumentError, match=words):
        fitted(form, **options)


def test_losses_for_outputs_the_model_does_not_have():
    with uf.use_backend("numpy"):
        model = uf.Sequential([uf.Input((4,)), layers.Dense(1)])
        model.compile("sgd", {"a": "mse"})
        with pytest.raises(ArgumentError, match="Give one loss"):
            model.fit(X, X[:, :1])


# --- labels out of range ----------------------------------------------------------------------------------------------


def classifier(**options):
    model = uf.Sequential([layers.Dense(5), layers.Dense(3)])
    model.compile("sgd", uf.losses.SparseCategoricalCrossentropy(from_logits=True, **options))
    return model


LABELS = np.arange(12) % 3


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
@pytest.mark.parametrize("wrong", [-1, 3])
def test_labels_out_of_range_are_refused_on_every_backend(backend, method, wrong):
    labels = LABELS.copy()
    labels[7] = wrong
    model = classifier()
    with pytest.raises(ArgumentError, match=rf"y\[7\] is the label {wrong}, but the model gives 3 classes"):
        getattr(model, method)(X, labels)
    getattr(model, method)(X, LABELS)


def test_labels_of_validation_and_of_generators():
    with uf.use_backend("jax"):
        with pytest.raises(ArgumentError, match="label 6"):
            classifier().fit(X, LABELS, validation_data=(X, LABELS + 6))
        for labels, row in ((LABELS + 1, 2), (LABELS.astype(np.float32) - 1, 0)):
            for model in (classifier(), built(classifier())):
                with pytest.raises(ArgumentError, match=rf"y\[{row}\]"):
                    model.fit(iter([(X, LABELS), (X, labels)]))
                with pytest.raises(ArgumentError, match=rf"y\[{row}\]"):
                    model.fit(iter([(X, labels)]))


def built(model):
    model.build((None, 4))
    return model


def test_ignored_labels_are_in_range(backend):
    labels = LABELS.astype(np.int32) - 1
    model = classifier(ignore_class=-1)
    model.fit(X, labels)
    assert np.isfinite(model.evaluate(X, labels))
    with pytest.raises(ArgumentError, match="ignore_class=-1 cannot be a label of dtype uint8"):
        model.fit(X, LABELS.astype(np.uint8))


def test_an_optimizer_serves_one_model():
    with uf.use_backend("numpy"):
        first, second = built(classifier()), built(classifier())
        first.fit(X, LABELS)
        second.compile(first.optimizer, "mse")
        with pytest.raises(StateError, match="Make a new optimizer"):
            second.train_on_batch(X, X[:, :3])
