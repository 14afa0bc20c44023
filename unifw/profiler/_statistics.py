"""Medians, ratios of paired rounds, and their confidence intervals. Pure functions of numbers.

Intervals are percentile bootstraps (Efron and Tibshirani, "An Introduction to the Bootstrap", chapter 13) in two
stages, launches first and then rounds inside a launch: two processes running the same code differ by their memory
layout, and an interval that ignored it would promise too much (Kalibera and Jones, "Rigorous Benchmarking in
Reasonable Time", 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

RESAMPLES: Final = 2000
CONFIDENCE: Final = 0.95

Launches = Sequence[Sequence[float]]
"""One sequence of numbers per launch."""


class Interval(NamedTuple):
    """An estimate and its confidence interval."""

    estimate: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """The larger distance of the estimate from an end."""
        return max(self.high - self.estimate, self.estimate - self.low)


def median(values: Sequence[float]) -> float:
    """Return the middle value, or the mean of the two middle ones.

    >>> median([3.0, 1.0, 2.0])
    2.0
    """
    return float(np.median(np.asarray(values, dtype=np.float64)))


def median_interval(launches: Launches, *, seed: int = 0, confidence: float = CONFIDENCE) -> Interval:
    """Return the mean over launches of their medians, with its interval."""
    return _bootstrap([np.asarray(values, dtype=np.float64) for values in launches if len(values)], seed, confidence)


def ratio_interval(
    numerators: Launches, denominators: Launches, *, seed: int = 0, confidence: float = CONFIDENCE
) -> Interval:
    """Return the ratio of two variants, from the rounds that both took part in.

    Args:
        numerators: per launch, one time per round.
        denominators: the same rounds of the other variant: what disturbs a whole round cancels.
        seed: of the resampling.
        confidence: of the interval.

    Returns:
        The geometric mean over launches of the median ratio, with its interval.

    >>> ratio_interval([[2.0, 4.0, 6.0]], [[1.0, 2.0, 3.0]])
    Interval(estimate=2.0, low=2.0, high=2.0)
    """
    logarithms = [
        np.log(np.asarray(first, dtype=np.float64) / np.asarray(second, dtype=np.float64))
        for first, second in zip(numerators, denominators, strict=True)
        if len(first)
    ]
    return Interval(*(float(np.exp(value)) for value in _bootstrap(logarithms, seed, confidence)))


def _bootstrap(launches: list[np.ndarray[Any, Any]], seed: int, confidence: float) -> Interval:
    generator = np.random.default_rng(seed)
    # One row per resample, one column per launch: the median of that launch's rounds, resampled.
    medians = np.stack(
        [
            np.median(values[generator.integers(0, len(values), (RESAMPLES, len(values)))], axis=1)
            for values in launches
        ],
        axis=1,
    )
    chosen = generator.integers(0, len(launches), (RESAMPLES, len(launches)))
    means = np.take_along_axis(medians, chosen, axis=1).mean(axis=1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    estimate = float(np.mean([np.median(values) for values in launches]))
    return Interval(estimate, float(min(low, estimate)), float(max(high, estimate)))
