"""Turning what users pass to `fit` into batches of tensors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias, final

import numpy as np

from unifw import config, dtypes
from unifw.backend import Backend
from unifw.errors import ArgumentError, ShapeError
from unifw.tensor import Tensor, asarray, take, tree

Batch: TypeAlias = tuple[Any, Any, Any]

DEFAULT_BATCH_SIZE: Final = 32


def is_array_data(value: Any) -> bool:
    """Return whether `value` is arrays (also lists of numbers, and tuples and dicts of arrays), not an iterable."""
    if is_array(value):
        return True
    if isinstance(value, dict):
        return all(is_array_data(each) for each in value.values())
    return isinstance(value, list | tuple)


def is_array(value: Any) -> bool:
    """Return whether `value` is one array, of whatever library: a leaf of the data."""
    return isinstance(value, Tensor | np.ndarray) or (hasattr(value, "__array__") and hasattr(value, "shape"))


def host_array(value: Any) -> Any:
    """Return an array as NumPy's in the dtype models take: floats in `floatx`; tensors stay where they are.

    Frameworks' own arrays come to the host once, without what they recorded for their own automatic differentiation.
    """
    if isinstance(value, Tensor):
        wanted = dtypes.as_dtype(config.floatx())
        return value.astype(wanted) if dtypes.is_floating(value.dtype) and value.dtype != wanted else value
    array = _on_host(value)
    if array.dtype.kind == "f" and array.dtype.name != config.floatx():
        array = array.astype(dtypes.as_dtype(config.floatx()))
    if array.dtype.kind not in "biufcV" or array.dtype == object:
        raise ArgumentError(
            f"Data of dtype {array.dtype} cannot become a tensor. Convert it to numbers, with equal lengths, first."
        )
    return array


def _on_host(value: Any) -> np.ndarray[Any, Any]:
    try:
        return np.asarray(value)
    except (TypeError, RuntimeError, ValueError) as error:
        if is_array(value):  # on another device, recorded for gradients, or bfloat16: its backend can read it
            return np.asarray(asarray(value))
        raise ArgumentError(
            f"This {type(value).__name__} cannot become an array: {error}. Give numbers, with equal lengths on each "
            "level."
        ) from error


def _arrays(value: Any) -> Any:
    """Return data with an array at each leaf; lists of numbers are arrays, lists and dicts of arrays are several."""
    if isinstance(value, dict):
        return {key: _arrays(each) for key, each in value.items()}
    if isinstance(value, list | tuple) and value and any(_is_part(each) for each in value):
        parts = [_arrays(each) for each in value]
        return parts if isinstance(value, list) else tuple(parts)
    return host_array(value)


def _is_part(value: Any) -> bool:
    """Return whether an element of a list is data by itself, rather than one example's number."""
    return isinstance(value, dict) or (is_array(value) and len(value.shape) > 0)


@final
class ArrayData:
    """Arrays of equal length, batched in any order.

    Args:
        x: array, or a tree of arrays.
        y: the same, or None.
        sample_weight: (n,) or None.
        batch_size: examples per batch.

    Raises:
        ShapeError: if the lengths differ.
    """

    def __init__(self, x: Any, y: Any = None, sample_weight: Any = None, batch_size: int | None = None) -> None:
        self.x, self.y = _arrays(x), None if y is None else _arrays(y)
        self.sample_weight = None if sample_weight is None else host_array(sample_weight)
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
        """The number of batches, the last, smaller one included."""
        return math.ceil(self.length / self.batch_size)

    def batches(self, backend: Backend, order: np.ndarray[Any, Any] | None = None) -> Iterator[tuple[Batch, int]]:
        """Yield batches of tensors with their sizes, in the order of the rows given."""
        data = (self.x, self.y, self.sample_weight)
        for start in range(0, self.length, self.batch_size):
            stop = min(start + self.batch_size, self.length)
            rows: Any = slice(start, stop) if order is None else order[start:stop]
            yield tree.map(lambda array, rows=rows: _rows(array, rows, backend), data), stop - start

    def split(self, fraction: float) -> tuple[ArrayData, ArrayData]:
        """Return the first part and the last `fraction` of the examples, as Keras' validation_split does."""
        if not 0 < fraction < 1:
            raise ArgumentError(f"validation_split must lie between 0 and 1, got {fraction}.")
        boundary = math.floor(self.length * (1 - fraction))
        if boundary in (0, self.length):
            raise ArgumentError(f"validation_split={fraction} of {self.length} examples leaves one part empty.")
        parts = []
        for rows in (slice(0, boundary), slice(boundary, self.length)):
            x, y, weight = tree.map(lambda array, rows=rows: array[rows], (self.x, self.y, self.sample_weight))
            parts.append(ArrayData(x, y, weight, self.batch_size))
        return parts[0], parts[1]


