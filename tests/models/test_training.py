"""One loop trains on every backend: the same numbers as Keras, the same on all backends, and the same when resumed."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import unifw as uf
from unifw import callbacks, layers
from unifw.backend import installed
from unifw.errors import ArgumentError, ShapeError, StateError

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((70, 6)).astype(np.float32)
Y = (X @ RANDOM.standard_normal((6, 3))).argmax(-1)


# torch's compiler imports what torch deprecates
INDUCTOR_WARNS = pytest.mark.filterwarnings("ignore::DeprecationWarning:torch", "ignore::DeprecationWarning:.*triton.*")


def mlp(**options):
    uf.utils.set_random_seed(0)
    model = uf.Sequential(
        [
            uf.Input((6,)),
            layers.Dense(16, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], **options)
    return model


def test_the_keras_example_runs_unchanged(backend):
    from unifw.layers import Dense
    from unifw.models import Sequential

    model = Sequential([Dense(128, activation="relu"), Dense(64, activation="relu"), Dense(10, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(X, Y, epochs=1, verbose=0)
    lines = []
    model.summary(print_fn=lines.append)
    assert "dense" in lines[0]
    assert f"Total parameters: {6 * 128 + 128 + 128 * 64 + 64 + 64 * 10 + 10:,}" in lines[0]
    assert "FLOPs" in lines[0]


def test_input_shape_builds_at_once(backend):
    for start in (
        [uf.Input((6,)), layers.Dense(2)],
        [layers.Dense(2, input_shape=(6,))],
        [layers.Dense(2, input_dim=6)],
    ):
        model = uf.Sequential(start)
        assert model.built
        assert model.count_params() == 14


def test_training_as_keras_does(backend):
    """Same weights, same batches: the losses of 15 steps and the weights after them are those of Keras."""
    ours = uf.Sequential(
        [uf.Input((6,)), layers.Dense(8, activation="tanh"), layers.BatchNormalization(), layers.Dense(3)]
    )
    theirs = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(3),
        ]
    )
    theirs.set_weights(ours.get_weights())
    ours.compile(
        uf.optimizers.Adam(0.01), uf.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
    )
    theirs.compile(
        keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
    )
    options = {"epochs": 5, "batch_size": 25, "shuffle": False, "verbose": 0, "validation_split": 0.2}
    weights = np.linspace(0.5, 1.5, 70).astype(np.float32)
    expected = theirs.fit(X, Y, sample_weight=weights, **options).history
    history = ours.fit(X, Y, sample_weight=weights, **options).history
    assert set(history) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=2e-4, atol=1e-6, err_msg=name)
    for value, other in zip(ours.get_weights(), theirs.weights, strict=True):
        np.testing.assert_allclose(value, np.asarray(other.value), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(ours.evaluate(X, Y), theirs.evaluate(X, Y, verbose=0), rtol=1e-3)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X, verbose=0), rtol=1e-3, atol=1e-4)


@pytest.fixture(scope="module")
def reference():
    with uf.use_backend("numpy"):
        return mlp().fit(X, Y, epochs=4, batch_size=16).history


@pytest.mark.parametrize("name", [each for each in installed() if each != "numpy"])
def test_shuffled_training_with_dropout_is_the_same_on_every_backend(reference, name):
    with uf.use_backend(name):
        history = mlp().fit(X, Y, epochs=4, batch_size=16).history
    for key, values in reference.items():
        np.testing.assert_allclose(history[key], values, rtol=1e-4)


@pytest.mark.parametrize("name", [each for each in installed() if each != "numpy"])
def test_a_run_resumes_on_another_backend(reference, name, tmp_path):
    with uf.use_backend("numpy"):
        model = mlp()
        model.fit(X, Y, epochs=2, batch_size=16)
        model.save(tmp_path / "model.safetensors")
    model = uf.load(tmp_path / "model.safetensors", backend=name)
    assert model.backend.name == name
    assert model.optimizer.iterations == 10
    history = model.fit(X, Y, epochs=4, initial_epoch=2, batch_size=16).history
    for key, values in reference.items():
        np.testing.assert_allclose(history[key], values[2:], rtol=1e-4)


def test_a_live_model_moves(reference):
    with uf.use_backend("numpy"):
        model = mlp()
        model.fit(X, Y, epochs=2, batch_size=16)
    model.to_backend("jax")
    history = model.fit(X, Y, epochs=4, initial_epoch=2, batch_size=16).history
    np.testing.assert_allclose(history["loss"], reference["loss"][2:], rtol=1e-4)


def test_a_model_runs_on_its_own_backend_whatever_the_current_one_is(backend):
    class Positions(uf.Model):
        def __init__(self):
            super().__init__()
            self.head = layers.Dense(3)

        def call(self, x):
            return self.head(x + uf.arange(6))

    model = Positions()
    expected = model.predict(X)
    with uf.use_backend("jax" if backend.name == "numpy" else "numpy"):
        np.testing.assert_array_equal(model.predict(X), expected)
        outputs, _ = uf.functional_call(model, uf.state(model), X)
        assert outputs.backend is backend
        np.testing.assert_allclose(np.asarray(outputs), expected, rtol=1e-5, atol=1e-6)
        model.compile("sgd", uf.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit(X, Y, validation_split=0.2)
        assert model.backend is backend


@INDUCTOR_WARNS
def test_eager_and_compiled_agree(backend):
    eager = mlp(compile=False).fit(X, Y, epochs=2, batch_size=16).history
    compiled = mlp(compile=True).fit(X, Y, epochs=2, batch_size=16).history
    np.testing.assert_allclose(compiled["loss"], eager["loss"], rtol=1e-5)


@INDUCTOR_WARNS
def test_costly_compilation_compiles_one_shape_only():
    pytest.importorskip("torch", reason="torch is the backend whose compilation is costly")
    with uf.use_backend("torch"):
        uf.utils.set_random_seed(0)
        model = uf.Sequential([uf.Input((6,)), layers.Dense(3)])
        model.compile("sgd", uf.losses.SparseCategoricalCrossentropy(from_logits=True), compile=True)
        model.fit(X, Y, epochs=2, batch_size=16)
        step = model.make_train_step()
    assert step._compiled.trace_count == 1
    with uf.use_backend("numpy"):
        uf.utils.set_random_seed(0)
        other = uf.Sequential([uf.Input((6,)), layers.Dense(3)])
        other.compile("sgd", uf.losses.SparseCategoricalCrossentropy(from_logits=True))
        other.fit(X, Y, epochs=2, batch_size=16)
    np.testing.assert_allclose(model.history.history["loss"], other.history.history["loss"], rtol=1e-4)


def test_what_the_user_holds_is_never_overwritten(backend):
    model = mlp()
    held = uf.state(model)
    before = {path: np.array(value) for path, value in held.items()}
    model.fit(X, Y, epochs=1)
    between = uf.state(model)
    copies = {path: np.array(value) for path, value in between.items()}
    model.fit(X, Y, epochs=1)
    model.train_on_batch(X[:8], Y[:8])
    for path in held:
        np.testing.assert_array_equal(np.asarray(held[path]), before[path])
        np.testing.assert_array_equal(np.asarray(between[path]), copies[path])


def test_the_pure_step(backend):
    model = uf.Sequential([uf.Input((6,)), layers.Dense(16, activation="relu"), layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    state, step = model.init_train_state(), model.make_train_step()
    batch = (uf.asarray(X[:16]), uf.asarray(Y[:16]))
    losses = []
    for _ in range(3):
        state["metrics"] = model.init_metrics()
        state, logs = step(state, batch)
        losses.append(logs["loss"].item())
    assert state["optimizer"]["step"].item() == 3
    assert losses[2] < losses[0]
    assert set(state["trainable"]) == {each.path for each in model.trainable_variables}


def test_one_custom_train_step_serves_every_backend(backend):
    class Halving(uf.Sequential):
        """Minimises half the loss, so plain gradient descent moves half as far."""

        def compute_loss(self, x, y, y_pred, sample_weight=None):
            return super().compute_loss(x, y, y_pred, sample_weight) * 0.5

        def train_step(self, state, batch):
            state, logs = super().train_step(state, batch)
            return state, {**logs, "step": state["optimizer"]["step"]}

    moved = []
    for cls in (uf.Sequential, Halving):
        uf.utils.set_random_seed(0)
        model = cls([uf.Input((6,)), layers.Dense(1)])
        start = model.get_weights()[0]
        model.compile("sgd", "mse")
        history = model.fit(X, X[:, :1], batch_size=70, verbose=0)
        moved.append(model.get_weights()[0] - start)
    np.testing.assert_allclose(moved[1], moved[0] / 2, rtol=1e-4, atol=1e-7)
    assert history.history["step"] == [1.0]


def test_several_outputs(backend):
    class Two(uf.Model):
        def __init__(self):
            super().__init__()
            self.a, self.b = layers.Dense(1), layers.Dense(3)

        def call(self, x):
            return {"a": self.a(x), "b": self.b(x)}

    model = Two()
    model.compile(
        "adam",
        {"a": "mse", "b": uf.losses.SparseCategoricalCrossentropy(from_logits=True)},
        loss_weights={"a": 0.5, "b": 2.0},
        metrics={"b": ["accuracy"]},
    )
    history = model.fit(X, {"a": X[:, :1], "b": Y}, epochs=3, verbose=0).history
    assert set(history) == {"loss", "b_accuracy"}
    assert history["loss"][-1] < history["loss"][0]
    assert {name: value.shape for name, value in model.predict(X).items()} == {"a": (70, 1), "b": (70, 3)}


def test_iterables(backend):
    def generator():
        while True:
            for start in range(0, 64, 16):
                yield X[start : start + 16], Y[start : start + 16]

    expected = mlp().fit(X[:64], Y[:64], epochs=2, batch_size=16, shuffle=False).history["loss"]
    by_generator = mlp().fit(generator(), epochs=2, steps_per_epoch=4).history["loss"]
    batches = [(X[start : start + 16], Y[start : start + 16]) for start in range(0, 64, 16)]

    class Batches:
        def __iter__(self):
            return iter(batches)

    by_iterable = mlp().fit(Batches(), epochs=2).history["loss"]
    np.testing.assert_allclose(by_generator, expected, rtol=1e-6)
    np.testing.assert_allclose(by_iterable, expected, rtol=1e-6)
    with pytest.warns(UserWarning, match="steps_per_epoch"):
        once = mlp().fit(iter(batches), epochs=2).history["loss"]
    np.testing.assert_allclose(once, expected[:1], rtol=1e-6)


def test_a_torch_data_loader_feeds_any_backend():
    data = pytest.importorskip("torch.utils.data", reason="the data loader is torch's")
    import torch

    loader = data.DataLoader(data.TensorDataset(torch.tensor(X[:64]), torch.tensor(Y[:64])), batch_size=16)
    with uf.use_backend("jax"):
        history = mlp().fit(loader, epochs=2, validation_data=loader).history
        expected = mlp().fit(X[:64], Y[:64], epochs=2, batch_size=16, shuffle=False).history
    np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-6)
    assert len(history["val_loss"]) == 2


def test_class_weights_are_sample_weights(backend):
    weights = {0: 0.5, 2: 3.0}
    by_class = mlp().fit(X, Y, class_weight=weights).history["loss"]
    by_sample = mlp().fit(X, Y, sample_weight=np.asarray([weights.get(int(y), 1.0) for y in Y])).history["loss"]
    np.testing.assert_allclose(by_class, by_sample, rtol=1e-6)


class TestCallbacks:
    def test_early_stopping_restores_the_best(self, backend):
        model = mlp()
        seen = []

        class Worsen(callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                seen.append(self.model.get_weights()[0])
                logs["watched"] = [3.0, 1.0, 2.0, 2.0, 2.0][epoch]

        stop = callbacks.EarlyStopping("watched", patience=2, restore_best_weights=True)
        history = model.fit(X, Y, epochs=5, callbacks=[Worsen(), stop])
        assert history.epoch == [0, 1, 2, 3]
        np.testing.assert_array_equal(model.get_weights()[0], seen[1])

    def test_learning_rate_scheduler_compiles_nothing_anew(self, backend):
        model = mlp()
        rates = []
        schedule = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
        look = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: rates.append(model.optimizer.learning_rate))
        model.fit(X[:64], Y[:64], epochs=3, callbacks=[schedule, look])
        np.testing.assert_allclose(rates, [0.0005, 0.00025, 0.000125])
        np.testing.assert_allclose(model.optimizer.state["learning_rate"].item(), 0.000125)
        compiled = model.make_train_step()._compiled
        assert compiled is None or compiled.trace_count == 1

    def test_checkpoints_and_logs(self, backend, tmp_path):
        model = mlp()
        model.fit(
            X,
            Y,
            epochs=2,
            validation_split=0.1,
            callbacks=[
                callbacks.ModelCheckpoint(tmp_path / "{epoch}-{val_loss:.1f}.safetensors"),
                callbacks.CSVLogger(tmp_path / "log.csv"),
            ],
        )
        assert len(list(tmp_path.glob("[12]-*.safetensors"))) == 2
        lines = (tmp_path / "log.csv").read_text().splitlines()
        assert lines[0] == "epoch,loss,accuracy,val_loss,val_accuracy"
        assert len(lines) == 3

    def test_assigned_weights_take_effect(self, backend):
        model = mlp()

        class Reset(callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                self.model.set_weights([np.zeros_like(each) for each in self.model.get_weights()])

        model.fit(X, Y, epochs=1, callbacks=[Reset()])
        assert all(not each.any() for each in model.get_weights())

    def test_batches(self, backend):
        told = []

        class Look(callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                told.append((batch, float(np.abs(self.model.get_weights()[0]).sum()), logs["loss"]))

        mlp().fit(X, Y, callbacks=[Look()])
        assert [each[0] for each in told] == [0, 1, 2]
        assert len({each[1] for each in told}) == 3

    def test_line_per_epoch(self, capsys):
        with uf.use_backend("numpy"):
            mlp().fit(X, Y, epochs=2, verbose=2)
            assert capsys.readouterr().out.count("loss:") == 2
            mlp().fit(X, Y, epochs=2)
            assert capsys.readouterr().out == ""
            mlp().fit(X, Y, epochs=1, verbose=1)
            assert "Epoch 1/1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: mlp().fit(X, Y[:5]), ShapeError, "x has 70, y has 5"),
        (lambda: mlp().fit(X[:, :5], Y), ShapeError, "6 elements along axis -1"),
        (lambda: mlp().fit(X, Y, batch_size=0), ArgumentError, "batch_size"),
        (lambda: mlp().fit(X, Y, validation_split=1.5), ArgumentError, "validation_split"),
        (lambda: mlp().fit(X), ArgumentError, "needs targets"),
        (lambda: mlp().fit(X, np.eye(3)[Y]), ShapeError, "categorical_crossentropy"),
        (lambda: mlp().fit(X, Y, callbacks=[callbacks.EarlyStopping]), ArgumentError, "forget to call"),
        (lambda: uf.Sequential([layers.Dense(1)]).fit(X, Y), StateError, "is not compiled"),
        (lambda: uf.Sequential([layers.Dense(1)]).init_train_state(), StateError, "is not compiled"),
        (lambda: uf.Sequential([len]), ArgumentError, "Activation"),
        (lambda: uf.Sequential([layers.Dense(1)]).compile("adamm"), ArgumentError, "Did you mean"),
        (
            lambda: uf.Sequential([layers.Dense(1)]).compile("adam", "mse", metrics=["acuracy"]),
            ArgumentError,
            "accuracy",
        ),
        (
            lambda: uf.Sequential([layers.Dense(1)]).summary(line_length=60) or mlp().fit(None),
            ArgumentError,
            "x is None",
        ),
    ],
)
def test_bad_input_says_what_to_write(call, error, words):
    with uf.use_backend("numpy"), pytest.raises(error, match=words):
        call()
