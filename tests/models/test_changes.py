"""What is changed between two runs takes effect in the second, compiled or not; a failing step changes nothing."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import unifw as uf
from unifw import layers, optimizers

X = np.random.default_rng(0).standard_normal((16, 4)).astype(np.float32)


def test_statistics_of_a_frozen_layer_rest_as_in_keras(backend):
    results = []
    for module in (uf, keras):
        norm = module.layers.BatchNormalization(center=False, scale=False, momentum=0.5)
        model = module.Sequential([module.Input((4,)), norm, module.layers.Dense(1)])
        model.compile("sgd", "mse")
        model.fit(X, X[:, :1], verbose=0)
        once = np.array(norm.weights[0].value)
        norm.trainable = False
        if module is keras:
            model.compile("sgd", "mse")  # Keras wants it said again
        model.fit(X, X[:, :1], verbose=0)
        np.testing.assert_array_equal(np.asarray(norm.weights[0].value), once)
        results.append(once)
    np.testing.assert_allclose(results[0], results[1], rtol=1e-5, atol=1e-7)


def decaying():
    model = uf.Sequential([uf.Input((4,)), layers.Dropout(0.0), layers.Dense(1, kernel_initializer="ones")])
    model.compile(optimizers.SGD(0.01, weight_decay=0.0), "mse")
    zeros = np.zeros_like(X)
    model.fit(zeros, zeros[:, :1], batch_size=16)
    np.testing.assert_array_equal(model.get_weights()[0], 1.0)
    return model, zeros


def test_weight_decay_set_after_a_run(backend):
    model, zeros = decaying()
    model.optimizer.weight_decay = 50.0
    model.fit(zeros, zeros[:, :1], batch_size=16)
    np.testing.assert_allclose(model.get_weights()[0], 0.5, rtol=1e-6)
    model.optimizer.exclude_from_weight_decay(var_names=["kernel"])
    model.fit(zeros, zeros[:, :1], batch_size=16)
    np.testing.assert_allclose(model.get_weights()[0], 0.5, rtol=1e-6)


def test_a_layers_argument_set_after_a_run(backend):
    model, _ = decaying()
    model.layers[0].rate = 1.0
    model.fit(X, np.zeros((16, 1), np.float32))
    assert model.history.history["loss"] == [0.0]


def test_a_losss_argument_set_after_a_run(backend):
    model = uf.Sequential([uf.Input((4,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(optimizers.SGD(0.0), uf.losses.BinaryCrossentropy(from_logits=True))
    y = np.ones((16, 1), np.float32)
    before = model.evaluate(X, y)
    model.loss.from_logits = False
    assert model.evaluate(X, y) > before + 1.0


def test_nothing_changed_compiles_nothing_anew():
    with uf.use_backend("jax"):
        model, zeros = decaying()
        step = model.make_train_step()
        model.optimizer.learning_rate = 0.5
        model.fit(zeros, zeros[:, :1], batch_size=16)
        assert model.make_train_step() is step
        assert step._compiled.trace_count == 1


def test_a_step_that_fails_leaves_the_state_as_it_was(backend):
    def fails(y_true, y_pred):
        raise ZeroDivisionError

    model = uf.Sequential([uf.Input((4,)), layers.Dense(1)])
    model.compile(optimizers.Adam(0.1), "mse", compile=False)
    model.fit(X, X[:, :1])
    weights = model.get_weights()
    model.compile(model.optimizer, "mse", metrics=[fails], compile=False)
    state = model.init_train_state()
    with pytest.raises(ZeroDivisionError):
        model.make_train_step()(state, (uf.asarray(X), uf.asarray(X[:, :1])))
    for path, value in zip(("0/kernel", "0/bias"), weights, strict=True):
        np.testing.assert_array_equal(np.asarray(state["trainable"][path]), value)
    with pytest.raises(ZeroDivisionError):
        model.fit(X, X[:, :1])
    for value, before in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(value, before)
    assert model.optimizer.iterations == 1
