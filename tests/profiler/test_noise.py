"""What counts as disturbed, and that the counters of this machine can be read."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from tests.profiler.fakes import samples
from unifw.profiler import _memory
from unifw.profiler._noise import Reading, Sensor, between, disturbed, foreign_share
from unifw.profiler._threads import available_cpus, escaped_tasks, running_tasks, thread_variables, threads_used

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux' /proc")


def test_a_sample_whose_thread_waited_for_others_is_disturbed() -> None:
    quiet = samples([1.0], run_delay=0.01, window=1.0, own=0.99)
    loud = samples([1.0], run_delay=0.2, window=1.0, own=0.8)
    assert disturbed([*quiet, *loud], 1) == [False, True]


def test_a_pool_that_waits_for_itself_is_not_disturbed() -> None:
    assert not any(disturbed(samples([1.0] * 3, run_delay=0.9, tasks=2, window=1.0, own=0.99), 1))
    assert not any(disturbed(samples([1.0] * 3, run_delay=0.9, tasks=3, window=1.0, own=1.98), 2))


def test_a_pool_that_waits_for_itself_and_for_others_is_disturbed() -> None:
    assert all(disturbed(samples([1.0] * 3, run_delay=0.9, tasks=2, window=1.0, own=0.7), 1))


def test_one_thread_that_waits_is_disturbed_though_other_cpus_were_free() -> None:
    assert all(disturbed(samples([1.0] * 3, run_delay=0.3, tasks=1, window=1.0, own=0.7), 2))


def test_a_thread_that_sleeps_is_not_disturbed() -> None:
    assert not any(disturbed(samples([1.0] * 3, run_delay=0.0, window=1.0, own=0.1), 1))


def test_steal_counts_whatever_the_threads_do() -> None:
    assert all(disturbed(samples([1.0] * 4, run_delay=0.0, window=1.0, own=1.0, steal=0.1), 1))


def test_unknown_noise_is_not_invented() -> None:
    assert not any(disturbed(samples([1.0] * 4), 1))
    assert foreign_share(samples([1.0] * 4), 1) == 0.0


def test_foreign_share_adds_up_ticks_before_it_judges() -> None:
    ticks = [*samples([0.02], foreign=0.01), *samples([0.02], foreign=-0.01)]
    assert foreign_share(ticks, 1) == 0.0
    assert foreign_share(samples([1.0, 1.0], foreign=0.25, steal=0.25), 1) == pytest.approx(0.5)
    assert foreign_share(samples([1.0, 1.0], foreign=0.5), 2) == pytest.approx(0.25)


def test_difference_of_two_readings() -> None:
    before = Reading(0.0, {"1": (1.0, 0.5), "2": (0.0, 0.0)}, 1.0, 10.0, 0.5, 7, 3.0)
    after = Reading(1.0, {"1": (1.9, 0.7), "2": (0.001, 0.0), "3": (0.5, 0.1)}, 2.0, 11.5, 0.75, 9, 3.25)
    noise = between(before, after)
    assert (noise.window, noise.own) == (1.0, 1.0)
    assert noise.run_delay == pytest.approx(0.3)
    assert noise.tasks == 2
    assert noise.foreign == pytest.approx(0.5)
    assert (noise.steal, noise.involuntary, noise.pressure) == pytest.approx((0.25, 2, 0.25))


@linux
def test_the_sensor_reads_this_machine() -> None:
    sensor = Sensor(available_cpus())
    before = sensor.read()
    end = time.perf_counter() + 0.1
    while time.perf_counter() < end:
        pass
    noise = between(before, sensor.read())
    assert noise.run_delay is not None
    assert noise.run_delay >= 0
    assert noise.tasks is not None
    assert noise.tasks >= 1
    assert noise.steal is not None
    assert noise.involuntary is not None


@pytest.mark.parametrize(
    ("looks", "used"),
    [([], None), ([0, 0, 0], 0), ([1] * 10, 1), ([1] * 9 + [2], 1), ([2] * 5 + [1] * 5, 2), ([4, 4, 4, 1], 4)],
)
def test_threads_used_are_those_that_are_usually_there(looks: list[int], used: int | None) -> None:
    assert threads_used(looks) == used


@linux
def test_threads_that_compute_are_counted_from_outside() -> None:
    code = (
        "import hashlib, threading\n"
        "def work():\n"
        "    while True: hashlib.sha256(bytes(2**24)).digest()\n"  # without the interpreter's lock
        "for _ in range(2): threading.Thread(target=work, daemon=True).start()\n"
        "print(flush=True); threading.Event().wait()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        looks = []
        for _ in range(40):
            looks.append(running_tasks(process.pid) or 0)
            time.sleep(0.01)
    finally:
        process.kill()
        process.communicate()
    assert threads_used(looks) == 2


@linux
def test_a_process_that_is_gone_has_no_tasks() -> None:
    process = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    assert running_tasks(int(process.stdout)) is None


def test_every_known_pool_is_limited() -> None:
    variables = thread_variables(3)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC", "PJRT_NPROC", "TF_NUM_INTRAOP_THREADS"):
        assert variables[name] == "3"
    assert variables["OMP_WAIT_POLICY"] == "PASSIVE"


@linux
def test_the_memory_high_water_mark_sees_what_is_gone_and_can_be_reset() -> None:
    assert _memory.reset_peak()
    start = _memory.peak()
    block = bytearray(os.urandom(1) * (64 * 2**20))
    del block
    high = _memory.peak()
    assert start is not None
    assert high is not None
    assert high - start > 60 * 2**20
    assert _memory.reset_peak()
    after = _memory.peak()
    assert after is not None
    assert after < high - 60 * 2**20


@linux
def test_threads_that_left_their_cpus_are_found() -> None:
    code = (
        "import os, threading\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        f"os.sched_setaffinity(0, [{available_cpus()[0]}])\n"  # the main thread only
        "print(flush=True); threading.Event().wait()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        assert escaped_tasks(process.pid, available_cpus()) == 0
        assert escaped_tasks(process.pid, available_cpus()[:1]) == (len(available_cpus()) > 1)
        assert escaped_tasks(process.pid, ()) == 2
    finally:
        process.kill()
        process.communicate()
