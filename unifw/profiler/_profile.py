"""`profile`: from what a user asks for to a report. Checks the request; everything after that is the coordinator's."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from unifw.backend import get_backend, installed
from unifw.errors import ProfileError
from unifw.profiler._clock import SystemClock
from unifw.profiler._coordinator import Coordinator, Notify
from unifw.profiler._process import SystemExecutor
from unifw.profiler._results import Mode, Report, Settings, Variant
from unifw.profiler._threads import available_cpus, choose_cpus
from unifw.profiler._userfile import check_exists, split_target

_MODES: tuple[Mode, ...] = ("eager", "compiled")


def profile(
    target: str,
    *,
    data: str = "",
    backends: Sequence[str] = (),
    variants: Sequence[str] = _MODES,
    threads: int = 1,
    rounds: int = 20,
    launches: int = 3,
    time_budget: float = 60.0,
    seed: int = 0,
    baseline: str = "",
    notify: Notify = lambda _text, _done: None,
) -> Report:
    """Measure a model on several backends, one process each, and check that all compute the same.

    Args:
        target: `FILE` or `FILE:MODEL`: a Python file with a compiled `unifw.Model`, or a function that returns one.
        data: `FILE:NAME` of the batch, a tuple (x, y) of NumPy arrays or a function that returns one; `batch` of the
            same file by default.
        backends: which; all that are installed by default.
        variants: "eager", "compiled" or both.
        threads: CPU threads for every backend.
        rounds: samples per variant and launch, at most.
        launches: processes per variant. Memory layout differs between processes: intervals come from the spread of the
            launches; with one, they are widened by what processes were seen to differ by (2 %, standard deviation).
        time_budget: seconds for all rounds together; start and compilation are not counted.
        seed: of the weights, of dropout, and of the order of measurements.
        baseline: the variant, such as "torch/eager", that ratios are to; the fastest by default.
        notify: called with what is being done and the share done.

    Returns:
        The raw results; see `unifw.profiler.analyse` and `unifw.profiler.render`.

    Raises:
        ProfileError: if the request, the file, its model or its batch is wrong.
        BackendError: if a backend is unknown, missing or broken.
    """
    file, model = split_target(target, "model")
    path = check_exists(file)
    data_file, data_name = split_target(data or str(path), "batch")
    chosen = choose_variants(backends, variants)
    labels = [variant.label for variant in chosen]
    if baseline and baseline not in labels:
        raise ProfileError(f"The baseline {baseline!r} is not measured. Write one of: {', '.join(labels)}.")
    cpus = available_cpus()
    if not 1 <= threads <= len(cpus):
        raise ProfileError(
            f"{threads} threads were asked for; this process may use {len(cpus)} CPU(s). Write --threads 1"
            + (f" to {len(cpus)}." if len(cpus) > 1 else ".")
        )
    if rounds < 1 or launches < 1 or not time_budget > 0:  # which is how not-a-number fails too
        raise ProfileError(
            f"rounds ({rounds}), launches ({launches}) and time budget ({time_budget} s) must be positive."
        )
    if not 0 <= seed < 2**32:
        raise ProfileError(f"The seed must lie between 0 and 2**32 - 1, got {seed}.")
    settings = Settings(
        file=str(path), model=model, data=f"{check_exists(data_file)}:{data_name}", threads=threads, rounds=rounds,
        launches=launches, time_budget=time_budget, seed=seed, baseline=baseline,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="unifw-profile-", ignore_cleanup_errors=True) as directory:
        Path(directory, "cache").mkdir()
        with SystemExecutor() as executor:
            return Coordinator(
                settings, chosen, executor=executor, clock=SystemClock(), cpus=choose_cpus(cpus, threads),
                directory=directory, notify=notify,
            ).run()  # fmt: skip


def choose_variants(backends: Sequence[str], variants: Sequence[str]) -> tuple[Variant, ...]:
    """Return backend by mode, in a stable order.

    Raises:
        ProfileError: for an unknown variant.
        UnknownBackendError: for an unknown backend, with those that are registered.
        BackendNotInstalledError: for one whose framework is missing, with the command that installs it.
    """
    for mode in variants or [""]:
        if mode not in _MODES:
            raise ProfileError(f"There is no variant {mode!r}. Write: eager, compiled, or eager,compiled.")
    for name in backends:
        if name not in installed():
            get_backend(name)  # raises what the registry says about unknown and missing ones; imports nothing
    names = sorted(set(backends or installed()))
    return tuple(Variant(name, mode) for name in names for mode in _MODES if mode in variants)
