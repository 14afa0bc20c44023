"""Numbers against hand calculation and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from unifw.profiler._statistics import LAYOUT_SD, median, median_interval, ratio_interval, student_quantile, within


def test_median_by_hand() -> None:
    assert median([5.0, 1.0, 3.0]) == 3.0
    assert median([4.0, 1.0, 3.0, 2.0]) == 2.5


@pytest.mark.parametrize("degrees", [*range(1, 40), 1000])
def test_students_quantile_is_scipys(degrees: int) -> None:
    assert student_quantile(degrees) == pytest.approx(scipy.stats.t.ppf(0.975, degrees), abs=2e-4)


@pytest.mark.parametrize("size", [15, 40])
def test_what_rounds_vary_by_is_scipys_percentile_bootstrap(size: int) -> None:
    values = np.random.default_rng(1).lognormal(size=size)
    expected = scipy.stats.bootstrap(
        (values,), np.median, n_resamples=20000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    low, high = within([values], seed=3)
    # Both are random; the bootstrap distribution of a median is discrete, so ends meet on values of the sample.
    assert low == pytest.approx(expected.low, rel=0.05)
    assert high == pytest.approx(expected.high, rel=0.05)


@pytest.mark.parametrize("medians", [[1.0, 1.2], [1.0, 1.2, 1.1], [2.0, 1.8, 1.9, 2.1, 2.2]])
def test_what_launches_vary_by_is_scipys_t_interval_of_their_logarithms(medians: list[float]) -> None:
    interval = median_interval([[value] * 20 for value in medians])
    logarithms = np.log(medians)
    low, high = scipy.stats.t.interval(
        0.95, len(medians) - 1, loc=logarithms.mean(), scale=scipy.stats.sem(logarithms)
    )  # fmt: skip
    assert interval == pytest.approx(np.exp([logarithms.mean(), low, high]), rel=1e-4)


def test_launches_that_agree_by_luck_still_contain_what_rounds_vary_by() -> None:
    rounds = (1 + 0.1 * np.random.default_rng(0).normal(size=20)).tolist()
    interval = median_interval([rounds, rounds, rounds])
    low, high = within([np.log(rounds)] * 3, seed=0)
    assert interval[1:] == pytest.approx(np.exp([low, high]))
    assert interval.low < interval.estimate < interval.high


def test_one_launch_is_widened_by_what_processes_are_known_to_differ_by() -> None:
    interval = median_interval([[1.0] * 20])
    assert interval == pytest.approx((1.0, np.exp(-1.96 * LAYOUT_SD), np.exp(1.96 * LAYOUT_SD)), rel=1e-4)
    ratio = ratio_interval([[1.0] * 20], [[1.0] * 20])  # two processes differ by more than one does
    assert np.log(ratio.high) == pytest.approx(1.96 * LAYOUT_SD * np.sqrt(2), rel=1e-4)


def test_ratio_is_paired_so_that_what_disturbs_a_whole_round_cancels() -> None:
    rounds = np.random.default_rng(0).uniform(1.0, 10.0, 30)
    interval = ratio_interval([(1.5 * rounds).tolist()] * 2, [rounds.tolist()] * 2)
    assert interval == pytest.approx((1.5, 1.5, 1.5))


def test_ratio_of_launches_is_their_geometric_mean() -> None:
    assert ratio_interval([[2.0] * 9, [8.0] * 9], [[1.0] * 9, [1.0] * 9]).estimate == pytest.approx(4.0)


@pytest.mark.parametrize(("launches", "layout"), [(1, 0.02), (2, 0.015), (3, 0.015), (3, 0.0), (5, 0.03), (10, 0.015)])
def test_interval_covers_the_truth_as_often_as_it_says(launches: int, layout: float) -> None:
    generator = np.random.default_rng(4)
    hits, runs = 0, 300
    for number in range(runs):
        bias = generator.normal(0.1, layout, (launches, 1))
        first = np.exp(bias + generator.normal(0.0, 0.02, (launches, 20)))
        interval = ratio_interval(first.tolist(), np.ones((launches, 20)).tolist(), seed=number)
        hits += interval.low <= np.exp(0.1) <= interval.high
    assert hits >= 0.92 * runs


def test_same_seed_same_interval() -> None:
    values = [[1.0, 2.0, 3.0, 5.0, 8.0]]
    assert median_interval(values, seed=1) == median_interval(values, seed=1)
