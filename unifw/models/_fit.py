"""`Model.fit`: the one loop for all backends."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from unifw.backend import Backend
from unifw.callbacks import Callback, CallbackList, History, ProgressBar, as_list, resolve_verbose
from unifw.errors import ArgumentError
from unifw.models._data import ArrayData, Data, as_data
from unifw.models._evaluation import ensure_built, evaluate_with, read
from unifw.models._labels import label_check
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
    callbacks: Callback | Sequence[Callback]
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
    epochs = _epochs(arguments)
    verbose = resolve_verbose(arguments.verbose)
    data, validation = _fit_data(arguments)
    ensure_built(model, data)
    history = model.history = History()
    bar = ProgressBar(verbose)
    callbacks = CallbackList(
        [*as_list(arguments.callbacks), bar, history],
        model,
        {"verbose": verbose, "epochs": arguments.epochs, "steps": data.steps},
    )
    model.stop_training = False
    loop = _Loop(model, callbacks, bar, arguments.shuffle)
    for each in (data, validation):
        if each is not None:
            each.watch(label_check(model, loop.structure))
    try:
        callbacks.tell("on_train_begin")
        loop.take_changes()
        for epoch in epochs:
            if not loop.ready(data):
                break
            callbacks.tell_epoch("on_epoch_begin", epoch)
            logs = loop.epoch(data)
            loop.write_back(keep=True)
            if validation is not None and (epoch + 1) % arguments.validation_freq == 0:
                logs |= {f"val_{name}": value for name, value in loop.validate(validation).items()}
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


def _epochs(arguments: FitArguments) -> range:
    for name in ("epochs", "initial_epoch", "validation_freq"):
        value = getattr(arguments, name)
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < (name == "validation_freq"):
            raise ArgumentError(f"{name} must be an integer, not negative, got {value!r}. Write for example {name}=3.")
    return range(arguments.initial_epoch, arguments.epochs)


def _fit_data(arguments: FitArguments) -> tuple[Data, Data | None]:
    data = as_data(
        arguments.x,
        arguments.y,
        arguments.sample_weight,
        batch_size=arguments.batch_size,
        steps=arguments.steps_per_epoch,
    )
    validation: Data | None = None
    size, steps = arguments.validation_batch_size or arguments.batch_size, arguments.validation_steps
    if arguments.validation_data is not None:
        given = arguments.validation_data
        pair = isinstance(given, tuple) or (isinstance(given, list) and 1 <= len(given) <= 3)  # Keras takes both
        if pair and not 1 <= len(given) <= 3:
            raise ArgumentError(
                f"validation_data is (x, y), (x, y, sample_weight) or an iterable of batches, got {len(given)} parts."
            )
        validation = as_data(*(given if pair else (given,)), batch_size=size, steps=steps)
    elif arguments.validation_split:
        if not isinstance(data, ArrayData):
            raise ArgumentError("validation_split needs arrays; with an iterable, give validation_data.")
        data, validation = data.split(arguments.validation_split)
        validation = ArrayData(validation.x, validation.y, validation.sample_weight, size, steps)
    if arguments.class_weight is not None:  # weights of training: the validation's loss is without them, as in Keras
        if not isinstance(data, ArrayData) or data.y is None:
            raise ArgumentError("class_weight needs targets as arrays; with an iterable, yield sample weights instead.")
        data = data.weighted(arguments.class_weight)
    return data, validation


@final
class _Loop:
    """The state of training while it runs, and its exchange with the model's objects."""

    def __init__(self, model: Model, callbacks: CallbackList, bar: ProgressBar, shuffle: bool) -> None:
        self.model = model
        self.callbacks = callbacks
        self.bar = bar
        self.shuffle = shuffle
        self.structure = Structure(model)
        self.backend: Backend = self.structure.backend
        current = self.structure.current()
        self._written = self.structure.values(current["trainable"], current["non_trainable"])
        self.state: State = model.train_state_for(self.structure)
        self.train_step = model.step_for("train", structure=self.structure)
        self.test_step: Any = None
        self._rate = model.optimizer.requested_rate
        self._schedule = model.optimizer.schedule

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
        if not keep:
            self.state = {}

    def take_changes(self) -> None:
        """Take over what callbacks assigned to the model's variables and learning rate."""
        if not self.state:
            return
        for part, variables in (("trainable", self.structure.trainable), ("non_trainable", self.structure.fixed)):
            for path, variable in variables.items():
                if variable.value is not self._written[id(variable)]:
                    self._written[id(variable)] = variable.value
                    self.state[part][path] = owned_copy(variable.value)
        optimizer = self.model.optimizer
        if optimizer.schedule is not self._schedule:
            self._schedule = optimizer.schedule
            self.train_step = self.model.step_for("train", structure=self.structure)
        elif optimizer.requested_rate not in (None, self._rate):
            self._rate = optimizer.requested_rate
            self.state["optimizer"]["learning_rate"] = asarray(self._rate, dtype="float32", backend=self.backend)

    # --- running ---------------------------------------------------------------------------------------------------

    def ready(self, data: Data) -> bool:
        """Return whether there is data for another epoch; warn if there is not."""
        if data.ready(self.backend, self._order):
            return True
        warnings.warn(
            "The data ran out, so training stops before all epochs. A generator runs once: give steps_per_epoch, or an "
            "object that can be iterated again.",
            stacklevel=4,
        )
        return False

    def epoch(self, data: Data) -> dict[str, float]:
        """Train for one epoch and return its logs."""
        self.take_changes()
        self.state["metrics"] = self.model.init_metrics(self.backend)
        live_begin, live_end = (self.callbacks.wants(f"on_train_batch_{when}") for when in ("begin", "end"))
        logs: dict[str, Tensor] = {}
        shown = time.perf_counter()
        index = 0
        for batch in data.batches(self.backend, self._order):
            if live_begin:
                self.callbacks.tell_batch("on_train_batch_begin", index)
                self.take_changes()
            self.state, logs = self.train_step(self.state, batch)
            if live_begin or live_end:
                self.write_back(keep=True)
            if live_end:
                self.callbacks.tell_batch("on_train_batch_end", index, read(logs))
                self.take_changes()
            index += 1
            if self.bar.verbose == 1 and time.perf_counter() - shown > self.bar.refresh_seconds:
                self.bar.advance(index, read(logs))
                shown = time.perf_counter()
            if self.model.stop_training:
                break
        self.bar.advance(index, None)
        return read(logs)

    def _order(self, length: int) -> np.ndarray[Any, Any] | None:
        """Return the order of rows of a pass through arrays.

        It is drawn from the training key and the number of updates made, so a run that is resumed sees the order that
        the uninterrupted one would have seen.
        """
        if not self.shuffle:
            return None
        step = int(self.state["optimizer"]["step"].item())
        assert self.model.training_key is not None
        key = host.fold_in(host.fold_in(self.model.training_key, _SHUFFLE), step)
        return host.permutation(key, length)

    def validate(self, data: Data) -> dict[str, float]:
        """Return the logs of an evaluation with the variables of training, and take over what callbacks changed."""
        data.rewind()
        if not data.ready(self.backend):
            warnings.warn("The validation data ran out, so this epoch has no validation.", stacklevel=4)
            return {}
        if self.test_step is None:
            self.test_step = self.model.step_for("test", structure=self.structure)
        logs = evaluate_with(self.model, self.test_step, self._variables, data, self.callbacks)
        self.take_changes()
        return logs

    def _variables(self) -> State:
        self.take_changes()
        return {name: self.state[name] for name in ("trainable", "non_trainable")}
