"""The worker: one process, one backend, one mode. Does what the coordinator asks (see `_protocol.py`), and no more.

Run by `_process.SystemExecutor`. The thread that reads commands is also the watchdog: when the coordinator is gone, by
whatever death, its pipe ends, and this process takes its whole group with it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import queue
import signal
import threading
import time
import traceback
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn, final

import numpy as np

import unifw as uf
from unifw import config
from unifw.backend import Backend, get_backend, operations_of, support_table
from unifw.errors import ProfileError, UnifwError, UnsupportedError
from unifw.profiler import _memory
from unifw.profiler._clock import Clock, SystemClock
from unifw.profiler._measure import settle, timed, warm_up
from unifw.profiler._noise import Sensor, between
from unifw.profiler._parity import check_finite, compare, not_comparable
from unifw.profiler._process import LOG_LINES
from unifw.profiler._protocol import LineBuffer, Message, ProtocolError, encode
from unifw.profiler._results import ACTIVITIES, Activity, Memory, Sample
from unifw.profiler._subject import Subject, checksum, is_floating, read_state, write_state
from unifw.profiler._threads import available_cpus
from unifw.profiler._userfile import BATCH_PARTS, explain, get_batch, get_model, load_module

LOSS_STEPS: Final = 10
REFERENCE: Final = "reference.npz"
WEIGHTS: Final = "weights.safetensors"
BATCH: Final = "batch.npz"
ROUNDING: Final = "rounding.json"


@final
class MeasuringWorker:
    """Answers commands about one model on one backend.

    Args:
        clock: what times are taken with.
        start: the clock when the process began.
    """

    def __init__(self, clock: Clock, start: float) -> None:
        self._clock = clock
        self._start = start
        self._before: int | None = None
        self._sensor = Sensor(available_cpus())
        self._backend: Backend
        self._subject: Subject
        self._model: Any
        self._file: Path
        self._batch: tuple[np.ndarray[Any, Any], ...]
        self._seed = 0

    def answer(self, command: Message) -> Message:
        """Do one command; whatever goes wrong becomes the reply."""
        arguments = {name: value for name, value in command.items() if name != "do"}
        try:
            return {"ok": True, **getattr(self, f"do_{command['do']}")(**arguments)}
        except ProfileError as error:
            return {"ok": False, "kind": "input", "message": str(error)}
        except SystemExit as error:
            return {"ok": False, "kind": "error", "message": f"its code ended the program with exit code {error.code}"}
        except Exception as error:  # noqa: BLE001 - a row of the table says what it was, whatever it was
            lines = traceback.format_exc().splitlines()
            message = explain(error, self._file) if hasattr(self, "_file") else f"{type(error).__name__}: {error}"
            if hasattr(self, "_file") and traceback.extract_tb(error.__traceback__)[-1].filename == str(self._file):
                lines = []  # the file raised it itself: the message names the line, and our frames say nothing more
            return {"ok": False, "kind": "error", "message": message, "log": "\n".join(lines[-LOG_LINES:])}

    def do_describe(self, backend: str) -> Message:
        """Load a backend and say what it is; for `unifw backends`."""
        loaded = get_backend(backend)
        capabilities, table = loaded.capabilities, support_table(loaded)
        return {
            "versions": loaded.versions(),
            "devices": list(loaded.devices()),
            "compilation": capabilities.compilation,
            "asynchronous": capabilities.asynchronous_dispatch,
            "dtypes": sorted(dtype.name for dtype in capabilities.dtypes),
            "unsupported": sorted({_summed_up(name) for name, how in table.items() if how == "unsupported"}),
        }

    def do_operations(self, backend: str) -> Message:
        """Load a backend and say what it makes of each operation; for `unifw backends --matrix`."""
        return {"operations": [dataclasses.asdict(each) for each in operations_of(get_backend(backend))]}

    def do_load(
        self, backend: str, mode: str, file: str, model: str, data_file: str, data: str, seed: int, threads: int,
        directory: str, reference: bool = False,
    ) -> Message:  # fmt: skip
        """Import the backend and the file, build the model, give it the reference's weights and batch."""
        python = self._clock.now()
        self._backend = get_backend(backend)
        with contextlib.suppress(UnsupportedError):  # then the environment and the affinity must do; both are counted
            self._backend.set_threads(threads)
        imported = self._clock.now()
        self._before = _memory.resident()
        if mode == "compiled" and self._backend.capabilities.compilation == "none":
            return {"skip": f"{backend} has nothing to compile: its eager row stands for both"}
        self._file, self._seed = Path(file), seed
        uf.utils.set_random_seed(seed)
        module = load_module(self._file)
        loaded = self._clock.now()
        self._model = get_model(module, model, self._file)
        if uf.backend.current_backend().name != backend:
            raise ProfileError(
                f"{self._file.name} switches to the backend {uf.backend.current_backend().name!r} by itself, so that "
                "backends cannot be compared. Remove its set_backend(...); choose with UNIFW_BACKEND when you run it."
            )
        if reference:
            data_module = module if data_file == file else load_module(Path(data_file))
            self._batch = get_batch(data_module, data, Path(data_file))
        else:
            with np.load(Path(directory, BATCH)) as stored:
                self._batch = tuple(stored[name] for name in BATCH_PARTS if name in stored)
        if self._model.built and self._model.backend.name != backend:
            raise ProfileError(
                f"{model!r} of {self._file.name} was built on the backend {self._model.backend.name!r}, "
                f"though {backend!r} is being measured. Build it outside of use_backend(...), or leave building to the "
                "profiler."
            )
        self._build(check=reference)
        built = self._clock.now()
        weights = None if reference else write_state(self._model, _load(Path(directory, WEIGHTS)))
        self._subject = Subject(
            self._model, *self._batch, mode="compiled" if mode == "compiled" else "eager", seed=seed
        )
        return {
            "phases": {
                "python": python - self._start,
                "backend": imported - python,
                "file": loaded - imported,
                "build": built - loaded,
                "prepare": self._clock.now() - built,
            },
            "versions": self._backend.versions(),
            "asynchronous": self._backend.capabilities.asynchronous_dispatch,
            "device": self._device(),
            "floatx": config.floatx(),
            "weights": weights,
        }

    def _build(self, *, check: bool) -> None:
        """Make the variables; `check` also runs the model and its loss on the batch, once, to see that they fit."""
        x, y, *weight = self._batch
        try:
            if not self._model.built:
                self._model.build({"shape": (None, *x.shape[1:]), "dtype": x.dtype.name})
            if check:
                self._model.test_on_batch(x, y, *weight)  # which also judges labels
        except UnsupportedError:
            raise
        except UnifwError as error:
            raise ProfileError(
                f"The batch does not fit the model: x has shape {x.shape} ({x.dtype}), y {y.shape} ({y.dtype}). "
                f"The model says: {explain(error, self._file)}"
            ) from error

    def do_reference(self, directory: str, floatx: str) -> Message:
        """Write what every variant starts from and is held against, computed here in float64.

        Weights are rounded to the variants' dtype (to float32 for float64) before anything is computed.
        """
        narrowest = min(uf.dtypes.as_dtype(floatx), uf.float32, key=lambda dtype: dtype.itemsize)
        batch = dict(zip(BATCH_PARTS, self._batch, strict=False))
        state = read_state(self._model)
        narrow = [path for path, value in state.items() if is_floating(value) and value.dtype != np.float64]
        if narrow:
            raise ProfileError(
                f"{self._file.name} fixes the dtype of {', '.join(narrow[:4])}, so that the reference cannot be "
                "computed in float64. Leave dtypes out, or set UNIFW_FLOATX when you run it."
            )
        weights = {
            path: value.astype(narrowest).astype(np.float32) if is_floating(value) else value
            for path, value in state.items()
        }
        weights_checksum = write_state(self._model, weights)
        self._subject = Subject(self._model, *self._batch, mode="eager", seed=self._seed)
        _save(weights, Path(directory, WEIGHTS))
        np.savez(Path(directory, BATCH), **batch)  # type: ignore[arg-type]
        quantities = self._quantities()
        check_finite(quantities)
        np.savez(Path(directory, REFERENCE), **quantities)  # type: ignore[arg-type]
        return {
            "parameters": int(self._model.count_params()),
            "batch": {name: f"{value.dtype.name} {value.shape}" for name, value in batch.items()},
            "weights": weights_checksum,
            "data": checksum(batch),
        }

    def do_rounding(self, directory: str, model: str, floatx: str) -> Message:
        """Compute the same in the variants' dtype, still on NumPy. Write how far rounding alone moves each quantity."""
        config.set_floatx(floatx)
        self._model = get_model(load_module(self._file), model, self._file)
        self._build(check=False)
        write_state(self._model, _load(Path(directory, WEIGHTS)))
        self._subject = Subject(self._model, *self._batch, mode="eager", seed=self._seed)
        quantities = compare(_read(Path(directory, REFERENCE)), self._quantities(), relative=0.0)
        errors = {quantity.name: quantity.error for quantity in quantities if quantity.error is not None}
        Path(directory, ROUNDING).write_text(json.dumps(errors), encoding="utf-8")
        return {"largest": max(errors.values(), default=0.0)}

    def _quantities(self) -> dict[str, np.ndarray[Any, Any]]:
        return {**self._subject.outputs(), **self._subject.gradients(), **self._subject.training(LOSS_STEPS)}

    def do_first_call(self) -> Message:
        """Time the first training step and the first forward pass: tracing, compiling, and running once."""
        return {activity: timed(partial(self._subject.run, activity), 1, self._clock) for activity in ACTIVITIES}

    def do_parity(self, directory: str) -> Message:
        """Compare outputs, gradients, losses and the trained state with the reference."""
        relative = self._backend.tolerances[uf.dtypes.as_dtype(config.floatx())].relative
        file = Path(directory, ROUNDING)
        rounding = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        reference = _read(Path(directory, REFERENCE))
        left_out = not_comparable(reference, rounding)
        kept = {name: value for name, value in reference.items() if name not in left_out}
        quantities = compare(kept, self._quantities(), relative=relative, rounding=rounding)
        return {"quantities": [dataclasses.asdict(quantity) for quantity in quantities], "left_out": list(left_out)}

    def do_warm_up(self, limit: float) -> Message:
        """Bring each activity to its steady state and calibrate the length of a sample."""
        return {
            activity: dataclasses.asdict(
                warm_up(
                    partial(self._subject.run, activity),
                    self._clock,
                    limit=limit,
                    prepare=partial(self._subject.prepare, activity),
                )
            )
            for activity in ACTIVITIES
        }

    def do_sample(self, activity: str, steps: int, round: int) -> Message:
        """Take one sample of one activity."""
        chosen: Activity = "train" if activity == "train" else "inference"
        self._subject.prepare(chosen)
        settle(partial(self._subject.run, chosen), steps)
        before = self._sensor.read()
        seconds = timed(partial(self._subject.run, chosen), steps, self._clock)
        noise = between(before, self._sensor.read())
        return {"sample": dataclasses.asdict(Sample(round, steps, seconds, noise))}

    def do_audit(self, steps: int, seconds: float) -> Message:
        """Train for some time while the coordinator counts threads; return peak memory and CPU time used."""
        can_reset = _memory.reset_peak()
        start, cpu = self._clock.now(), time.process_time()
        end = start + seconds
        while True:
            self._subject.prepare("train")
            self._subject.train(steps)
            if self._clock.now() >= end:
                break
        busy = (time.process_time() - cpu) / (self._clock.now() - start)
        return {"memory": dataclasses.asdict(Memory(self._before, _memory.peak() if can_reset else None)), "busy": busy}

    def do_allocator(self, steps: int) -> Message:
        """Train a little, all arrays made anew; return the backend's count of their memory, or why there is none."""
        try:
            peak = self._backend.peak_memory(partial(self._subject.train_afresh, steps), self._device())
        except Exception as error:  # noqa: BLE001 - a figure that is missing does not cost the variant its measurement
            return {"peak": None, "note": str(error) or type(error).__name__}
        return {"peak": int(peak), "note": ""}

    def _device(self) -> str:
        """Return the device that new arrays go to."""
        return uf.zeros(()).device


