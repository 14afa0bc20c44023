"""The random stream, with its rounds compiled into one kernel."""

from __future__ import annotations

from typing import Any

from unifw.backend import Backend


class Randomness(Backend):
    """Threefry on TensorFlow."""

    def threefry2x32(self, key: Any, high: Any, low: Any) -> tuple[Any, Any]:
        """TBD."""
        return super().threefry2x32(key, high, low)
