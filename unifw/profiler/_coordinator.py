"""The coordinator: starts workers, asks them in turn, sleeps while they measure, and collects what they say.

It imports no framework and computes nothing of the model's. What can go wrong with one variant becomes that variant's
row; only what is wrong with the user's input ends the run.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias, final

from unifw import config
from unifw.errors import ProfileError
from unifw.profiler._clock import Clock
from unifw.profiler._codec import decode
from unifw.profiler._environment import describe, without_paths, worker_environment
from unifw.profiler._process import Executor, Worker, WorkerError, WorkerInputError
from unifw.profiler._results import (
    ACTIVITIES,
    Failure,
    Launch,
    Memory,
    Quantity,
    Report,
    Sample,
    Settings,
    Threads,
    Variant,
    VariantResult,
    WarmUp,
)
from unifw.profiler._schedule import interleaved
from unifw.profiler._threads import escaped_tasks, running_tasks, threads_used
from unifw.profiler._verdict import MIN_ROUNDS

Notify: TypeAlias = Callable[[str, float], None]
"""Called with what is being done and the share that is done, 0 to 1; never while a worker measures."""

LOAD_TIMEOUT: Final = 180.0
COMPILE_TIMEOUT: Final = 900.0
STEP_TIMEOUT: Final = 120.0
WARM_UP_SECONDS: Final = 4.0
AUDIT_SECONDS: Final = 0.4
REFERENCE: Final = "reference"
ALLOCATOR_STEPS: Final = 2
"""The second step is the first that replaces a state which a step made."""


@final
@dataclass(slots=True)
class _Live:
    """A variant's process while it runs."""

    variant: Variant
    worker: Worker
    phases: dict[str, float] = field(default_factory=dict)
    warm_up: dict[str, WarmUp] = field(default_factory=dict)
    samples: dict[str, list[Sample]] = field(default_factory=lambda: {activity: [] for activity in ACTIVITIES})
    memory: Memory = field(default_factory=Memory)
    dispatching: int = 0
    threads: Threads = field(default_factory=lambda: Threads(0))

    def seconds_per_round(self) -> float:
        return sum(item.blocks[-1] * item.steps_per_sample for item in self.warm_up.values())


