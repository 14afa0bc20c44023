"""Are labels in range? Judged on the host, before training, so that all backends say the same.

Inside a compiled step nobody can say so: JAX trains on with a clamped index, TensorFlow makes NaN of the weights, and
NumPy counts a label of -1 from the end.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

import numpy as np

from unifw import losses
from unifw.errors import ArgumentError, UnifwError
from unifw.models import _build
from unifw.models._steps import Structure
from unifw.models._trainer import Trainer

if TYPE_CHECKING:
    from unifw.models._model import Model


def label_check(model: Model, structure: Structure) -> Callable[[Any], None] | None:
    """Return a function that checks targets on the host, or None if no loss of the model takes labels.

    A model with a `compute_loss` or `train_step` of its own may use its targets otherwise, and is not judged.
    """
    compilation = model.require_compilation()
    sparse = {key: loss for key, loss in _by_output(compilation.loss).items() if _takes_labels(loss)}
    overridden = any(
        getattr(type(model), name) is not getattr(Trainer, name) for name in ("compute_loss", "train_step")
    )
    if not sparse or overridden or model.input_spec is None:
        return None
    key: Hashable = ("output shapes", structure.signature)
    if key not in compilation.steps:
        compilation.steps[key] = _output_shapes(model)
    shapes = compilation.steps[key]
    classes = {output: _classes(_part(shapes, output), loss) for output, loss in sparse.items()}

    def check(y: Any) -> None:
        for output, loss in sparse.items():
            count, labels = classes[output], _part(y, output)
            if count is not None and isinstance(labels, np.ndarray):
                _check(labels, count, getattr(loss, "ignore_class", None), "y" if output is None else f"y[{output!r}]")

    return check


def _by_output(loss: Any) -> dict[Any, Any]:
    if isinstance(loss, dict):
        return loss
    return dict(enumerate(loss)) if isinstance(loss, list) else {None: loss}


def _takes_labels(loss: Any) -> bool:
    if isinstance(loss, losses.FunctionLoss):
        return loss.fn is losses.sparse_categorical_crossentropy
    return isinstance(loss, losses.SparseCategoricalCrossentropy)


def _output_shapes(model: Model) -> Any:
    try:
        return _build.inspect(model)[0].get(id(model))
    except (UnifwError, TypeError, AttributeError, ValueError):  # the model's own call says better what is wrong
        return None


def _part(tree: Any, output: Any) -> Any:
    if output is None:
        return tree
    try:
        return tree[output]
    except (KeyError, IndexError, TypeError):
        return None


def _classes(shape: Any, loss: Any) -> int | None:
    axis = getattr(loss, "axis", -1)
    if not isinstance(shape, tuple) or not -len(shape) <= axis < len(shape):
        return None
    size: int | None = shape[axis]
    return size


def _check(labels: np.ndarray[Any, Any], classes: int, ignored: int | None, name: str) -> None:
    if not labels.size or labels.dtype.kind not in "iuf" or (labels.min() >= 0 and labels.max() < classes):
        return
    wrong = (labels < 0) | (labels >= classes)
    if ignored is not None:
        wrong &= labels != ignored
    if wrong.any():
        first = tuple(int(each) for each in np.argwhere(wrong)[0])
        raise ArgumentError(
            f"{name}{list(first)} is the label {labels[first].item()}, but the model gives {classes} classes: labels "
            f"must lie between 0 and {classes - 1}. Count classes from 0, give the last layer more units, or name a "
            "label that shall not count with SparseCategoricalCrossentropy(ignore_class=…)."
        )
