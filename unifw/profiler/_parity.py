"""The parity gate: a variant that computes something else is not faster, it is wrong.

A tensor's error is its largest difference from the float64 reference, relative to the reference's own scale, its
largest absolute value. Element by element would be stricter than arithmetic is: rounding errors grow with the numbers
that were added up, not with what is left after they cancel. Some gradients are zero in theory (a bias in front of a
normalisation), so that all that is left is rounding; therefore no gradient's scale is taken as smaller than `FLOOR`
times the largest gradient's.

The tolerance is the larger of two:

* `FACTOR` times the relative tolerance that the backend states for the dtype, which is for one elementary result, while
  outputs, gradients and losses are the work of many: 1e-4 for float32. Losses are read from logs, which are float32
  whatever the model is, so for them it is at least that;
* `ROUNDING` times what the reference itself moves by when NumPy computes it in the variants' dtype instead of float64:
  a gradient in which large numbers cancel, or a loss after ten steps of a restless optimizer, is worth no more digits
  than that on any framework. Another order of the same sums can do several times better or worse.

The second is never more than `LARGEST`, so that a wrong sign fails even in bfloat16, where the gradients of a plain MLP
move by a quarter of their scale: a model that rounding moves further has no result to compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from unifw import dtypes
from unifw.backend import DEFAULT_TOLERANCES
from unifw.profiler._results import Quantity

FACTOR: Final = 5.0
FLOOR: Final = 1e-3
ROUNDING: Final = 10.0
LARGEST: Final = 0.5
LOGS: Final = DEFAULT_TOLERANCES[dtypes.float32].relative

Arrays = Mapping[str, np.ndarray[Any, Any]]


def compare(
    reference: Arrays, actual: Arrays, *, relative: float, rounding: Mapping[str, float] | None = None
) -> tuple[Quantity, ...]:
    """Return one quantity per array of the reference, outputs first, then the losses, then gradients.

    Args:
        reference: float64 arrays by name, as `output`, `loss` and `gradient body/0/kernel`.
        actual: the variant's arrays by the same names.
        relative: the backend's relative tolerance for its dtype.
        rounding: the error of the same computation on NumPy in the variants' dtype, by name, where it is known.
    """
    rounding = rounding or {}
    largest = max((_scale(value) for name, value in reference.items() if name.startswith("gradient")), default=0.0)
    order = {"output": 0, "loss": 1}
    names = sorted(reference, key=lambda name: (order.get(name.split("/")[0], 2), name))
    return tuple(
        Quantity(
            name,
            _error(reference[name], actual.get(name), floor=FLOOR * largest if name.startswith("gradient") else 0.0),
            max(
                FACTOR * (max(relative, LOGS) if name == "loss" else relative),
                min(LARGEST, ROUNDING * rounding.get(name, 0.0)),
            ),
        )
        for name in names
    )


def first_failure(quantities: tuple[Quantity, ...]) -> Quantity | None:
    """Return the first quantity that is out of tolerance, or None."""
    return next((quantity for quantity in quantities if not quantity.passed), None)


def worst(quantities: tuple[Quantity, ...]) -> Quantity | None:
    """Return the quantity nearest to its tolerance, or furthest beyond."""
    return max(
        quantities, key=lambda item: float("inf") if item.error is None else item.error / item.tolerance, default=None
    )


def _scale(value: np.ndarray[Any, Any]) -> float:
    return float(np.max(np.abs(value))) if value.size else 0.0


def _error(reference: np.ndarray[Any, Any], actual: np.ndarray[Any, Any] | None, *, floor: float) -> float | None:
    if actual is None or actual.shape != reference.shape:
        return None
    if not reference.size:
        return 0.0
    difference = float(np.max(np.abs(actual.astype(np.float64) - reference)))
    scale = max(_scale(reference), floor, float(np.finfo(np.float32).tiny))
    return difference / scale if np.isfinite(difference) else None
