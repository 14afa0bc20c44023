"""Random initial values from fixed distributions."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from unifw.initializers._initializer import Initializer
from unifw.tensor.random import host


def between(values: np.ndarray[Any, Any], minval: float, maxval: float) -> np.ndarray[Any, Any]:
    """Stretch float32 values of [0, 1) to [minval, maxval)."""
    return values * np.float32(maxval - minval) + np.float32(minval)


@final
class RandomUniform(Initializer):
    """Uniform on [minval, maxval).

    Args:
        minval: lower bound.
        maxval: upper bound.
        seed: fixes the values whatever the variable; None takes the variable's own key.
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        self.minval, self.maxval, self.seed = minval, maxval, seed

    def sample(self, key: np.ndarray[Any, Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """Return float32 values."""
        return between(host.uniform(key, shape), self.minval, self.maxval)


@final
class RandomNormal(Initializer):
    """Normal.

    Args:
        mean: of the distribution.
        stddev: standard deviation.
        seed: see `RandomUniform`.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def sample(self, key: np.ndarray[Any, Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """Return float32 values."""
        return host.normal(key, shape) * np.float32(self.stddev) + np.float32(self.mean)


@final
class TruncatedNormal(Initializer):
    """Normal, restricted to two standard deviations around the mean.

    Args:
        mean: of the distribution before truncation.
        stddev: its standard deviation before truncation.
        seed: see `RandomUniform`.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def sample(self, key: np.ndarray[Any, Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """Return float32 values."""
        return host.truncated_normal(key, -2.0, 2.0, shape) * np.float32(self.stddev) + np.float32(self.mean)
