"""What every metric is: three pure functions on a small state tree, and an object that keeps one."""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias

from unifw import dtypes
from unifw import tensor as ops
from unifw.backend import Backend, current_backend
from unifw.saving import Configurable
from unifw.tensor import Tensor, asarray
from unifw.utils import asarray_like, label_tensors, same_rank

State: TypeAlias = dict[str, Tensor]


class Metric(Configurable, abc.ABC):
    """Base of all metrics.

    The pure half, which training compiles: `init` makes the state, `update` returns a new one, `compute` reads it.
    The stateful half has Keras' names: `update_state`, `result`, `reset_state`.

    Args:
        name: in logs.
    """

    default_name: ClassVar[str] = "metric"

    def __init__(self, name: str | None = None) -> None:
        self.name = name or self.default_name
        self._state: State | None = None

    @abc.abstractmethod
    def init(self, backend: Backend | None = None) -> State:
        """Return the state before the first update: tensors by name, on the current backend unless given another."""

    @abc.abstractmethod
    def update(self, state: State, *args: Any, sample_weight: Any = None) -> State:
        """Return the state after seeing a batch."""

    @abc.abstractmethod
    def compute(self, state: State) -> Tensor:
        """Return the metric's value for a state."""

    def update_state(self, *args: Any, sample_weight: Any = None) -> None:
        """See a batch: labels and predictions, or values for `Mean` and `Sum`."""
        if self._state is None:
            first = next((each for each in args if isinstance(each, Tensor)), None)
            self._state = self.init(None if first is None else first.backend)
        self._state = self.update(self._state, *args, sample_weight=sample_weight)

    def result(self) -> Tensor:
        """Return the value over all batches since the last reset."""
        return self.compute(self.init() if self._state is None else self._state)

    def reset_state(self) -> None:
        """Forget all batches."""
        self._state = None

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        """See a batch and return the value so far."""
        self.update_state(*args, **kwargs)
        return self.result()


def zero(backend: Backend | None) -> Tensor:
    """Return a float32 zero scalar."""
    return asarray(0.0, dtype=dtypes.float32, backend=backend or current_backend())


def per_sample(values: Tensor, sample_weight: Any, reduce: Callable[..., Tensor]) -> tuple[Tensor, Tensor | None]:
    """Return values reduced to one per example, times their weights, and the weights (Keras' rule)."""
    values = values.astype(dtypes.float32)
    weight = None
    if sample_weight is not None:
        weight = asarray_like(sample_weight, values).astype(dtypes.float32)
        values, weight = same_rank(values, weight)
        rank = len(weight.shape)
        if len(values.shape) > rank:
            values = reduce(values, axis=tuple(range(rank, len(values.shape))))
        weight = ops.broadcast_to(weight, values.shape)
        values = values * weight
        if rank > 1:
            weight = reduce(weight, axis=tuple(range(1, rank)))
    if len(values.shape) > 1:
        values = reduce(values, axis=tuple(range(1, len(values.shape))))
    return values, weight


class Sum(Metric):
    """The (weighted) sum of the values seen.

    >>> import unifw as uf
    >>> metric = uf.metrics.Sum()
    >>> metric.update_state([1.0, 2.0])
    >>> metric.result().item()
    3.0
    """

    default_name: ClassVar[str] = "sum"

    def init(self, backend: Backend | None = None) -> State:
        """Return ``{"total": 0}``."""
        return {"total": zero(backend)}

    def update(self, state: State, *args: Any, sample_weight: Any = None) -> State:
        """Add values of any shape."""
        values, _ = per_sample(asarray_like(args[0], state["total"]), sample_weight, ops.sum)
        return {"total": state["total"] + ops.sum(values)}

    def compute(self, state: State) -> Tensor:
        """Return the sum."""
        return state["total"]


class Mean(Metric):
    """The (weighted) mean of the values seen.

    >>> import unifw as uf
    >>> metric = uf.metrics.Mean()
    >>> metric.update_state([1.0, 3.0, 5.0, 7.0], sample_weight=[1.0, 1.0, 0.0, 0.0])
    >>> metric.result().item()
    2.0
    """

    default_name: ClassVar[str] = "mean"

    def init(self, backend: Backend | None = None) -> State:
        """Return ``{"count": 0, "total": 0}``."""
        return {"count": zero(backend), "total": zero(backend)}

    def update(self, state: State, *args: Any, sample_weight: Any = None) -> State:
        """Add values of any shape; each example counts once."""
        values, weight = per_sample(asarray_like(args[0], state["total"]), sample_weight, ops.mean)
        if weight is not None:
            count: Any = ops.sum(weight)
        else:
            count = float(values.shape[0]) if values.shape else 1.0
        return {"count": state["count"] + count, "total": state["total"] + ops.sum(values)}

    def compute(self, state: State) -> Tensor:
        """Return the mean; 0 before the first value."""
        count = state["count"]
        empty = count == 0
        return ops.where(empty, ops.zeros_like(count), state["total"] / ops.where(empty, ops.ones_like(count), count))


class MeanMetricWrapper(Mean):
    """The mean of a function ``fn(y_true, y_pred, **options)`` of each batch.

    Args:
        fn: returns one value per example.
        name: the function's by default.
        **options: passed on to the function.
    """

    def __init__(self, fn: Callable[..., Tensor], name: str | None = None, **options: Any) -> None:
        super().__init__(name or getattr(fn, "__name__", type(fn).__name__))
        self.fn = fn
        self.options = options

    def update(self, state: State, *args: Any, sample_weight: Any = None) -> State:
        """Add the function's values for labels and predictions."""
        y_true, y_pred = label_tensors(*args)
        return super().update(state, self.fn(y_true, y_pred, **self.options), sample_weight=sample_weight)
