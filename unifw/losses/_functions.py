"""Losses as functions: one value per example. Formulas are those of `keras.losses`."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from unifw import dtypes, nn
from unifw import tensor as ops
from unifw.errors import ArgumentError, DTypeError, ShapeError
from unifw.tensor import Tensor
from unifw.utils import as_predicted, label_tensors

# Probabilities are kept this far from 0 and 1, as `keras.config.epsilon()`.
EPSILON: Final = 1e-7


def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """``mean((y_pred - y_true)**2)`` along the last axis.

    >>> mean_squared_error([[0.0, 1.0]], [[0.0, 3.0]]).tolist()
    [2.0]
    """
    y_true, y_pred = _floats(y_true, y_pred, "mean_squared_error")
    return ops.mean(ops.square(y_pred - y_true), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """``mean(|y_pred - y_true|)`` along the last axis.

    >>> mean_absolute_error([[0.0, 1.0]], [[0.0, 3.0]]).tolist()
    [1.0]
    """
    y_true, y_pred = _floats(y_true, y_pred, "mean_absolute_error")
    return ops.mean(ops.abs(y_pred - y_true), axis=-1)


def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """``mean(-t * log(p) - (1 - t) * log(1 - p))`` along an axis.

    Args:
        y_true: targets in [0, 1].
        y_pred: probabilities, or logits with `from_logits`.
        from_logits: whether `y_pred` are logits.
        label_smoothing: pull targets this far towards 0.5.
        axis: along which to take the mean.
    """
    y_true, y_pred = _floats(y_true, y_pred, "binary_crossentropy")
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    if from_logits:
        return ops.mean(nn.sigmoid_cross_entropy(y_pred, y_true), axis=axis)
    p = ops.clip(y_pred, EPSILON, 1.0 - EPSILON)
    return ops.mean(-(y_true * ops.log(p) + (1.0 - y_true) * ops.log(1.0 - p)), axis=axis)


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """``-sum(t * log(p))`` along an axis, for targets that are probabilities.

    Args:
        y_true: targets, of the shape of `y_pred`.
        y_pred: probabilities (made to sum to 1), or logits with `from_logits`.
        from_logits: whether `y_pred` are logits.
        label_smoothing: mix the targets with this much of the uniform distribution.
        axis: the classes.
    """
    y_true, y_pred = _floats(y_true, y_pred, "categorical_crossentropy")
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / y_true.shape[axis]
    if from_logits and axis in (-1, len(y_pred.shape) - 1):
        return nn.softmax_cross_entropy(y_pred, y_true)
    log_p = nn.log_softmax(y_pred, axis=axis) if from_logits else _log_probabilities(y_pred, axis)
    return -ops.sum(y_true * log_p, axis=axis)


def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Tensor:
    """``-log(p[label])`` along an axis, for integer labels.

    Args:
        y_true: labels in [0, classes), of the shape of `y_pred` without the classes (or with size 1 there). They
            are not checked to be in range; give integers, or floats that are whole numbers.
        y_pred: probabilities (made to sum to 1), or logits with `from_logits`.
        from_logits: whether `y_pred` are logits.
        ignore_class: label whose examples have loss 0. `SparseCategoricalCrossentropy` leaves them out of the mean.
        axis: the classes.

    >>> round(sparse_categorical_crossentropy([1], [[0.5, 0.5]])[0].item(), 4)
    0.6931
    """
    labels, y_pred = sparse_labels(y_true, y_pred, axis)
    if axis not in (-1, len(y_pred.shape) - 1):
        y_pred = ops.moveaxis(y_pred, axis, -1)
    valid = None
    if ignore_class is not None:
        if not np.iinfo(labels.dtype).min <= ignore_class <= np.iinfo(labels.dtype).max:
            raise ArgumentError(
                f"ignore_class={ignore_class} cannot be a label of dtype {labels.dtype.name}. Name a value that it can "
                "hold, or give labels of a signed dtype such as int32."
            )
        valid = ops.not_equal(labels, ignore_class)
        labels = ops.where(valid, labels, ops.zeros_like(labels))
    if from_logits:
        result = nn.sparse_softmax_cross_entropy(y_pred, labels)
    else:
        log_p = _log_probabilities(y_pred, -1)
        result = -ops.squeeze(ops.take_along_axis(log_p, ops.expand_dims(labels, axis=-1), axis=-1), -1)
    return result if valid is None else ops.where(valid, result, ops.zeros_like(result))


def sparse_labels(y_true: Any, y_pred: Any, axis: int) -> tuple[Tensor, Tensor]:
    """Return labels as integers of the shape of the predictions without the classes.

    Raises:
        ShapeError: if the shapes do not fit.
        DTypeError: if the labels are neither integers nor floats.
    """
    y_true, y_pred = label_tensors(y_true, y_pred)
    if dtypes.kind(y_true.dtype) not in ("integer", "floating"):
        raise DTypeError(f"sparse_categorical_crossentropy() takes integer labels, got {y_true.dtype.name}.")
    labels = y_true
    if dtypes.is_floating(labels.dtype):
        labels = as_predicted(labels, dtypes.int32, "sparse_categorical_crossentropy()")
    if len(labels.shape) == len(y_pred.shape) and labels.shape[axis] == 1:
        labels = ops.squeeze(labels, axis)
    expected = list(y_pred.shape)
    del expected[axis]
    if labels.shape != tuple(expected):
        hint = " For one-hot labels use categorical_crossentropy." if y_true.shape == y_pred.shape else ""
        raise ShapeError(
            f"sparse_categorical_crossentropy() got labels of shape {y_true.shape} for predictions of shape "
            f"{y_pred.shape}; they must be {tuple(expected)}.{hint}"
        )
    return labels, y_pred


def _log_probabilities(y_pred: Tensor, axis: int) -> Tensor:
    normalized = y_pred / ops.sum(y_pred, axis=axis, keepdims=True)
    return ops.log(ops.clip(normalized, EPSILON, 1.0 - EPSILON))


def _floats(y_true: Any, y_pred: Any, name: str) -> tuple[Tensor, Tensor]:
    """Return targets and predictions as tensors of one floating-point dtype and one shape.

    Shapes that would broadcast silently ((n,) against (n, 1), the classical mistake) are an error here.
    """
    y_true, y_pred = label_tensors(y_true, y_pred)
    if not dtypes.is_floating(y_pred.dtype):
        raise ArgumentError(f"{name}() needs floating-point predictions, got {y_pred.dtype.name}.")
    if y_true.shape != y_pred.shape:
        raise ShapeError(
            f"{name}() got targets of shape {y_true.shape} for predictions of shape {y_pred.shape}. They must agree."
        )
    return as_predicted(y_true, y_pred.dtype, f"{name}()"), y_pred
