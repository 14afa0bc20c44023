"""Which backends are here, and what they are: each is loaded in a process of its own, so that a broken one is a row."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from unifw.backend import KNOWN, Operation, get_backend, missing_framework, registered
from unifw.profiler._process import Executor, SystemExecutor, WorkerError

TIMEOUT = 120.0


@final
@dataclass(frozen=True, slots=True)
class BackendStatus:
    """One backend: present and working, missing (with the command that installs it), or broken (with the reason).

    Attributes:
        name: as users write it.
        installed: whether the backend and its framework can be found.
        versions: the framework's first.
        devices: the default first.
        compilation: what `jit` costs: "none", "cheap" or "costly".
        asynchronous: whether calls can return before their work is done.
        dtypes: that arrays can have.
        unsupported: operations the backend declares it cannot do.
        install: the pip command, if it is missing.
        problem: why it could not be loaded, if it is broken.
        operations: what it makes of each operation, if that was asked for.
    """

    name: str
    installed: bool
    versions: dict[str, str]
    devices: tuple[str, ...] = ()
    compilation: str = ""
    asynchronous: bool = False
    dtypes: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()
    install: str = ""
    problem: str = ""
    operations: tuple[Operation, ...] = ()


def survey_backends(
    executor: Executor | None = None, *, names: Sequence[str] = (), operations: bool = False
) -> tuple[BackendStatus, ...]:
    """Return the status of every backend that is registered or known, sorted by name.

    Args:
        executor: what starts the processes; the system's by default.
        names: of the backends to ask, in this order; all by default.
        operations: whether to ask for their operations too.

    Raises:
        UnknownBackendError: for a name that nobody registered or knows.

    >>> [status.name for status in survey_backends()]  # doctest: +SKIP
    ['jax', 'numpy', 'tensorflow', 'torch']
    """
    available = sorted({*registered(), *KNOWN})
    for name in names:
        if name not in available:
            get_backend(name)  # which says what is wrong with the name
    chosen = tuple(dict.fromkeys(names)) or available
    if executor is not None:
        return tuple(_status(name, executor, operations) for name in chosen)
    with SystemExecutor() as own:
        return tuple(_status(name, own, operations) for name in chosen)


def _status(name: str, executor: Executor, operations: bool) -> BackendStatus:
    missing = missing_framework(name) if name in registered() else KNOWN[name]
    if missing is not None:
        return BackendStatus(name, installed=False, versions={}, install=missing.install)
    worker = executor.launch({"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ}, ())
    try:
        reply = worker.request({"do": "describe", "backend": name}, timeout=TIMEOUT)
        asked = worker.request({"do": "operations", "backend": name}, timeout=TIMEOUT) if operations else {}
    except WorkerError as error:
        last = error.log.splitlines()[-1:] if error.log and error.reason.startswith(("killed", "the process")) else []
        return BackendStatus(name, installed=True, versions={}, problem=": ".join([error.reason, *last]))
    finally:
        worker.close()
    return BackendStatus(
        name,
        installed=True,
        versions=reply["versions"],
        devices=tuple(reply["devices"]),
        compilation=reply["compilation"],
        asynchronous=reply["asynchronous"],
        dtypes=tuple(reply["dtypes"]),
        unsupported=tuple(reply["unsupported"]),
        operations=tuple(Operation(**each) for each in asked.get("operations", ())),
    )
