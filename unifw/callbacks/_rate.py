"""Changing the learning rate between epochs."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import final

from unifw.callbacks._callback import Callback, Logs
from unifw.errors import ArgumentError


@final
class LearningRateScheduler(Callback):
    """Sets the learning rate at the beginning of each epoch, and logs it as "learning_rate"; compiles nothing anew.

    Args:
        schedule: function ``(epoch, current rate)`` or ``(epoch)`` that returns the rate.
        verbose: 1 prints it.
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        self.schedule = schedule
        self._takes_rate = len(inspect.signature(schedule).parameters) > 1
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Set the rate."""
        del logs
        current = self.model.optimizer.requested_rate
        if current is None:
            raise ArgumentError(
                f"LearningRateScheduler cannot set the rate of an optimizer that follows "
                f"{self.model.optimizer.learning_rate!r}. Give the optimizer a number, or leave the callback out."
            )
        rate = self.schedule(epoch, current) if self._takes_rate else self.schedule(epoch)
        if not isinstance(rate, int | float):
            raise ArgumentError(f"The schedule of LearningRateScheduler must return a number, got {rate!r}.")
        self.model.optimizer.learning_rate = float(rate)
        if self.verbose:
            print(f"Epoch {epoch + 1}: learning rate {rate:.6g}")  # noqa: T201 - asked for

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Log the rate."""
        del epoch
        if isinstance(logs, dict):
            logs["learning_rate"] = self.model.optimizer.requested_rate
