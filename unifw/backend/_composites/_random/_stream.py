"""Keys and bits.

A key is a uint32 array of shape (2,), as `jax.random.key_data` shows it. Random123 is the source of the function
(Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from unifw import dtypes
from unifw.backend._composites._base import OverNamespace, composite

ROTATIONS: Final = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY: Final = 0x1BD11BDA


class Stream(OverNamespace):
    """Counters encrypted with keys."""

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
        return self._encrypt((key[0], key[1]), high, low)

    def _encrypt(self, key: tuple[Any, Any], high: Any, low: Any) -> tuple[Any, Any]:
        """Return the words of counters, each with a key of its own or all with one: the shapes broadcast."""
        xp = self.xp

        def word(value: int) -> Any:
            return self.constant(value, low, dtypes.uint32)

        keys = (*key, xp.bitwise_xor(xp.bitwise_xor(*key), word(PARITY)))
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

    def _words(self, key: Any, count: int) -> tuple[Any, Any]:
        """Return the two words of each counter below `count`; element ``i`` has the counter ``(i >> 32, i)``."""
        xp = self.xp
        if count <= 1 << 32:
            low = self.constant(range(count), key, dtypes.uint32)
            return self.threefry2x32(key, xp.zeros_like(low), low)
        index = self.constant(range(count), key, dtypes.uint64)
        high = xp.bitwise_right_shift(index, self.constant(32, key, dtypes.uint64))
        low = xp.bitwise_and(index, self.constant(0xFFFFFFFF, key, dtypes.uint64))
        return self.threefry2x32(key, self.astype(high, dtypes.uint32), self.astype(low, dtypes.uint32))

    @composite
    def random_fold_in(self, key: Any, data: Any) -> Any:
        """Return a new key from a key and an integer scalar array, as `jax.random.fold_in`."""
        xp = self.xp
        low = xp.reshape(self.astype(data, dtypes.uint32), (1,))
        return xp.concat(self.threefry2x32(key, xp.zeros_like(low), low), axis=0)

    @composite
    def random_split(self, key: Any, count: int) -> Any:
        """Return `count` new keys, uint32 (count, 2), as `jax.random.split`."""
        return self.xp.stack(self._words(key, count), axis=-1)

    @composite
    def random_bits(self, key: Any, shape: Sequence[int], dtype: dtypes.DType = dtypes.uint32) -> Any:
        """Return random bits, as `jax.random.bits`.

        Args:
            key: uint32 (2,).
            shape: of the result.
            dtype: uint8, uint16, uint32 or uint64. 64 bits are both words; fewer are the lower ones of their xor.
        """
        bits = self._bits_of(self._words(key, math.prod(shape)), dtype)
        return self.xp.reshape(bits, tuple(shape))

    def _bits_of(self, words: tuple[Any, Any], dtype: dtypes.DType) -> Any:
        xp = self.xp
        if dtype == dtypes.uint64:
            high, low = (self.astype(word, dtypes.uint64) for word in words)
            return xp.bitwise_or(xp.bitwise_left_shift(high, self.constant(32, low, dtypes.uint64)), low)
        bits = xp.bitwise_xor(*words)
        if dtype == dtypes.uint32:
            return bits
        mask = self.constant((1 << 8 * dtype.itemsize) - 1, bits, dtypes.uint32)
        return self.astype(xp.bitwise_and(bits, mask), dtype)

    def loop_while(
        self, condition: Callable[..., Any], body: Callable[..., tuple[Any, ...]], state: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """Return the state after ``while condition(*state): state = body(*state)``.

        The condition is a boolean scalar array. The default asks for its value, as any eager backend can tell it; one
        that compiles overrides this with its framework's loop, or the draws that reject proposals (gamma, poisson).
        """
        while bool(condition(*state)):
            state = body(*state)
        return state
