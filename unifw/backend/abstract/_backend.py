"""The abstract backend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NoReturn, final

import numpy as np

from unifw import dtypes
from unifw.backend._capabilities import Capabilities
from unifw.backend._interface import Backend
from unifw.backend._unsupported import unsupported
from unifw.backend.abstract._arrays import AbstractArray
from unifw.backend.abstract._composites import AbstractRandom, AbstractSpecial, AbstractWindows
from unifw.backend.abstract._namespace import AbstractNamespace
from unifw.backend.abstract._transforms import AbstractTransforms
from unifw.errors import UnsupportedError

Array = Any


@final
class AbstractBackend(AbstractWindows, AbstractSpecial, AbstractRandom, AbstractTransforms):
    """Runs a model on shapes and dtypes alone, and counts the floating-point operations it would take.

    Every instance counts for itself, in `flops`; set it to 0 to start again. The formulas stand at each function: a
    product of matrices counts multiplications and additions, an elementwise function 1 per element of its result, a
    reduction 1 per element of its operand, moving elements nothing. They are the same whatever framework runs.

    Arrays of any backend are accepted as constants (`lift`), so that a built model runs as it is.

    >>> backend = AbstractBackend()
    >>> x = backend.asarray([[1.0, 2.0, 3.0]])
    >>> backend.xp.matmul(x, backend.xp.zeros((3, 5), dtype=dtypes.float32))
    AbstractArray((1, 5), float32)
    >>> backend.flops
    30
    """

    name: ClassVar[str] = "abstract"
    interface_version: ClassVar[int] = 1
    capabilities = Capabilities(device_kinds=())

    def __init__(self) -> None:
        self.flops = 0
        self.xp = AbstractNamespace(self)

    def versions(self) -> dict[str, str]:
        """There is no framework under it."""
        return {}

    def is_array(self, value: object) -> bool:
        """Return whether `value` is an `AbstractArray`."""
        return isinstance(value, AbstractArray)

    def asarray(self, value: Any, *, dtype: dtypes.DType | None = None, device: str | None = None) -> Array:
        """Return the shape and dtype of a value, by the interface's rules."""
        del device
        if isinstance(value, range):
            return AbstractArray((len(value),), dtype or dtypes.DEFAULT_INTEGER)
        if isinstance(value, (AbstractArray, np.ndarray, np.generic)):
            return AbstractArray(value.shape, dtype or dtypes.as_dtype(value.dtype))
        array = np.asarray(value)
        found = dtypes.as_dtype(array.dtype)
        single = {dtypes.float64: dtypes.DEFAULT_FLOAT, dtypes.complex128: dtypes.DEFAULT_COMPLEX}
        return AbstractArray(array.shape, dtype or single.get(found, found))

    def to_numpy(self, array: Array) -> NoReturn:
        """Abstract arrays have no values.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(
            f"{array!r} has a shape and a dtype but no values: the model is being built, or summarised. A layer's "
            "`call` must not look at values; use unifw.where, unifw.cond or the shape."
        )

    def shape_of(self, array: Array) -> tuple[int, ...]:
        """See `Backend.shape_of`."""
        return array.shape  # type: ignore[no-any-return]

    def dtype_of(self, array: Array) -> dtypes.DType:
        """See `Backend.dtype_of`."""
        return array.dtype  # type: ignore[no-any-return]

    def native_dtype(self, dtype: dtypes.DType) -> Any:
        """See `Backend.native_dtype`."""
        return dtype

    def astype(self, array: Array, dtype: dtypes.DType) -> Array:
        """See `Backend.astype`; it counts no operation."""
        return array if array.dtype == dtype else AbstractArray(array.shape, dtype)

    def stop_gradient(self, array: Array) -> Array:
        """Return the array."""
        return array

    def copy(self, array: Array) -> Array:
        """Return an array of the same shape and dtype."""
        return AbstractArray(array.shape, array.dtype)

    def devices(self) -> tuple[str, ...]:
        """Nothing is anywhere: one nominal device, and by `capabilities` none to choose from."""
        return ("cpu",)

    def device_of(self, array: Array) -> str:
        """See `Backend.device_of`."""
        del array
        return "cpu"

    def to_device(self, array: Array, device: str) -> Array:
        """Return the array: it has no memory on any device."""
        del device
        return array

    def synchronize(self, arrays: Sequence[Array]) -> None:
        """There is nothing to wait for."""

    def set_threads(self, count: int) -> None:
        """There is nothing to compute."""

    def lift(self, array: Array, owner: Backend) -> Array | None:
        """Accept an array of any backend, for its shape and dtype."""
        return AbstractArray(owner.shape_of(array), owner.dtype_of(array))

    memory_stats = unsupported("abstract arrays take no memory", hint="run the model on a real backend")
    reset_memory_stats = unsupported("abstract arrays take no memory", hint="run the model on a real backend")