def _length(array: Any, name: str) -> int:
    if not array.shape:
        raise ShapeError(f"{name} is a scalar; data needs a first axis that counts examples.")
    return int(array.shape[0])


def _rows(array: Any, rows: Any, backend: Backend) -> Tensor:
    if isinstance(array, Tensor):
        tensor = array.to_backend(backend)
        return tensor[rows] if isinstance(rows, slice) else take(tensor, asarray(rows, backend=backend), axis=0)
    return asarray(array[rows], backend=backend)


@final
class IterableData:
    """Batches that someone else makes: a generator, a `torch.utils.data.DataLoader`, a `tf.data.Dataset`, a list.

    Args:
        source: yields ``x``, ``(x, y)`` or ``(x, y, sample_weight)``, each a tree of arrays of any framework.
        steps: how many batches make an epoch; None for all there are.
        with_targets: whether batches hold targets; False takes the first part only.
    """

    def __init__(self, source: Iterable[Any], steps: int | None = None, with_targets: bool = True) -> None:
        self.source = source
        self.with_targets = with_targets
        self._one_pass = isinstance(source, Iterator)
        self._running: Iterator[Any] | None = source if isinstance(source, Iterator) else None
        self._limit = steps
        self._begun: tuple[tuple[Batch, int], Iterator[tuple[Batch, int]]] | None = None
        length = getattr(source, "__len__", None)
        self.steps: int | None = steps
        if steps is None and length is not None:
            try:
                self.steps = int(length())
            except TypeError:  # a DataLoader over a stream has no length
                self.steps = None

    def batches(self, backend: Backend, order: Any = None) -> Iterator[tuple[Batch, int]]:
        """Yield batches of tensors with their sizes."""
        del order
        if self._begun is not None:
            (first, rest), self._begun = self._begun, None
            yield first
            yield from rest
            return
        if self._running is None or (not self._one_pass and self._limit is None):
            self._running = iter(self.source)
        count = 0
        while self._limit is None or count < self._limit:
            try:
                item = next(self._running)
            except StopIteration:
                if self._limit is not None and not self._one_pass and count < self._limit:
                    self._running = iter(self.source)  # an epoch may span the end of a data set that starts again
                    item = next(self._running, None)
                    if item is None:
                        raise ArgumentError("The data holds no batches.") from None
                elif count == 0:
                    raise ArgumentError(
                        "The data ended before the epoch began. A generator runs once: give steps_per_epoch, or an "
                        "object that can be iterated again."
                    ) from None
                else:
                    return
            batch = _unpacked(item, self.with_targets)
            tensors = tree.map(lambda array: _rows(array, slice(None), backend), batch)
            count += 1
            yield tensors, tree.leaves(tensors)[0].shape[0]

    def put_back(self, first: tuple[Batch, int], rest: Iterator[tuple[Batch, int]]) -> None:
        """Let the next epoch begin with a batch that was taken to look at its shapes."""
        self._begun = (first, rest)


def _unpacked(item: Any, with_targets: bool) -> Batch:
    if isinstance(item, list | tuple) and 1 <= len(item) <= 3:
        x, y, weight = (*item, None, None)[:3]
    else:
        x, y, weight = item, None, None
    if not with_targets:
        y = weight = None
    return _leaf_arrays(x), _leaf_arrays(y), _leaf_arrays(weight)


def _leaf_arrays(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: _leaf_arrays(each) for key, each in value.items()}
    if isinstance(value, list | tuple) and not all(isinstance(each, bool | int | float) for each in value):
        return [_leaf_arrays(each) for each in value]
    return host_array(value)


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
        return ArrayData(x, y, sample_weight, batch_size)
    if not isinstance(x, Iterable):
        raise ArgumentError(f"x must be arrays or an iterable of batches, got {type(x).__name__}.")
    if y is not None or sample_weight is not None:
        raise ArgumentError("With an iterable as x, targets and weights come from it: yield (x, y, sample_weight).")
    return IterableData(x, steps)


def class_weights(y: Any, weights: dict[int, float]) -> np.ndarray[Any, Any]:
    """Return one weight per example, by its class.

    Args:
        y: integer labels (n,) or (n, 1), or one-hot (n, classes).
        weights: by class; 1 for those not named.
    """
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
