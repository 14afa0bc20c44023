"""Threefry-2x32, twenty rounds: three ways to the same bits (Salmon et al., SC 2011).

torch has next to no arithmetic on uint32. On the CPU NumPy has all of it, on the same memory; for a handful of words,
as keys are, Python's integers are quicker than any array. On accelerators the words are int32: additions wrap around
alike, and a logical shift to the right is an arithmetic one with the copied sign bits masked off.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Words = np.ndarray[Any, np.dtype[np.uint32]]

ROTATIONS: Final = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY: Final = 0x1BD11BDA
MASK: Final = 0xFFFFFFFF
FEW: Final = 8  # so many words are quicker in Python
BLOCK: Final = 1 << 14  # words at a time on the CPU, so that the three buffers stay in a near cache
_SHIFTS: Final = [np.uint32(count) for count in range(32)]


def words(key: Sequence[int], high: int, low: int) -> tuple[int, int]:
    """Return the two words for one counter."""
    keys = (*key, key[0] ^ key[1] ^ PARITY)
    x0, x1 = (high + keys[0]) & MASK, (low + keys[1]) & MASK
    for group in range(5):
        for rotation in ROTATIONS[group % 2]:
            x0 = (x0 + x1) & MASK
            x1 = ((x1 << rotation | x1 >> (32 - rotation)) & MASK) ^ x0
        x0 = (x0 + keys[(group + 1) % 3]) & MASK
        x1 = (x1 + keys[(group + 2) % 3] + group + 1) & MASK
    return x0, x1


def rounds(key: Sequence[int], x0: Words, x1: Words, spare: Words) -> None:
    """Turn counters into words, in place, on the host."""
    keys = (*key, key[0] ^ key[1] ^ PARITY)
    np.add(x0, np.uint32(keys[0]), out=x0)
    np.add(x1, np.uint32(keys[1]), out=x1)
    for group in range(5):
        for rotation in ROTATIONS[group % 2]:
            np.add(x0, x1, out=x0)
            np.right_shift(x1, _SHIFTS[32 - rotation], out=spare)
            np.left_shift(x1, _SHIFTS[rotation], out=x1)
            np.bitwise_or(x1, spare, out=x1)
            np.bitwise_xor(x1, x0, out=x1)
        np.add(x0, np.uint32(keys[(group + 1) % 3]), out=x0)
        np.add(x1, np.uint32((keys[(group + 2) % 3] + group + 1) & MASK), out=x1)


@cache
def _iota() -> Words:
    return np.arange(BLOCK, dtype=np.uint32)


def blocks(key: Sequence[int], count: int) -> Iterator[tuple[slice, Words, Words]]:
    """Yield (place, first words, second words) for the counters below `count`, on the host; buffers are used again."""
    size = min(count, BLOCK)
    buffers = [np.empty(size, np.uint32) for _ in range(3)]
    for start in range(0, count, BLOCK):
        length = min(BLOCK, count - start)
        x0, x1, spare = (buffer[:length] for buffer in buffers)
        x0.fill(start >> 32)
        np.add(_iota()[:length], np.uint32(start & MASK), out=x1)
        rounds(key, x0, x1, spare)
        yield slice(start, start + length), x0, x1


# --- accelerators --------------------------------------------------------------------------------------------------


def signed(word: int) -> int:
    """Return the int32 with the bits of a 32-bit word."""
    return (word & MASK) - ((word & 0x80000000) << 1)


def device_rounds(key: Any, x0: Any, x1: Any) -> None:
    """Turn counters into words, in place; `key` and counters are int32 tensors, which wait for nothing."""
    keys = (key[0], key[1], key[0] ^ key[1] ^ PARITY)
    spare = torch.empty_like(x1)
    x0.add_(keys[0])
    x1.add_(keys[1])
    for group in range(5):
        for rotation in ROTATIONS[group % 2]:
            x0.add_(x1)
            torch.bitwise_right_shift(x1, 32 - rotation, out=spare)
            spare.bitwise_and_((1 << rotation) - 1)
            torch.add(spare, x1, alpha=signed(1 << rotation), out=x1)  # spare | x1 << rotation: no bit in common
            x1.bitwise_xor_(x0)
        x0.add_(keys[(group + 1) % 3])
        x1.add_(keys[(group + 2) % 3]).add_(group + 1)


def device_words(key: Any, count: int) -> tuple[Any, Any]:
    """Return the two int32 arrays of words for the counters below `count`, on the key's device."""
    index = torch.arange(count, device=key.device)
    x0, x1 = (index >> 32).to(torch.int32), index.to(torch.int32)
    device_rounds(key.view(torch.int32), x0, x1)
    return x0, x1
