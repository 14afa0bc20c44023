"""Resident memory of this process: now, and its high-water mark since a moment of our choice. Linux only."""

from __future__ import annotations

import re
from pathlib import Path

_STATUS = Path("/proc/self/status")


def resident() -> int | None:
    """Return the bytes resident now (VmRSS)."""
    return _status("VmRSS")


def peak() -> int | None:
    """Return the most bytes that were ever resident since the start or the last `reset_peak` (VmHWM)."""
    return _status("VmHWM")


def reset_peak() -> bool:
    """Let the high-water mark start again from what is resident now; returns whether the system does that."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def _status(field: str) -> int | None:
    try:
        match = re.search(rf"^{field}:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return None
    return int(match[1]) * 1024 if match else None
