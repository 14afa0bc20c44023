"""Optimizers make the updates of Keras 3, torch.optim and optax; schedules give Keras' rates."""

from __future__ import annotations

import inspect

import keras
import numpy as np
import optax
import pytest

import unifw as uf
from unifw import optimizers
from unifw.errors import ArgumentError, StateError
from unifw.optimizers import schedules

RANDOM = np.random.default_rng(0)
START = {
    "bias": RANDOM.standard_normal(3).astype(np.float32),
    "kernel": RANDOM.standard_normal((4, 3)).astype(np.float32),
}
GRADIENTS = [
    {name: 3 * RANDOM.standard_normal(value.shape).astype(np.float32) for name, value in START.items()}
    for _ in range(6)
]

CASES = {
    "sgd": ("SGD", {"learning_rate": 0.1}),
    "momentum": ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    "nesterov": ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    "adam": ("Adam", {"learning_rate": 0.1}),
    "adam betas": ("Adam", {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3, "weight_decay": 0.1}),
    "amsgrad": ("Adam", {"learning_rate": 0.1, "beta_2": 0.5, "amsgrad": True, "weight_decay": 0.1}),
    "amsgrad adamw": ("AdamW", {"learning_rate": 0.1, "beta_2": 0.3, "amsgrad": True}),
    "rmsprop": ("RMSprop", {"learning_rate": 0.1}),
    "rmsprop momentum": ("RMSprop", {"learning_rate": 0.1, "momentum": 0.9, "rho": 0.8, "epsilon": 1e-3}),
    "rmsprop centered": ("RMSprop", {"learning_rate": 0.1, "centered": True, "weight_decay": 0.1}),
    "rmsprop all": ("RMSprop", {"learning_rate": 0.1, "centered": True, "momentum": 0.5, "clipnorm": 0.5}),
    "adamw": ("AdamW", {"learning_rate": 0.1, "weight_decay": 0.05}),
    "clipnorm": ("Adam", {"learning_rate": 0.1, "clipnorm": 0.5}),
    "clipvalue": ("SGD", {"learning_rate": 0.1, "clipvalue": 0.5}),
    "global_clipnorm": ("SGD", {"learning_rate": 0.1, "global_clipnorm": 0.5}),
}


def run(optimizer, *, donated=False):
    parameters = uf.tree.map(uf.asarray, START)
    state = optimizer.init(parameters)
    for gradients in GRADIENTS:
        parameters, state = optimizer.update(uf.tree.map(uf.asarray, gradients), state, parameters, donated=donated)
    return {name: np.asarray(value) for name, value in parameters.items()}, state


def keras_run(optimizer):
    variables = [keras.Variable(value, name=name) for name, value in START.items()]
    for gradients in GRADIENTS:
        optimizer.apply(list(gradients.values()), variables)
    return {variable.name: np.asarray(variable) for variable in variables}


@pytest.mark.parametrize("case", CASES)
def test_six_updates_as_keras(backend, case):
    name, options = CASES[case]
    expected = keras_run(getattr(keras.optimizers, name)(**options))
    for donated in (False, True):
        ours, state = run(getattr(optimizers, name)(**options), donated=donated)
        for path, value in expected.items():
            np.testing.assert_allclose(ours[path], value, rtol=3e-6, atol=1e-6)
        assert state["step"].item() == 6


