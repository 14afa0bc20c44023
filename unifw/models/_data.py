"""Turning what users pass to `fit` into batches of tensors."""

from __future__ import annotations

import abc
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias, final

import numpy as np

from unifw.backend import Backend
from unifw.errors import ArgumentError, ShapeError
from unifw.models._arrays import host_array, host_arrays, is_array_data
from unifw.tensor import Tensor, asarray, take, tree

Batch: TypeAlias = tuple[Any, Any, Any]
Order: TypeAlias = Callable[[int], "np.ndarray[Any, Any] | None"]

DEFAULT_BATCH_SIZE: Final = 32


class Data(abc.ABC):
    """Batches for several epochs.

    An epoch is one pass through the data; or, with a limit, that many batches, after which the next epoch goes on
    where this one stopped. A pass that ends inside such an epoch ends the epoch, with a warning, as in Keras.

    Args:
        limit: batches per epoch (Keras' ``steps_per_epoch``, ``validation_steps``, ``steps``), None for a whole pass.
    """

    def __init__(self, limit: int | None) -> None:
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
            raise ArgumentError(f"The number of steps must be a positive integer or None, got {limit!r}.")
        self.limit = limit
        self.check: Callable[[Any], None] | None = None
        self._pass: Iterator[Batch] | None = None
        self._next: Batch | None = None

    @property
    @abc.abstractmethod
    def steps(self) -> int | None:
        """The number of batches of an epoch, None if it is not known."""

    @abc.abstractmethod
    def one_pass(self, backend: Backend, order: Order | None) -> Iterator[Batch] | None:
        """Return batches of tensors from the beginning; None if they cannot begin again."""

    def batches(self, backend: Backend, order: Order | None = None) -> Iterator[Batch]:
        """Yield the batches of one epoch as trees of tensors.

        Args:
            backend: of the tensors.
            order: returns the order of so many rows, None for their own; called when a pass through arrays begins.
        """
        count = 0
        while (self.limit is None or count < self.limit) and self.ready(backend, order, begin=count == 0):
            batch, self._next = self._next, None
            count += 1
            assert batch is not None
            yield batch
        if self.limit is None:
            self._pass = None
        elif count < self.limit:
            warnings.warn(
                f"The data ran out after {count} of {self.limit} steps, so this epoch is shorter. Give fewer steps, or "
                "data that begins again.",
                stacklevel=2,
            )

    def ready(self, backend: Backend, order: Order | None = None, *, begin: bool = True) -> bool:
        """Return whether there is another batch, which is fetched.

        Args:
            backend: of the tensors.
            order: see `batches`.
            begin: whether to begin a new pass if this one is over.
        """
        if self._next is None and self._pass is not None:
            self._next = next(self._pass, None)
        if self._next is None and begin:
            self._pass = self.one_pass(backend, order)
            self._next = None if self._pass is None else next(self._pass, None)
        return self._next is not None

    def peek(self, backend: Backend) -> Batch:
        """Return the first batch, which is not lost by it.

        Raises:
            ArgumentError: if there is none.
        """
        if not self.ready(backend) or self._next is None:
            raise ArgumentError("The data holds no batches.")
        return self._next

    def watch(self, check: Callable[[Any], None] | None) -> None:
        """Have a function called with the targets, on the host, before they are used."""
        self.check = check
        if check is not None and self._next is not None:
            check(tree.map(np.asarray, self._next[1]))

    def rewind(self) -> None:
        """Let the next epoch begin a new pass, where that is possible."""
        self._pass = self._next = None


