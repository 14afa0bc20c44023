"""Time, behind one door, so that schedules and measurements run in tests on a clock that nobody waits for."""

from __future__ import annotations

import time
from typing import Protocol, final


class Clock(Protocol):
    """Something that tells the time in seconds since an arbitrary start."""

    def now(self) -> float:
        """Return seconds; never goes back."""
        ...


@final
class SystemClock:
    """The finest monotonic clock of the machine."""

    def now(self) -> float:
        """Return `time.perf_counter()`."""
        return time.perf_counter()
