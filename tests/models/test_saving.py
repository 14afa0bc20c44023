"""One file holds everything, loads on any backend, and never executes anything."""

from __future__ import annotations

import functools
import json
import os

import numpy as np
import pytest

import unifw as uf
from unifw import layers
from unifw.backend import installed
from unifw.errors import CheckpointError, StateError

X = np.random.default_rng(0).standard_normal((12, 8, 8, 2)).astype(np.float32)
Y = np.arange(12) % 3


@uf.saving.register_serializable("tests")
class Net(uf.Model):
    def __init__(self, width, activation="relu"):
        super().__init__()
        self.body = uf.Sequential([layers.Conv2D(width, 3, activation=activation), layers.BatchNormalization()])
        self.pool = layers.GlobalAveragePooling2D()
        self.head = layers.Dense(3)

    def call(self, x, training=False):
        return self.head(self.pool(self.body(x, training=training)))


def trained(name):
    with uf.use_backend(name):
        uf.utils.set_random_seed(0)
        model = Net(4)
        model.compile(
            uf.optimizers.SGD(uf.optimizers.schedules.CosineDecay(0.1, 20), momentum=0.9),
            uf.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy", uf.metrics.SparseTopKCategoricalAccuracy(k=2, name="top2")],
        )
        model.fit(X, Y, batch_size=6)
    return model


@pytest.mark.parametrize("source", installed())
def test_saved_on_one_backend_loaded_on_every_other(source, tmp_path):
    model = trained(source)
    path = tmp_path / "model.safetensors"
    model.save(path)
    expected = model.predict(X)
    logs = model.evaluate(X, Y, return_dict=True)
    for target in installed():
        again = uf.load(path, backend=target)
        assert isinstance(again, Net)
        assert again.backend.name == target
        np.testing.assert_allclose(again.predict(X), expected, rtol=1e-4, atol=1e-5)
        assert again.optimizer.get_config() == model.optimizer.get_config()
        assert again.optimizer.iterations == 2
        for path_, value in model.optimizer.state["slots"]["momentum"].items():
            np.testing.assert_array_equal(
                np.asarray(again.optimizer.state["slots"]["momentum"][path_]), np.asarray(value)
            )
        for name, value in again.evaluate(X, Y, return_dict=True).items():
            np.testing.assert_allclose(value, logs[name], rtol=1e-4)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "model.safetensors"
    trained("numpy").save(path)
    return path


