"""Numbers against hand calculation and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from unifw.profiler._statistics import median, median_interval, ratio_interval


def test_median_by_hand() -> None:
    assert median([5.0, 1.0, 3.0]) == 3.0
    assert median([4.0, 1.0, 3.0, 2.0]) == 2.5


@pytest.mark.parametrize("size", [15, 40])
def test_interval_of_one_launch_is_scipys_percentile_bootstrap(size: int) -> None:
    values = np.random.default_rng(1).lognormal(size=size)
    expected = scipy.stats.bootstrap(
        (values,), np.median, n_resamples=20000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    actual = median_interval([values.tolist()], seed=3)
    assert actual.estimate == np.median(values)
    # Both are random; the bootstrap distribution of a median is discrete, so ends meet on values of the sample.
    assert actual.low == pytest.approx(expected.low, rel=0.05)
    assert actual.high == pytest.approx(expected.high, rel=0.05)


def test_interval_contains_what_differs_between_launches() -> None:
    interval = median_interval([[1.0] * 20, [1.2] * 20])
    assert interval.estimate == pytest.approx(1.1)
    assert (interval.low, interval.high) == pytest.approx((1.0, 1.2))


def test_ratio_is_paired_so_that_what_disturbs_a_whole_round_cancels() -> None:
    rounds = np.random.default_rng(0).uniform(1.0, 10.0, 30)
    interval = ratio_interval([(1.5 * rounds).tolist()], [rounds.tolist()])
    assert interval == pytest.approx((1.5, 1.5, 1.5))


def test_ratio_of_launches_is_their_geometric_mean() -> None:
    interval = ratio_interval([[2.0] * 9, [8.0] * 9], [[1.0] * 9, [1.0] * 9])
    assert interval.estimate == pytest.approx(4.0)
    assert (interval.low, interval.high) == pytest.approx((2.0, 8.0))


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(4)
    hits = 0
    for number in range(200):
        first, second = np.exp(generator.normal(0.1, 0.05, (2, 25)) - np.array([[0.0], [0.1]]))
        interval = ratio_interval([first.tolist()], [second.tolist()], seed=number)
        hits += interval.low <= np.exp(0.1) <= interval.high
    assert 0.90 * 200 <= hits <= 200


def test_same_seed_same_interval() -> None:
    values = [[1.0, 2.0, 3.0, 5.0, 8.0]]
    assert median_interval(values, seed=1) == median_interval(values, seed=1)
