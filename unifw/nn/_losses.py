"""Cross-entropies from logits, per example; `unifw.losses` has the classes."""

from __future__ import annotations

from typing import Any

from unifw import dtypes
from unifw.errors import DTypeError, ShapeError
from unifw.nn._operands import floating
from unifw.tensor import Tensor
from unifw.tensor._operands import as_tensor, common_backend, lower


def softmax_cross_entropy(logits: Any, targets: Any) -> Tensor:
    """``-sum(targets * log_softmax(logits))`` along the last axis; targets are probabilities.

    >>> import unifw as uf
    >>> round(uf.nn.softmax_cross_entropy(uf.zeros((1, 2)), uf.asarray([[0.0, 1.0]]))[0].item(), 4)
    0.6931
    """
    shapes = as_tensor(logits).shape, as_tensor(targets).shape
    if shapes[0] != shapes[1] or not shapes[0]:
        raise ShapeError(
            f"softmax_cross_entropy() needs logits and targets of one shape (…, classes), got {shapes[0]} and "
            f"{shapes[1]}. For labels that are integers write sparse_softmax_cross_entropy."
        )
    backend, arrays = floating("softmax_cross_entropy", logits, targets)
    return Tensor(backend.softmax_cross_entropy(*arrays), backend)


def sparse_softmax_cross_entropy(logits: Any, labels: Any) -> Tensor:
    """``-log_softmax(logits)[label]`` along the last axis.

    Args:
        logits: (*batch, classes).
        labels: (*batch), integers in [0, classes).

    Returns:
        (*batch).

    >>> import unifw as uf
    >>> round(uf.nn.sparse_softmax_cross_entropy(uf.zeros((1, 2)), uf.asarray([1]))[0].item(), 4)
    0.6931
    """
    classes = as_tensor(labels)
    if dtypes.kind(classes.dtype) != "integer":
        raise DTypeError(
            f"sparse_softmax_cross_entropy() needs integer labels, got {classes.dtype.name}. Write "
            f"unifw.astype(labels, 'int64'), or for probabilities softmax_cross_entropy."
        )
    if as_tensor(logits).shape[:-1] != classes.shape or not as_tensor(logits).ndim:
        raise ShapeError(
            f"sparse_softmax_cross_entropy() needs labels of shape {as_tensor(logits).shape[:-1]} for logits of shape "
            f"{as_tensor(logits).shape}, got {classes.shape}. For one-hot targets write softmax_cross_entropy."
        )
    backend, (array,) = floating("sparse_softmax_cross_entropy", logits)
    backend = common_backend([Tensor(array, backend), classes], "sparse_softmax_cross_entropy")
    return Tensor(backend.sparse_softmax_cross_entropy(array, lower(classes, backend)), backend)


def sigmoid_cross_entropy(logits: Any, targets: Any) -> Tensor:
    """``-t * log(sigmoid(x)) - (1 - t) * log(1 - sigmoid(x))``, element by element, without overflow.

    >>> import unifw as uf
    >>> round(uf.nn.sigmoid_cross_entropy(uf.asarray(0.0), 1.0).item(), 4)
    0.6931
    """
    x1, x2 = as_tensor(logits), as_tensor(targets)
    if x1.shape != x2.shape:
        raise ShapeError(
            f"sigmoid_cross_entropy() needs logits and targets of one shape, got {x1.shape} and {x2.shape}. Reshape, "
            f"or write unifw.broadcast_to."
        )
    backend, arrays = floating("sigmoid_cross_entropy", x1, x2)
    return Tensor(backend.sigmoid_cross_entropy(*arrays), backend)
