"""Metrics as functions: one value per example. Formulas are those of `keras.metrics`."""

from __future__ import annotations

from typing import Any

from unifw import dtypes
from unifw import tensor as ops
from unifw.errors import ArgumentError
from unifw.tensor import Tensor
from unifw.utils import as_predicted, label_tensors, same_rank


def accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where labels and predictions are equal, else 0."""
    y_true, y_pred = same_rank(*label_tensors(y_true, y_pred))
    return ops.equal(as_predicted(y_true, y_pred.dtype, "accuracy()"), y_pred).astype(dtypes.float32)


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """1 where ``y_pred > threshold`` equals the label (0 or 1), else 0."""
    y_true, y_pred = same_rank(*label_tensors(y_true, y_pred))
    labels = as_predicted(y_true, y_pred.dtype, "binary_accuracy()")
    return ops.equal(labels, (y_pred > threshold).astype(y_pred.dtype)).astype(dtypes.float32)


def categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where the largest target and the largest prediction are the same class, else 0."""
    y_true, y_pred = label_tensors(y_true, y_pred)
    return ops.equal(ops.argmax(y_true, axis=-1), ops.argmax(y_pred, axis=-1)).astype(dtypes.float32)


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where the largest prediction is the labelled class, else 0."""
    labels, y_pred = _labels(y_true, y_pred)
    return ops.equal(labels, ops.argmax(y_pred, axis=-1)).astype(dtypes.float32)


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """1 where fewer than `k` predictions are larger than that of the largest target's class, else 0."""
    y_true, y_pred = label_tensors(y_true, y_pred)
    return _in_top_k(ops.argmax(y_true, axis=-1), y_pred, k)


def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """1 where fewer than `k` predictions are larger than that of the labelled class, else 0."""
    return _in_top_k(*_labels(y_true, y_pred), k)


def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """``mean((y_pred - y_true)**2)`` along the last axis."""
    y_true, y_pred = same_rank(*label_tensors(y_true, y_pred))
    return ops.mean(ops.square(y_pred - as_predicted(y_true, y_pred.dtype, "mean_squared_error()")), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """``mean(|y_pred - y_true|)`` along the last axis."""
    y_true, y_pred = same_rank(*label_tensors(y_true, y_pred))
    return ops.mean(ops.abs(y_pred - as_predicted(y_true, y_pred.dtype, "mean_absolute_error()")), axis=-1)


def _labels(y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Return integer labels without a last axis of size 1, and predictions."""
    y_true, y_pred = label_tensors(y_true, y_pred)
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    return as_predicted(y_true, dtypes.int64, "sparse_categorical_accuracy()"), y_pred


def _in_top_k(labels: Tensor, y_pred: Tensor, k: int) -> Tensor:
    if not isinstance(k, int) or k < 1:
        raise ArgumentError(f"k must be a positive integer, got {k!r}.")
    own = ops.take_along_axis(y_pred, ops.expand_dims(labels, axis=-1), axis=-1)
    larger = ops.sum((y_pred > own).astype(dtypes.int32), axis=-1)
    return (larger < k).astype(dtypes.float32)
