"""What callbacks change during `fit`, at whatever point they are told, takes effect as in Keras 3."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import unifw as uf
from unifw import callbacks, layers

X = np.random.default_rng(0).standard_normal((12, 4)).astype(np.float32)
Y = X[:, :1].copy()


def pair():
    for module in (uf, keras):
        model = module.Sequential([module.Input((4,)), module.layers.Dense(1, kernel_initializer="ones")])
        model.compile(module.optimizers.SGD(0.1), "mse")
        yield module, model


def weights(model):
    return [np.array(each.value) for each in model.weights]


def fitted(hook, change, **options):
    """Return the logs and weights of both, with `change(model)` made whenever `hook` is told."""
    results = []
    for module, model in pair():
        told = type("Told", (module.callbacks.Callback,), {hook: lambda self, *args, **kwargs: change(self.model)})()
        settings = {"epochs": 2, "batch_size": 4, "shuffle": False, "validation_data": (X, Y), "verbose": 0}
        results.append((model.fit(X, Y, callbacks=[told], **settings | options).history, weights(model)))
    return results


def halve_rate(model):
    model.optimizer.learning_rate = float(model.optimizer.learning_rate) / 2


def halve_weights(model):
    model.layers[0].set_weights([each / 2 for each in weights(model)])


@pytest.mark.parametrize("change", [halve_rate, halve_weights], ids=["rate", "weights"])
@pytest.mark.parametrize(
    "hook",
    [
        *("on_train_begin", "on_epoch_begin", "on_train_batch_begin", "on_train_batch_end"),
        *("on_test_begin", "on_test_end", "on_epoch_end"),
    ],
)
def test_changes_take_effect_as_in_keras(backend, hook, change):
    (found, ours), (expected, theirs) = fitted(hook, change)
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-4, atol=1e-6, err_msg=name)
    for value, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(value, other, rtol=1e-4, atol=1e-6)


def test_weights_set_once_are_taken_once(backend):
    """A callback that looks before each batch must not undo training since the last epoch."""

    class Once(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 0:
                self.model.set_weights([np.zeros((4, 1)), np.zeros(1)])

        def on_train_batch_begin(self, batch, logs=None):
            seen.append(self.model.get_weights()[0])

    seen = []
    (_, model), _ = pair()
    model.fit(X, Y, epochs=2, batch_size=4, callbacks=Once())
    assert not seen[3].any()
    assert len({each.tobytes() for each in seen}) == 6


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
def test_the_rate_is_logged_as_in_keras(backend):
    histories = []
    for module, model in pair():
        schedule = module.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
        histories.append(model.fit(X, Y, epochs=3, callbacks=schedule, verbose=0).history)
    assert set(histories[0]) == set(histories[1])
    np.testing.assert_allclose(histories[0]["learning_rate"], histories[1]["learning_rate"], rtol=1e-6)


def test_the_rate_of_a_schedule_cannot_be_scheduled():
    with uf.use_backend("numpy"):
        model = uf.Sequential([uf.Input((4,)), layers.Dense(1)])
        model.compile(uf.optimizers.SGD(uf.optimizers.schedules.CosineDecay(0.1, 10)), "mse")
        with pytest.raises(uf.errors.ArgumentError, match="follows"):
            model.fit(X, Y, callbacks=[callbacks.LearningRateScheduler(lambda epoch: 0.1)])


def test_a_schedule_set_during_training(backend):
    (_, model), _ = pair()

    class Schedule(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.optimizer.learning_rate = uf.optimizers.schedules.PiecewiseConstantDecay([1], [0.0, 0.0])
            seen.append(self.model.get_weights()[0])

    seen = []
    model.fit(X, Y, epochs=2, callbacks=[Schedule()])
    np.testing.assert_array_equal(seen[0], seen[1])
