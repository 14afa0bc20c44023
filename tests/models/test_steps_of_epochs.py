"""How many batches make an epoch, and what happens when data runs out: as in Keras 3."""

from __future__ import annotations

import warnings

import keras
import numpy as np
import pytest

import unifw as uf
from unifw import callbacks
from unifw.errors import ArgumentError

X = np.random.default_rng(0).standard_normal((20, 4)).astype(np.float32)
Y = X[:, :1].copy()
START = [np.linspace(-1, 1, 4, dtype=np.float32)[:, None], np.zeros(1, np.float32)]


def generator(batches):
    for index in range(batches):
        yield X[index * 4 : index * 4 + 4], Y[index * 4 : index * 4 + 4]


def pair():
    """The same model here and in Keras, with what each is told."""
    models = []
    for module in (uf, keras):
        model = module.Sequential([module.Input((4,)), module.layers.Dense(1)])
        model.set_weights(START)
        model.compile(module.optimizers.SGD(0.1), "mse")
        models.append(model)
    return models


def recorded(model, method, *args, **options):
    seen = []

    class Look((callbacks if isinstance(model, uf.Model) else keras.callbacks).Callback):
        def on_epoch_begin(self, epoch, logs=None):
            seen.append(f"epoch {epoch}")

        def on_train_batch_end(self, batch, logs=None):
            seen.append("train")

        def on_test_batch_end(self, batch, logs=None):
            seen.append("test")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = getattr(model, method)(*args, verbose=0, callbacks=[Look()], **options)
    return getattr(result, "history", result), seen, sum("ran out" in str(each.message) for each in caught)


ARRAYS = {"x": X, "y": Y, "batch_size": 4, "shuffle": False}


@pytest.mark.parametrize(
    "options",
    [
        {"epochs": 4, "steps_per_epoch": 2},
        {"epochs": 2, "steps_per_epoch": 7},
        {"epochs": 2, "steps_per_epoch": 5},
        {"epochs": 2, "validation_data": (X, Y), "validation_steps": 2},
        {"epochs": 2, "validation_data": [X, Y], "validation_steps": 9},
        {"epochs": 2, "validation_split": 0.5, "validation_steps": 1, "validation_batch_size": 2},
    ],
    ids=str,
)
def test_arrays(options):
    with uf.use_backend("numpy"):
        ours, theirs = pair()
        found, expected = (recorded(model, "fit", **ARRAYS, **options) for model in (ours, theirs))
    assert found[1:] == expected[1:]
    for name, values in expected[0].items():
        np.testing.assert_allclose(found[0][name], values, rtol=1e-5)


@pytest.mark.parametrize("steps", [1, 3])
def test_evaluation_and_prediction(backend, steps):
    ours, theirs = pair()
    found, expected = (recorded(each, "evaluate", X, Y, batch_size=4, steps=steps) for each in (ours, theirs))
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-5)
    assert found[1] == expected[1]
    found, expected = (recorded(each, "predict", X, batch_size=4, steps=steps) for each in (ours, theirs))
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-5, atol=1e-6)


def test_a_generator_that_ends_inside_an_epoch():
    with uf.use_backend("numpy"):
        ours, theirs = pair()
        found, expected = (recorded(each, "fit", generator(3), epochs=2, steps_per_epoch=2) for each in (ours, theirs))
    assert found[1:] == expected[1:]
    np.testing.assert_allclose(found[0]["loss"], expected[0]["loss"], rtol=1e-5)


def test_a_generator_that_ends_stops_training(backend):
    """Keras goes on with the first batches again (it keeps what it looked at); a generator runs once here."""
    model, _ = pair()
    ended = []
    with pytest.warns(UserWarning, match="training stops before all epochs"):
        history = model.fit(generator(3), epochs=3, callbacks=callbacks.LambdaCallback(on_train_end=ended.append))
    assert history.epoch == [0]
    assert ended == [None]
    assert model.optimizer.iterations == 3


def test_validation_that_runs_out_does_not_end_training():
    with uf.use_backend("numpy"):
        model, _ = pair()
        with pytest.warns(UserWarning, match="no validation"):
            history = model.fit(X, Y, epochs=2, validation_data=generator(1)).history
    assert len(history["loss"]) == 2
    assert len(history["val_loss"]) == 1


def test_shuffled_epochs_of_some_steps_see_every_row_once():
    seen = []

    class Look(uf.Sequential):
        def train_step(self, state, batch):
            seen.extend(np.asarray(batch[0])[:, 0].tolist())
            return super().train_step(state, batch)

    with uf.use_backend("numpy"):
        model = Look([uf.Input((4,)), uf.layers.Dense(1)])
        model.compile("sgd", "mse")
        model.fit(X, Y, batch_size=4, epochs=5, steps_per_epoch=1)
    assert sorted(seen) == sorted(X[:, 0].tolist())
    assert seen != X[:, 0].tolist()


def test_class_weights_do_not_reach_the_validation_as_in_keras(backend):
    labels = np.arange(20) % 2
    histories = []
    for module in (uf, keras):
        model = module.Sequential([module.Input((4,)), module.layers.Dense(2)])
        model.set_weights([np.ones((4, 2), np.float32) * [1, -1], np.zeros(2, np.float32)])
        loss = module.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(module.optimizers.SGD(0.1), loss, weighted_metrics=["accuracy"])
        options = {"validation_split": 0.4, "class_weight": {0: 5.0, 1: 0.5}, "shuffle": False, "batch_size": 4}
        histories.append(model.fit(X, labels, verbose=0, **options).history)
    assert set(histories[0]) == set(histories[1])
    for name, values in histories[1].items():
        np.testing.assert_allclose(histories[0][name], values, rtol=1e-4)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"steps_per_epoch": 0}, "number of steps"),
        ({"epochs": "3"}, "epochs must be an integer"),
        ({"initial_epoch": -1}, "initial_epoch"),
        ({"validation_freq": 0}, "validation_freq"),
        ({"verbose": "x"}, "verbose must be"),
        ({"callbacks": 3}, "callbacks must be"),
    ],
)
def test_bad_arguments_say_what_to_write(options, words):
    with uf.use_backend("numpy"), pytest.raises(ArgumentError, match=words):
        pair()[0].fit(X, Y, **options)


def test_no_data_at_all():
    with uf.use_backend("numpy"), pytest.raises(ArgumentError, match="no batches"):
        pair()[0].fit(generator(0))
