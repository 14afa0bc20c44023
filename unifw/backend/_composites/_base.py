"""What every composite may rely on."""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import Any, TypeVar

from unifw import dtypes

Function = TypeVar("Function", bound=Callable[..., Any])


def composite(function: Function) -> Function:
    """Mark a method of `Backend` as a default over `xp` that a backend may override for speed."""
    function.__composite__ = True  # type: ignore[attr-defined]
    return function


class OverNamespace(abc.ABC):
    """The members composites are written over; `Backend` documents them."""

    xp: Any

    @abc.abstractmethod
    def astype(self, array: Any, dtype: Any) -> Any:
        """See `Backend.astype`."""

    @abc.abstractmethod
    def dtype_of(self, array: Any) -> Any:
        """See `Backend.dtype_of`."""

    @abc.abstractmethod
    def native_dtype(self, dtype: Any) -> Any:
        """See `Backend.native_dtype`."""

    @abc.abstractmethod
    def shape_of(self, array: Any) -> tuple[int, ...]:
        """See `Backend.shape_of`."""

    @abc.abstractmethod
    def asarray(self, value: Any, *, dtype: Any = None, device: str | None = None) -> Any:
        """See `Backend.asarray`."""

    @abc.abstractmethod
    def device_of(self, array: Any) -> str:
        """See `Backend.device_of`."""

    @abc.abstractmethod
    def to_device(self, array: Any, device: str) -> Any:
        """See `Backend.to_device`."""

    @abc.abstractmethod
    def stop_gradient(self, array: Any) -> Any:
        """See `Backend.stop_gradient`."""

    def constant(self, value: Any, like: Any, dtype: Any = None) -> Any:
        """Return a host value as an array where another array is."""
        return self.asarray(value, dtype=dtype, device=self.device_of(like))

    def _computed(self, function: Any, *operands: Any) -> Any:
        """Return `function` of the operands, through float32 and rounded once if the first is in half precision."""
        dtype = self.dtype_of(operands[0])
        if dtype.itemsize > 2:
            return function(*operands)
        wide = [None if each is None else self.astype(each, dtypes.float32) for each in operands]
        results = function(*wide)
        if isinstance(results, tuple):
            return tuple(self.astype(each, dtype) for each in results)
        return self.astype(results, dtype)


class WithFunctions(OverNamespace):
    """Composites that other composites are written with."""

    @abc.abstractmethod
    def erf(self, x: Any) -> Any:
        """See `Special.erf`."""

    @abc.abstractmethod
    def softplus(self, x: Any) -> Any:
        """See `Activations.softplus`."""

    @abc.abstractmethod
    def softmax(self, x: Any, axis: int) -> Any:
        """See `Activations.softmax`."""

    @abc.abstractmethod
    def log_softmax(self, x: Any, axis: int) -> Any:
        """See `Activations.log_softmax`."""

    @abc.abstractmethod
    def one_hot(self, indices: Any, num_classes: int, dtype: Any) -> Any:
        """See `Special.one_hot`."""

    @abc.abstractmethod
    def scatter_slice(self, values: Any, key: Any, shape: Any) -> Any:
        """See `Gradients.scatter_slice`."""

    @abc.abstractmethod
    def pad(self, x: Any, padding: Any, value: float) -> Any:
        """See `Special.pad`."""
