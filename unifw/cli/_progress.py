"""Progress on standard error: a bar on a terminal, else one line per stage.

Nothing is drawn while a worker measures: the coordinator refreshes the bar between its requests; no thread does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress() -> Iterator[Callable[[str, float], None]]:
    """Yield the function that the profiler calls with what it is doing and the share that is done."""
    if not sys.stderr.isatty():
        yield _quiet()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)

        def notify(text: str, done: float) -> None:
            bar.update(task, description=text, completed=done, refresh=True)

        yield notify


def _quiet() -> Callable[[str, float], None]:
    stages: set[str] = set()

    def notify(text: str, _done: float) -> None:
        stage = text.partition(", round ")[0]
        if stage not in stages:
            stages.add(stage)
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()

    return notify
