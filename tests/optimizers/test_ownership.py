"""An optimizer's slots belong to the variables they were made for, and nothing of another shape is ever updated."""

from __future__ import annotations

import numpy as np
import pytest

import unifw as uf
from unifw import layers, optimizers
from unifw.backend import Backend
from unifw.errors import ShapeError, StateError

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((16, 4)).astype(np.float32)
Y = np.arange(16) % 3
LOSS = uf.losses.SparseCategoricalCrossentropy(from_logits=True)


def made(optimizer, units=3):
    model = uf.Sequential([uf.Input((4,)), layers.Dense(5), layers.Dense(units)])
    model.compile(optimizer, LOSS)
    return model


@pytest.mark.parametrize("units", [300, 3])
def test_a_layer_put_in_the_place_of_another_has_fresh_slots(backend, units):
    model = made("adam")
    model.fit(X, Y, batch_size=8)
    kept = model.optimizer.state["slots"]["velocity"]["0/kernel"]
    model.pop()
    model.add(layers.Dense(units))
    slots = model.init_train_state()["optimizer"]["slots"]
    assert slots["velocity"]["1/kernel"].shape == (5, units)
    assert not np.asarray(slots["velocity"]["1/kernel"]).any()
    np.testing.assert_array_equal(np.asarray(slots["velocity"]["0/kernel"]), np.asarray(kept))
    model.fit(X, Y, batch_size=8)
    assert model.optimizer.iterations == 4
    assert np.isfinite(model.history.history["loss"]).all()


def test_slots_follow_their_variables_to_other_paths(backend):
    head = layers.Dense(3)
    model = uf.Sequential([uf.Input((4,)), head])
    optimizer = optimizers.Adam()
    model.compile(optimizer, LOSS)
    model.fit(X, Y)
    kept = np.asarray(optimizer.state["slots"]["momentum"]["0/kernel"])
    outer = uf.Sequential([uf.Input((4,)), layers.Dense(4), model])
    outer.compile(optimizer, LOSS)
    slots = outer.init_train_state()["optimizer"]["slots"]["momentum"]
    np.testing.assert_array_equal(np.asarray(slots["1/0/kernel"]), kept)
    assert not np.asarray(slots["0/kernel"]).any()


@pytest.mark.parametrize("units", [3, 8])
def test_one_optimizer_does_not_serve_two_models(backend, units):
    optimizer = optimizers.Adam()
    made(optimizer).fit(X, Y)
    with pytest.raises(StateError, match="Make a new optimizer for each model"):
        made(optimizer, units).fit(X, Y)


def test_apply_knows_its_variables():
    """As Keras, which raises "Unknown variable" too."""
    with uf.use_backend("numpy"):
        first, second = layers.Dense(2), layers.Dense(2)
        for each in (first, second):
            each.build((None, 2))
        optimizer = optimizers.Adam()
        optimizer.apply([uf.ones((2, 2)), uf.ones(2)], first.trainable_variables)
        velocity = np.asarray(optimizer.state["slots"]["velocity"]["kernel"])
        with pytest.raises(StateError, match="Unknown variable"):
            optimizer.apply([uf.ones((2, 2)), uf.ones(2)], second.trainable_variables)
        optimizer.apply([uf.ones(2)], [first.bias])  # some of them, which leaves the rest as it was
        np.testing.assert_array_equal(np.asarray(optimizer.state["slots"]["velocity"]["kernel"]), velocity)
        assert optimizer.iterations == 2


@pytest.mark.parametrize("donated", [False, True])
@pytest.mark.parametrize("optimizer", [optimizers.Adam(), optimizers.SGD(momentum=0.9)], ids=["adam", "sgd"])
def test_shapes_are_checked_before_anything_is_overwritten(backend, optimizer, donated):
    parameters = {"w": uf.ones(3)}
    state = optimizer.init(parameters)
    with pytest.raises(ShapeError, match=r"gradient of parameter 0 .* has shape \(1,\); the parameter has \(3,\)"):
        optimizer.update({"w": uf.ones(1)}, state, parameters, donated=donated)
    small = optimizer.init({"w": uf.ones(2)})
    with pytest.raises(ShapeError, match="slot 'momentum' of parameter 0"):
        optimizer.update({"w": uf.ones(3)}, small, parameters, donated=donated)
    other = optimizer.init({"v": uf.ones(3)})
    with pytest.raises(StateError, match="slots 'momentum' of"):
        optimizer.update({"w": uf.ones(3)}, other, parameters, donated=donated)
    np.testing.assert_array_equal(np.asarray(parameters["w"]), 1.0)


@pytest.mark.parametrize("misfit", ["gradient", "momentum"])
def test_torchs_fused_kernel_is_never_given_arrays_that_do_not_fit(misfit):
    torch = pytest.importorskip("torch", reason="the kernel is torch's")
    native = uf.backend.get_backend("torch")
    arrays = {name: torch.ones(4) for name in ("parameter", "gradient", "momentum", "velocity")}
    arrays[misfit] = torch.ones(1)
    given = [[each] for each in arrays.values()]
    options = {
        "step": native.asarray(0), "learning_rate": native.asarray(0.1), "beta_1": 0.9, "beta_2": 0.9, "epsilon": 1e-7
    }  # fmt: skip
    expected = Backend.adam_update(native, *given, **options)
    found = native.adam_update(*given, **options, donated=True)
    for each, value in zip(found, expected, strict=True):
        torch.testing.assert_close(each[0], value[0])  # it broadcasts, as the default does, and writes nothing else
