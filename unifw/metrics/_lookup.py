"""From a name to a metric."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from unifw.errors import ArgumentError
from unifw.metrics import _classes
from unifw.metrics._metric import Mean, MeanMetricWrapper, Metric, Sum
from unifw.saving import register_serializable
from unifw.tensor import Tensor
from unifw.utils import unknown_name

MetricLike: TypeAlias = "str | Metric | type[Metric] | Callable[[Any, Any], Tensor]"

_CLASSES: Final[dict[str, Callable[..., Metric]]] = {
    "accuracy": _classes.Accuracy,
    "binary_accuracy": _classes.BinaryAccuracy,
    "categorical_accuracy": _classes.CategoricalAccuracy,
    "mean": Mean,
    "mean_absolute_error": _classes.MeanAbsoluteError,
    "mean_squared_error": _classes.MeanSquaredError,
    "sparse_categorical_accuracy": _classes.SparseCategoricalAccuracy,
    "sparse_top_k_categorical_accuracy": _classes.SparseTopKCategoricalAccuracy,
    "sum": Sum,
    "top_k_categorical_accuracy": _classes.TopKCategoricalAccuracy,
}
_BY_CLASS_NAME: Final = {cls.__name__: cls for cls in _CLASSES.values()}
_ALIASES: Final = {"mse": "mean_squared_error", "mae": "mean_absolute_error"}

for _class in (
    _classes.Accuracy,
    _classes.AutomaticAccuracy,
    _classes.BinaryAccuracy,
    _classes.CategoricalAccuracy,
    _classes.MeanAbsoluteError,
    _classes.MeanSquaredError,
    _classes.SparseCategoricalAccuracy,
    _classes.SparseTopKCategoricalAccuracy,
    _classes.TopKCategoricalAccuracy,
    Mean,
    MeanMetricWrapper,
    Sum,
):
    # "MeanSquaredError" is also a loss: files tell them apart by package.
    register_serializable("unifw.metrics")(_class)


def get(identifier: MetricLike) -> Metric:
    """Return the metric meant by a name ("mse", "binary_accuracy", "BinaryAccuracy"), class, instance or function.

    "accuracy" here means equality; `Model.compile` chooses by shapes instead, as Keras does.

    Raises:
        ArgumentError: for an unknown name, with the closest known one.

    >>> get("binary_accuracy").name
    'binary_accuracy'
    """
    if isinstance(identifier, Metric):
        return identifier
    if isinstance(identifier, type):
        return get(identifier())
    if isinstance(identifier, str):
        if identifier in _BY_CLASS_NAME:
            return _BY_CLASS_NAME[identifier]()
        make = _CLASSES.get(_ALIASES.get(identifier.lower(), identifier))
        if make is not None:
            return make(name=identifier)  # "mse" is logged as "mse", as in Keras
        raise unknown_name("metric", identifier, (*_CLASSES, *_BY_CLASS_NAME, *_ALIASES))
    if callable(identifier):
        return MeanMetricWrapper(identifier)
    raise ArgumentError(f"A metric is a name, a Metric or a function (y_true, y_pred), got {identifier!r}.")