@final
class ArrayData(Data):
    """Arrays of equal length, batched in any order.

    Args:
        x: array, or a tree of arrays.
        y: the same, or None.
        sample_weight: (n,) or None.
        batch_size: examples per batch.
        limit: see `Data`.

    Raises:
        ShapeError: if the lengths differ.
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        batch_size: int | None = None,
        limit: int | None = None,
    ) -> None:
        super().__init__(limit)
        self.x, self.y = host_arrays(x), None if y is None else host_arrays(y, "y")
        self.sample_weight = None if sample_weight is None else host_array(sample_weight, "sample_weight")
        self.batch_size = DEFAULT_BATCH_SIZE if batch_size is None else batch_size
        if isinstance(self.batch_size, bool) or not isinstance(self.batch_size, int) or self.batch_size < 1:
            raise ArgumentError(f"batch_size must be a positive integer, got {batch_size!r}.")
        lengths = {
            f"{name}{f'[{index}]' if index else ''}": _length(each, name)
            for name, part in (("x", self.x), ("y", self.y), ("sample_weight", self.sample_weight))
            for index, each in enumerate(tree.leaves(part))
        }
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"{name} has {length}" for name, length in lengths.items())
            raise ShapeError(f"All data must have the same number of examples (the first axis): {listed}.")
        self.length = next(iter(lengths.values()), 0)
        if self.length == 0:
            raise ArgumentError("The data holds no examples.")

    @property
    def steps(self) -> int:
        """The number of batches of an epoch, the last, smaller one included."""
        return self.limit or math.ceil(self.length / self.batch_size)

    def watch(self, check: Callable[[Any], None] | None) -> None:
        """Call a function with all targets."""
        if check is not None:
            check(self.y)

    def one_pass(self, backend: Backend, order: Order | None) -> Iterator[Batch]:
        """Yield slices of the arrays, in the order of the rows given."""
        rows = None if order is None else order(self.length)
        data = (self.x, self.y, self.sample_weight)
        for start in range(0, self.length, self.batch_size):
            stop = min(start + self.batch_size, self.length)
            chosen: Any = slice(start, stop) if rows is None else rows[start:stop]
            yield tree.map(lambda array, chosen=chosen: _taken(array, chosen, backend), data)

    def weighted(self, by_class: dict[int, float]) -> ArrayData:
        """Return the same data with sample weights multiplied by those of their classes."""
        weight = class_weights(self.y, by_class)
        if self.sample_weight is not None:
            weight *= np.asarray(self.sample_weight)
        return ArrayData(self.x, self.y, weight, self.batch_size, self.limit)

    def split(self, fraction: float) -> tuple[ArrayData, ArrayData]:
        """Return the first part and the last `fraction` of the examples, as Keras' validation_split does."""
        if not isinstance(fraction, (int, float)) or not 0 < fraction < 1:
            raise ArgumentError(f"validation_split must lie between 0 and 1, got {fraction!r}. Write 0.2, for example.")
        boundary = math.floor(self.length * (1 - fraction))
        if boundary in (0, self.length):
            raise ArgumentError(f"validation_split={fraction} of {self.length} examples leaves one part empty.")
        parts = []
        for rows in (slice(0, boundary), slice(boundary, self.length)):
            x, y, weight = tree.map(lambda array, rows=rows: array[rows], (self.x, self.y, self.sample_weight))
            parts.append(ArrayData(x, y, weight, self.batch_size, self.limit))
        return parts[0], parts[1]


def _length(array: Any, name: str) -> int:
    if not array.shape:
        raise ShapeError(f"{name} is a scalar; data needs a first axis that counts examples.")
    return int(array.shape[0])


def _taken(array: Any, rows: Any, backend: Backend) -> Tensor:
    if not isinstance(array, Tensor):
        return asarray(array[rows], backend=backend)
    if isinstance(rows, slice):
        return array[rows].to_backend(backend)
    return take(array, asarray(rows, backend=array.backend), axis=0).to_backend(backend)