def test_any_flipped_byte_is_noticed(file):
    data = file.read_bytes()
    header = int.from_bytes(data[:8], "little")
    metadata = data.index(b"CosineDecay")
    for position in (3, 20, metadata, header + 8, header + 100, len(data) - 1):
        damaged = bytearray(data)
        damaged[position] ^= 1
        file.write_bytes(bytes(damaged))
        with pytest.raises(CheckpointError):
            uf.load(file, backend="numpy")
    file.write_bytes(data[: len(data) // 2])
    with pytest.raises(CheckpointError, match="damaged"):
        uf.load(file)


def test_foreign_and_missing_files(tmp_path):
    from safetensors.numpy import save_file

    with pytest.raises(CheckpointError, match="no file"):
        uf.load(tmp_path / "missing.safetensors")
    (tmp_path / "text").write_text("hello, this is not a checkpoint")
    with pytest.raises(CheckpointError, match="not a safetensors file"):
        uf.load(tmp_path / "text")
    save_file({"a": np.ones(2)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="not one that unifw"):
        uf.load(tmp_path / "other.safetensors")


def test_an_interrupted_save_leaves_the_old_file(file, monkeypatch):
    before = file.read_bytes()

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(CheckpointError, match="cannot be written: disk full"):
        trained("numpy").save(file)
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_classes_nobody_registered_need_custom_objects(tmp_path):
    class Private(layers.Layer):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def call(self, x):
            return x * self.factor

    with uf.use_backend("numpy"):
        model = uf.Sequential([uf.Input((2,)), Private(3.0)])
        model.save(tmp_path / "m.safetensors")
        with pytest.raises(CheckpointError, match=r"custom_objects=\{'Private'"):
            uf.load(tmp_path / "m.safetensors")
        again = uf.load(tmp_path / "m.safetensors", custom_objects={"Private": Private})
        np.testing.assert_array_equal(again.predict(np.ones((1, 2))), [[3.0, 3.0]])


def test_the_file_is_plain_data(file):
    data = file.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    description = json.loads(header["__metadata__"]["description"])
    assert description["model"] == {
        "$object": "tests>Net",
        "config": {"width": 4, "activation": "relu"},
    }
    assert "variables/body/0/kernel" in header
    assert "optimizer/slots/momentum/body/0/kernel" in header


def test_weights_alone(backend, tmp_path):
    model = uf.Sequential([uf.Input((2,)), layers.Dense(3, dtype="float32")])
    model.save_weights(tmp_path / "w.safetensors")
    other = uf.Sequential([uf.Input((2,)), layers.Dense(3)])
    other.load_weights(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
    with pytest.raises(StateError, match="does not fit"):
        uf.Sequential([uf.Input((2,)), layers.Dense(3), layers.Dense(1)]).load_weights(tmp_path / "w.safetensors")
    with pytest.raises(CheckpointError, match="variables only"):
        uf.load(tmp_path / "w.safetensors")


def test_bfloat16_survives(tmp_path):
    with uf.use_backend("jax"):
        model = uf.Sequential([uf.Input((2,)), layers.Dense(3, dtype="bfloat16")])
        model.save(tmp_path / "m.safetensors")
        again = uf.load(tmp_path / "m.safetensors")
        assert again.variables[0].dtype == uf.bfloat16
        np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])


def test_frozen_layers_stay_frozen(tmp_path):
    with uf.use_backend("numpy"):
        model = uf.Sequential([uf.Input((2,)), layers.Dense(3), layers.Dense(1)])
        model.layers[0].trainable = False
        model.save(tmp_path / "m.safetensors")
        again = uf.load(tmp_path / "m.safetensors")
    assert [each.path for each in again.trainable_variables] == ["1/kernel", "1/bias"]


def identity(x):
    return x


class Doubled(layers.Layer):
    """Holds two layers it is given, which may be one."""

    def __init__(self, first, second, **kwargs):
        super().__init__(**kwargs)
        self.first, self.second = first, second

    def call(self, x):
        return self.second(self.first(x))


class Tied(uf.Model):
    """Makes one layer and holds it under two names."""

    def __init__(self):
        super().__init__()
        self.encoder = layers.Dense(2)
        self.decoder = self.encoder

    def call(self, x):
        return self.decoder(self.encoder(x))


def twice_in_a_sequential():
    shared = layers.Dense(2, name="shared")
    return uf.Sequential([uf.Input((2,)), shared, layers.ReLU(), shared])


def twice_in_the_arguments_of_a_layer():
    shared = layers.Dense(2, name="shared")
    return uf.Sequential([uf.Input((2,)), Doubled(shared, shared), shared])


def shared_by_two_models():
    shared = layers.Dense(2, name="shared")
    return uf.Sequential([uf.Input((2,)), uf.Sequential([shared]), uf.Sequential([layers.ReLU(), shared])])


@pytest.mark.parametrize(
    ("make", "paths"),
    [
        (twice_in_a_sequential, ["0/kernel", "0/bias"]),
        (twice_in_the_arguments_of_a_layer, ["0/first/kernel", "0/first/bias"]),
        (shared_by_two_models, ["0/0/kernel", "0/0/bias"]),
        (Tied, ["encoder/kernel", "encoder/bias"]),
    ],
)
def test_a_layer_used_twice_is_trained_saved_and_loaded_as_one(backend, make, paths, tmp_path):
    x = X[:, 0, 0]
    model = make()
    model.build((None, 2))
    model.compile("adam", "mse")
    model.fit(x, 2 * x, verbose=0)
    assert [each.path for each in model.variables] == paths
    model.save(tmp_path / "m.safetensors")
    names = {"Doubled": Doubled, "Tied": Tied}
    again = uf.load(tmp_path / "m.safetensors", custom_objects=names)
    assert [each.path for each in again.variables] == paths
    for one in (model, again):  # the optimizer's slots are one layer's too
        one.fit(x, 2 * x, verbose=0, shuffle=False)
    np.testing.assert_allclose(again.predict(x), model.predict(x), rtol=1e-6)
    if make is not Tied:
        copy = type(model).from_config(uf.saving.deserialize(model.get_config(), names))
        copy.build((None, 2))
        assert [each.path for each in copy.variables] == paths


def test_a_description_numbers_only_what_comes_twice():
    first, second = layers.Dense(2, name="a"), layers.Dense(2, name="b")
    data = uf.saving.serialize([second, first, first])
    assert "$number" not in data[0]
    assert data[1]["$number"] == 1
    assert data[2] == {"$shared": 1}
    made = uf.saving.deserialize(json.loads(json.dumps(data, sort_keys=True)))
    assert made[1] is made[2]
    assert made[0] is not made[1]


def test_equal_is_not_the_same():
    one, other = uf.saving.deserialize(uf.saving.serialize([layers.ReLU(name="r"), layers.ReLU(name="r")]))
    assert one is not other


def test_a_configuration_that_leaves_out_where_an_object_came_first():
    class Forgets(layers.Layer):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def get_config(self):
            super().get_config()
            return {}

    inner = layers.ReLU(name="r")
    data = uf.saving.serialize([Forgets(inner), inner])
    assert data[1] == {"$object": "unifw>ReLU", "config": inner.get_config()}


def test_a_layer_in_its_own_configuration_says_so():
    class Child(layers.Layer):
        def __init__(self, parent):
            super().__init__()
            self.parent = parent

    parent = uf.Sequential([])
    parent.add(Child(parent))
    with pytest.raises(CheckpointError, match="contains the object itself"):
        parent.get_config()


@pytest.mark.parametrize("unnamed", [lambda x: x, functools.partial(identity)])
def test_what_has_no_name_is_refused_by_save_not_by_load(unnamed, tmp_path):
    with uf.use_backend("numpy"):
        model = uf.Sequential([uf.Input((2,)), layers.Dense(1, activation=unnamed)])
        with pytest.raises(CheckpointError, match=r"no name .* def, .*register_serializable"):
            model.save(tmp_path / "m.safetensors")
        assert not list(tmp_path.iterdir())
        for keyword in ("loss", "metrics"):
            model = uf.Sequential([uf.Input((2,)), layers.Dense(1)])
            model.compile("sgd", **{"loss": "mse", keyword: lambda y, p: p - y})
            with pytest.raises(CheckpointError, match="no name"):
                model.save(tmp_path / "m.safetensors")


def test_functions_nobody_registered_need_custom_objects(tmp_path):
    def shout(x):
        return x * 10

    def off_by(y_true, y_pred):
        return uf.mean(uf.abs(y_pred - y_true), axis=-1)

    x = X[:, 0, 0]
    with uf.use_backend("numpy"):
        model = uf.Sequential([uf.Input((2,)), layers.Dense(2, activation=shout)])
        model.compile("sgd", off_by, metrics=[off_by])
        path = tmp_path / "m.safetensors"
        model.save(path)
        with pytest.raises(CheckpointError, match=r"custom_objects=\{'shout': …\}"):
            uf.load(path)
        again = uf.load(path, custom_objects={"shout": shout, "off_by": off_by})
        np.testing.assert_array_equal(again.predict(x), model.predict(x))
        assert again.evaluate(x, x) == model.evaluate(x, x)


def test_two_things_of_one_name_are_refused(tmp_path):
    def make(factor):
        def scaled(x):
            return x * factor

        return scaled

    with uf.use_backend("numpy"):
        model = uf.Sequential(
            [uf.Input((2,)), layers.Dense(2, activation=make(2)), layers.Dense(2, activation=make(3))]
        )
        with pytest.raises(CheckpointError, match="Two different things here are called 'scaled'"):
            model.save(tmp_path / "m.safetensors")


def test_a_custom_name_does_not_hide_a_registered_one(tmp_path):
    def relu(x):
        return x * 10

    with uf.use_backend("numpy"):
        model = uf.Sequential([uf.Input((2,)), layers.Dense(2, activation="relu"), layers.Dense(2, activation=relu)])
        model.save(tmp_path / "m.safetensors")
        again = uf.load(tmp_path / "m.safetensors", custom_objects={"relu": relu})
        assert [each.activation for each in again.layers] == [uf.activations.relu, relu]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX'")
def test_files_have_the_permissions_of_any_new_file_and_keep_those_they_had(tmp_path):
    with uf.use_backend("numpy"):
        model = uf.Sequential([uf.Input((2,)), layers.Dense(1)])
        path = tmp_path / "m.safetensors"
        previous = os.umask(0o027)
        try:
            model.save(path)
            assert path.stat().st_mode & 0o777 == 0o640
            path.chmod(0o604)
            model.save_weights(path)
            assert path.stat().st_mode & 0o777 == 0o604
        finally:
            os.umask(previous)


def test_missing_folders_are_made_and_impossible_ones_named(tmp_path):
    with uf.use_backend("numpy"):
        model = uf.Sequential([uf.Input((2,)), layers.Dense(1)])
        model.save(tmp_path / "a" / "b" / "m.safetensors")
        assert uf.load(tmp_path / "a" / "b" / "m.safetensors").count_params() == 3
        with pytest.raises(CheckpointError, match="is a folder"):
            model.save(tmp_path / "a")
        with pytest.raises(CheckpointError, match="cannot be read"):
            uf.load(tmp_path / "a")
        with pytest.raises(CheckpointError, match=r"The folder .*m\.safetensors.* cannot be made"):
            model.save(tmp_path / "a" / "b" / "m.safetensors" / "x.safetensors")
