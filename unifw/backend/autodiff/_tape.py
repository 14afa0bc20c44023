"""The decorator backend."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cached_property
from types import SimpleNamespace
from typing import Any, ClassVar, final

import numpy as np

from unifw import dtypes
from unifw.backend._interface import Backend, BackwardFunction, ListFunction, PairFunction
from unifw.backend.autodiff._composites import FusedActivations, FusedLosses, FusedReductions
from unifw.backend.autodiff._decompositions import LinearAlgebra, fourier
from unifw.backend.autodiff._elementwise import elementwise
from unifw.backend.autodiff._indexing import indexing
from unifw.backend.autodiff._linalg import linalg
from unifw.backend.autodiff._manipulation import manipulation
from unifw.backend.autodiff._nodes import JointNode
from unifw.backend.autodiff._random import ConstantRandom
from unifw.backend.autodiff._recorder import Function, Recorder
from unifw.backend.autodiff._reductions import reductions
from unifw.backend.autodiff._transforms import TapeTransforms, tape_custom_vjp
from unifw.backend.autodiff._windows import FusedScatters, FusedWindows
from unifw.errors import UnsupportedError

Array = Any


@final
class TapeNamespace:
    """The differentiable functions of one tape; any other function of the inner namespace, for constants only."""

    def __init__(self, recorder: Recorder) -> None:
        functions: dict[str, Function] = elementwise(recorder) | manipulation(recorder)
        functions |= linalg(recorder) | indexing(recorder)
        functions |= reductions(recorder, functions)
        self.__dict__.update(functions)
        self._recorder = recorder

    @cached_property
    def linalg(self) -> LinearAlgebra:
        """The differentiable linear algebra; not there if the inner namespace has none."""
        return LinearAlgebra(self._recorder)

    @cached_property
    def fft(self) -> SimpleNamespace:
        """The Fourier transforms, of constants."""
        return fourier(self._recorder)

    def __getattr__(self, name: str) -> Any:
        recorder = self._recorder
        member = getattr(recorder.xp, name)
        if not callable(member) or isinstance(member, type):
            return member

        def constants_only(*arguments: Any, **options: Any) -> Any:
            if any(type(each) is recorder.node for each in (*arguments, *options.values())):
                raise UnsupportedError(
                    f"The gradient tape has no derivative of {name!r}. Use stop_gradient on its operands, or write it "
                    "with functions of the Array API."
                )
            return member(*arguments, **options)

        return constants_only


@final
class GradientTape(
    FusedActivations,
    FusedLosses,
    FusedReductions,
    FusedWindows,
    FusedScatters,
    ConstantRandom,
    TapeTransforms,
):
    """A backend that records what another one computes, and so can differentiate it.

    Its arrays are those of the inner backend (constants, never recorded) and `TapeArray` (values that depend on an
    input). Every rule is written over the inner backend, so that a tape over a tape gives second derivatives.
    """

    name: ClassVar[str] = "autodiff"
    interface_version: ClassVar[int] = 1

    def __init__(self, inner: Backend) -> None:
        self.inner = inner
        self.recorder = Recorder(inner)
        self.node = self.recorder.node
        self.xp = TapeNamespace(self.recorder)
        self.capabilities = dataclasses.replace(inner.capabilities, in_place_updates=False, compilation="none")
        self.tolerances = inner.tolerances

    def versions(self) -> dict[str, str]:
        """Return the inner backend's."""
        return self.inner.versions()

    def is_array(self, value: object) -> bool:
        """Return whether `value` is recorded here, or an array of the inner backend."""
        return type(value) is self.node or self.inner.is_array(value)

    def asarray(self, value: Any, *, dtype: dtypes.DType | None = None, device: str | None = None) -> Array:
        """See `Backend.asarray`."""
        if type(value) is not self.node:
            return self.inner.asarray(value, dtype=dtype, device=device)
        array = value if device is None else self.to_device(value, device)
        return array if dtype is None else self.astype(array, dtype)

    def to_numpy(self, array: Array) -> np.ndarray[Any, Any]:
        """See `Backend.to_numpy`."""
        return self.inner.to_numpy(self.recorder.value(array))

    def shape_of(self, array: Array) -> tuple[int, ...]:
        """See `Backend.shape_of`."""
        return self.inner.shape_of(array.value if type(array) is self.node else array)

    def dtype_of(self, array: Array) -> dtypes.DType:
        """See `Backend.dtype_of`."""
        return self.inner.dtype_of(array.value if type(array) is self.node else array)

    def native_dtype(self, dtype: dtypes.DType) -> Any:
        """See `Backend.native_dtype`."""
        return self.inner.native_dtype(dtype)

    def astype(self, array: Array, dtype: dtypes.DType) -> Array:
        """See `Backend.astype`; a dtype that is not floating-point ends the path of the gradient."""
        inner = self.inner
        if type(array) is not self.node:
            return inner.astype(array, dtype)
        value = array.value
        before = inner.dtype_of(value)
        if before == dtype:
            return array
        if dtypes.kind(dtype) == "complex":
            raise UnsupportedError(
                f"The gradient tape does not differentiate complex numbers; it was asked for {dtype.name}. "
                "Use stop_gradient, or another backend."
            )
        result = inner.astype(value, dtype)
        if not dtypes.is_floating(dtype):
            return result
        return self.node(result, (array,), (lambda g: inner.astype(g, before),))

    def stop_gradient(self, array: Array) -> Array:
        """Return the value alone; where that belongs to a tape around this one, it stops there too."""
        return self.inner.stop_gradient(self.recorder.value(array))

    def copy(self, array: Array) -> Array:
        """See `Backend.copy`."""
        return self.recorder.record(self.inner.copy(self.recorder.value(array)), (array, lambda g: g))

    def devices(self) -> tuple[str, ...]:
        """Return the inner backend's."""
        return self.inner.devices()

    def device_of(self, array: Array) -> str:
        """See `Backend.device_of`."""
        return self.inner.device_of(self.recorder.value(array))

    def to_device(self, array: Array, device: str) -> Array:
        """See `Backend.to_device`; the gradient comes back to where the array was."""
        inner, value = self.inner, self.recorder.value(array)
        return self.recorder.record(
            inner.to_device(value, device), (array, lambda g: inner.to_device(g, inner.device_of(value)))
        )

    def synchronize(self, arrays: Sequence[Array]) -> None:
        """See `Backend.synchronize`."""
        self.inner.synchronize([self.recorder.value(array) for array in arrays])

    def set_threads(self, count: int) -> None:
        """See `Backend.set_threads`."""
        self.inner.set_threads(count)

    def lift(self, array: Array, owner: Backend) -> Array | None:
        """Accept the inner backend's arrays, and what it accepts itself, as constants."""
        return array if owner is self.inner else self.inner.lift(array, owner)

    def custom_vjp(
        self, function: ListFunction, forward: PairFunction, backward: BackwardFunction, arrays: Sequence[Array]
    ) -> list[Array]:
        """See `Backend.custom_vjp`."""
        return tape_custom_vjp(self, function, forward, backward, arrays)

    def rows(self, x: Array, size: int) -> Sequence[Array]:
        """See `PythonTransforms.rows`: their gradients are stacked once, not each added to an array of zeros."""
        if type(x) is not self.node:
            return super().rows(x, size)
        inner, zeros = self.inner, self.inner.xp.zeros_like
        values = [x.value[(index, ...)] for index in range(size)]

        def stacked(parts: dict[int, Array]) -> Array:
            return inner.xp.stack([parts[i] if i in parts else zeros(values[i]) for i in range(size)], axis=0)

        joint = JointNode(None, (x,), (stacked,))
        return [self.node(value, (joint,), (lambda g, i=i: {i: g},)) for i, value in enumerate(values)]

    def memory_stats(self, device: str) -> dict[str, int]:
        """Return the inner backend's."""
        return self.inner.memory_stats(device)

    def reset_memory_stats(self, device: str) -> None:
        """See `Backend.reset_memory_stats`."""
        self.inner.reset_memory_stats(device)