@final
class IterableData(Data):
    """Batches that someone else makes: a generator, a `torch.utils.data.DataLoader`, a `tf.data.Dataset`, ….

    Args:
        source: yields ``x``, ``(x, y)`` or ``(x, y, sample_weight)``, each a tree of arrays of any framework. Lists
            and tuples are not iterables here, but arrays: see `as_data`.
        limit: see `Data`.
        with_targets: whether batches hold targets; False takes the first part only.
    """

    def __init__(self, source: Iterable[Any], limit: int | None = None, with_targets: bool = True) -> None:
        super().__init__(limit)
        self.source = source
        self.with_targets = with_targets
        self._once = isinstance(source, Iterator)
        self._spent = False

    @property
    def steps(self) -> int | None:
        """The limit, or what ``len(source)`` says."""
        length = getattr(self.source, "__len__", None)
        if self.limit is not None or length is None:
            return self.limit
        try:
            return int(length())
        except TypeError:  # a DataLoader over a stream has no length
            return None

    def one_pass(self, backend: Backend, order: Order | None) -> Iterator[Batch] | None:
        """Return the batches of the source; a second time only if it can be iterated again."""
        if self._spent:
            return None
        self._spent = self._once
        return (self._unpacked(item, backend) for item in self.source)

    def rewind(self) -> None:
        """Let the next epoch begin a new pass, unless the source is a generator."""
        if not self._once:
            super().rewind()

    def _unpacked(self, item: Any, backend: Backend) -> Batch:
        x, y, weight = unpack(item)
        if not self.with_targets:
            y = weight = None
        batch = _leaf_arrays(x, "x"), _leaf_arrays(y, "y"), _leaf_arrays(weight, "sample_weight")
        if self.check is not None:
            self.check(batch[1])
        tensors: Batch = tree.map(lambda array: _tensor(array, backend), batch)
        return tensors


def _tensor(array: Any, backend: Backend) -> Tensor:
    return array.to_backend(backend) if isinstance(array, Tensor) else asarray(array, backend=backend)


def _leaf_arrays(value: Any, name: str) -> Any:
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: _leaf_arrays(each, name) for key, each in value.items()}
    if isinstance(value, list | tuple) and not all(isinstance(each, bool | int | float) for each in value):
        return [_leaf_arrays(each, name) for each in value]
    return host_array(value, name)


def as_data(
    x: Any, y: Any = None, sample_weight: Any = None, *, batch_size: int | None = None, steps: int | None = None
) -> ArrayData | IterableData:
    """Return data of either sort.

    Raises:
        ArgumentError: if targets are given beside an iterable, or `x` is neither.
    """
    if x is None:
        raise ArgumentError("No data: x is None.")
    if is_array_data(x):
        return ArrayData(x, y, sample_weight, batch_size, steps)
    if not isinstance(x, Iterable) or isinstance(x, str | bytes):
        raise ArgumentError(f"x must be arrays or an iterable of batches, got {type(x).__name__}.")
    if y is not None or sample_weight is not None:
        raise ArgumentError("With an iterable as x, targets and weights come from it: yield (x, y, sample_weight).")
    return IterableData(x, steps)


def class_weights(y: Any, weights: dict[int, float]) -> np.ndarray[Any, Any]:
    """Return one weight per example, by its class.

    Args:
        y: integer labels (n,) or (n, 1), or one-hot (n, classes).
        weights: by class; 1 for those not named.

    Raises:
        ArgumentError: for weights that are not numbers by class, and for several outputs.
        ShapeError: for targets that are not one label per example.
    """
    if not isinstance(weights, Mapping) or not all(isinstance(each, int | np.integer) for each in weights):
        raise ArgumentError(
            f"class_weight must be a dict of one number by class, as {{0: 1.0, 1: 5.0}} with the classes that the "
            f"labels name, got {weights!r}."
        )
    if isinstance(y, dict | list | tuple) and len(tree.leaves(y)) > 1 and not np.isscalar(tree.leaves(y)[0]):
        raise ArgumentError("class_weight needs one output; with several, give sample_weight.")
    labels = np.asarray(y)
    if labels.ndim == 2:
        labels = labels.argmax(axis=-1) if labels.shape[1] > 1 else labels[:, 0]
    if labels.ndim != 1:
        raise ShapeError(f"class_weight needs one label per example, got targets of shape {labels.shape}.")
    return np.asarray([weights.get(int(label), 1.0) for label in labels], np.float32)


def unpack(batch: Any) -> tuple[Any, Any, Any]:
    """Return ``(x, y, sample_weight)`` from a batch of one to three parts."""
    if not isinstance(batch, tuple | list):
        return batch, None, None
    if not 1 <= len(batch) <= 3:
        raise ArgumentError(f"A batch is (x,), (x, y) or (x, y, sample_weight), got {len(batch)} parts.")
    x, y, sample_weight = (*batch, None, None)[:3]
    return x, y, sample_weight
