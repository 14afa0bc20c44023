"""Which backends are here, and what they are: each is loaded in a process of its own, so that a broken one is a row."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import final

from unifw.backend import KNOWN, missing_framework, registered
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


def survey_backends(executor: Executor | None = None) -> tuple[BackendStatus, ...]:
    """Return the status of every backend that is registered or known, sorted by name.

    >>> [status.name for status in survey_backends()]  # doctest: +SKIP
    ['jax', 'numpy', 'tensorflow', 'torch']
    """
    names = sorted({*registered(), *KNOWN})
    if executor is not None:
        return tuple(_status(name, executor) for name in names)
    with SystemExecutor() as own:
        return tuple(_status(name, own) for name in names)


def _status(name: str, executor: Executor) -> BackendStatus:
    missing = missing_framework(name) if name in registered() else KNOWN[name]
    if missing is not None:
        return BackendStatus(name, installed=False, versions={}, install=missing.install)
    worker = executor.launch({"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ}, ())
    try:
        reply = worker.request({"do": "describe", "backend": name}, timeout=TIMEOUT)
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
    )