@final
class Coordinator:
    """One run of the profiler.

    Args:
        settings: what was asked for.
        variants: what to measure.
        executor: starts workers; already inside its `with` block.
        clock: for the time budget.
        cpus: to pin workers to.
        directory: an empty one for what workers share; the caller removes it.
        notify: told about progress.
    """

    def __init__(
        self,
        settings: Settings,
        variants: Sequence[Variant],
        *,
        executor: Executor,
        clock: Clock,
        cpus: Sequence[int],
        directory: str,
        notify: Notify = lambda _text, _done: None,
    ) -> None:
        self._settings = settings
        self._executor = executor
        self._clock = clock
        self._cpus = tuple(cpus)
        self._directory = directory
        self._notify = notify
        self._results = {variant: VariantResult(variant, {}, (), ()) for variant in variants}
        self._skipped: dict[str, str] = {}
        self._weights = ""
        self._rounds = 0
        self._not_compared: tuple[str, ...] = ()

    def run(self) -> Report:
        """Measure everything.

        Raises:
            ProfileError: if the user's input is wrong, or the reference cannot be computed.
        """
        settings = self._settings
        self._notify("float64 reference on numpy", 0.0)
        reference = self._reference()
        for launch in range(settings.launches):
            self._launch(launch)
        return Report(
            settings=replace(settings, file=Path(settings.file).name, data=settings.data.rpartition(":")[2]),
            environment=describe(Path(settings.file), self._cpus),
            parameters=reference["parameters"],
            batch=reference["batch"],
            results=tuple(self._results.values()),
            skipped=self._skipped,
            rounds=self._rounds,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            not_compared=self._not_compared,
        )

    def _reference(self) -> dict[str, Any]:
        worker = self._start("numpy", REFERENCE, floatx="float64")
        try:
            worker.request(self._load_command("numpy", "eager", reference=True), timeout=LOAD_TIMEOUT)
            where = {"directory": self._directory, "floatx": config.floatx()}
            reply = worker.request({"do": "reference", **where}, timeout=COMPILE_TIMEOUT)
            with contextlib.suppress(WorkerError):  # NumPy lacks that dtype: then only the stated tolerance counts
                worker.request({"do": "rounding", "model": self._settings.model, **where}, timeout=COMPILE_TIMEOUT)
        except WorkerInputError as error:
            raise ProfileError(error.reason) from error
        except WorkerError as error:
            raise ProfileError(
                f"The float64 reference on the NumPy backend could not be computed: {error.reason.rstrip('.')}. "
                "Without it no result can be checked."
                + (f" The worker's last lines:\n{error.log}" if error.log else "")
            ) from error
        finally:
            worker.close()
        self._weights = reply["weights"]
        return reply

    def _launch(self, index: int) -> None:
        """Run one process per variant: prepare one after the other, measure interleaved, then audit."""
        wanted = [item.variant for item in self._results.values() if item.failure is None]
        live: dict[Variant, _Live] = {}
        try:
            for position, variant in enumerate(wanted):
                self._progress(f"{variant.label}: first call", index, 0.5 * position / len(wanted))
                if prepared := self._attempt(variant, "start", lambda v=variant: self._prepare(v, index)):  # type: ignore[misc]
                    live[variant] = prepared
            self._measure(live, index)
            for each in list(live.values()):
                done = self._attempt(each.variant, "audit", lambda e=each: self._audit(e))  # type: ignore[misc]
                if done and index == 0:  # after the audit: what the check compiles must not count as training's memory
                    done = self._attempt(each.variant, "parity", lambda e=each: self._check(e))  # type: ignore[misc]
                if not done:
                    live.pop(each.variant).worker.close()
        finally:
            for each in live.values():
                each.worker.close()
        for variant, each in live.items():
            launch = Launch(
                phases=each.phases,
                warm_up=each.warm_up,
                samples={activity: tuple(samples) for activity, samples in each.samples.items()},
                memory=each.memory,
                threads=each.threads,
            )
            result = self._results[variant]
            self._results[variant] = replace(result, launches=(*result.launches, launch))

    def _prepare(self, variant: Variant, launch: int) -> _Live | None:
        worker = self._start(variant.backend, variant.mode)
        try:
            reply = worker.request(self._load_command(variant.backend, variant.mode), timeout=LOAD_TIMEOUT)
            if "skip" in reply:
                self._skipped[variant.label] = reply["skip"]
                del self._results[variant]
                worker.close()
                return None
            if reply["weights"] != self._weights:
                raise WorkerError("its initial weights are not those of the reference")  # noqa: TRY301
            live = _Live(variant, worker, phases=dict(reply["phases"]), dispatching=int(reply["asynchronous"]))
            self._results[variant] = replace(
                self._results[variant], versions=reply["versions"], device=reply["device"], floatx=reply["floatx"]
            )
            first = worker.request({"do": "first_call"}, timeout=COMPILE_TIMEOUT)
            live.phases.update({f"first_{activity}": first[activity] for activity in ACTIVITIES})
            warm = worker.request({"do": "warm_up", "limit": WARM_UP_SECONDS}, timeout=COMPILE_TIMEOUT)
            live.warm_up = {activity: decode(WarmUp, warm[activity]) for activity in ACTIVITIES}
        except BaseException:
            worker.close()
            raise
        return live

    def _measure(self, live: dict[Variant, _Live], launch: int) -> None:
        """Take samples in interleaved rounds until they are enough or the time is used up."""
        settings = self._settings
        budget = settings.time_budget / settings.launches
        start = self._clock.now()
        orders: Iterator[list[Variant]] = iter(())
        planned = 0
        for number in range(settings.rounds):
            elapsed = self._clock.now() - start
            if not live or (number >= MIN_ROUNDS and elapsed >= budget):
                break
            if len(live) != planned:  # the first round, and whenever a variant dropped out
                orders, planned = interleaved(tuple(live), settings.seed + 1000 * launch + number), len(live)
            share = min(1.0, max(number / settings.rounds, elapsed / budget))
            self._progress(f"round {number + 1}", launch, 0.5 + 0.5 * share)
            for variant in next(orders):
                if self._attempt(variant, "measurement", lambda e=live[variant], n=number: self._round(e, n)) is None:  # type: ignore[misc]
                    live.pop(variant).worker.close()
            self._rounds = max(self._rounds, number + 1)

    def _round(self, live: _Live, number: int) -> bool:
        for activity in ACTIVITIES:
            steps = live.warm_up[activity].steps_per_sample
            timeout = STEP_TIMEOUT + 50 * live.seconds_per_round()
            command = {"do": "sample", "activity": activity, "steps": steps, "round": number}
            live.samples[activity].append(decode(Sample, live.worker.request(command, timeout=timeout)["sample"]))
        return True

    def _audit(self, live: _Live) -> bool:
        """Look from outside how many threads run while the worker trains, and ask for its memory."""
        steps = live.warm_up["train"].steps_per_sample
        timeout = STEP_TIMEOUT + 50 * live.seconds_per_round()
        looks: list[int] = []

        def look() -> None:
            count = running_tasks(live.worker.pid)
            if count is not None:
                looks.append(count)

        command = {"do": "audit", "steps": steps, "seconds": AUDIT_SECONDS}
        audited = live.worker.request(command, timeout=timeout, meanwhile=look)
        memory = decode(Memory, audited["memory"])
        allocator = live.worker.request({"do": "allocator", "steps": ALLOCATOR_STEPS}, timeout=timeout)
        live.memory = replace(memory, allocator_peak=allocator["peak"], allocator_note=allocator["note"])
        live.threads = Threads(
            self._settings.threads,
            threads_used(looks),
            live.dispatching,
            escaped_tasks(live.worker.pid, self._cpus),
            audited["busy"],
        )
        return True

    def _check(self, live: _Live) -> bool:
        """Compare what the variant computes with the reference."""
        checked = live.worker.request({"do": "parity", "directory": self._directory}, timeout=COMPILE_TIMEOUT)
        quantities = tuple(decode(Quantity, item) for item in checked["quantities"])
        self._results[live.variant] = replace(self._results[live.variant], parity=quantities)
        self._not_compared = tuple(checked["left_out"])
        return True

    def _attempt(self, variant: Variant, stage: str, action: Callable[[], Any]) -> Any:
        """Do something with one variant; if that fails, it is this variant's failure only."""
        try:
            return action()
        except WorkerError as error:
            own = (Path(self._settings.file).parent, Path(self._directory))
            failure = Failure(stage, without_paths(error.reason, *own), without_paths(error.log, *own))
            self._results[variant] = replace(self._results[variant], failure=failure)
            return None

    def _start(self, backend: str, mode: str, floatx: str | None = None) -> Worker:
        environment = worker_environment(
            os.environ,
            backend=backend,
            threads=self._settings.threads,
            cache=str(Path(self._directory, "cache", f"{backend}-{mode}")),
            floatx=floatx,
        )
        if mode == REFERENCE:
            environment["UNIFW_DEVICE"] = "cpu"  # NumPy has no other, whatever the variants shall run on
        return self._executor.launch(environment, self._cpus)

    def _load_command(self, backend: str, mode: str, *, reference: bool = False) -> dict[str, Any]:
        settings = self._settings
        data_file, _, data = settings.data.rpartition(":")
        return {
            "do": "load", "backend": backend, "mode": mode, "file": settings.file, "model": settings.model,
            "data_file": data_file, "data": data, "seed": settings.seed, "threads": settings.threads,
            "directory": self._directory, "reference": reference,
        }  # fmt: skip

    def _progress(self, text: str, launch: int, share: float) -> None:
        launches = self._settings.launches
        self._notify(f"launch {launch + 1} of {launches}, {text}", (launch + share) / launches)
