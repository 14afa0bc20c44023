"""Steady state, calibration and warm-up on a clock that nobody waits for."""

from __future__ import annotations

import random

import pytest

from tests.profiler.fakes import FakeClock
from unifw.profiler._measure import is_steady, steps_per_sample, timed, warm_up


@pytest.mark.parametrize(
    ("blocks", "steady"),
    [
        ([1.0] * 9, False),  # not enough to judge
        ([1.0] * 10, True),
        ([10.0] + [1.0] * 10, True),
        ([2.0**-i for i in range(12)], False),  # still falling
        ([1.0 + 0.05 * i for i in range(12)], False),  # rising, as with a leak
        ([1.0] * 5 + [1.0, 9.0, 1.0, 1.0, 1.0], True),  # one disturbed block
        ([1.0] * 5 + [1.1] * 5, False),
        ([1.0] * 5 + [0.8, 1.2, 1.0, 0.7, 1.3], False),  # the same median, but nothing has settled
        ([1.1] * 5 + [1.1, 1.08, 1.12, 1.1, 1.1], True),
    ],
)
def test_steady_state_of_synthetic_series(blocks: list[float], *, steady: bool) -> None:
    assert is_steady(blocks) is steady


def test_noise_around_a_constant_is_steady_and_a_jit_curve_is_so_only_at_its_end() -> None:
    generator = random.Random(0)
    curve = [1.0 + 20.0 * 0.5**i + generator.gauss(0, 0.005) for i in range(40)]
    first = next(n for n in range(1, 41) if is_steady(curve[:n]))
    assert 10 < first < 25
    assert curve[first - 5] < 1.05


class Program:
    """Costs `cold` seconds per step for the first steps, `warm` after them."""

    def __init__(self, clock: FakeClock, cold: float, cold_steps: int, warm: float) -> None:
        self.clock, self.cold, self.left, self.warm = clock, cold, cold_steps, warm

    def __call__(self, steps: int) -> None:
        slow = min(steps, self.left)
        self.left -= slow
        self.clock.time += slow * self.cold + (steps - slow) * self.warm


def test_timing_covers_all_steps() -> None:
    clock = FakeClock()
    assert timed(Program(clock, 0.0, 0, 0.25), 4, clock) == 1.0


def test_warm_up_ends_when_steady_and_calibrates_on_the_steady_state() -> None:
    clock = FakeClock()
    warm = warm_up(Program(clock, 0.5, 3, 0.001), clock, limit=60.0, sample_seconds=0.02)
    assert warm.steady
    assert warm.steps_per_sample == pytest.approx(20, abs=1)
    assert clock.now() < 3.0


def test_calibration_does_not_count_the_cold_step_after_going_back_to_the_start() -> None:
    clock = FakeClock()
    program = Program(clock, 0.01, 1, 0.001)  # ten times slower once, after each `prepare`

    def prepare() -> None:
        program.left = 1

    warm = warm_up(program, clock, limit=60.0, prepare=prepare, sample_seconds=0.02)
    assert warm.steps_per_sample == pytest.approx(20, abs=1)


def test_a_calibration_that_misses_by_far_is_corrected_on_whole_samples() -> None:
    clock = FakeClock()

    def run(steps: int) -> None:  # what costs much per call, as synchronisation does, costs little per sample
        clock.time += 0.004 + 0.0001 * steps

    warm = warm_up(run, clock, limit=60.0, sample_seconds=0.02)
    start = clock.now()
    run(warm.steps_per_sample)
    assert 0.01 <= clock.now() - start <= 0.04
    assert warm.steps_per_sample > 50


def test_warm_up_gives_up_at_its_limit_and_says_so() -> None:
    clock = FakeClock()

    def slowing(steps: int) -> None:
        clock.time += steps * (0.1 + 0.05 * clock.time)

    warm = warm_up(slowing, clock, limit=5.0)
    assert not warm.steady
    assert 5.0 <= clock.now() < 7.0


@pytest.mark.parametrize(("seconds", "steps"), [(1.0, 1), (0.02, 1), (0.015, 2), (0.0001, 200), (0.0, 200_000)])
def test_samples_are_long_enough(seconds: float, steps: int) -> None:
    assert steps_per_sample(seconds, sample_seconds=0.02) == steps
