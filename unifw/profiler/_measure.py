"""Timing one activity in one process: calibrate, warm up until steady, take samples. The clock is an argument."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from unifw.profiler._clock import Clock
from unifw.profiler._results import WarmUp
from unifw.profiler._statistics import median

Run: TypeAlias = Callable[[int], None]
"""Runs that many steps and returns when their results exist."""

SAMPLE_SECONDS: Final = 0.01
"""Short, since a sample that ends within one time slice of the scheduler is one that nobody disturbed."""
WINDOW: Final = 5
DRIFT: Final = 0.03
DISPERSION: Final = 0.2
CALIBRATIONS: Final = 3


def timed(run: Run, steps: int, clock: Clock) -> float:
    """Return the seconds that `steps` steps take, synchronisation included."""
    start = clock.now()
    run(steps)
    return clock.now() - start


def is_steady(
    blocks: Sequence[float], *, window: int = WINDOW, drift: float = DRIFT, dispersion: float = DISPERSION
) -> bool:
    """Return whether a series of times has stopped moving.

    The medians of the last two windows must differ by at most `drift`, relative, and the last window without its two
    extremes must lie within `dispersion` of its median; medians and no extremes, since one disturbed block says nothing
    about the state.

    >>> is_steady([9.0, 5.0, 2.0, 1.5, 1.2, 1.0, 1.0, 1.0, 1.0, 1.0])
    False
    >>> is_steady([1.0] * 10)
    True
    """
    if len(blocks) < 2 * window:
        return False
    earlier, later = median(blocks[-2 * window : -window]), median(blocks[-window:])
    middle = sorted(blocks[-window:])[1:-1]
    return abs(later - earlier) <= drift * later and middle[-1] - middle[0] <= dispersion * later


def steps_per_sample(seconds_per_step: float, *, sample_seconds: float = SAMPLE_SECONDS) -> int:
    """Return how many steps make a sample long enough for the clock and the scheduler not to matter.

    >>> steps_per_sample(0.004, sample_seconds=0.02)
    5
    """
    return max(1, math.ceil(sample_seconds / max(seconds_per_step, 1e-7)))


def warm_up(
    run: Run,
    clock: Clock,
    *,
    limit: float,
    prepare: Callable[[], None] = lambda: None,
    sample_seconds: float = SAMPLE_SECONDS,
) -> WarmUp:
    """Run blocks of steps until their times are steady, or for `limit` seconds.

    `prepare` runs before each block, untimed, and so does one step after it, as before a sample (`settle`).

    Blocks grow with what is learnt about the speed: a quarter of a sample each, so that steadiness is judged on the
    scale on which samples will be taken. At the end whole samples are tried: if they miss `sample_seconds` by more than
    a factor of two, the number of steps is corrected.
    """
    start = clock.now()
    blocks: list[float] = []
    steps = 1
    while True:
        prepare()
        if blocks:
            settle(run, steps_per_sample(median(blocks[-WINDOW:]), sample_seconds=sample_seconds))
        blocks.append(timed(run, steps, clock) / steps)
        if is_steady(blocks) or clock.now() - start >= limit:
            break
        steps = steps_per_sample(median(blocks[-WINDOW:]), sample_seconds=sample_seconds / 4)
    chosen = steps_per_sample(median(blocks[-WINDOW:]), sample_seconds=sample_seconds)
    for _ in range(CALIBRATIONS):
        prepare()
        settle(run, chosen)
        seconds = timed(run, chosen, clock)
        corrected = steps_per_sample(seconds / chosen, sample_seconds=sample_seconds)
        if sample_seconds / 2 <= seconds <= 2 * sample_seconds or corrected == chosen:
            break
        chosen = corrected
    return WarmUp(chosen, tuple(blocks), is_steady(blocks))


def settle(run: Run, steps: int) -> None:
    """Run one untimed step before a sample of several: the first one finds cold caches, and freshly written state.

    A sample of a single step is so long that its beginning does not count.
    """
    if steps > 1:
        run(1)
