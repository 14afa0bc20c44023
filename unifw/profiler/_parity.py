"""The parity gate: a variant that computes something else is not faster, it is wrong.

What is compared: outputs, the losses of ten training steps, every gradient, what every variable (moving statistics
included) changed by in those steps, and the outputs afterwards.

An output's, loss' or gradient's error is its largest difference from the float64 reference, relative to the
reference's own scale, its largest absolute value. Element by element would be stricter than arithmetic is: rounding
errors grow with the numbers that were added up, not with what is left after they cancel. Some gradients are zero in
theory (a bias in front of a normalisation), so that all that is left is rounding; therefore no gradient's scale is
taken as smaller than `FLOOR` times the largest gradient's.

After training, differences and scales are *mean* absolute values: an adaptive optimizer divides each gradient by its
own size, so that the few elements whose gradient passes through zero may step either way on equal arithmetic. A change
is relative to the mean change itself, not to the weight, in which ten steps are lost.

The tolerance is the larger of two:

* `FACTOR` times the relative tolerance that the backend states for the dtype, which is for one elementary result, while
  outputs, gradients and losses are the work of many: 1e-4 for float32. Losses are read from logs, which are float32
  whatever the model is, so for them it is at least that;
* `ROUNDING` times what the reference itself moves by when NumPy computes it in the variants' dtype instead of float64:
  a gradient in which large numbers cancel, or a loss after ten steps of a restless optimizer, is worth no more digits
  than that on any framework. Another order of the same sums can do several times better or worse.

The second is never more than `LARGEST`, so that a wrong sign fails even in bfloat16, where the gradients of a plain MLP
move by a quarter of their scale: a model that rounding moves further has no result to compare. What a variable changed
by is then left out, and named (`not_comparable`): an adaptive optimizer makes full steps out of a gradient that is
nothing but rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from unifw import dtypes
from unifw.backend import DEFAULT_TOLERANCES
from unifw.errors import ProfileError
from unifw.profiler._results import Quantity

FACTOR: Final = 5.0
FLOOR: Final = 1e-3
ROUNDING: Final = 10.0
LARGEST: Final = 0.5
NOISE: Final = 1e-12
"""A float64 gradient below this share of the largest is rounding, though the element is not zero."""
LOGS: Final = DEFAULT_TOLERANCES[dtypes.float32].relative
_ORDER: Final = ("output", "loss", "gradient", "change", "trained")

Arrays = Mapping[str, np.ndarray[Any, Any]]


def check_finite(reference: Arrays) -> None:
    """Refuse a reference that nothing can be compared with.

    Raises:
        ProfileError: if a number of the reference is not finite, with the first quantity that has one.
    """
    for name in sorted(reference, key=_place):
        bad = int(np.count_nonzero(~np.isfinite(reference[name])))
        if bad:
            raise ProfileError(
                f"The float64 reference is not finite: {bad} of {reference[name].size} numbers of its {name!r} are NaN "
                "or infinite, so no backend's result can be checked. Look for NaN in the batch, a logarithm or "
                "division at zero in the model or loss, or a learning rate so large that ten steps diverge."
            )


def not_comparable(reference: Arrays, rounding: Mapping[str, float] | None = None) -> tuple[str, ...]:
    """Return the quantities that rounding alone decides, which no two frameworks need agree on.

    Args:
        reference: float64 arrays by name.
        rounding: see `compare`.
    """
    rounding = rounding or {}
    gradients = {name: _largest(value) for name, value in reference.items() if _kind(name) == "gradient"}
    noise = NOISE * max(gradients.values(), default=0.0)

    def arbitrary(name: str) -> bool:
        swamped = 2 * rounding.get(name, 0.0) > LARGEST
        zero_in_theory = 0 < gradients.get(name.replace("change", "gradient", 1), 0.0) <= noise
        kind = _kind(name)
        if kind == "gradient":
            return swamped and zero_in_theory
        return kind in ("change", "trained") and (swamped or zero_in_theory)

    return tuple(name for name in sorted(reference, key=_place) if arbitrary(name))


def compare(
    reference: Arrays, actual: Arrays, *, relative: float, rounding: Mapping[str, float] | None = None
) -> tuple[Quantity, ...]:
    """Return one quantity per array of the reference: outputs, losses, gradients, changes, outputs after training.

    Args:
        reference: float64 arrays by name, as `output`, `loss`, `gradient body/0/kernel`, `change body/0/kernel` and
            `trained output`.
        actual: the variant's arrays by the same names.
        relative: the backend's relative tolerance for its dtype.
        rounding: the error of the same computation on NumPy in the variants' dtype, by name, where it is known.
    """
    rounding = rounding or {}
    floors = {
        kind: FLOOR
        * max((_scale(name, value) for name, value in reference.items() if _kind(name) == kind), default=0.0)
        for kind in ("gradient", "change")
    }
    return tuple(
        Quantity(
            name,
            _error(name, reference[name], actual.get(name), floor=floors.get(_kind(name), 0.0)),
            max(
                FACTOR * (max(relative, LOGS) if name == "loss" else relative),
                min(LARGEST, ROUNDING * rounding.get(name, 0.0)),
            ),
        )
        for name in sorted(reference, key=_place)
    )


def first_failure(quantities: tuple[Quantity, ...]) -> Quantity | None:
    """Return the first quantity that is out of tolerance, or None."""
    return next((quantity for quantity in quantities if not quantity.passed), None)


def worst(quantities: tuple[Quantity, ...]) -> Quantity | None:
    """Return the quantity nearest to its tolerance, or furthest beyond."""
    return max(
        quantities, key=lambda item: float("inf") if item.error is None else item.error / item.tolerance, default=None
    )


def _kind(name: str) -> str:
    return name.split(" ", 1)[0].split("/", 1)[0]


def _place(name: str) -> tuple[int, str]:
    return _ORDER.index(_kind(name)), name


def _largest(value: np.ndarray[Any, Any]) -> float:
    return float(np.max(np.abs(value))) if value.size else 0.0


def _scale(name: str, value: np.ndarray[Any, Any]) -> float:
    if _kind(name) in ("change", "trained"):
        return float(np.mean(np.abs(value))) if value.size else 0.0
    return _largest(value)


def _error(
    name: str, reference: np.ndarray[Any, Any], actual: np.ndarray[Any, Any] | None, *, floor: float
) -> float | None:
    if actual is None or actual.shape != reference.shape:
        return None
    if not reference.size:
        return 0.0
    difference = _scale(name, actual.astype(np.float64) - reference)
    scale = max(_scale(name, reference), floor, float(np.finfo(np.float32).tiny))
    return difference / scale if np.isfinite(difference) else None