@pytest.mark.parametrize(
    ("ours", "oracle"),
    [
        (optimizers.SGD(0.1, momentum=0.9), optax.sgd(0.1, momentum=0.9)),
        # optax adds epsilon after the bias correction, so it must be small to compare
        (optimizers.Adam(0.1, epsilon=1e-12), optax.adam(0.1, eps=1e-12)),
        (optimizers.AdamW(0.1, weight_decay=0.05, epsilon=1e-12), optax.adamw(0.1, weight_decay=0.05, eps=1e-12)),
    ],
    ids=["sgd", "adam", "adamw"],
)
def test_six_updates_as_optax(backend, ours, oracle):
    parameters, state = START, oracle.init(START)
    for gradients in GRADIENTS:
        updates, state = oracle.update(gradients, state, parameters)
        parameters = optax.apply_updates(parameters, updates)
    result, _ = run(ours)
    for path, value in parameters.items():
        np.testing.assert_allclose(result[path], value, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {"momentum": 0.9}),
        ("Adam", {"eps": 1e-12}),
        ("AdamW", {"eps": 1e-12, "weight_decay": 0.1}),
        ("Adam", {"eps": 1e-12, "amsgrad": True, "betas": (0.9, 0.5)}),
        # torch adds its epsilon to the root, so it must be small to compare
        ("RMSprop", {"alpha": 0.9, "eps": 1e-12}),
        ("RMSprop", {"alpha": 0.8, "eps": 1e-12, "momentum": 0.9, "centered": True}),
    ],
    ids=["sgd", "adam", "adamw", "amsgrad", "rmsprop", "rmsprop centered"],
)
def test_six_updates_as_torch(name, options):
    torch = pytest.importorskip("torch", reason="the oracle is torch.optim")
    options = dict(options)
    parameters = {path: torch.nn.Parameter(torch.tensor(value)) for path, value in START.items()}
    oracle = getattr(torch.optim, name)(list(parameters.values()), lr=0.1, **options)
    for gradients in GRADIENTS:
        for path, parameter in parameters.items():
            parameter.grad = torch.tensor(gradients[path])
        oracle.step()
    if "eps" in options:
        options["epsilon"] = options.pop("eps")
    if "betas" in options:
        options["beta_1"], options["beta_2"] = options.pop("betas")
    if "alpha" in options:
        options["rho"] = options.pop("alpha")
    with uf.use_backend("numpy"):
        result, _ = run(getattr(optimizers, name)(0.1, **options))
    for path, parameter in parameters.items():
        np.testing.assert_allclose(result[path], parameter.detach().numpy(), rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Adam", "AdamW"])
def test_arguments_stand_where_keras_has_them(name):
    """As far as Keras' arguments are ours: what follows global_clipnorm there is not, and `name` is last here."""
    ours, theirs = (
        list(inspect.signature(getattr(module, name).__init__).parameters) for module in (optimizers, keras.optimizers)
    )
    assert ours[-2:] == ["name", "kwargs"]
    assert ours[:-2] == theirs[: len(ours) - 2]


def test_a_number_can_be_replaced_by_a_schedule_as_in_keras(backend):
    ours, theirs = optimizers.SGD(0.5), keras.optimizers.SGD(0.5)
    ours.learning_rate = schedules.PiecewiseConstantDecay([2], [0.1, 0.01])
    theirs.learning_rate = keras.optimizers.schedules.PiecewiseConstantDecay([2], [0.1, 0.01])
    found, _ = run(ours)
    for path, value in keras_run(theirs).items():
        np.testing.assert_allclose(found[path], value, rtol=3e-6, atol=1e-6)
    assert ours.get_config()["learning_rate"]["$object"] == "unifw>PiecewiseConstantDecay"


def test_exclusion_from_weight_decay(backend):
    ours = optimizers.AdamW(0.1, weight_decay=0.5)
    ours.exclude_from_weight_decay(var_names=["bias"])
    decayed, _ = run(optimizers.AdamW(0.1, weight_decay=0.5))
    plain, _ = run(optimizers.Adam(0.1))
    result, _ = run(ours)
    np.testing.assert_allclose(result["bias"], plain["bias"], rtol=1e-6)
    np.testing.assert_allclose(result["kernel"], decayed["kernel"], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.5}),
        ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.5, "staircase": True}),
        ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 8, "alpha": 0.1}),
        ("CosineDecay", {"initial_learning_rate": 0.0, "decay_steps": 8, "warmup_target": 0.2, "warmup_steps": 3}),
        ("PiecewiseConstantDecay", {"boundaries": [2, 5], "values": [0.1, 0.2, 0.3]}),
    ],
)
def test_schedules(backend, name, options):
    ours, theirs = getattr(schedules, name)(**options), getattr(keras.optimizers.schedules, name)(**options)
    for step in range(14):
        np.testing.assert_allclose(ours(uf.asarray(step)).item(), float(theirs(step)), rtol=2e-6, atol=1e-9)
    _, state = run(optimizers.SGD(ours))
    np.testing.assert_allclose(state["learning_rate"].item(), float(theirs(5)), rtol=2e-6)


def test_apply_keeps_state_in_the_object(backend):
    layer = uf.layers.Dense(3, kernel_initializer="ones")
    layer.build((None, 4))
    optimizer = optimizers.SGD(0.5, momentum=0.9)
    for _ in range(2):
        optimizer.apply([uf.ones((4, 3)), uf.ones(3)], layer.trainable_variables)
    assert optimizer.iterations == 2
    np.testing.assert_allclose(layer.get_weights()[1], -0.5 - (0.5 + 0.45))
    optimizer.learning_rate = 0.25
    assert optimizer.learning_rate == 0.25
    optimizer.apply_gradients(zip([uf.zeros((4, 3)), uf.ones(3)], layer.trainable_variables, strict=True))
    np.testing.assert_allclose(layer.get_weights()[1], -1.45 - 0.9 * 0.95 - 0.25, rtol=1e-6)


def test_options_of_keras_that_ask_for_nothing_are_taken():
    for each in (optimizers.SGD, optimizers.Adam, optimizers.AdamW, optimizers.RMSprop):
        each(use_ema=False, ema_momentum=0.99, loss_scale_factor=None, gradient_accumulation_steps=None)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: optimizers.get("adamm"), ArgumentError, "Did you mean 'adam"),
        (lambda: optimizers.Adam(clipnorm=1.0, clipvalue=1.0), ArgumentError, "Only one of"),
        (lambda: optimizers.Adam("fast"), ArgumentError, "learning_rate"),
        (lambda: optimizers.Adam(0.1, 0.9, 0.99, 1e-7, 0.01), ArgumentError, "amsgrad must be True or False"),
        (lambda: optimizers.Adam(beta_1=2.0), ArgumentError, "beta_1 and beta_2 must lie in"),
        (lambda: optimizers.SGD(use_ema=True), ArgumentError, "use_ema of Keras is not supported"),
        (
            lambda: optimizers.AdamW(gradient_accumulation_steps=2),
            ArgumentError,
            "gradient_accumulation_steps of Keras",
        ),
        (lambda: optimizers.RMSprop(lr=0.1), ArgumentError, "unknown arguments: lr"),
        (lambda: optimizers.RMSprop(momentum=2.0), ArgumentError, "momentum"),
        (lambda: setattr(optimizers.SGD(), "learning_rate", "fast"), ArgumentError, "LearningRateSchedule"),
        (lambda: schedules.CosineDecay(0.1, 0), ArgumentError, "decay_steps"),
        (lambda: setattr(optimizers.SGD(schedules.CosineDecay(0.1, 5)), "learning_rate", 1.0), StateError, "schedule"),
    ],
)
def test_bad_arguments_say_what_to_write(call, error, words):
    with pytest.raises(error, match=words):
        call()
