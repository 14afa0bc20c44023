"""The command as a user meets it: texts on standard error, exit codes, tables; real processes, NumPy alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from unifw.profiler import load_report, render_text

NET = """
import numpy as np
import unifw as uf

rng = np.random.default_rng(0)
batch = (rng.normal(size=(16, 8)).astype("float32"), rng.integers(0, 3, 16))

def model():
    net = uf.Sequential([uf.layers.Dense(16, activation="relu"), uf.layers.Dropout(0.2), uf.layers.Dense(3)])
    net.compile(optimizer="adam", loss=uf.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return net
"""
QUICK = ("--backends", "numpy", "--quick", "--rounds", "5", "--time-budget", "2")


def unifw(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    code = "from unifw.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True, text=True, cwd=cwd, env={**os.environ, **environment}, timeout=240, check=False,
    )  # fmt: skip


@pytest.fixture
def net(tmp_path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(NET)
    return path


def test_numpy_alone_gets_a_table_a_conclusion_and_a_report(net) -> None:
    done = unifw("profile", "net.py", *QUICK, "--json", "report.json", cwd=net.parent)
    assert done.returncode == 0, done.stderr
    assert "numpy/eager" in done.stdout
    assert "Only numpy/eager could be measured" in done.stdout
    assert "numpy/compiled: numpy has nothing to compile" in done.stdout
    assert "float64 reference" in done.stderr
    report = load_report(net.parent / "report.json")
    assert render_text(report) == done.stdout
    (result,) = report.results
    assert all(quantity.passed for quantity in result.parity)
    names = {quantity.name for quantity in result.parity}
    assert {"output", "loss", "gradient layers/0/kernel"} <= names or {"output", "loss"} < names
    assert len(result.launches[0].samples["train"]) == 5
    assert str(net.parent) not in (net.parent / "report.json").read_text()


def test_backends_are_compared(net) -> None:
    done = unifw("profile", "net.py", *("--backends", "numpy,jax"), *QUICK[2:], "--json", "report.json", cwd=net.parent)
    assert done.returncode == 0, done.stderr
    report = load_report(net.parent / "report.json")
    assert {result.variant.label for result in report.results} == {"numpy/eager", "jax/eager", "jax/compiled"}
    for result in report.results:
        assert result.failure is None
        assert all(quantity.passed for quantity in result.parity), result.parity


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing.py",), "'nothing.py' does not exist"),
        (("net.py:nothing", *QUICK), "net.py has no 'nothing'"),
        (("net.py", "--data", "net.py:nothing", *QUICK), "has no 'nothing', so there is nothing to feed"),
        (("net.py", "--backends", "torhc"), "Did you mean 'torch'?"),
        (("net.py", "--variants", "fast"), "There is no variant 'fast'"),
        (("net.py", "--backends", "numpy", "--baseline", "torch/eager"), "'torch/eager' is not measured"),
        (("net.py", "--threads", "9999"), "9999 threads were asked for"),
        (("net.py", "--rounds", "0"), "must be positive"),
        (("net.py", "--time-budget", "nan"), "must be positive"),
        (("net.py", "--seed", "-1"), "The seed must lie between 0 and 2**32 - 1, got -1"),
        (("net.py", "--variants", ","), "There is no variant ''"),
        (("labels.py", *QUICK), "y[0] is the label"),
        (("own.py", *QUICK), "could not be computed: RuntimeError: my mistake (own.py, line"),
        (("net.py", "--no-such-option"), "No such option"),
        (("shape.py", *QUICK), "The batch does not fit the model: x has shape (16, 8, 2)"),
        (("raises.py", *QUICK), "raised while it was imported: ValueError: no data (raises.py, line 2"),
        (("fixed.py", *QUICK), "fixes the dtype of"),
        (("nan.py", *QUICK), "float64 reference is not finite: 48 of 48 numbers of its 'output' are NaN"),
        (("ragged.py", *QUICK), "x of 'batch' in ragged.py cannot be made one array"),
        (("elsewhere.py", *QUICK), "'model' of elsewhere.py was built on the backend 'jax', though 'numpy'"),
        (
            ("net.py", *QUICK, "--json", "nowhere/report.json"),
            "cannot be written to 'nowhere/report.json': No such file",
        ),
        (("net.py", *QUICK, "--json", "."), "cannot be written to '.': it is a directory"),
        (("switches.py", *QUICK), "switches to the backend 'jax' by itself"),
    ],
)
def test_wrong_input_is_explained_and_exits_with_2(net, arguments: tuple[str, ...], message: str) -> None:
    convolution = "uf.layers.Conv2D(4, 3), uf.layers.Dense(16"
    net.with_name("shape.py").write_text(
        NET.replace("size=(16, 8)", "size=(16, 8, 2)").replace("uf.layers.Dense(16", convolution)
    )
    net.with_name("labels.py").write_text(NET + "batch = (batch[0], batch[1] + 7)\n")
    own = NET.replace("uf.layers.Dropout(0.2)", "Mine()").replace("def model", "class Mine(uf.layers.Layer):\n"
        "    def call(self, x):\n        raise RuntimeError('my mistake')\n\ndef model")  # fmt: skip
    net.with_name("own.py").write_text(own)
    net.with_name("raises.py").write_text("x = 1\nraise ValueError('no data')\n")
    net.with_name("fixed.py").write_text(NET.replace("Dense(3)", "Dense(3, dtype='float32')"))
    net.with_name("nan.py").write_text(NET.replace("def model", "batch[0][:, 0] = np.nan\n\ndef model"))
    net.with_name("ragged.py").write_text("batch = ([[1.0], [1.0, 2.0]], [0, 1])\n" + NET.replace("batch =", "_ ="))
    elsewhere = NET.replace("uf.Sequential([", "uf.Sequential([uf.Input((8,)), ") + (
        "built = model\ndef model():\n    with uf.use_backend('jax'):\n        return built()\n"
    )
    net.with_name("elsewhere.py").write_text(elsewhere)
    net.with_name("switches.py").write_text(NET + "uf.set_backend('jax')\n")
    done = unifw("profile", *arguments, cwd=net.parent)
    assert message in done.stderr.replace("\n", " "), done.stderr
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_model_that_crashes_on_one_backend_is_a_row_and_the_other_finishes(net) -> None:
    net.write_text(
        NET + "\nimport os\n"
        "if uf.backend.current_backend().name == 'jax':\n    print('last words', flush=True); os.abort()\n"
    )
    done = unifw("profile", "net.py", "--backends", "jax,numpy", *QUICK[2:], "--json", "report.json", cwd=net.parent)
    assert done.returncode == 0, done.stderr
    report = load_report(net.parent / "report.json")
    failures = {result.variant.label: result.failure for result in report.results}
    assert failures["numpy/eager"] is None
    assert failures["jax/eager"] is not None
    assert "SIGABRT" in failures["jax/eager"].reason
    assert "last words" in failures["jax/eager"].log
    assert "jax/eager, jax/compiled FAILED: start: killed by SIGABRT" in done.stdout
    assert "last words" in done.stdout
    assert 'net.py", line' in done.stdout  # where it was, of all that the interpreter dumps


def test_a_bad_place_for_the_report_is_found_before_anything_is_measured(net) -> None:
    (net.parent / "report.json").write_text("older")
    done = unifw("profile", "net.py", *QUICK, "--json", "report.json/x.json", cwd=net.parent)
    assert done.returncode == 2
    assert "float64 reference" not in done.stderr
    assert (net.parent / "report.json").read_text() == "older"
    assert {path.name for path in net.parent.iterdir()} == {"net.py", "report.json"}


def test_sample_weights_are_part_of_the_batch(net) -> None:
    net.write_text(NET + "batch = (*batch, np.linspace(0, 2, 16).astype('float32'))\n")
    done = unifw("profile", "net.py", *QUICK, "--json", "report.json", cwd=net.parent)
    assert done.returncode == 0, done.stderr
    assert "sample_weight float32 (16,)" in done.stdout
    (result,) = load_report(net.parent / "report.json").results
    assert result.failure is None
    assert all(quantity.passed for quantity in result.parity), result.parity


def test_nothing_measured_exits_with_1(net) -> None:
    net.write_text(NET + "\nif uf.config.floatx() == 'float32':\n    raise RuntimeError('not here')\n")
    done = unifw("profile", "net.py", *QUICK, cwd=net.parent)
    assert done.returncode == 1
    assert "not here" in done.stdout
    assert "No variant could be measured" in done.stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds children in /proc")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_an_interrupt_leaves_no_process_and_no_files(net, tmp_path, number: signal.Signals, code: int) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", "from unifw.cli import main; main()", "profile", "net.py", "--backends", "numpy"],
        cwd=net.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )  # fmt: skip
    assert process.stderr is not None
    while "launch 1" not in (line := process.stderr.readline()):
        assert line, "the profiler ended before it measured"
    time.sleep(1.0)
    workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert workers
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert "every worker has been ended" in errors
    for pid in workers:
        command = Path(f"/proc/{pid}/cmdline")
        assert not (command.exists() and command.read_bytes())
    assert not list(temporary.iterdir())


def test_backends_lists_versions_devices_and_capabilities(tmp_path) -> None:
    done = unifw("backends", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    statuses = {status["name"]: status for status in json.loads(done.stdout)}
    assert statuses["numpy"]["versions"]["numpy"]
    assert statuses["numpy"]["devices"] == ["cpu"]
    assert statuses["numpy"]["compilation"] == "none"
    assert statuses["numpy"]["problem"] == ""


def test_the_coordinator_imports_no_framework_and_the_command_no_table_before_it_is_needed(tmp_path) -> None:
    code = (
        "import sys, unifw.cli\n"
        "assert 'rich.table' not in sys.modules and 'unifw.profiler' not in sys.modules\n"
        "import unifw.profiler\n"
        "loaded = {'torch', 'jax', 'tensorflow', 'keras'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
