"""Keeping the logs: in memory, and in a file."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, TextIO, final

from unifw.callbacks._callback import Callback, Logs


@final
class History(Callback):
    """What `fit` returns.

    Attributes:
        history: lists of one number per epoch, by name of the log.
        epoch: the epochs, counted from 0.
    """

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Append the logs."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


@final
class CSVLogger(Callback):
    """Writes one line per epoch to a CSV file.

    Args:
        filename: the file.
        separator: between columns.
        append: continue a file, rather than start anew.
    """

    def __init__(self, filename: str | Path, separator: str = ",", append: bool = False) -> None:
        self.filename = Path(filename)
        self.separator = separator
        self.append = append
        self._file: TextIO | None = None
        self._writer: Any = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Open the file."""
        del logs
        self._has_header = self.append and self.filename.exists() and self.filename.stat().st_size > 0
        self._file = self.filename.open("a" if self.append else "w", newline="")
        self._writer = csv.writer(self._file, delimiter=self.separator)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write a line."""
        assert self._file is not None
        logs = logs or {}
        if not self._has_header:
            self._writer.writerow(["epoch", *logs])
            self._has_header = True
        self._writer.writerow([epoch, *logs.values()])
        self._file.flush()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Close the file."""
        del logs
        if self._file is not None:
            self._file.close()
