"""Evaluation, prediction, and single batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from unifw.callbacks import Callback, CallbackList
from unifw.errors import ArgumentError
from unifw.models import _build
from unifw.models._data import ArrayData, IterableData, as_data, class_weights
from unifw.models._steps import State, Structure
from unifw.tensor import Tensor, tree

if TYPE_CHECKING:
    from unifw.models._model import Model

Data: TypeAlias = ArrayData | IterableData


def ensure_built(model: Model, data: Data) -> None:
    """Build a model that has not been, from the shapes of the first batch; a generator's first batch is not lost."""
    if model.built:
        return
    backend = model.backend
    batches = data.batches(backend)
    first = next(batches)
    _build.build_from_batch(model, first[0][0])
    if isinstance(data, IterableData):
        data.put_back(first, batches)


def read(logs: dict[str, Tensor]) -> dict[str, float]:
    """Return logs as numbers; waits for the device."""
    return {name: float(value.item()) if isinstance(value, Tensor) else float(value) for name, value in logs.items()}


def evaluate_with(model: Model, step: Any, state: State, data: Data, callbacks: CallbackList) -> dict[str, float]:
    """Return the logs of an evaluation with the variables in a state."""
    backend = model.backend
    state = {**state, "metrics": model.init_metrics(backend)}
    logs: dict[str, Tensor] = {}
    callbacks.tell("on_test_begin")
    index = -1
    for index, (batch, _) in enumerate(data.batches(backend)):
        callbacks.tell_batch("on_test_batch_begin", index)
        state, logs = step(state, batch)
        if callbacks.wants("on_test_batch_end"):
            callbacks.tell_batch("on_test_batch_end", index, read(logs))
    if index < 0:
        raise ArgumentError("The data holds no batches.")
    result = read(logs)
    callbacks.tell("on_test_end", result)
    return result


def _variables(model: Model) -> State:
    model.structure = Structure(model)
    return model.structure.current()


def evaluate(
    model: Model,
    x: Any,
    y: Any,
    batch_size: int | None,
    sample_weight: Any,
    steps: int | None,
    callbacks: Sequence[Callback],
) -> dict[str, float]:
    """See `Model.evaluate`."""
    model.require_compilation()
    data = as_data(x, y, sample_weight, batch_size=batch_size, steps=steps)
    ensure_built(model, data)
    state = _variables(model)
    told = CallbackList(callbacks, model, {"steps": data.steps})
    return evaluate_with(model, model.make_test_step(), state, data, told)


def predict(model: Model, x: Any, batch_size: int | None, steps: int | None, callbacks: Sequence[Callback]) -> Any:
    """See `Model.predict`."""
    data = as_data(x, batch_size=batch_size, steps=steps)
    if isinstance(data, IterableData):
        data.with_targets = False
    ensure_built(model, data)
    state = _variables(model)
    step = model.make_predict_step() if model.compiled else model.predict_step
    told = CallbackList(callbacks, model, {"steps": data.steps})
    told.tell("on_predict_begin")
    outputs = []
    for index, ((inputs, _, _), _) in enumerate(data.batches(model.backend)):
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
    batch = _one_batch(model, x, y, sample_weight)
    state, logs = model.make_train_step()(model.init_train_state(), batch)
    assert model.structure is not None
    model.structure.write_back(state)
    model.optimizer.keep(state["optimizer"], model.structure.trainable, model)
    return read(logs)


def test_on_batch(model: Model, x: Any, y: Any, sample_weight: Any) -> dict[str, float]:
    """See `Model.test_on_batch`."""
    model.require_compilation()
    batch = _one_batch(model, x, y, sample_weight)
    state = {**_variables(model), "metrics": model.init_metrics(model.backend)}
    return read(model.make_test_step()(state, batch)[1])


def _one_batch(model: Model, x: Any, y: Any, sample_weight: Any) -> Any:
    data = ArrayData(x, y, sample_weight)
    data.batch_size = data.length
    ensure_built(model, data)
    batches: Iterator[Any] = data.batches(model.backend)
    return next(batches)[0]
