"""A clock nobody waits for, and workers that live on it: the whole schedule runs in no time, with known costs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from unifw.profiler import (
    Environment,
    Launch,
    Memory,
    Noise,
    Quantity,
    Report,
    Sample,
    Settings,
    Threads,
    Variant,
    VariantResult,
    WarmUp,
)
from unifw.profiler._measure import timed, warm_up
from unifw.profiler._process import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable


class FakeClock:
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time


@dataclasses.dataclass
class Behaviour:
    """How the worker of one variant behaves: seconds per step, and where it breaks."""

    step: float = 0.01
    compile: float = 1.0
    error: float = 1e-6
    skip: str = ""
    dies_at: str = ""  # a command
    dies_in_round: int | None = None
    weights: str = "same"


class FakeWorker:
    pid = -1

    def __init__(self, executor: FakeExecutor) -> None:
        self.executor = executor
        self.closed = False
        self.behaviour = Behaviour()
        self.label = ""

    def request(
        self, command: dict[str, Any], *, timeout: float, meanwhile: Callable[[], object] | None = None
    ) -> dict:
        del meanwhile
        assert not self.closed
        assert timeout > 0
        what = command["do"]
        if what == "load":
            self.label = f"{command['backend']}/{command['mode']}"
            if not command["reference"]:
                self.behaviour = self.executor.behaviours.get(self.label, Behaviour())
        self.executor.log.append((self.label, what, command.get("activity"), command.get("round")))
        if what == self.behaviour.dies_at or (
            what == "sample" and command["round"] == self.behaviour.dies_in_round and command["activity"] == "train"
        ):
            raise WorkerError("killed by SIGSEGV", "Segmentation fault")
        return {"ok": True, **getattr(self, what)(command)}

    def run(self, steps: int) -> None:
        self.executor.clock.time += steps * self.behaviour.step

    def load(self, _command: dict[str, Any]) -> dict[str, Any]:
        if self.behaviour.skip:
            return {"skip": self.behaviour.skip}
        phases = {"python": 0.1, "backend": 1.0, "file": 0.1, "build": 0.1}
        return {
            "phases": phases,
            "versions": {"fake": "1"},
            "asynchronous": False,
            "device": "cpu",
            "floatx": "float32",
            "weights": self.behaviour.weights,
        }

    def reference(self, _command: dict[str, Any]) -> dict[str, Any]:
        return {"parameters": 7, "batch": {"x": "float32 (2, 3)", "y": "int64 (2,)"}, "weights": "same", "data": "d"}

    def rounding(self, _command: dict[str, Any]) -> dict[str, Any]:
        return {"largest": 1e-7}

    def first_call(self, _command: dict[str, Any]) -> dict[str, Any]:
        return {"train": self.behaviour.compile, "inference": self.behaviour.compile / 2}

    def parity(self, _command: dict[str, Any]) -> dict[str, Any]:
        return {"quantities": [{"name": "output", "error": self.behaviour.error, "tolerance": 1e-4}], "left_out": []}

    def warm_up(self, command: dict[str, Any]) -> dict[str, Any]:
        result = dataclasses.asdict(warm_up(self.run, self.executor.clock, limit=command["limit"]))
        return {"train": result, "inference": result}

    def sample(self, command: dict[str, Any]) -> dict[str, Any]:
        seconds = timed(self.run, command["steps"], self.executor.clock)
        noise = Noise(run_delay=0.0, tasks=1, foreign=0.0, steal=0.0)
        return {"sample": dataclasses.asdict(Sample(command["round"], command["steps"], seconds, noise))}

    def audit(self, _command: dict[str, Any]) -> dict[str, Any]:
        return {"memory": {"before": 10, "peak": 2**20}, "busy": 1.0}

    def allocator(self, _command: dict[str, Any]) -> dict[str, Any]:
        return {"peak": None, "note": "not counted here"}

    def close(self) -> None:
        self.closed = True


class FakeExecutor:
    worker_class = FakeWorker

    def __init__(self, clock: FakeClock, behaviours: dict[str, Behaviour]) -> None:
        self.clock = clock
        self.behaviours = behaviours
        self.workers: list[FakeWorker] = []
        self.environments: list[dict[str, str]] = []
        self.log: list[tuple[str, str, str | None, int | None]] = []

    def launch(self, environment: dict[str, str], cpus: Any) -> FakeWorker:
        del cpus
        self.environments.append(environment)
        self.workers.append(self.worker_class(self))
        return self.workers[-1]


def samples(times: list[float], **noise: Any) -> tuple[Sample, ...]:
    return tuple(Sample(number, 1, time, Noise(**noise)) for number, time in enumerate(times))


def result(
    label: str, *launches: list[float], parity: float = 1e-6, busy: float = 1.0, used: int = 1, **noise: Any
) -> VariantResult:
    """Return a variant measured in these launches, one time per round each."""
    backend, mode = label.split("/")
    warm = {activity: WarmUp(1, (1.0,), steady=True) for activity in ("train", "inference")}
    return VariantResult(
        Variant(backend, mode),  # type: ignore[arg-type]
        {"fake": "1"},
        (Quantity("output", parity, 1e-4), Quantity("loss", parity / 2, 1e-4)),
        tuple(
            Launch(
                phases={
                    "python": 0.1,
                    "backend": 1.0,
                    "file": 0.1,
                    "build": 0.1,
                    "first_train": 2.0,
                    "first_inference": 1.0,
                },
                warm_up=warm,
                samples={"train": samples(times, **noise), "inference": samples(times, **noise)},
                memory=Memory(2**20, 2**21, None, "not counted here"),
                threads=Threads(1, used, busy=busy),
            )
            for times in launches
        ),
    )


def report(*results: VariantResult, baseline: str = "", launches: int = 2) -> Report:
    return Report(
        settings=Settings("net.py", "model", "batch", 1, 30, launches, 60.0, 0, baseline),
        environment=Environment("A CPU", (1,), "x86_64", "Linux", "3.11", {"unifw": "0"}, "abc"),
        parameters=7,
        batch={"x": "float32 (2, 3)", "y": "int64 (2,)"},
        results=results,
        skipped={},
        rounds=30,
        created="2026-01-01T00:00:00+00:00",
    )