def _save(arrays: dict[str, np.ndarray[Any, Any]], path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, path)


def _read(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    with np.load(path) as stored:
        return dict(stored)


def _load(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    from safetensors.numpy import load_file

    return dict(load_file(path))


def _summed_up(operation: str) -> str:
    """Return the extension for a function of `xp.linalg` or `xp.fft`, of which there are many, and others by name."""
    return operation.rpartition(".")[0] if operation.count(".") > 1 else operation


def _listen(descriptor: int, commands: queue.Queue[Message]) -> None:
    """Read commands until the coordinator is gone; then end this process and all it started."""
    buffer = LineBuffer()
    with contextlib.suppress(OSError, ProtocolError):
        while data := os.read(descriptor, 2**16):
            for command in buffer.feed(data):
                commands.put(command)
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def main(commands: int, replies: int, start: float) -> NoReturn:
    """Answer commands until the coordinator is gone.

    Args:
        commands: file descriptor to read from.
        replies: file descriptor to write to.
        start: `time.perf_counter()` when the process began.
    """
    pending: queue.Queue[Message] = queue.Queue()
    threading.Thread(target=_listen, args=(commands, pending), daemon=True, name="unifw-watchdog").start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the coordinator's to handle
    worker = MeasuringWorker(SystemClock(), start)
    while True:
        data = encode(worker.answer(pending.get()))
        while data:
            data = data[os.write(replies, data) :]
