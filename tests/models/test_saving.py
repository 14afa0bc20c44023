"""One file holds everything, loads on any backend, and never executes anything."""

from __future__ import annotations

import json

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
    with pytest.raises(OSError, match="disk full"):
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
