"""`unifw backends --matrix` and `--check`: every operation on every backend, with reasons, and nothing that crashes."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest
from rich.console import Console

import unifw.backend._registry as registry
from tests.conftest import ROOT
from unifw import dtypes
from unifw.backend import Capabilities, get_backend, operations_of, support_table, unsupported
from unifw.cli._check import check_backend
from unifw.cli._matrix import matrix_table, notes
from unifw.errors import UnifwError, UnknownBackendError
from unifw.profiler import BackendStatus

MAIN = "from unifw.cli import main; import sys; sys.argv = ['unifw', 'backends', *{}]; main()"


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", MAIN.format(arguments)]
    return subprocess.run(program, capture_output=True, text=True, timeout=240, check=False, cwd=ROOT)


def answers(backend):
    return {each.name: each for each in operations_of(backend)}


class Without:
    """A namespace without some functions."""

    def __init__(self, inner, *names) -> None:
        self.inner, self.names = inner, names

    def __getattr__(self, name):
        if name in self.names:
            raise AttributeError(name)
        return getattr(self.inner, name)


@pytest.fixture
def poor():
    """A backend without much: NumPy's, with holes."""
    kind = type(get_backend("numpy"))
    xp = Without(kind.xp, "linalg", "expm1")
    real = frozenset(each for each in dtypes.ALL if dtypes.kind(each) != "complex")
    members = {"xp": xp, "capabilities": Capabilities(dtypes=real), "vmap": unsupported("no time", hint="write a loop")}
    return type("Poor", (kind,), {"interface_version": 1, "name": "poor", **members})()


def test_the_functions_of_a_namespace_count() -> None:
    table = support_table(get_backend("numpy"))
    assert table["xp.add"] == table["xp.linalg.svd"] == "native"


def test_native_is_what_the_framework_does_and_composite_what_unifw_makes_of_it() -> None:
    numpy = answers(get_backend("numpy"))
    assert numpy["sin"].support == numpy["linalg.svd"].support == numpy["nn.conv"].support == "native"
    assert numpy["fft.hfft"].support == numpy["nn.softmax"].support == numpy["grad"].support == "composite"
    assert all(each.support != "unsupported" for each in numpy.values())


def test_a_function_that_is_not_there_takes_all_that_need_it_along(poor) -> None:
    found = answers(poor)
    assert found["expm1"].reason == "its namespace has no 'expm1'"
    assert found["nn.elu"].reason == found["expm1"].reason
    assert found["nn.celu"].reason == found["expm1"].reason
    assert found["linalg.svd"].reason == found["linalg.matrix_rank"].reason == "its namespace has no 'linalg'"
    assert found["linalg.outer"].support == "composite"
    assert support_table(poor)["xp.linalg.svd"] == "unsupported"


def test_a_transform_that_is_refused_takes_those_made_of_it_along(poor) -> None:
    found = answers(poor)
    for name in ("vmap", "jacrev", "jacfwd", "hessian"):
        assert (found[name].support, found[name].reason, found[name].hint) == ("unsupported", "no time", "write a loop")
    assert found["grad"].support == "composite"


def test_a_dtype_that_is_not_there_is_a_row_and_a_reason(poor) -> None:
    found = answers(poor)
    assert found["complex64"].support == "unsupported"
    assert found["real"].reason == found["fft.fft"].reason == "its arrays cannot have dtype complex64"
    assert found["float16"].support == "native"


def test_missing_and_broken_backends_have_a_column_that_says_so() -> None:
    statuses = (
        BackendStatus("jax", installed=False, versions={}, install="pip install 'unifw[jax]'"),
        BackendStatus("numpy", installed=True, versions={}, operations=operations_of(get_backend("numpy"))),
        BackendStatus("torch", installed=True, versions={}, problem="killed by [SIGSEGV]"),
    )
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        console.print(matrix_table(statuses))
    rows = capture.get().splitlines()
    assert any("jax (missing)" in row and "torch (broken)" in row for row in rows)
    assert any(row.split() == ["sin", "-", "native", "-"] for row in rows)
    assert "jax is missing; run: pip install 'unifw[jax]'" in list(notes(statuses))
    assert "torch is broken: killed by [SIGSEGV]" in list(notes(statuses))


def test_the_command_prints_a_table_by_family() -> None:
    done = command("--matrix", "--backends", "numpy")
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["Elementwise"] in lines
    assert ["linalg.svd", "native"] in lines
    assert ["nn.softmax", "composite"] in lines


@pytest.mark.skipif(importlib.util.find_spec("unifw_toy") is None, reason="pip install ./tests/toy_backend")
def test_the_reasons_of_a_third_party_backend_stand_below() -> None:
    done = command("--matrix", "--backends", "numpy,toy")
    text = " ".join(done.stdout.split())
    assert "bfloat16 native unsupported" in text
    assert "linalg.svd native unsupported" in text
    assert "toy does not support memory_stats, reset_memory_stats: array_api_strict does not count memory" in text


def test_machines_can_read_it() -> None:
    done = command("--matrix", "--backends", "numpy", "--json")
    (status,) = json.loads(done.stdout)
    found = {(each["family"], each["name"]): each["support"] for each in status["operations"]}
    assert found["Elementwise", "sin"] == "native"
    assert len(found) == len(status["operations"]) == len(operations_of(get_backend("numpy")))
    assert "operations" not in json.loads(command("--backends", "numpy", "--json").stdout)[0]


def test_a_name_nobody_knows_is_an_error_with_a_suggestion() -> None:
    done = command("--matrix", "--backends", "numpi")
    assert done.returncode == 2
    assert "Did you mean 'numpy'?" in done.stderr


def test_a_check_prints_the_scorecard_and_what_failed(monkeypatch) -> None:
    kind = type(get_backend("numpy"))
    for members, passes in (({}, True), ({"random_bits": lambda self, key, shape: key}, False)):
        chosen = type("Chosen", (kind,), {"interface_version": 1, **members})()
        monkeypatch.setitem(registry._loaded, "numpy", chosen)
        lines, passed = check_backend("numpy", "-k", "bits")
        assert passed is passes
        assert lines[-1].startswith("total") is passes
        assert ("  test_bits" in lines) is not passes


def test_a_check_needs_pytest_and_says_so(monkeypatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UnifwError, match="Run: pip install pytest"):
        check_backend("numpy")
    with pytest.raises(UnknownBackendError):
        check_backend("numpi")
