"""`unifw backends`: a missing or broken backend is a row that helps."""

from __future__ import annotations

import pytest
from rich.console import Console

from unifw.backend import KNOWN, KnownBackend
from unifw.cli._backends import table
from unifw.profiler import BackendStatus, _survey, survey_backends
from unifw.profiler._process import WorkerError


class Asked:
    pid = -1

    def __init__(self, answer) -> None:
        self.answer, self.closed = answer, False

    def request(self, command, *, timeout, meanwhile=None):
        del timeout, meanwhile
        return self.answer(command["backend"])

    def close(self) -> None:
        self.closed = True


class Executor:
    def __init__(self, answer) -> None:
        self.answer, self.workers = answer, []

    def launch(self, environment, cpus):
        del environment, cpus
        self.workers.append(Asked(self.answer))
        return self.workers[-1]


def ready(_name: str) -> dict[str, object]:
    return {
        "versions": {"lib": "1.2"}, "devices": ["cpu"], "compilation": "cheap", "asynchronous": True,
        "dtypes": ["float32"], "unsupported": ["memory_stats"],
    }  # fmt: skip


def broken(name: str) -> dict[str, object]:
    if name == "torch":
        raise WorkerError("killed by SIGSEGV", "first\nlibtorch: undefined symbol")
    return ready(name)


@pytest.fixture
def everything_installed(monkeypatch) -> None:
    monkeypatch.setattr(_survey, "missing_framework", lambda _name: None)
    monkeypatch.setattr(_survey, "registered", lambda: ("jax", "numpy", "tensorflow", "torch"))


def text(statuses: tuple[BackendStatus, ...]) -> str:
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        console.print(table(statuses))
    return " ".join(capture.get().split())


@pytest.mark.usefixtures("everything_installed")
def test_each_is_asked_in_a_process_of_its_own_that_is_closed() -> None:
    executor = Executor(ready)
    statuses = survey_backends(executor)
    assert [status.name for status in statuses] == ["jax", "numpy", "tensorflow", "torch"]
    assert len(executor.workers) == 4
    assert all(worker.closed for worker in executor.workers)
    assert "compiles quickly, 1 dtypes, asynchronous, without memory_stats" in text(statuses)


@pytest.mark.usefixtures("everything_installed")
def test_a_broken_one_is_a_row_with_the_reason() -> None:
    statuses = survey_backends(Executor(broken))
    assert "broken: killed by SIGSEGV: libtorch: undefined symbol" in text(statuses)
    assert text(statuses).count("ready") == 3


def test_a_missing_one_is_a_row_with_the_pip_command(monkeypatch) -> None:
    monkeypatch.setattr(_survey, "registered", lambda: ("jax", "numpy", "tensorflow"))
    missing = KnownBackend("jax", "jax", "pip install 'unifw[jax]'")
    monkeypatch.setattr(_survey, "missing_framework", lambda name: missing if name == "jax" else None)
    executor = Executor(ready)
    statuses = {status.name: status for status in survey_backends(executor)}
    assert statuses["jax"].install == "pip install 'unifw[jax]'"
    assert statuses["torch"].install == KNOWN["torch"].install
    assert len(executor.workers) == 2
    assert "missing; run: pip install 'unifw[torch]'" in text(tuple(statuses.values()))
