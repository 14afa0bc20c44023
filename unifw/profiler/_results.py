"""What was measured, as frozen data. Printers and JSON read only this; nothing here measures or decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, final

SCHEMA_VERSION: Final = 1

BUSY_SLACK: Final = 1.1
"""CPU time is read a little later than the clock; beyond this, a process had more CPUs than threads."""

Mode: TypeAlias = Literal["eager", "compiled"]
Activity: TypeAlias = Literal["train", "inference"]
ACTIVITIES: Final[tuple[Activity, ...]] = ("train", "inference")


@final
@dataclass(frozen=True, slots=True, order=True)
class Variant:
    """One way to run the model: a backend, eager or compiled."""

    backend: str
    mode: Mode

    @property
    def label(self) -> str:
        """The name in tables: "jax/compiled"."""
        return f"{self.backend}/{self.mode}"


@final
@dataclass(frozen=True, slots=True)
class Noise:
    """What disturbed one sample; None where the system does not tell.

    Attributes:
        window: seconds between the two readings of the counters, a little more than the sample itself.
        own: seconds of CPU time that the process had in that window.
        run_delay: seconds that threads of the process were runnable but had no CPU (`/proc/self/task/*/schedstat`).
        tasks: threads that ran for at least 2 % of the sample.
        foreign: seconds that others ran on our CPUs (`/proc/stat`, in ticks of 10 ms: add them up before judging).
        steal: seconds that the hypervisor took from our CPUs (`/proc/stat`, in ticks).
        involuntary: involuntary context switches of the process.
        pressure: seconds in which some task of the machine waited for a CPU (`/proc/pressure/cpu`).
    """

    window: float | None = None
    own: float | None = None
    run_delay: float | None = None
    tasks: int | None = None
    foreign: float | None = None
    steal: float | None = None
    involuntary: int | None = None
    pressure: float | None = None


@final
@dataclass(frozen=True, slots=True)
class Sample:
    """One timed run of `steps` steps, synchronised before the clock stopped."""

    round: int
    steps: int
    seconds: float
    noise: Noise = field(default_factory=Noise)

    @property
    def per_step(self) -> float:
        """Seconds per step."""
        return self.seconds / self.steps


@final
@dataclass(frozen=True, slots=True)
class WarmUp:
    """How an activity came to its steady state: seconds per step of each warm-up block, and whether it was reached."""

    steps_per_sample: int
    blocks: tuple[float, ...]
    steady: bool


@final
@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes. Process figures include the framework's own code and data.

    Attributes:
        before: resident after the backend was imported, before the model existed.
        peak: high-water mark while training in the steady state (VmHWM, reset before).
        allocator_peak: the most that arrays held at once in two steps of training, state and batch made anew, by the
            backend's own count (`Backend.peak_memory`).
        allocator_note: why that is None.
    """

    before: int | None = None
    peak: int | None = None
    allocator_peak: int | None = None
    allocator_note: str = ""


@final
@dataclass(frozen=True, slots=True)
class Threads:
    """Threads asked for, and what was seen of them; None where the system does not tell.

    Attributes:
        requested: threads that may compute.
        used: threads usually seen running, or waiting for a CPU, at once.
        dispatching: of these, threads that only hand work to others: one, where a backend dispatches asynchronously.
        escaped: threads that may run on other CPUs than those they were pinned to.
        busy: CPU seconds that the process had per second of training.
    """

    requested: int
    used: int | None = None
    dispatching: int = 0
    escaped: int | None = None
    busy: float | None = None

    @property
    def problem(self) -> str:
        """Why the variant had more of the machine than it was given, or ""."""
        if self.escaped:
            return f"{self.escaped} of its threads may run on CPUs it was not given"
        if self.busy is not None and self.busy > BUSY_SLACK * self.requested:
            return f"it used {self.busy:.2f} CPUs at once, {self.requested} thread(s) were asked for"
        return ""

    @property
    def doubt(self) -> str:
        """What was seen that is no proof of a problem: a thread that waits for a CPU looks like one that runs."""
        if self.problem or self.used is None or self.used - self.dispatching <= self.requested:
            return ""
        return (
            f"{self.used} of its threads ran or waited for a CPU at once, {self.requested} may compute; "
            "they shared the CPUs it was given, so it had no more of the machine than others"
        )


@final
@dataclass(frozen=True, slots=True)
class Quantity:
    """One quantity compared with the float64 reference; `error` is None if it is not finite or has the wrong shape."""

    name: str
    error: float | None
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the error is within the tolerance."""
        return self.error is not None and self.error <= self.tolerance


@final
@dataclass(frozen=True, slots=True)
class Failure:
    """Why a variant has no complete measurement: where it stopped, the reason, and the last lines it wrote."""

    stage: str
    reason: str
    log: str = ""


@final
@dataclass(frozen=True, slots=True)
class Launch:
    """One process of one variant. Phases are in seconds.

    They are: python, backend, file, build, prepare (weights and batch go to the device, the state of training is made),
    first_train, first_inference.
    """

    phases: dict[str, float]
    warm_up: dict[str, WarmUp]
    samples: dict[str, tuple[Sample, ...]]
    memory: Memory
    threads: Threads


@final
@dataclass(frozen=True, slots=True)
class VariantResult:
    """Everything known about one variant; `device` and `floatx` are those its arrays have."""

    variant: Variant
    versions: dict[str, str]
    parity: tuple[Quantity, ...]
    launches: tuple[Launch, ...]
    failure: Failure | None = None
    device: str = ""
    floatx: str = ""


@final
@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for."""

    file: str
    model: str
    data: str
    threads: int
    rounds: int
    launches: int
    time_budget: float
    seed: int
    baseline: str = ""


@final
@dataclass(frozen=True, slots=True)
class Environment:
    """The machine and the software, without anything that names a user or a path."""

    cpu: str
    cpus: tuple[int, ...]
    machine: str
    system: str
    python: str
    packages: dict[str, str]
    git: str
    removed_variables: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Report:
    """One run of the profiler: raw, complete, and all that tables and sentences are made from.

    `not_compared` are quantities that rounding alone decides, so that the parity gate leaves them out.
    """

    settings: Settings
    environment: Environment
    parameters: int
    batch: dict[str, str]
    results: tuple[VariantResult, ...]
    skipped: dict[str, str]
    rounds: int
    created: str
    not_compared: tuple[str, ...] = ()
    schema: int = SCHEMA_VERSION
