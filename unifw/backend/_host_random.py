"""The random stream on the host: the composites over NumPy, taking and returning NumPy arrays.

Parameters are initialised here, so that every backend starts from the same weights, bit for bit; and a backend without
arithmetic on unsigned integers draws here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final, final

import numpy as np

from unifw import dtypes
from unifw.backend._composites import Random, Special
from unifw.backend._composites._random._stream import PARITY, ROTATIONS

HostArray = np.ndarray[Any, Any]

# Each rotation as its left and its right shift.
_SHIFTS: Final = tuple(
    tuple((np.uint32(rotation), np.uint32(32 - rotation)) for rotation in group) for group in ROTATIONS
)
_FEW: Final = 8  # counters: new keys are made one or two at a time
_CHUNK: Final = 1 << 16  # words of one block: its three buffers stay in the second-level cache


def threefry2x32(key: HostArray, high: Any, low: Any) -> tuple[HostArray, HostArray]:
    """Return what `Random.threefry2x32` says, with twenty rounds in place."""
    shape = np.shape(low)
    if math.prod(shape) <= _FEW:
        return _by_integers(key, high, low, shape)
    first = np.array(high, np.uint32).reshape(-1)
    second = np.array(low, np.uint32).reshape(-1)
    for start in range(0, first.size, _CHUNK):
        _rounds(key, first[start : start + _CHUNK], second[start : start + _CHUNK])
    return first.reshape(shape), second.reshape(shape)


def _rounds(key: HostArray, x0: HostArray, x1: HostArray) -> None:
    """Encrypt the counter words `x0` and `x1` in place."""
    words = np.array([key[0], key[1], np.bitwise_xor(np.bitwise_xor(key[0], key[1]), np.uint32(PARITY))], np.uint32)
    spare = np.empty_like(x0)
    x0 += words[0:1]
    x1 += words[1:2]
    for group in range(5):
        for left, right in _SHIFTS[group % 2]:
            x0 += x1
            np.right_shift(x1, right, out=spare)
            np.left_shift(x1, left, out=x1)
            x1 |= spare
            x1 ^= x0
        x0 += words[(group + 1) % 3 : (group + 1) % 3 + 1]
        x1 += words[(group + 2) % 3 : (group + 2) % 3 + 1]
        x1 += np.uint32(group + 1)


def _by_integers(key: HostArray, high: Any, low: Any, shape: tuple[int, ...]) -> tuple[HostArray, HostArray]:
    """Encrypt a few counters in Python's integers: a tenth of the time of a hundred calls of NumPy."""
    mask = 0xFFFFFFFF
    first, second = int(key[0]), int(key[1])
    words = (first, second, first ^ second ^ PARITY)
    results = []
    for x0, x1 in zip(np.ravel(high).tolist(), np.ravel(low).tolist(), strict=True):
        a, b = (x0 + first) & mask, (x1 + second) & mask
        for group in range(5):
            for rotation in ROTATIONS[group % 2]:
                a = (a + b) & mask
                b = (((b << rotation) | (b >> (32 - rotation))) & mask) ^ a
            a = (a + words[(group + 1) % 3]) & mask
            b = (b + words[(group + 2) % 3] + group + 1) & mask
        results.append((a, b))
    pairs = np.array(results, np.uint32).reshape(-1, 2)
    return pairs[:, 0].reshape(shape), pairs[:, 1].reshape(shape)


@final
class _Namespace:
    """NumPy's functions, where a Python scalar has the dtype of the array beside it also for bfloat16."""

    def __getattr__(self, name: str) -> Any:
        from array_api_compat import numpy as namespace  # imported late: it costs as much as NumPy itself

        function = getattr(namespace, name)
        if name in _BINARY:
            function = _with_scalars(function)
        setattr(self, name, function)
        return function


_BINARY: Final = frozenset({"add", "subtract", "multiply", "divide", "less", "less_equal", "greater", "greater_equal"})


def _with_scalars(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def call(x1: Any, x2: Any) -> Any:
        if type(x2) in {int, float} and x1.dtype == dtypes.bfloat16:  # numpy.float64 is a float too
            x2 = np.asarray(x2, dtypes.bfloat16)
        return function(x1, x2)

    return call


@final
class _Host(Special, Random):
    """The random composites over NumPy arrays."""

    @cached_property
    def xp(self) -> Any:
        return _Namespace()

    def asarray(self, value: Any, *, dtype: Any = None, device: str | None = None) -> Any:
        del device
        if isinstance(value, range):
            return np.arange(value.start, value.stop, value.step, dtype=dtype)
        return np.asarray(value, dtype=dtype)

    def astype(self, array: Any, dtype: Any) -> Any:
        return np.asarray(array).astype(dtype, copy=False)

    def dtype_of(self, array: Any) -> Any:
        return dtypes.as_dtype(array.dtype)

    def native_dtype(self, dtype: dtypes.DType) -> Any:
        return dtype

    def shape_of(self, array: Any) -> tuple[int, ...]:
        return tuple(array.shape)

    def device_of(self, array: Any) -> str:
        del array
        return "cpu"

    def to_device(self, array: Any, device: str) -> Any:
        del device
        return array

    def stop_gradient(self, array: Any) -> Any:
        return array

    def threefry2x32(self, key: Any, high: Any, low: Any) -> tuple[Any, Any]:
        return threefry2x32(key, high, low)


_host: Final = _Host()


def host_draw(name: str, *args: Any, **kwargs: Any) -> HostArray:
    """Return the draw of a composite, such as "random_normal", over NumPy arrays."""
    with np.errstate(all="ignore"):
        return np.asarray(getattr(_host, name)(*args, **kwargs))
