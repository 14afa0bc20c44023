"""The kit's scorecard: per backend and block, how many tests passed, failed as known, or failed."""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from typing import Any, NamedTuple, final

import pytest

_PLUGIN = "unifw-conformance-scorecard"
_OUTCOMES = ("passed", "xfailed", "failed", "skipped")
NO_CASES = object()
"""Stands for the arguments of a test for which a backend has no case."""
Scores = dict[str, Counter[str]]


@final
class Collector:
    """A pytest plug-in that registers itself when the first conformance test runs, so that nobody configures it."""

    def __init__(self) -> None:
        self._expected: dict[str, tuple[str, str]] = {}
        self._names: dict[type, list[str]] = {}
        self._functions: dict[type, set[str]] = {}
        self.scores: dict[str, Scores] = {}
        self.failed: list[str] = []

    def names_of(self, kit: type) -> list[str]:
        """Return the names of the tests collected for a class, whether or not options such as ``-k`` left them out."""
        return self._names.get(kit, [])

    def has_all_of(self, kit: type) -> bool:
        """Return whether all of a class was collected, not a test or two named on the command line."""
        return {name for name in dir(kit) if name.startswith("test_")} <= self._functions.get(kit, set())

    def expect(self, nodeid: str, backend: str, block: str) -> None:
        """Announce a test, before it runs."""
        self._expected[nodeid] = (backend, block)

    @pytest.hookimpl(tryfirst=True)  # before -k takes tests away
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect tests that have no case on their backend: it overrides nothing, or refuses nothing."""
        for item in items:
            kit = getattr(item, "cls", None)
            if kit is not None:
                self._functions.setdefault(kit, set()).add(item.name.partition("[")[0])
                self._names.setdefault(kit, []).extend([] if _has_no_cases(item) else [item.name])
        without = [item for item in items if _has_no_cases(item)]
        if without:
            config.hook.pytest_deselected(items=without)
            items[:] = [item for item in items if not _has_no_cases(item)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count an outcome: of the call, or of a set-up or tear-down that did not pass."""
        owner = self._expected.get(report.nodeid)
        if owner is None or (report.when != "call" and report.passed):
            return
        outcome = "xfailed" if hasattr(report, "wasxfail") and report.skipped else report.outcome
        backend, block = owner
        self.scores.setdefault(backend, {}).setdefault(block, Counter())[outcome] += 1
        if outcome == "failed":
            self.failed.append(report.nodeid.rpartition("::")[2])

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the scorecards under the test results."""
        for backend, scores in sorted(self.scores.items()):
            terminalreporter.section(f"conformance of backend {backend!r}", sep="-")
            for line in table(scores):
                terminalreporter.write_line(line)


def _has_no_cases(item: pytest.Item) -> bool:
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return any(value is NO_CASES for value in parameters.values())


def collector(config: pytest.Config) -> Collector:
    """Return the collector of this test run, registering it first if need be."""
    plugin = config.pluginmanager.get_plugin(_PLUGIN)
    if not isinstance(plugin, Collector):
        plugin = Collector()
        config.pluginmanager.register(plugin, _PLUGIN)
    return plugin


def table(scores: Scores) -> list[str]:
    """Return the lines of a scorecard: a row per block, and their sum."""
    total: Counter[str] = sum(scores.values(), Counter())
    rows = [*sorted(scores.items()), ("total", total)]
    width = max(len(name) for name, _ in rows)
    lines = [" ".join([f"{'block':<{width}}", *(f"{outcome:>8}" for outcome in _OUTCOMES)])]
    for name, counts in rows:
        lines.append(" ".join([f"{name:<{width}}", *(f"{counts[outcome]:>8}" for outcome in _OUTCOMES)]))
    return lines


class KitResult(NamedTuple):
    """What a run of the kit found.

    Attributes:
        scores: from the name of the block to its numbers of "passed", "xfailed", "failed" and "skipped" tests.
        failed: the names of the tests that failed.
        output: what pytest printed.
    """

    scores: Scores
    failed: list[str]
    output: str


def run_kit(backend_name: str, *options: str) -> KitResult:
    """Run the whole kit on one backend.

    Args:
        backend_name: as users write it.
        *options: further options of pytest, such as ``"-k", "gradient"``.
    """
    from unifw.testing import _run

    counter = Collector()
    _run.TestConformance.backend_name = backend_name
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        pytest.main(["-q", "--pyargs", "unifw.testing._run", "-p", "no:cacheprovider", *options], [_Named(counter)])
    return KitResult(counter.scores.get(backend_name, {}), counter.failed, printed.getvalue())


def scorecard(backend_name: str, *options: str) -> Scores:
    """Run the whole kit on one backend and return its scores by block; see `run_kit`."""
    return run_kit(backend_name, *options).scores


@final
class _Named:
    """Registers a given collector under the name by which the kit looks it up."""

    def __init__(self, counter: Collector) -> None:
        self._counter = counter

    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.register(self._counter, _PLUGIN)
