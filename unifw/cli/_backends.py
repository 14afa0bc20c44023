"""The table of `unifw backends`, and its JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from unifw.profiler import BackendStatus

_COMPILATION = {"none": "nothing to compile", "cheap": "compiles quickly", "costly": "compiles slowly"}


def table(statuses: Sequence[BackendStatus]) -> Table:
    """Return one row per backend."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    result = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("backend", "status", "versions", "devices", "capabilities"):
        result.add_column(name, overflow="fold")
    for status in statuses:
        versions = ", ".join(f"{name} {version}" for name, version in status.versions.items())
        result.add_row(
            status.name, escape(_state(status)), escape(versions), ", ".join(status.devices), _summary(status)
        )
    return result


def as_json(statuses: Sequence[BackendStatus], *, operations: bool) -> str:
    """Return a JSON array with an object per backend; its `operations` only if they were asked for."""
    found = [dataclasses.asdict(status) for status in statuses]
    if not operations:
        for each in found:
            del each["operations"]
    return json.dumps(found, indent=1)


def _state(status: BackendStatus) -> str:
    if not status.installed:
        return f"missing; run: {status.install}"
    return f"broken: {status.problem}" if status.problem else "ready"


def _summary(status: BackendStatus) -> str:
    if not status.installed or status.problem:
        return ""
    parts = [_COMPILATION.get(status.compilation, status.compilation), f"{len(status.dtypes)} dtypes"]
    if status.asynchronous:
        parts.append("asynchronous")
    if status.unsupported:
        parts.append(f"without {', '.join(status.unsupported)}")
    return ", ".join(parts)
