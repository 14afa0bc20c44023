"""Callbacks that watch one number."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any, Literal, final

from unifw.callbacks._callback import Callback, Logs
from unifw.errors import ArgumentError

Mode = Literal["auto", "min", "max"]
_HIGHER_IS_BETTER = ("acc", "auc", "precision", "recall", "f1")


class _Monitor(Callback):
    """Compares a log with the best so far."""

    def __init__(self, monitor: str, mode: Mode, min_delta: float = 0.0) -> None:
        if mode not in ("auto", "min", "max"):
            raise ArgumentError(f"mode must be 'auto', 'min' or 'max', got {mode!r}.")
        if not isinstance(monitor, str):
            raise ArgumentError(
                f"{type(self).__name__} got monitor={monitor!r}. Write the name of a log, as 'val_loss'."
            )
        self.monitor = monitor
        self.mode = mode
        self.min_delta = abs(min_delta)
        higher = mode == "max" or (mode == "auto" and any(word in monitor for word in _HIGHER_IS_BETTER))
        self._sign = 1.0 if higher else -1.0
        self.best: float | None = None

    def _improved(self, value: float, reference: float | None) -> bool:
        return reference is None or self._sign * (value - reference) > self.min_delta

    def _value(self, logs: Logs | None) -> float | None:
        value = (logs or {}).get(self.monitor)
        if value is None:
            warnings.warn(
                f"{type(self).__name__} watches {self.monitor!r}, which is not among the logs: "
                f"{', '.join(logs or ()) or 'none'}.",
                stacklevel=2,
            )
        return value


@final
class EarlyStopping(_Monitor):
    """Stops when a number has not improved for a while.

    Args:
        monitor: name of the log.
        min_delta: smallest change that counts as an improvement.
        patience: epochs without improvement before stopping.
        verbose: 1 says when it stops.
        mode: "min", "max", or "auto" by the name.
        baseline: value that must be improved upon for epochs to count.
        restore_best_weights: whether the model gets back the weights of the best epoch.
        start_from_epoch: epochs before it are not watched.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        verbose: int = 0,
        mode: Mode = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._restart()

    def _restart(self) -> None:
        self.best = None
        self.best_epoch = 0
        self.best_weights: list[Any] | None = None
        self.wait = 0
        self.stopped_epoch = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Forget an earlier run."""
        del logs
        self._restart()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Compare, and stop if patience is over."""
        value = self._value(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self._improved(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self._improved(value, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Restore the best weights if asked to."""
        del logs
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")  # noqa: T201 - asked for
        if self.restore_best_weights and self.best_weights is not None:
            self.model.set_weights(self.best_weights)


@final
class ModelCheckpoint(_Monitor):
    """Saves the model at the end of epochs, with everything needed to resume.

    Args:
        filepath: the file; may contain ``{epoch}`` (from 1) and names of logs, such as ``{val_loss:.3f}``.
        monitor: name of the log that decides what is best.
        verbose: 1 says what is saved.
        save_best_only: whether to save only when the number improves.
        save_weights_only: whether to save only the variables.
        mode: "min", "max", or "auto" by the name.
        save_freq: only "epoch".
        initial_value_threshold: value that must be improved upon to save at all.
    """

    def __init__(
        self,
        filepath: str | Path,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: Mode = "auto",
        save_freq: str = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode)
        if save_freq != "epoch":
            raise ArgumentError(f"save_freq must be 'epoch', got {save_freq!r}.")
        self.filepath = str(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.best = initial_value_threshold

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save."""
        if self.save_best_only:
            value = self._value(logs)
            if value is None or math.isnan(value) or not self._improved(value, self.best):
                return
            self.best = value
        try:
            path = self.filepath.format(epoch=epoch + 1, **(logs or {}))
        except (KeyError, IndexError) as error:
            raise ArgumentError(
                f"ModelCheckpoint: {self.filepath!r} names {error}, which is not a log. Known are: epoch, "
                f"{', '.join(logs or ())}."
            ) from error
        (self.model.save_weights if self.save_weights_only else self.model.save)(path)
        if self.verbose:
            print(f"Epoch {epoch + 1}: saved to {path}")  # noqa: T201 - asked for
