"""Losses as objects: a function, a way to reduce, and weights."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable
from typing import Any, ClassVar, Final

from unifw import tensor as ops
from unifw.errors import ArgumentError, ShapeError
from unifw.losses import _functions
from unifw.saving import Configurable
from unifw.tensor import Tensor
from unifw.utils import as_predicted, asarray_like, label_tensors, same_rank

_REDUCTIONS: Final = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None)


class Loss(Configurable, abc.ABC):
    """Base of all losses.

    Args:
        name: for logs.
        reduction: "sum_over_batch_size" or "mean" (the sum over the number of elements), "sum", "none" or None (one
            value per example), "mean_with_sample_weight" (the sum over the sum of the weights).

    Raises:
        ArgumentError: for another reduction.
    """

    default_name: ClassVar[str] = "loss"

    def __init__(self, name: str | None = None, reduction: str | None = "sum_over_batch_size") -> None:
        if reduction not in _REDUCTIONS:
            known = ", ".join(repr(each) for each in _REDUCTIONS)
            raise ArgumentError(f"reduction must be one of {known}; got {reduction!r}.")
        self.name = name or self.default_name
        self.reduction = reduction

    @abc.abstractmethod
    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """Return one value per example."""

    def mask(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        """Return which values count (boolean, of their shape), or None for all of them."""
        del y_true, y_pred
        return None

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Return the reduced loss.

        Args:
            y_true: targets.
            y_pred: predictions, batch first.
            sample_weight: factor per example, (batch,), or per value of `call`.
        """
        y_true, y_pred = label_tensors(y_true, y_pred)
        values = self.call(y_true, y_pred)
        weight = None if sample_weight is None else asarray_like(sample_weight, values)
        weight = None if weight is None else as_predicted(weight, values.dtype, self.name, "sample_weight")
        mask = self.mask(y_true, y_pred)
        if mask is not None:
            weight = _masked(weight, mask, values, self.reduction)
        if weight is not None:
            values, weight = same_rank(values, weight)
            values = _weighted(values, weight)
        return _reduce(values, weight, self.reduction)


def _masked(weight: Tensor | None, mask: Tensor, values: Tensor, reduction: str | None) -> Tensor:
    """Return weights that are 0 where the mask is false, and keep a mean the mean of what counts."""
    factor = mask.astype(values.dtype)
    if reduction in ("mean", "sum_over_batch_size"):
        valid = ops.sum(factor)
        total = float(math.prod(mask.shape))
        factor = factor * ops.where(valid > 0, total / ops.clip(valid, 1.0), ops.zeros_like(valid))
    if weight is None:
        return factor
    factor, weight = same_rank(factor, weight)
    return _weighted(factor, weight)


def _weighted(values: Tensor, weight: Tensor) -> Tensor:
    if len(weight.shape) > len(values.shape) or any(
        own not in (1, size) for own, size in zip(reversed(weight.shape), reversed(values.shape), strict=False)
    ):
        raise ShapeError(
            f"sample_weight of shape {weight.shape} does not fit losses of shape {values.shape}. Give one for each."
        )
    return values * weight


def _reduce(values: Tensor, weight: Tensor | None, reduction: str | None) -> Tensor:
    if reduction in (None, "none") or values.shape == ():
        return values
    if reduction == "sum":
        return ops.sum(values)
    if reduction == "mean_with_sample_weight" and weight is not None:
        total = ops.sum(weight)
        return ops.where(total != 0, ops.sum(values) / ops.where(total != 0, total, ops.ones_like(total)), total)
    return ops.mean(values)


class FunctionLoss(Loss):
    """A loss from a function ``(y_true, y_pred)`` that returns one value per example (Keras' LossFunctionWrapper).

    Args:
        fn: the function.
        name: the function's by default.
        reduction: see `Loss`.
    """

    def __init__(
        self, fn: Callable[[Any, Any], Tensor], name: str | None = None, reduction: str | None = "sum_over_batch_size"
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", type(fn).__name__), reduction)
        self.fn = fn

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """Return the function's value."""
        return self.fn(*same_rank(y_true, y_pred))


class MeanSquaredError(Loss):
    """``mean((y_pred - y_true)**2)``.

    >>> import unifw as uf
    >>> uf.losses.MeanSquaredError()([[0.0, 1.0]], [[0.0, 3.0]]).item()
    2.0
    """

    default_name: ClassVar[str] = "mean_squared_error"

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "mean_squared_error") -> None:
        super().__init__(name, reduction)

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """Return one value per example."""
        return _functions.mean_squared_error(*same_rank(y_true, y_pred))


class MeanAbsoluteError(Loss):
    """``mean(|y_pred - y_true|)``."""

    default_name: ClassVar[str] = "mean_absolute_error"

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str | None = "mean_absolute_error") -> None:
        super().__init__(name, reduction)

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """Return one value per example."""
        return _functions.mean_absolute_error(*same_rank(y_true, y_pred))


class BinaryCrossentropy(Loss):
    """`binary_crossentropy`, reduced.

    Args:
        from_logits: whether predictions are logits.
        label_smoothing: pull targets this far towards 0.5.
        axis: along which each example's mean is taken.
        reduction: see `Loss`.
        name: for logs.

    >>> import unifw as uf
    >>> round(uf.losses.BinaryCrossentropy(from_logits=True)([1.0], [0.0]).item(), 4)
    0.6931
    """

    default_name: ClassVar[str] = "binary_crossentropy"

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
    ) -> None:
        super().__init__(name, reduction)
        self.from_logits, self.label_smoothing, self.axis = from_logits, _fraction(label_smoothing), axis

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """Return one value per example."""
        y_true, y_pred = same_rank(y_true, y_pred)
        return _functions.binary_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing, self.axis)


class CategoricalCrossentropy(Loss):
    """`categorical_crossentropy`, reduced: for one-hot or soft targets.

    Args:
        from_logits: whether predictions are logits.
        label_smoothing: mix targets with this much of the uniform distribution.
        axis: the classes.
        reduction: see `Loss`.
        name: for logs.
    """

    default_name: ClassVar[str] = "categorical_crossentropy"

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
    ) -> None:
        super().__init__(name, reduction)
        self.from_logits, self.label_smoothing, self.axis = from_logits, _fraction(label_smoothing), axis

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """Return one value per example."""
        return _functions.categorical_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing, self.axis)


class SparseCategoricalCrossentropy(Loss):
    """`sparse_categorical_crossentropy`, reduced: for integer labels.

    Args:
        from_logits: whether predictions are logits.
        ignore_class: label of examples that do not count.
        reduction: see `Loss`.
        axis: the classes.
        name: for logs.

    >>> import unifw as uf
    >>> loss = uf.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> round(loss([0, 1], [[0.0, 0.0], [0.0, 0.0]]).item(), 4)
    0.6931
    """

    default_name: ClassVar[str] = "sparse_categorical_crossentropy"

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
    ) -> None:
        super().__init__(name, reduction)
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """Return one value per example."""
        return _functions.sparse_categorical_crossentropy(
            y_true, y_pred, self.from_logits, self.ignore_class, self.axis
        )

    def mask(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        """Return which examples do not have the label to ignore."""
        if self.ignore_class is None:
            return None
        labels, _ = _functions.sparse_labels(y_true, y_pred, self.axis)
        return ops.not_equal(labels, self.ignore_class)


def _fraction(value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise ArgumentError(f"label_smoothing must lie between 0 and 1, got {value}.")
    return value
