"""Real processes that misbehave: none of them stops the profiler, and none survives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from unifw.profiler._process import SystemExecutor, WorkerError, WorkerInputError
from unifw.profiler._protocol import LINE_LIMIT, LineBuffer, ProtocolError, encode

PREFACE = """
import json, os, signal, subprocess, sys, time
read, write = int(sys.argv[1]), int(sys.argv[2])
def send(**message): os.write(write, json.dumps(message).encode() + b"\\n")
def receive(): return os.read(read, 65536)
"""


@pytest.fixture
def launch():
    executors = []

    def start(body: str):
        executor = SystemExecutor([sys.executable, "-c", PREFACE + textwrap.dedent(body)])
        executors.append(executor)
        return executor.launch(dict(os.environ), ())

    yield start
    for executor in executors:
        executor.__exit__(None, None, None)


def alive(pid: int) -> bool:
    """Return whether a process runs; a zombie, which only waits to be reaped, does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def gone(pid: int, seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_question_and_answer(launch) -> None:
    worker = launch("while data := receive(): send(ok=True, got=json.loads(data)['do'])")
    assert worker.request({"do": "first"}, timeout=20) == {"ok": True, "got": "first"}
    assert worker.request({"do": "second"}, timeout=20)["got"] == "second"


def test_what_user_code_prints_does_not_disturb(launch) -> None:
    worker = launch(
        """
        receive()
        print('{"ok": false}'); os.write(1, b"\\xff garbage\\n"); os.write(2, b"more\\n")
        send(ok=True)
        receive()
        """
    )
    assert worker.request({"do": "x"}, timeout=20) == {"ok": True}


def test_an_answer_may_come_in_pieces(launch) -> None:
    worker = launch(
        "receive(); os.write(write, b'{\"ok\": '); time.sleep(0.2); os.write(write, b'true}\\n'); receive()"
    )
    assert worker.request({"do": "x"}, timeout=20) == {"ok": True}


@pytest.mark.parametrize(
    ("body", "reason", "log"),
    [
        ("receive(); sys.exit(3)", "exit code 3", ""),
        ("receive(); print('the reason', flush=True); os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV", "the reason"),
        ("receive(); raise RuntimeError('no such kernel')", "exit code 1", "no such kernel"),
        ("import not_there", "exit code 1", "not_there"),
        ("receive(); os.write(write, b'hello\\n'); receive()", "protocol", ""),
        ("receive(); os.write(write, b'[1]\\n'); receive()", "protocol", ""),
        ("receive(); os.close(write); time.sleep(0.1); os._exit(7)", "exit code 7", ""),
        ("receive(); send(ok=False, kind='error', message='it broke'); receive()", "it broke", ""),
    ],
)
def test_every_death_has_a_reason(launch, body: str, reason: str, log: str) -> None:
    with pytest.raises(WorkerError, match=reason) as caught:
        launch(body).request({"do": "x"}, timeout=20)
    assert log in caught.value.log


def test_a_wrong_input_is_told_apart(launch) -> None:
    worker = launch("receive(); send(ok=False, kind='input', message='no model'); receive()")
    with pytest.raises(WorkerInputError, match="no model"):
        worker.request({"do": "x"}, timeout=20)


def test_a_hang_ends_at_the_timeout_and_the_process_with_it(launch) -> None:
    worker = launch("receive(); print('thinking', flush=True); time.sleep(600)")
    with pytest.raises(WorkerError, match="no answer to 'x' within 1 s") as caught:
        worker.request({"do": "x"}, timeout=1)
    assert "thinking" in caught.value.log
    worker.close()
    assert gone(worker.pid)


def test_a_worker_that_is_dead_already_is_a_reason_too(launch) -> None:
    worker = launch("os._exit(5)")
    assert gone(worker.pid)
    with pytest.raises(WorkerError, match="exit code 5"):
        worker.request({"do": "x"}, timeout=20)


def test_a_death_is_noticed_though_a_child_holds_the_pipe_open(launch) -> None:
    worker = launch(
        """
        receive()
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], pass_fds=[write])
        os._exit(9)
        """
    )
    with pytest.raises(WorkerError, match="exit code 9"):
        worker.request({"do": "x"}, timeout=60)


def test_closing_ends_what_the_worker_started(launch) -> None:
    worker = launch(
        """
        receive()
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        send(ok=True, child=child.pid)
        receive(); time.sleep(600)
        """
    )
    child = worker.request({"do": "x"}, timeout=20)["child"]
    worker.close()
    assert gone(worker.pid)
    assert gone(child)


def test_a_worker_sees_only_the_environment_it_is_given() -> None:
    executor = SystemExecutor([sys.executable, "-c", PREFACE + "receive(); send(ok=True, **os.environ); receive()"])
    with executor:
        reply = executor.launch({"UNIFW_BACKEND": "numpy", "LC_ALL": "C"}, ()).request({"do": "x"}, timeout=20)
    assert reply == {"ok": True, "UNIFW_BACKEND": "numpy", "LC_ALL": "C"}


COORDINATOR = PREFACE.replace("read, write = int(sys.argv[1]), int(sys.argv[2])\n", "") + textwrap.dedent(
    """
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored under nohup, which the profiler would respect
    import unifw.cli._app as app
    from unifw.profiler._process import SystemExecutor
    def measure(*_args, **_kwargs):
        worker_code = '''
    import os, subprocess, sys, threading
    from unifw.profiler._worker import _listen
    import queue
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    threading.Thread(target=_listen, args=(int(sys.argv[1]), queue.Queue()), daemon=True).start()
    os.write(int(sys.argv[2]), b'{"ok": true, "child": %d}' % child.pid + bytes([10]))
    threading.Event().wait()
    '''
        import textwrap
        with SystemExecutor([sys.executable, "-c", textwrap.dedent(worker_code)]) as executor:
            worker = executor.launch(dict(os.environ), ())
            print(worker.pid, worker.request({"do": "x"}, timeout=60)["child"], flush=True)
            worker.request({"do": "measure"}, timeout=600)
    import unifw.profiler
    unifw.profiler.profile = measure
    sys.argv = ["unifw", "profile", "net.py"]
    app.main()
    """
)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_no_process_is_left_behind(number: signal.Signals, code: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", COORDINATOR], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                pytest.fail(process.communicate()[1])
            worker, child = map(int, line.split())
            assert alive(worker)
            assert alive(child)
            process.send_signal(number)
            assert process.wait(timeout=30) == code
        finally:
            process.kill()
    assert gone(worker)
    assert gone(child)


def test_lines_that_never_end_are_refused() -> None:
    buffer = LineBuffer()
    with pytest.raises(ProtocolError, match="more than"):
        buffer.feed(b"x" * (LINE_LIMIT + 1))


def test_messages_survive_any_cut() -> None:
    data = encode({"a": 1}) + encode({"b": "ü\n"})
    for cut in range(len(data)):
        buffer = LineBuffer()
        assert buffer.feed(data[:cut]) + buffer.feed(data[cut:]) == [{"a": 1}, {"b": "ü\n"}]
