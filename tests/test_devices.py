"""The device a user chooses: where new tensors go, under transforms too, and who has none to choose from."""

from __future__ import annotations

import numpy as np
import pytest

import unifw as uf
from unifw.backend import Capabilities, check_device, current_device, get_backend
from unifw.backend.abstract import AbstractBackend
from unifw.backend.autodiff import GradientTape
from unifw.errors import DeviceError

NUMPY = type(get_backend("numpy"))


class OnFirst(np.ndarray):
    """An array on the device "cpu" of `TwoDevices`; NumPy's elementwise functions keep the class."""


class OnSecond(np.ndarray):
    """An array on its device "cuda:0"."""


class TwoDevices(NUMPY):
    """NumPy, claiming a second device: arrays on each are of a class of their own, and NumPy's are foreign."""

    name = "two-devices"
    interface_version = 1
    capabilities = Capabilities(device_kinds=("cpu", "cuda"))

    def devices(self):
        return ("cpu", "cuda:0")

    def is_array(self, value):
        return isinstance(value, (OnFirst, OnSecond))

    def device_of(self, array):
        return "cuda:0" if isinstance(array, OnSecond) else "cpu"

    def to_device(self, array, device):
        assert device in self.devices()
        return np.asarray(array).view(OnSecond if device == "cuda:0" else OnFirst)

    def asarray(self, value, *, dtype=None, device=None):
        array = super().asarray(value, dtype=dtype)
        return self.to_device(array, device or self.device_of(value))


@pytest.fixture
def two():
    with uf.use_backend(TwoDevices()) as backend:
        yield backend


def sequential():
    return uf.Sequential([uf.layers.Dense(4, activation="relu"), uf.layers.BatchNormalization(), uf.layers.Dense(2)])


def test_new_tensors_go_to_the_device_of_the_context(two):
    assert uf.zeros(2).device == uf.asarray([1.0]).device == "cpu"
    with uf.use_device("cuda"):
        assert uf.zeros(2).device == uf.asarray([1.0]).device == "cuda:0"
        assert uf.zeros(2, device="cpu").device == "cpu"


def test_a_model_is_built_from_a_shape_and_its_parameters_are_on_the_device(two):
    with uf.use_device("cuda:0"):
        model = sequential()
        model.build((None, 3))
        assert model.count_params() == 42
        assert {value.device for value in uf.state(model).values()} == {"cuda:0"}


def test_a_model_is_built_on_the_device_of_the_environment(two, monkeypatch):
    monkeypatch.setenv("UNIFW_DEVICE", "cuda")
    model = sequential()
    model.build((None, 3))
    assert {value.device for value in uf.state(model).values()} == {"cuda:0"}


def test_a_model_that_names_devices_is_built_from_a_shape(two):
    class Net(uf.Model):
        def call(self, x, training=False):
            with uf.use_device("cuda:0"):
                bias = uf.ones((3,))
            return (x + bias).to_device("cpu") + uf.zeros((3,), device="cuda:0").to_device("cpu")

    model = Net()
    model.build((None, 3))
    assert model(uf.ones((2, 3))).device == "cpu"


def test_tensors_made_under_a_gradient_tape_go_to_the_device(two):
    made = []

    def f(x):
        made.extend([uf.ones(2), uf.asarray([2.0, 3.0]), uf.arange(2)])
        return uf.sum(x * made[0] * made[1])

    with uf.use_device("cuda:0"):
        gradient = uf.grad(uf.jit(f))(uf.ones(2))
    assert [each.device for each in made] == ["cuda:0"] * 3
    assert gradient.tolist() == [2.0, 3.0]
    assert gradient.device == "cuda:0"


def test_what_has_no_device_ignores_the_choice(monkeypatch):
    monkeypatch.setenv("UNIFW_DEVICE", "cuda:7")
    for placeless in (AbstractBackend(), GradientTape(AbstractBackend())):
        assert current_device(placeless) is None
        with uf.use_backend(placeless):
            assert uf.ones((2, 3)).shape == uf.asarray([[0.0] * 3] * 2).shape == (2, 3)
            assert uf.ones((2,), device="cuda:3").to_device("cuda:5").shape == (2,)


def test_tapes_share_a_name_but_not_their_devices():
    assert check_device(GradientTape(TwoDevices()), "cuda") == "cuda:0"
    with pytest.raises(DeviceError, match=r"no device 'cuda' here\. Present: cpu\."):
        check_device(GradientTape(get_backend("numpy")), "cuda")


@pytest.mark.parametrize("device", ["cuda:9", "cpu:7", "gpu", "cpu:x"])
def test_a_device_that_is_not_there_is_one_error_however_it_is_named(backend, device, monkeypatch):
    expected = f"Backend {backend.name!r} has no device {device!r} here. Present: {', '.join(backend.devices())}."
    for call in (
        lambda: uf.asarray([1.0], device=device),
        lambda: uf.zeros(2, device=device),
        lambda: uf.ones_like(uf.ones(2), device=device),
        lambda: uf.ones(2).to_device(device),
        lambda: uf.astype(uf.ones(2), "float64", device=device),
        lambda: uf.from_dlpack(uf.ones(2), device=device),
        lambda: uf.use_device(device).__enter__(),
    ):
        with pytest.raises(DeviceError) as caught:
            call()
        assert str(caught.value) == expected
    monkeypatch.setenv("UNIFW_DEVICE", device)
    with pytest.raises(DeviceError) as caught:
        uf.zeros(2)
    assert str(caught.value) == f"{expected} The name comes from the environment variable UNIFW_DEVICE."
