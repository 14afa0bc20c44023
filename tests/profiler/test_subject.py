"""What the parity gate sees of a training: a model that trains otherwise must show, wherever the difference is."""

from __future__ import annotations

import numpy as np
import pytest

import unifw as uf
from unifw.errors import ProfileError
from unifw.profiler._parity import compare, first_failure
from unifw.profiler._subject import Arrays, Subject, read_state, write_state

STEPS = 10


def model_and_batch():
    uf.utils.set_random_seed(0)
    model = uf.Sequential([uf.Input((2,)), uf.layers.Dense(3)])
    model.compile(optimizer="sgd", loss="mse")
    generator = np.random.default_rng(0)
    return model, generator.normal(size=(4, 2)).astype("float32"), generator.normal(size=(4, 3)).astype("float32")


@pytest.mark.parametrize("mode", ["eager", "compiled"])
def test_sample_weights_reach_gradients_and_training(mode: str) -> None:
    weights = np.array([0.0, 1.0, 2.0, 0.5], np.float32)
    with uf.use_backend("numpy"):
        model, x, y = model_and_batch()
        plain = Subject(model, x, y, mode=mode, seed=0)
        weighted = Subject(model, x, y, weights, mode=mode, seed=0)
        before = plain.gradients(), plain.training(3)
        after = weighted.gradients(), weighted.training(3)
    (kernel,) = (name for name in before[0] if "kernel" in name)
    assert not np.allclose(before[0][kernel], after[0][kernel])
    assert not np.allclose(before[1]["loss"], after[1]["loss"])


def test_training_afresh_leaves_the_subject_usable_and_repeats() -> None:
    with uf.use_backend("numpy"):
        model, x, y = model_and_batch()
        subject = Subject(model, x, y, mode="eager", seed=0)
        before = subject.training(2)
        subject.train_afresh(2)
        after = subject.training(2)
    assert all(np.array_equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda arrays: {name: value[..., :1] for name, value in arrays.items()},
            r"other shapes.*\(2, 1\) there, \(2, 3\)",
        ),
        (lambda arrays: {f"other/{name}": value for name, value in arrays.items()}, "other variables here"),
    ],
)
def test_a_file_that_builds_another_model_each_time_is_told_so(change, message: str) -> None:
    with uf.use_backend("numpy"):
        model, _, _ = model_and_batch()
        with pytest.raises(ProfileError, match=message) as caught:
            write_state(model, change(read_state(model)))
        assert "differently from run to run" in str(caught.value)


def quantities(*, momentum: float = 0.99, decay: float = 0.004, rate: float = 1e-3) -> Arrays:
    with uf.use_backend("numpy"):
        uf.utils.set_random_seed(0)
        model = uf.Sequential(
            [
                uf.Input((16,)),
                uf.layers.Dense(32, activation="tanh"),
                uf.layers.BatchNormalization(momentum=momentum),
                uf.layers.Dense(3),
            ]
        )
        loss = uf.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer=uf.optimizers.AdamW(rate, weight_decay=decay), loss=loss)
        generator = np.random.default_rng(0)
        x, y = generator.normal(size=(64, 16)).astype("float32"), generator.integers(0, 3, 64)
        subject = Subject(model, x, y, mode="eager", seed=0)
        return {**subject.outputs(), **subject.gradients(), **subject.training(STEPS)}


def test_every_variable_is_there_and_so_are_the_outputs_after_training() -> None:
    names = set(quantities())
    assert {"output", "loss", "trained output"} < names
    kinds = {
        kind: {name.split(" ", 1)[1] for name in names if name.startswith(kind)} for kind in ("gradient", "change")
    }
    assert len(kinds["gradient"]) == 6
    assert {path.rpartition("/")[2] for path in kinds["change"] - kinds["gradient"]} == {
        "moving_mean", "moving_variance"
    }  # fmt: skip


def test_the_same_training_is_the_same() -> None:
    assert {each.error for each in compare(quantities(), quantities(), relative=2e-5)} == {0.0}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"momentum": 0.5}, "moving_mean"),  # the training itself does not read what it gets wrong
        ({"decay": 0.0}, "kernel"),  # seven parts in ten thousand of the change
        ({"rate": 1.001e-3}, "loss"),
    ],
)
def test_a_training_that_differs_in_one_setting_fails(change: dict[str, float], where: str) -> None:
    failure = first_failure(compare(quantities(), quantities(**change), relative=2e-5))
    assert failure is not None
    assert where in failure.name


def test_outputs_after_training_see_wrong_moving_statistics() -> None:
    errors = {each.name: each.error for each in compare(quantities(), quantities(momentum=0.5), relative=2e-5)}
    assert errors["output"] == 0.0
    assert errors["trained output"] > 0.1
