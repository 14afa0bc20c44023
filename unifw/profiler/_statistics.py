"""Medians, ratios of paired rounds, and their confidence intervals. Pure functions of numbers, in logarithms.

Two processes running the same code differ by their memory layout, and an interval that ignored it would promise too
much (Kalibera and Jones, "Rigorous Benchmarking in Reasonable Time", 2013). So the unit of replication is the launch:

* between launches: Student's t-interval over the launches' medians. Their spread contains what rounds vary by;
* within launches: the percentile bootstrap of the medians (Efron and Tibshirani, "An Introduction to the Bootstrap",
  chapter 13), launches held fixed. Few launches may agree by luck: the interval is never shorter than this one;
* with one launch, what differs between processes is not measured but assumed: `LAYOUT_SD`, what the same program
  differed by from itself on our machines. It enters as if it were normal, beside the rounds' own part,
  and once for each of the two processes of a ratio.

Times are near lognormal and ratios are factors, so all of it happens to logarithms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, Final, NamedTuple

import numpy as np

RESAMPLES: Final = 2000
CONFIDENCE: Final = 0.95
LAYOUT_SD: Final = 0.02
"""Standard deviation of the logarithm of a time from process to process: the prior of a single launch."""
# The 97.5 % quantiles of Student's t for 1, 2, … degrees of freedom.
_STUDENT: Final = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)
_NORMAL: Final = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)

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


def student_quantile(degrees: int) -> float:
    """Return by how many standard errors a 95 % interval reaches to either side.

    From a table to 10 degrees of freedom; beyond it, by the expansion of Cornish and Fisher to 1e-4.

    >>> student_quantile(2)
    4.3027
    """
    if degrees <= len(_STUDENT):
        return _STUDENT[degrees - 1]
    z, n = _NORMAL, degrees
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    )


def median_interval(launches: Launches, *, seed: int = 0) -> Interval:
    """Return the geometric mean over launches of their medians, with its 95 % interval."""
    return _interval([np.log(np.asarray(values, dtype=np.float64)) for values in launches if len(values)], 1, seed)


def ratio_interval(numerators: Launches, denominators: Launches, *, seed: int = 0) -> Interval:
    """Return the ratio of two variants, from the rounds that both took part in.

    Args:
        numerators: per launch, one time per round.
        denominators: the same rounds of the other variant: what disturbs a whole round cancels.
        seed: of the resampling.

    Returns:
        The geometric mean over launches of the median ratio, with its 95 % interval.

    >>> interval = ratio_interval([[2.0, 4.0, 6.0], [2.0, 2.0]], [[1.0, 2.0, 3.0], [1.0, 1.0]])
    >>> [round(value, 6) for value in interval]
    [2.0, 2.0, 2.0]
    """
    logarithms = [
        np.log(np.asarray(first, dtype=np.float64) / np.asarray(second, dtype=np.float64))
        for first, second in zip(numerators, denominators, strict=True)
        if len(first)
    ]
    return _interval(logarithms, 2, seed)


def _interval(launches: list[np.ndarray[Any, Any]], processes: int, seed: int) -> Interval:
    medians = np.array([np.median(values) for values in launches])
    estimate = float(medians.mean())
    low, high = within(launches, seed)
    below, above = max(0.0, estimate - low), max(0.0, high - estimate)
    if len(medians) > 1:
        between = student_quantile(len(medians) - 1) * float(medians.std(ddof=1)) / math.sqrt(len(medians))
        below, above = max(below, between), max(above, between)
    else:
        prior = _NORMAL * LAYOUT_SD * math.sqrt(processes)
        below, above = math.hypot(below, prior), math.hypot(above, prior)
    return Interval(math.exp(estimate), math.exp(estimate - below), math.exp(estimate + above))


def within(launches: Sequence[np.ndarray[Any, Any]], seed: int) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean of the launches' medians, resampling rounds only."""
    generator = np.random.default_rng(seed)
    means = np.mean(
        [
            np.median(values[generator.integers(0, len(values), (RESAMPLES, len(values)))], axis=1)
            for values in launches
        ],
        axis=0,
    )
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
