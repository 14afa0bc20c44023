"""Limiting CPU threads before a framework is imported, and counting those that really run.

No single switch works for every framework, so all are set, for every worker alike, together with the CPU affinity,
which all of them respect. Then the affinity of every thread is read, and those that run are counted, in `/proc`, from
outside, while the worker trains: a request that was not honoured is found, not assumed away.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

PRESENT_SHARE: Final = 0.25
"""A number of threads counts as used if at least this share of the looks saw as many running at once."""

_LIMITS: Final = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NPROC",
    "PJRT_NPROC",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
_STATE: Final = re.compile(r"\) (\w) ")


def thread_variables(count: int) -> dict[str, str]:
    """Return the environment variables that limit the known thread pools to `count` threads.

    `OMP_WAIT_POLICY=PASSIVE` because OpenMP barriers spin: when a shared CPU is taken away, a spinning pool falls
    behind many times over, and a profiler that does not prevent it blames the framework.
    """
    return {**dict.fromkeys(_LIMITS, str(count)), "OMP_DYNAMIC": "FALSE", "OMP_WAIT_POLICY": "PASSIVE"}


def available_cpus() -> tuple[int, ...]:
    """Return the CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))


def choose_cpus(available: Sequence[int], count: int) -> tuple[int, ...]:
    """Return the CPUs to pin workers to: the last ones, because interrupts tend to go to the first.

    >>> choose_cpus([0, 1, 2, 3], 2)
    (2, 3)
    """
    return tuple(sorted(available)[-count:])


def running_tasks(pid: int) -> int | None:
    """Return how many threads of a process run or want to run at this moment, or None if the system does not tell."""
    running = 0
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return None
    for task in tasks:
        try:
            match = _STATE.search((task / "stat").read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue  # the thread has ended
        running += match is not None and match[1] == "R"
    return running


def escaped_tasks(pid: int, cpus: Sequence[int]) -> int | None:
    """Return how many threads of a process may run on other CPUs than these, or None if the system does not tell."""
    escaped = 0
    try:
        tasks = [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return None
    for task in tasks:
        with contextlib.suppress(OSError):  # the thread has ended
            escaped += not os.sched_getaffinity(task) <= set(cpus)
    return escaped


def threads_used(looks: Sequence[int], *, present_share: float = PRESENT_SHARE) -> int | None:
    """Return the largest number of threads seen running at once in at least `present_share` of the looks.

    >>> threads_used([1, 1, 1, 2, 1, 1, 1, 1])
    1
    >>> threads_used([2, 2, 1, 2, 0, 2, 2, 1])
    2
    """
    if not looks:
        return None
    return max(n for n in range(max(looks) + 1) if sum(look >= n for look in looks) >= present_share * len(looks))
