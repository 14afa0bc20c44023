"""The environment a worker starts in, and the description of the machine that goes into the report."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from unifw.profiler._results import Environment
from unifw.profiler._threads import thread_variables

# What changes how a framework computes, by prefix: removed, and named in the report, so that two runs compare.
_REMOVED: Final = (
    "BLIS_", "GOMP_", "JAX_", "KMP_", "LD_PRELOAD", "MALLOC_", "MKL_", "NPROC", "NUMEXPR_", "OMP_", "OPENBLAS_",
    "PJRT_", "PYTHONDEVMODE", "PYTHONHASHSEED", "PYTHONMALLOC", "PYTHONOPTIMIZE", "PYTHONPROFILEIMPORTTIME",
    "PYTHONTRACEMALLOC", "PYTORCH_", "TF_", "TORCH", "UNIFW_", "XLA_",
)  # fmt: skip
# Of these, what says where to run, and in which dtype.
_KEPT: Final = ("JAX_PLATFORMS", "UNIFW_CONFIG", "UNIFW_DEVICE", "UNIFW_FLOATX")


def removed_variables(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the variables that workers will not see.

    >>> removed_variables({"HOME": "here", "XLA_FLAGS": "--fast", "UNIFW_DEVICE": "cpu"})
    ('XLA_FLAGS',)
    """
    return tuple(sorted(name for name in environ if name.startswith(_REMOVED) and name not in _KEPT))


def worker_environment(
    environ: Mapping[str, str], *, backend: str, threads: int, cache: str, floatx: str | None = None
) -> dict[str, str]:
    """Return the variables a worker starts with.

    Args:
        environ: the coordinator's own.
        backend: `UNIFW_BACKEND`.
        threads: for every thread pool we know, whichever backend runs.
        cache: a directory for compiled code, one per variant: empty at first, so that the first launch compiles and the
            next ones do not, where a framework caches on disk.
        floatx: `UNIFW_FLOATX`, if not the configured one.
    """
    removed = removed_variables(environ)
    clean = {name: value for name, value in environ.items() if name not in removed}
    if floatx:
        clean["UNIFW_FLOATX"] = floatx
    return {
        **clean,
        **thread_variables(threads),
        "UNIFW_BACKEND": backend,
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        # All variants of a launch live at once: none may take a GPU's memory before it needs it.
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "TORCHINDUCTOR_CACHE_DIR": str(Path(cache, "inductor")),
        "TRITON_CACHE_DIR": str(Path(cache, "triton")),
        "JAX_COMPILATION_CACHE_DIR": str(Path(cache, "jax")),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }


def describe(file: Path, cpus: Sequence[int]) -> Environment:
    """Return the machine and the software, as far as results depend on them; no paths, no names of people."""
    return Environment(
        cpu=_cpu_name(),
        cpus=tuple(cpus),
        machine=platform.machine(),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        packages={name: _version(name) for name in ("unifw", "numpy")},
        git=_git_state(file.parent),
        removed_variables=removed_variables(os.environ),
    )


def without_paths(text: str, *own: Path) -> str:
    """Return the text with the directories of this machine and user taken out: a report is made to be shown.

    >>> without_paths('File "/somewhere/net.py"', Path("/somewhere"))
    'File "net.py"'
    """
    places = {*own, Path.cwd(), Path.home(), Path(sys.prefix), Path(sys.base_prefix), Path(tempfile.gettempdir())}
    for place in sorted((str(place) for place in places if place != Path("/")), key=len, reverse=True):
        text = text.replace(place + os.sep, "")
    return text


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed as a package"


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]} ({len(names)} CPUs)" if names else f"{platform.processor()} ({os.cpu_count()} CPUs)"


def _git_state(directory: Path) -> str:
    """Return "commit" or "commit, modified" of the profiled file's repository, or ""."""
    state = _git(directory, "rev-parse", "--short=12", "HEAD")
    if not state:
        return ""
    return f"{state}, modified" if _git(directory, "status", "--porcelain", "--untracked-files=no") else state


def _git(directory: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", *arguments],  # noqa: S607 - whichever git the user has
            cwd=directory, capture_output=True, text=True, timeout=5, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
