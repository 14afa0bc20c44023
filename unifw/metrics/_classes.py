"""Metrics under Keras' class names: means of the functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, final

from unifw.metrics import _functions
from unifw.metrics._metric import Mean, MeanMetricWrapper, State
from unifw.tensor import Tensor
from unifw.utils import label_tensors


@final
class Accuracy(MeanMetricWrapper):
    """How often predictions equal labels."""

    default_name: ClassVar[str] = "accuracy"

    def __init__(self, name: str | None = "accuracy") -> None:
        super().__init__(_functions.accuracy, name)


@final
class BinaryAccuracy(MeanMetricWrapper):
    """How often predictions match binary labels.

    Args:
        name: in logs.
        threshold: above it a prediction is 1.

    >>> import unifw as uf
    >>> metric = uf.metrics.BinaryAccuracy()
    >>> metric.update_state([[1], [1], [0], [0]], [[0.98], [1.0], [0.0], [0.6]])
    >>> metric.result().item()
    0.75
    """

    def __init__(self, name: str | None = "binary_accuracy", threshold: float = 0.5) -> None:
        super().__init__(_functions.binary_accuracy, name, threshold=threshold)


@final
class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is the class of a one-hot label."""

    def __init__(self, name: str | None = "categorical_accuracy") -> None:
        super().__init__(_functions.categorical_accuracy, name)


@final
class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is the class of an integer label.

    >>> import unifw as uf
    >>> metric = uf.metrics.SparseCategoricalAccuracy()
    >>> metric.update_state([2, 1], [[0.1, 0.6, 0.3], [0.05, 0.95, 0.0]])
    >>> metric.result().item()
    0.5
    """

    def __init__(self, name: str | None = "sparse_categorical_accuracy") -> None:
        super().__init__(_functions.sparse_categorical_accuracy, name)


@final
class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class of a one-hot label is among the `k` largest predictions."""

    def __init__(self, k: int = 5, name: str | None = "top_k_categorical_accuracy") -> None:
        super().__init__(_functions.top_k_categorical_accuracy, name, k=k)


@final
class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class of an integer label is among the `k` largest predictions."""

    def __init__(self, k: int = 5, name: str | None = "sparse_top_k_categorical_accuracy") -> None:
        super().__init__(_functions.sparse_top_k_categorical_accuracy, name, k=k)


@final
class MeanSquaredError(MeanMetricWrapper):
    """Mean of ``(y_pred - y_true)**2``."""

    def __init__(self, name: str | None = "mean_squared_error") -> None:
        super().__init__(_functions.mean_squared_error, name)


@final
class MeanAbsoluteError(MeanMetricWrapper):
    """Mean of ``|y_pred - y_true|``."""

    def __init__(self, name: str | None = "mean_absolute_error") -> None:
        super().__init__(_functions.mean_absolute_error, name)


@final
class AutomaticAccuracy(Mean):
    """What "accuracy" means in `Model.compile`: binary, sparse or categorical accuracy, by shapes as in Keras."""

    default_name: ClassVar[str] = "accuracy"

    def update(self, state: State, *args: Any, sample_weight: Any = None) -> State:
        """Add the accuracy that fits the shapes of labels and predictions."""
        y_true, y_pred = label_tensors(*args)
        function = _accuracy_for(y_true.shape, y_pred.shape)
        return super().update(state, function(y_true, y_pred), sample_weight=sample_weight)


def _accuracy_for(true_shape: tuple[int, ...], predicted_shape: tuple[int, ...]) -> Callable[[Any, Any], Tensor]:
    if predicted_shape[-1] == 1:
        return _functions.binary_accuracy
    if len(true_shape) < len(predicted_shape) or (true_shape[-1] == 1 and predicted_shape[-1] > 1):
        return _functions.sparse_categorical_accuracy
    return _functions.categorical_accuracy
