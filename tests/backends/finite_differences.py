"""Slopes without any differentiation: what gradients are judged by."""

from __future__ import annotations

from typing import Any

import numpy as np


def finite_differences(function: Any, inputs: Any, step: float = 1e-6) -> list[np.ndarray]:
    """Central differences of a scalar function, element by element."""
    results = []
    for position, array in enumerate(inputs):
        slope = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            values = []
            for sign in (1, -1):
                moved = array.copy()
                moved[index] += sign * step
                values.append(float(function([*inputs[:position], moved, *inputs[position + 1 :]])))
            slope[index] = (values[0] - values[1]) / (2 * step)
        results.append(slope)
    return results
