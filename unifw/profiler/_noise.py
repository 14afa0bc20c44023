"""Sensing what disturbs a measurement, without privileges, from Linux' `/proc`. Elsewhere every figure is None.

Reading is separate from judging: `Sensor` reads, `disturbed` judges.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from unifw.profiler._results import Noise, Sample

LOST_SHARE: Final = 0.05
"""A sample is disturbed if others took more than this share of its time."""
ACTIVE_SHARE: Final = 0.02
_TICK: Final = 1.0 / (os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100)


@final
@dataclass(frozen=True, slots=True)
class Reading:
    """The system's counters at one moment, in seconds; `tasks` maps a thread to (ran, waited)."""

    at: float
    tasks: dict[str, tuple[float, float]] | None
    own: float
    busy: float | None
    steal: float | None
    involuntary: int | None
    pressure: float | None


@final
class Sensor:
    """Reads the counters for this process and the CPUs it is pinned to."""

    def __init__(self, cpus: Sequence[int]) -> None:
        self._cpus = frozenset(f"cpu{cpu}" for cpu in cpus)

    def read(self) -> Reading:
        """Return the counters now."""
        busy, steal = self._cpu_times()
        return Reading(
            at=time.perf_counter(),
            tasks=_task_times(),
            own=time.process_time(),
            busy=busy,
            steal=steal,
            involuntary=_involuntary_switches(),
            pressure=_pressure(),
        )

    def _cpu_times(self) -> tuple[float | None, float | None]:
        busy = steal = 0.0
        try:
            lines = Path("/proc/stat").read_text(encoding="ascii").splitlines()
        except OSError:
            return None, None
        for name, *fields in (line.split() for line in lines if line.startswith("cpu")):
            if name in self._cpus:
                user, nice, system, _idle, _iowait, irq, softirq, stolen = (int(field) for field in fields[:8])
                busy += (user + nice + system + irq + softirq) * _TICK
                steal += stolen * _TICK
        return busy, steal


def between(before: Reading, after: Reading) -> Noise:
    """Return what happened between two readings."""
    seconds = after.at - before.at
    run_delay: float | None = None
    tasks: int | None = None
    if before.tasks is not None and after.tasks is not None:
        changes = [
            (ran - before.tasks.get(task, (0.0, 0.0))[0], waited - before.tasks.get(task, (0.0, 0.0))[1])
            for task, (ran, waited) in after.tasks.items()
        ]
        run_delay = sum(waited for _, waited in changes)
        tasks = sum(ran >= ACTIVE_SHARE * seconds for ran, _ in changes)
    busy = _difference(after.busy, before.busy)
    return Noise(
        window=seconds,
        own=after.own - before.own,
        run_delay=run_delay,
        tasks=tasks,
        foreign=None if busy is None else busy - (after.own - before.own),  # ticks: negative at times, right in the sum
        steal=_difference(after.steal, before.steal),
        involuntary=None
        if after.involuntary is None or before.involuntary is None
        else after.involuntary - before.involuntary,
        pressure=_difference(after.pressure, before.pressure),
    )


def disturbed(samples: Sequence[Sample], cpus: int, *, lost_share: float = LOST_SHARE) -> list[bool]:
    """Return, per sample, whether others took more than `lost_share` of its time.

    Threads that wait for a CPU may wait for others or, in a pool larger than its CPUs, for each other. What the process
    itself ran tells the two apart: others cannot have had more than what is left of the CPUs' time. So the time lost is
    the smaller of the two, plus what the hypervisor stole.
    """
    return [_lost(sample, cpus) > lost_share * sample.seconds for sample in samples]


def _lost(sample: Sample, cpus: int) -> float:
    noise = sample.noise
    waited = noise.run_delay or 0.0
    if noise.window is not None and noise.own is not None:
        waited = min(waited, max(0.0, cpus * noise.window - noise.own))
    return waited + (noise.steal or 0.0)


def foreign_share(samples: Sequence[Sample], cpus: int) -> float:
    """Return the share of our CPUs' time that others took during these samples, between 0 and 1."""
    seconds = sum(sample.seconds for sample in samples) * cpus
    taken = sum((sample.noise.foreign or 0.0) + (sample.noise.steal or 0.0) for sample in samples)
    return min(1.0, max(0.0, taken / seconds)) if seconds else 0.0


def _difference(after: float | None, before: float | None) -> float | None:
    return None if after is None or before is None else after - before


def _task_times() -> dict[str, tuple[float, float]] | None:
    times: dict[str, tuple[float, float]] = {}
    try:
        tasks = os.listdir("/proc/self/task")  # noqa: PTH208 - a hot path
    except OSError:
        return None
    for task in tasks:
        try:
            with open(f"/proc/self/task/{task}/schedstat", encoding="ascii") as file:  # noqa: PTH123 - a hot path
                ran, waited, _ = file.read().split()
        except (OSError, ValueError):
            continue  # the thread has ended
        times[task] = int(ran) * 1e-9, int(waited) * 1e-9
    return times or None


def _involuntary_switches() -> int | None:
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


def _pressure() -> float | None:
    try:
        text = Path("/proc/pressure/cpu").read_text(encoding="ascii")
        return int(text.split("total=", 1)[1].split(None, 1)[0]) * 1e-6
    except (OSError, ValueError, IndexError):
        return None
