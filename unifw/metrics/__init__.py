"""Metrics, with the names, arguments, defaults and formulas of `keras.metrics`."""

from unifw.metrics._classes import (
    Accuracy,
    AutomaticAccuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
)
from unifw.metrics._functions import (
    binary_accuracy,
    categorical_accuracy,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from unifw.metrics._lookup import MetricLike, get
from unifw.metrics._metric import Mean, MeanMetricWrapper, Metric, State, Sum

__all__ = [
    "Accuracy",
    "AutomaticAccuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "Mean",
    "MeanAbsoluteError",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "Metric",
    "MetricLike",
    "SparseCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy",
    "State",
    "Sum",
    "TopKCategoricalAccuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "get",
    "mean_absolute_error",
    "mean_squared_error",
    "sparse_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
    "top_k_categorical_accuracy",
]
