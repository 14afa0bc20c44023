"""What all tests share: every backend in turn, Keras on JAX as an oracle, and no silent skip where all is installed."""

from __future__ import annotations

import gc
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")  # read when Keras is imported, so before any test module does
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import pytest

if importlib.util.find_spec("torch") is not None:
    import torch  # noqa: F401 - before TensorFlow, whichever test comes first: the other order has segfaulted

from unifw.backend import KNOWN, get_backend, missing_framework, use_backend

OURS = ("numpy", "jax", "torch", "tensorflow")
ROOT = Path(__file__).parents[1]


def pytest_addoption(parser):
    parser.addoption("--run-benchmarks", action="store_true", help="run tests marked as benchmarks, which measure time")


def pytest_collection_modifyitems(config, items):
    """Leave benchmarks out unless they are asked for."""
    if config.getoption("--run-benchmarks"):
        return
    benchmarks = [item for item in items if item.get_closest_marker("benchmark")]
    if benchmarks:
        config.hook.pytest_deselected(items=benchmarks)
        items[:] = [item for item in items if not item.get_closest_marker("benchmark")]


def pytest_sessionfinish(session, exitstatus):
    """With CI set, everything is installed: a skipped test is a failure, for it would hide one."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("CI") and skipped and exitstatus == pytest.ExitCode.OK:
        reporter.write_line(
            f"CI is set, and {len(skipped)} tests were skipped: nothing may be skipped there.", red=True
        )
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(params=OURS)
def backend(request):
    """Each of our backends in turn, made current; skipped if its framework is not installed."""
    if missing_framework(request.param) is not None:
        pytest.skip(f"{KNOWN[request.param].requires} is not installed: {KNOWN[request.param].install}")
    with use_backend(get_backend(request.param)) as chosen:
        yield chosen


@pytest.fixture
def run_python(tmp_path):
    """Run a program in a fresh interpreter with only the settings given; return what it prints."""

    def run(program, **environment):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("UNIFW_")}
        kept |= {"HOME": str(tmp_path), "TF_CPP_MIN_LOG_LEVEL": "3"}
        kept["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "backends"), os.environ.get("PYTHONPATH", "")])
        finished = subprocess.run(
            [sys.executable, "-c", program],
            env=kept | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout.strip()

    return run


@pytest.fixture(autouse=True, scope="module")
def forget_compiled_programs():
    """Free what the frameworks compiled for a file's tests: kept to the end, it is some ten gigabytes a process."""
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()
    gc.collect()
