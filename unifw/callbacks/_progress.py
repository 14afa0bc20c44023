"""Progress for people: a bar per epoch, or a line per epoch."""

from __future__ import annotations

import time
from typing import Any, final

from unifw.callbacks._callback import Callback, Logs
from unifw.errors import ArgumentError


def resolve_verbose(verbose: str | int) -> int:
    """Return 0 (silent), 1 (bar) or 2 (one line per epoch); "auto" is 1 on a terminal or in a notebook, else 0."""
    if verbose != "auto":
        if verbose not in (0, 1, 2):
            raise ArgumentError(f"verbose must be 0, 1, 2 or 'auto', got {verbose!r}.")
        return int(verbose)
    from rich.console import Console

    console = Console()
    return 1 if console.is_terminal or console.is_jupyter else 0


@final
class ProgressBar(Callback):
    """Shows how far `fit` is. `fit` makes one itself according to `verbose`.

    The numbers of a running epoch are read from the device a few times a second only, so that dispatch stays ahead.

    Args:
        verbose: 1 for a bar, 2 for one line per epoch.
    """

    refresh_seconds = 0.25

    def __init__(self, verbose: int = 1) -> None:
        self.verbose = verbose
        self._progress: Any = None
        self._task: Any = None
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Start a bar."""
        del logs
        self._started = time.perf_counter()
        if self.verbose != 1:
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            TextColumn(f"Epoch {epoch + 1}/{self.params.get('epochs', '?')}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[logs]}"),
            refresh_per_second=4,
        )
        self._task = self._progress.add_task("", total=self.params.get("steps"), logs="")
        self._progress.start()

    def advance(self, steps_done: int, logs: Logs | None) -> None:
        """Show that many steps, and the numbers if there are some."""
        if self._progress is not None:
            fields = {} if logs is None else {"logs": _line(logs)}
            self._progress.update(self._task, completed=steps_done, **fields)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Finish the bar, or print the line."""
        line = _line(logs or {})
        if self._progress is not None:
            self._progress.update(self._task, logs=line)
            self.close()
        elif self.verbose == 2:
            seconds = time.perf_counter() - self._started
            epochs = self.params.get("epochs", "?")
            print(f"Epoch {epoch + 1}/{epochs} - {seconds:.1f}s - {line}", flush=True)  # noqa: T201 - asked for

    def close(self) -> None:
        """Give the terminal back; also after an error."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


def _line(logs: Logs) -> str:
    return " - ".join(
        f"{name}: {value:.4f}" if abs(value) >= 1e-3 else f"{name}: {value:.3e}" for name, value in logs.items()
    )
