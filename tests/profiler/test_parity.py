"""What passes the gate, and what does not."""

from __future__ import annotations

import numpy as np
import pytest

from unifw.errors import ProfileError
from unifw.profiler._parity import check_finite, compare, first_failure, not_comparable, worst

REFERENCE = {
    "gradient a": np.array([100.0, -1.0]),
    "gradient b": np.array([1e-17, 0.0]),
    "loss": np.array([2.0, 1.0]),
    "output": np.array([[1.0, -4.0]]),
}


def actual(**changes: np.ndarray) -> dict[str, np.ndarray]:
    return {**REFERENCE, **{name.replace("_", " "): value for name, value in changes.items()}}


def test_order_is_outputs_losses_gradients() -> None:
    names = [quantity.name for quantity in compare(REFERENCE, actual(), relative=2e-5)]
    assert names == ["output", "loss", "gradient a", "gradient b"]


def test_errors_are_relative_to_the_largest_value() -> None:
    (output, *_) = compare(REFERENCE, actual(output=np.array([[1.0, -4.0004]])), relative=2e-5)
    assert output.error == pytest.approx(1e-4)
    assert output.tolerance == pytest.approx(1e-4)


def test_equal_is_exact_zero() -> None:
    quantities = compare(REFERENCE, actual(), relative=2e-5)
    assert [quantity.error for quantity in quantities] == [0.0] * 4
    assert first_failure(quantities) is None


def test_a_gradient_that_is_zero_in_theory_is_held_to_the_scale_of_the_others() -> None:
    rounding, wrong = np.array([3e-6, 0.0]), np.array([1e-3, 0.0])
    assert first_failure(compare(REFERENCE, actual(gradient_b=rounding), relative=2e-5)) is None
    failure = first_failure(compare(REFERENCE, actual(gradient_b=wrong), relative=2e-5))
    assert failure is not None
    assert failure.name == "gradient b"
    assert failure.error == pytest.approx(1e-2)


def test_the_first_failure_is_the_earliest_quantity_not_the_largest() -> None:
    quantities = compare(REFERENCE, actual(loss=np.array([2.1, 1.0]), gradient_a=np.array([0.0, 0.0])), relative=2e-5)
    first, most = first_failure(quantities), worst(quantities)
    assert first is not None
    assert first.name == "loss"
    assert most is not None
    assert most.name == "gradient a"


@pytest.mark.parametrize(
    "value", [np.array([np.nan, 1.0]), np.array([np.inf, 1.0]), np.array([2.0]), np.array([[2.0, 1.0]])]
)
def test_not_finite_or_of_another_shape_fails(value: np.ndarray) -> None:
    failure = first_failure(compare(REFERENCE, actual(loss=value), relative=1.0))
    assert failure is not None
    assert failure.error is None


def test_a_quantity_that_is_missing_fails() -> None:
    rest = {name: value for name, value in REFERENCE.items() if name != "gradient a"}
    failure = first_failure(compare(REFERENCE, rest, relative=1.0))
    assert failure is not None
    assert failure.name == "gradient a"


def test_what_rounding_alone_moves_is_allowed_several_times_but_never_much() -> None:
    def tolerances(**rounding: float) -> dict[str, float]:
        quantities = compare(REFERENCE, actual(), relative=2e-5, rounding=rounding)
        return {quantity.name: quantity.tolerance for quantity in quantities}

    assert tolerances(loss=1e-7)["loss"] == pytest.approx(1e-4)
    assert tolerances(loss=1e-3)["loss"] == pytest.approx(1e-2)
    assert tolerances(loss=1e-3)["output"] == pytest.approx(1e-4)
    assert tolerances(loss=0.5)["loss"] == pytest.approx(0.5)


def test_losses_are_read_from_float32_logs_even_in_float64() -> None:
    tolerances = {item.name: item.tolerance for item in compare(REFERENCE, actual(), relative=1e-11)}
    assert tolerances["output"] == pytest.approx(5e-11)
    assert tolerances["loss"] == pytest.approx(1e-4)


TRAINED = {
    **REFERENCE,
    "change a": np.array([1e-3, -1e-3]),
    "change b": np.array([1e-3, 0.0]),
    "change moving": np.array([0.1, 0.3]),
    "trained output": np.array([[1.0, 3.0]]),
}


def test_what_training_left_comes_last_and_is_judged_by_the_mean() -> None:
    moved = {**TRAINED, "change moving": np.array([0.1, 0.5]), "trained output": np.array([[1.0, 3.004]])}
    quantities = compare(TRAINED, moved, relative=2e-5)
    assert [each.name for each in quantities][-4:] == ["change a", "change b", "change moving", "trained output"]
    errors = {each.name: each.error for each in quantities}
    assert errors["change moving"] == pytest.approx(0.5)
    assert errors["trained output"] == pytest.approx(1e-3)


def test_a_change_is_relative_to_the_change_and_not_to_the_weight() -> None:
    undecayed = {**TRAINED, "change a": TRAINED["change a"] * (1 + 8e-4)}  # weight decay of 0.004 left out, in AdamW
    failure = first_failure(compare(TRAINED, undecayed, relative=2e-5))
    assert failure is not None
    assert failure.name == "change a"


@pytest.mark.parametrize("name", ["change a", "change moving", "trained output"])
def test_state_that_training_did_not_move_fails(name: str) -> None:
    still = {**TRAINED, name: np.zeros_like(TRAINED[name])}
    failure = first_failure(compare(TRAINED, still, relative=2e-5))
    assert failure is not None
    assert failure.name == name
    assert failure.error == pytest.approx(1.0)


def test_changes_that_rounding_alone_decides_are_left_out_and_nothing_else_is() -> None:
    # The gradient of b is 1e-17 beside one of 100: what an adaptive optimizer makes of it is arbitrary.
    assert not_comparable(TRAINED) == ("change b",)
    assert not_comparable({**TRAINED, "gradient b": np.zeros(2)}) == ()  # a zero is exact: weight decay still moves it
    rounding = {"change moving": 0.3, "change a": 0.2, "loss": 9.0, "gradient a": 9.0, "output": 9.0}
    assert not_comparable(TRAINED, rounding) == ("change b", "change moving")
    # In bfloat16 the rounding of a gradient that is zero in theory exceeds even the floor of its scale.
    assert not_comparable(TRAINED, {"gradient b": 1.4}) == ("gradient b", "change b")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_reference_that_is_not_finite_is_refused_by_name(value: float) -> None:
    broken = {**TRAINED, "loss": np.array([1.0, value]), "gradient a": np.array([value, value])}
    with pytest.raises(ProfileError, match=r"1 of 2 numbers of its 'loss' are NaN or infinite.*learning rate"):
        check_finite(broken)
    check_finite(TRAINED)
