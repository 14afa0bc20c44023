"""The random stream on the host: the backend's composites over NumPy, returning NumPy arrays.

Parameters are initialised here, so that every backend starts from the same weights, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, final

import numpy as np

from unifw import dtypes
from unifw.backend import RandomComposites


@final
class _Host(RandomComposites):
    """The random composites over NumPy arrays."""

    @cached_property
    def xp(self) -> Any:
        from array_api_compat import numpy as namespace  # imported late: it costs as much as NumPy itself

        return namespace

    def asarray(self, value: Any, *, dtype: Any = None, device: str | None = None) -> Any:
        del device
        return np.asarray(value, dtype=dtype)

    def astype(self, array: Any, dtype: Any) -> Any:
        return np.asarray(array).astype(dtype, copy=False)

    def dtype_of(self, array: Any) -> Any:
        return dtypes.as_dtype(array.dtype)

    def native_dtype(self, dtype: dtypes.DType) -> Any:
        return dtype

    def shape_of(self, array: Any) -> tuple[int, ...]:
        return tuple(array.shape)

    def stop_gradient(self, array: Any) -> Any:
        return array


_host = _Host()


def _quiet(function: Callable[..., Any]) -> Callable[..., np.ndarray[Any, Any]]:
    def call(*args: Any) -> np.ndarray[Any, Any]:
        with np.errstate(over="ignore"):  # Threefry counts modulo 2**32; NumPy warns for scalars that do
            return np.asarray(function(*args))

    call.__doc__ = function.__doc__
    return call


fold_in = _quiet(_host.random_fold_in)
split = _quiet(_host.random_split)
bits = _quiet(_host.random_bits)
uniform = _quiet(_host.random_uniform)
normal = _quiet(_host.random_normal)
truncated_normal = _quiet(_host.random_truncated_normal)
permutation = _quiet(_host.random_permutation)


def key(seed: int) -> np.ndarray[Any, Any]:
    """Return the key of a seed: its upper and lower 32 bits, as `jax.random.key_data(jax.random.key(seed))`."""
    return np.asarray([(seed >> 32) & 0xFFFFFFFF, seed & 0xFFFFFFFF], dtype=np.uint32)
