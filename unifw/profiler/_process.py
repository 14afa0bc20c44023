"""Worker processes: started clean, asked with a deadline, and gone when the profiler is, however it ends.

Every worker leads a process group of its own, so that what it starts (compiler pools, data loaders) can be ended with
it. `SystemExecutor` ends all groups when its `with` block ends, by whatever exception. If the coordinator is killed
outright, its pipe closes, and each worker then ends its own group (see `_worker.py`).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Protocol, final

from unifw.errors import ProfileError
from unifw.profiler._protocol import LineBuffer, Message, ProtocolError, encode

LOG_LINES: Final = 30
CRASH_FRAMES: Final = 5
# Affinity and the clock come before the first import: thread pools count CPUs when their library loads.
_BOOTSTRAP: Final = (
    "import os, sys, time; start = time.perf_counter()\n"
    "cpus = [int(cpu) for cpu in sys.argv[3].split(',') if cpu]\n"
    "if cpus and hasattr(os, 'sched_setaffinity'): os.sched_setaffinity(0, cpus)\n"
    "from unifw.profiler._worker import main\n"
    "main(int(sys.argv[1]), int(sys.argv[2]), start)\n"
)


class WorkerError(Exception):
    """A worker could not do what it was asked to: `reason` for the table, `log` with the last lines it wrote."""

    def __init__(self, reason: str, log: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.log = log


@final
class WorkerInputError(WorkerError):
    """The worker found that what the user gave is wrong."""


class Worker(Protocol):
    """A process that measures one variant."""

    @property
    def pid(self) -> int:
        """The process id."""
        ...

    def request(self, command: Message, *, timeout: float, meanwhile: Callable[[], object] | None = None) -> Message:
        """Send a command and return the reply; raises WorkerError if none comes. `meanwhile` is called repeatedly."""
        ...

    def close(self) -> None:
        """End the process and everything it started."""
        ...


class Executor(Protocol):
    """Something that starts workers."""

    def launch(self, environment: dict[str, str], cpus: Sequence[int]) -> Worker:
        """Start a worker with exactly this environment, pinned to these CPUs."""
        ...


@final
class SystemExecutor:
    """Starts workers as processes, and ends them all when its `with` block ends.

    Args:
        program: the command line to run; the worker's own by default. It gets three arguments: the file descriptors to
            read commands from and to write replies to, and the CPUs to use.
    """

    def __init__(self, program: Sequence[str] | None = None) -> None:
        if os.name != "posix":
            raise ProfileError(
                "unifw profile needs process groups and inherited pipes, which this system lacks. "
                "Run it on Linux or macOS; on Windows, in WSL."
            )
        self._program = tuple(program or (sys.executable, "-P", "-X", "faulthandler", "-c", _BOOTSTRAP))
        self._workers: list[ProcessWorker] = []

    def __enter__(self) -> SystemExecutor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.kill()  # all at once first: a second Ctrl-C while waiting finds nothing left to kill
        for worker in self._workers:
            worker.close()

    def launch(self, environment: dict[str, str], cpus: Sequence[int]) -> ProcessWorker:
        """Start a worker."""
        worker = ProcessWorker(self._program, environment, cpus)
        self._workers.append(worker)
        return worker


@final
class ProcessWorker:
    """One worker process, its two pipes, and the file that takes what it prints."""

    def __init__(self, program: Sequence[str], environment: dict[str, str], cpus: Sequence[int]) -> None:
        command_out, self._commands = os.pipe()
        self._replies, reply_in = os.pipe()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the worker
        self._buffer = LineBuffer()
        self._waiting: list[Message] = []
        arguments = (str(command_out), str(reply_in), ",".join(map(str, cpus)))
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
                [*program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                env=environment,
                pass_fds=(command_out, reply_in),
                start_new_session=True,
            )
        finally:
            os.close(command_out)
            os.close(reply_in)
        self._closed = False

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def request(self, command: Message, *, timeout: float, meanwhile: Callable[[], object] | None = None) -> Message:
        """Send a command and return its reply.

        Raises:
            WorkerInputError: the worker says that the user's input is wrong.
            WorkerError: it failed, died, went silent for `timeout` seconds, or broke the protocol.
        """
        try:
            os.write(self._commands, encode(command))
        except BrokenPipeError:
            raise self._death() from None
        reply = self._reply(command, timeout, meanwhile)
        if reply.get("ok") is True:
            return reply
        kind = WorkerInputError if reply.get("kind") == "input" else WorkerError
        raise kind(str(reply.get("message", "no reason given")), str(reply.get("log", "")))

    def _reply(self, command: Message, timeout: float, meanwhile: Callable[[], object] | None) -> Message:
        deadline = time.monotonic() + timeout
        while not self._waiting:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                self.kill()
                raise WorkerError(f"no answer to {command.get('do')!r} within {timeout:.0f} s", self._last_lines())
            # Wake at least once a second: a child of the worker may hold the pipe open after the worker died.
            ready, _, _ = select.select([self._replies], [], [], min(remaining, 0.01 if meanwhile else 1.0))
            if ready:
                data = os.read(self._replies, 2**16)
                if not data:
                    raise self._death()
                try:
                    self._waiting += self._buffer.feed(data)
                except ProtocolError as error:
                    self.kill()
                    raise WorkerError(f"it broke the profiler's protocol: {error}", self._last_lines()) from error
            elif self._process.poll() is not None:
                raise self._death()
            elif meanwhile:
                meanwhile()
        return self._waiting.pop(0)

    def kill(self) -> None:
        """Send SIGKILL to the whole process group; returns at once."""
        if not self._closed:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process group, wait for the process, and free its pipes and log."""
        if self._closed:
            return
        self.kill()
        self._process.wait()
        self._closed = True
        os.close(self._commands)
        os.close(self._replies)
        self._log.close()

    def _death(self) -> WorkerError:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.kill()
            return WorkerError("it closed its pipe but went on running", self._last_lines())
        if code < 0:
            with contextlib.suppress(ValueError):
                return WorkerError(f"killed by {signal.Signals(-code).name}", self._last_lines())
        return WorkerError(f"the process ended with exit code {code}", self._last_lines())

    def _last_lines(self) -> str:
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - 2**14))
        lines = self._log.read().decode("utf-8", errors="replace").splitlines()
        return "\n".join(_without_outer_frames(lines)[-LOG_LINES:])


def _without_outer_frames(lines: list[str]) -> list[str]:
    """Return what a process wrote, with faulthandler's dump cut down to where the crash was.

    It lists all threads, each from its innermost frame outwards, and then modules: the last lines say nothing.
    """
    start = next((i for i, line in enumerate(lines) if line.startswith("Fatal Python error")), None)
    if start is None:
        return lines
    crashed = next((i for i in range(start, len(lines)) if lines[i].startswith("Current thread")), start)
    return [*lines[: start + 1], *lines[crashed + 1 : crashed + 1 + CRASH_FRAMES]]
