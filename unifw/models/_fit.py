"""`Model.fit`: the one loop for all backends."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from unifw.backend import Backend
from unifw.callbacks import Callback, CallbackList, History, ProgressBar, resolve_verbose
from unifw.errors import ArgumentError
from unifw.models._data import ArrayData, as_data, class_weights
from unifw.models._evaluation import Data, ensure_built, evaluate_with, read
from unifw.models._steps import State, Structure, owned_copy
from unifw.tensor import Tensor, asarray
from unifw.tensor.random import host

if TYPE_CHECKING:
    from unifw.models._model import Model

# What tells the stream of orders from that of dropout masks, which folds in steps alone.
_SHUFFLE: Final = 0x5F5E100


@dataclass(frozen=True)
class FitArguments:
    """The arguments of `Model.fit`, in its order."""

    x: Any
    y: Any
    batch_size: int | None
    epochs: int
    verbose: str | int
    callbacks: Sequence[Callback]
    validation_split: float
    validation_data: Any
    shuffle: bool
    class_weight: dict[int, float] | None
    sample_weight: Any
    initial_epoch: int
    steps_per_epoch: int | None
    validation_steps: int | None
    validation_batch_size: int | None
    validation_freq: int


def fit(model: Model, arguments: FitArguments) -> History:
    """See `Model.fit`."""
    model.require_compilation()
    data, validation = _fit_data(arguments)
    ensure_built(model, data)
    history = model.history = History()
    bar = ProgressBar(resolve_verbose(arguments.verbose))
    steps = arguments.steps_per_epoch or data.steps
    callbacks = CallbackList(
        [*arguments.callbacks, bar, history],
        model,
        {"verbose": bar.verbose, "epochs": arguments.epochs, "steps": steps},
    )
    model.stop_training = False
    loop = _Loop(model, callbacks, bar)
    try:
        callbacks.tell("on_train_begin")
        loop.take_rate()
        for epoch in range(arguments.initial_epoch, arguments.epochs):
            callbacks.tell_epoch("on_epoch_begin", epoch)
            logs = loop.epoch(data, arguments.shuffle, arguments.steps_per_epoch)
            if validation is not None and (epoch + 1) % arguments.validation_freq == 0:
                logs |= {f"val_{name}": value for name, value in loop.validate(validation).items()}
            loop.write_back(keep=True)
            callbacks.tell_epoch("on_epoch_end", epoch, logs)
            loop.take_changes()
            if model.stop_training:
                break
        loop.write_back(keep=False)
        callbacks.tell("on_train_end")
    finally:
        loop.write_back(keep=False)
        bar.close()
    return history


def _fit_data(arguments: FitArguments) -> tuple[Data, Data | None]:
    weight = arguments.sample_weight
    if arguments.class_weight is not None:
        if arguments.y is None:
            raise ArgumentError("class_weight needs targets as arrays; with an iterable, yield sample weights instead.")
        by_class = class_weights(arguments.y, arguments.class_weight)
        weight = by_class if weight is None else by_class * np.asarray(weight)
    data = as_data(arguments.x, arguments.y, weight, batch_size=arguments.batch_size, steps=arguments.steps_per_epoch)
    size = arguments.validation_batch_size or arguments.batch_size
    if arguments.validation_data is not None:
        given = arguments.validation_data
        parts = given if isinstance(given, tuple) else (given,)
        return data, as_data(*parts, batch_size=size, steps=arguments.validation_steps)
    if not arguments.validation_split:
        return data, None
    if not isinstance(data, ArrayData):
        raise ArgumentError("validation_split needs arrays; with an iterable, give validation_data.")
    training, validation = data.split(arguments.validation_split)
    validation.batch_size = size or validation.batch_size
    return training, validation


@final
class _Loop:
    """The state of training while it runs, and its exchange with the model's objects."""

    def __init__(self, model: Model, callbacks: CallbackList, bar: ProgressBar) -> None:
        self.model = model
        self.callbacks = callbacks
        self.bar = bar
        self.backend: Backend = model.backend
        self.state: State = model.init_train_state()
        assert model.structure is not None
        self.structure: Structure = model.structure
        self.train_step = model.make_train_step()
        self.test_step: Any = None
        self._written: dict[int, Tensor] = {}
        self._rate = self._requested_rate()

    # --- exchange with the model -----------------------------------------------------------------------------------

    def write_back(self, *, keep: bool) -> None:
        """Give the model's variables and optimizer the values of training.

        Args:
            keep: whether training goes on, and so must not share memory with what the model holds.
        """
        if not self.state:
            return
        state = {name: self.state[name] for name in ("trainable", "non_trainable", "optimizer")}
        state = owned_copy(state) if keep else state
        self.structure.write_back(state)
        self._written = self.structure.values(state["trainable"], state["non_trainable"])
        self.model.optimizer.keep(state["optimizer"], self.structure.trainable, self.model)
        self._rate = self._requested_rate()
        if not keep:
            self.state = {}

    def take_changes(self) -> None:
        """Take over what callbacks assigned to the model's variables and learning rate."""
        if not self.state:
            return
        for part, variables in (("trainable", self.structure.trainable), ("non_trainable", self.structure.fixed)):
            for path, variable in variables.items():
                if variable.value is not self._written.get(id(variable), variable.value):
                    self.state[part][path] = owned_copy(variable.value)
        self.take_rate()

    def take_rate(self) -> None:
        """Take over a learning rate that a callback set."""
        rate = self._requested_rate()
        if self.state and rate != self._rate:
            self._rate = rate
            self.state["optimizer"]["learning_rate"] = asarray(rate, dtype="float32", backend=self.backend)

    def _requested_rate(self) -> float | None:
        return self.model.optimizer.requested_rate

    # --- running ---------------------------------------------------------------------------------------------------

    def epoch(self, data: Data, shuffle: bool, limit: int | None) -> dict[str, float]:
        """Train for one epoch and return its logs."""
        self.take_rate()
        self.state["metrics"] = self.model.init_metrics(self.backend)
        live_begin, live_end = (self.callbacks.wants(f"on_train_batch_{when}") for when in ("begin", "end"))
        logs: dict[str, Tensor] = {}
        shown = time.perf_counter()
        index = 0
        for batch, _ in data.batches(self.backend, self._order(data, shuffle)):
            if limit is not None and index >= limit:
                break
            if live_begin:
                self.callbacks.tell_batch("on_train_batch_begin", index)
                self.take_changes()
            self.state, logs = self.train_step(self.state, batch)
            if live_end:
                self.write_back(keep=True)
                self.callbacks.tell_batch("on_train_batch_end", index, read(logs))
                self.take_changes()
            index += 1
            if self.bar.verbose == 1 and time.perf_counter() - shown > self.bar.refresh_seconds:
                self.bar.advance(index, read(logs))
                shown = time.perf_counter()
            if self.model.stop_training:
                break
        if index == 0:
            raise ArgumentError("The data holds no batches.")
        self.bar.advance(index, None)
        return read(logs)

    def _order(self, data: Data, shuffle: bool) -> np.ndarray[Any, Any] | None:
        """Return the order of rows of this epoch.

        It is drawn from the training key and the number of updates made, so a run that is resumed sees the order that
        the uninterrupted one would have seen.
        """
        if not shuffle or not isinstance(data, ArrayData):
            return None
        step = int(self.state["optimizer"]["step"].item())
        assert self.model.training_key is not None
        key = host.fold_in(host.fold_in(self.model.training_key, _SHUFFLE), step)
        return host.permutation(key, data.length)

    def validate(self, data: Data) -> dict[str, float]:
        """Return the logs of an evaluation with the variables of training."""
        if self.test_step is None:
            self.test_step = self.model.make_test_step()
        state = {name: self.state[name] for name in ("trainable", "non_trainable")}
        return evaluate_with(self.model, self.test_step, state, data, self.callbacks)
