"""The random stream: Threefry-2x32 in JAX's partitionable layout. `jax.random` is the oracle, bit for bit.

A key is a uint32 array of shape (2,), as `jax.random.key_data` shows it. Random123 is the source of the function
(Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from unifw import dtypes
from unifw.backend._composites._base import OverNamespace, composite

ROTATIONS: Final = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY: Final = 0x1BD11BDA
_ERFINV: Final = (
    (
        2.81022636e-08,
        3.43273939e-07,
        -3.5233877e-06,
        -4.39150654e-06,
        0.00021858087,
        -0.00125372503,
        -0.00417768164,
        0.246640727,
        1.50140941,
    ),
    (
        -0.000200214257,
        0.000100950558,
        0.00134934322,
        -0.00367342844,
        0.00573950773,
        -0.0076224613,
        0.00943887047,
        1.00167406,
        2.83297682,
    ),
)


class Random(OverNamespace):
    """Bits, and what is made of bits by exact arithmetic only, so that no framework can round differently."""

    @composite
    def threefry2x32(self, key: Any, high: Any, low: Any) -> tuple[Any, Any]:
        """Twenty rounds of Threefry-2x32.

        Args:
            key: uint32 (2,).
            high: uint32, any shape: the first counter word.
            low: uint32, same shape: the second.

        Returns:
            Two uint32 arrays of that shape.
        """
        xp = self.xp

        def word(value: int) -> Any:
            return self.asarray(value, dtype=dtypes.uint32)

        keys = (key[0], key[1], xp.bitwise_xor(xp.bitwise_xor(key[0], key[1]), word(PARITY)))
        x0, x1 = xp.add(high, keys[0]), xp.add(low, keys[1])
        for group in range(5):
            for rotation in ROTATIONS[group % 2]:
                x0 = xp.add(x0, x1)
                rotated = xp.bitwise_or(
                    xp.bitwise_left_shift(x1, word(rotation)), xp.bitwise_right_shift(x1, word(32 - rotation))
                )
                x1 = xp.bitwise_xor(x0, rotated)
            x0 = xp.add(x0, keys[(group + 1) % 3])
            x1 = xp.add(x1, xp.add(keys[(group + 2) % 3], word(group + 1)))
        return x0, x1

    @composite
    def random_fold_in(self, key: Any, data: Any) -> Any:
        """Return a new key from a key and an integer scalar array, as `jax.random.fold_in`."""
        xp = self.xp
        low = xp.reshape(self.astype(data, dtypes.uint32), (1,))
        return xp.concat(self.threefry2x32(key, xp.zeros_like(low), low), axis=0)

    @composite
    def random_split(self, key: Any, count: int) -> Any:
        """Return `count` new keys, uint32 (count, 2), as `jax.random.split`."""
        xp = self.xp
        low = self.asarray(range(count), dtype=dtypes.uint32)
        return xp.stack(self.threefry2x32(key, xp.zeros_like(low), low), axis=-1)

    @composite
    def random_bits(self, key: Any, shape: Sequence[int]) -> Any:
        """Return uint32 random bits, as `jax.random.bits`."""
        xp = self.xp
        low = self.asarray(range(math.prod(shape)), dtype=dtypes.uint32)
        return xp.reshape(xp.bitwise_xor(*self.threefry2x32(key, xp.zeros_like(low), low)), tuple(shape))

    @composite
    def random_uniform(self, key: Any, shape: Sequence[int]) -> Any:
        """Return float32 in [0, 1), as `jax.random.uniform`: the upper 23 bits times 2**-23, which is exact."""
        xp = self.xp
        bits = xp.bitwise_right_shift(self.random_bits(key, shape), self.asarray(9, dtype=dtypes.uint32))
        return xp.multiply(self.astype(bits, dtypes.float32), 2.0**-23)

    @composite
    def random_normal(self, key: Any, shape: Sequence[int]) -> Any:
        """Return float32 standard normal values, as `jax.random.normal`: ``sqrt(2) * erfinv(uniform(-1, 1))``."""
        low = float(np.nextafter(np.float32(-1), np.float32(0)))
        return self.xp.multiply(self._erfinv(self._uniform_between(key, shape, low, 1.0)), math.sqrt(2))

    @composite
    def random_truncated_normal(self, key: Any, lower: float, upper: float, shape: Sequence[int]) -> Any:
        """Return float32 standard normal values within (lower, upper), as `jax.random.truncated_normal`."""
        xp = self.xp
        ends = (float(np.float32(math.erf(limit / math.sqrt(2)))) for limit in (lower, upper))
        values = xp.multiply(self._erfinv(self._uniform_between(key, shape, *ends)), math.sqrt(2))
        inner = (
            float(np.nextafter(np.float32(lower), np.float32(math.inf))),
            float(np.nextafter(np.float32(upper), np.float32(-math.inf))),
        )
        return xp.minimum(xp.maximum(values, xp.full_like(values, inner[0])), xp.full_like(values, inner[1]))

    def _uniform_between(self, key: Any, shape: Sequence[int], low: float, high: float) -> Any:
        xp = self.xp
        span = float(np.float32(high) - np.float32(low))
        values = xp.add(xp.multiply(self.random_uniform(key, shape), span), low)
        return xp.maximum(values, xp.full_like(values, low))

    def _erfinv(self, x: Any) -> Any:
        """Return the inverse error function in float32 (M. Giles, "Approximating the erfinv function", 2011)."""
        xp = self.xp
        w = xp.negative(xp.log1p(xp.negative(xp.multiply(x, x))))
        central = xp.subtract(w, 2.5)
        tail = xp.subtract(xp.sqrt(w), 3.0)
        near, far = xp.full_like(x, _ERFINV[0][0]), xp.full_like(x, _ERFINV[1][0])
        for near_coefficient, far_coefficient in zip(_ERFINV[0][1:], _ERFINV[1][1:], strict=True):
            near = xp.add(xp.multiply(near, central), near_coefficient)
            far = xp.add(xp.multiply(far, tail), far_coefficient)
        return xp.multiply(xp.where(xp.less(w, 5.0), near, far), x)

    @composite
    def random_permutation(self, key: Any, size: int) -> Any:
        """Return the integers below `size` (int64) in random order, as `jax.random.permutation(key, size)`."""
        xp = self.xp
        result = self.asarray(range(size), dtype=dtypes.int64)
        rounds = math.ceil(3 * math.log(max(1, size)) / math.log(2**32 - 1))
        for _ in range(rounds):
            keys = self.random_split(key, 2)
            key = keys[0, ...]
            result = xp.take(result, xp.argsort(self.random_bits(keys[1, ...], (size,)), stable=True), axis=0)
        return result
