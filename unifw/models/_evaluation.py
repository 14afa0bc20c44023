"""Evaluation, prediction, and single batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from unifw.callbacks import Callback, CallbackList
from unifw.models import _build
from unifw.models._data import ArrayData, Batch, Data, IterableData, as_data, class_weights
from unifw.models._labels import label_check
from unifw.models._steps import Runner, State, Structure
from unifw.tensor import Tensor, tree

if TYPE_CHECKING:
    from unifw.models._model import Model


def ensure_built(model: Model, data: Data) -> None:
    """Build a model that has not been, from the shapes of the first batch; a generator's first batch is not lost."""
    if isinstance(data, IterableData):
        data.peek(model.backend)  # raises if there is nothing
    if model.built:
        return
    _build.build_from_batch(model, data.peek(model.backend)[0])
    if isinstance(data, ArrayData):
        data.rewind()  # the first pass may be in another order


def read(logs: dict[str, Tensor]) -> dict[str, float]:
    """Return logs as numbers; waits for the device."""
    return {name: float(value.item()) if isinstance(value, Tensor) else float(value) for name, value in logs.items()}


def evaluate_with(
    model: Model, step: Any, variables: Callable[[], State], data: Data, callbacks: CallbackList
) -> dict[str, float]:
    """Return the logs of an evaluation.

    Args:
        model: the model.
        step: its test step.
        variables: returns the variables' values; asked after ``on_test_begin``, which may have changed them.
        data: the batches; there must be some.
        callbacks: told what happens.
    """
    backend = model.backend
    callbacks.tell("on_test_begin")
    state = {**variables(), "metrics": model.init_metrics(backend)}
    logs: dict[str, Tensor] = {}
    for index, batch in enumerate(data.batches(backend)):
        callbacks.tell_batch("on_test_batch_begin", index)
        state, logs = step(state, batch)
        if callbacks.wants("on_test_batch_end"):
            callbacks.tell_batch("on_test_batch_end", index, read(logs))
    result = read(logs)
    callbacks.tell("on_test_end", result)
    return result


def evaluate(
    model: Model,
    x: Any,
    y: Any,
    batch_size: int | None,
    sample_weight: Any,
    steps: int | None,
    callbacks: Callback | Sequence[Callback],
) -> dict[str, float]:
    """See `Model.evaluate`."""
    model.require_compilation()
    data = as_data(x, y, sample_weight, batch_size=batch_size, steps=steps)
    ensure_built(model, data)
    structure = Structure(model)
    data.watch(label_check(model, structure))
    told = CallbackList(callbacks, model, {"steps": data.steps})
    return evaluate_with(model, model.step_for("test", structure=structure), structure.current, data, told)


def predict(
    model: Model, x: Any, batch_size: int | None, steps: int | None, callbacks: Callback | Sequence[Callback]
) -> Any:
    """See `Model.predict`."""
    data = as_data(x, batch_size=batch_size, steps=steps)
    if isinstance(data, IterableData):
        data.with_targets = False
    ensure_built(model, data)
    structure = Structure(model)
    state = structure.current()
    if model.compiled:
        step = model.step_for("predict", structure=structure)
    else:
        function = model.with_structure(structure, model.predict_step)
        step = Runner(function, structure.backend, compile=False, donate=False)
    told = CallbackList(callbacks, model, {"steps": data.steps})
    told.tell("on_predict_begin")
    outputs = []
    for index, (inputs, _, _) in enumerate(data.batches(model.backend)):
        told.tell_batch("on_predict_batch_begin", index)
        outputs.append(step(state, inputs))
        told.tell_batch("on_predict_batch_end", index)
    told.tell("on_predict_end")
    return tree.map(lambda *parts: np.concatenate([np.asarray(part) for part in parts], axis=0), *outputs)


def train_on_batch(
    model: Model, x: Any, y: Any, sample_weight: Any, class_weight: dict[int, float] | None
) -> dict[str, float]:
    """See `Model.train_on_batch`."""
    model.require_compilation()
    if class_weight is not None:
        by_class = class_weights(y, class_weight)
        sample_weight = by_class if sample_weight is None else by_class * np.asarray(sample_weight)
    batch, structure = _one_batch(model, x, y, sample_weight)
    step = model.step_for("train", structure=structure)
    state, logs = step(model.train_state_for(structure), batch)
    structure.write_back(state)
    model.optimizer.keep(state["optimizer"], structure.trainable, model)
    return read(logs)


def test_on_batch(model: Model, x: Any, y: Any, sample_weight: Any) -> dict[str, float]:
    """See `Model.test_on_batch`."""
    model.require_compilation()
    batch, structure = _one_batch(model, x, y, sample_weight)
    state = {**structure.current(), "metrics": model.init_metrics(structure.backend)}
    return read(model.step_for("test", structure=structure)(state, batch)[1])


def _one_batch(model: Model, x: Any, y: Any, sample_weight: Any) -> tuple[Batch, Structure]:
    data = ArrayData(x, y, sample_weight)
    data.batch_size = data.length
    ensure_built(model, data)
    structure = Structure(model)
    data.watch(label_check(model, structure))
    return data.peek(structure.backend), structure
