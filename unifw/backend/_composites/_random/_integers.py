"""Random integers and orders."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from unifw import dtypes
from unifw.backend._composites._base import composite
from unifw.backend._composites._random._stream import Stream


class Integers(Stream):
    """Integers in an interval, permutations."""

    @composite
    def random_randint(self, key: Any, shape: Sequence[int], minval: Any, maxval: Any, dtype: dtypes.DType) -> Any:
        """Return integers in [minval, maxval), as `jax.random.randint`, bit for bit.

        Two draws of bits make one of twice the width, whose remainder by the span is the offset. 8 and 16-bit
        integers are drawn as int32.

        Args:
            key: uint32 (2,).
            shape: of the result.
            minval: a Python integer, or an array that broadcasts to `shape`: uint64 if `dtype` is, else int64.
            maxval: the same sort as `minval`; one more than the dtype holds includes its last integer. Where it is
                not above `minval`, the result is `minval`.
            dtype: an integer dtype.
        """
        xp = self.xp
        count = math.prod(shape)
        drawn = dtype if dtype.itemsize >= 4 else dtypes.int32
        unsigned = dtypes.uint64 if drawn.itemsize == 8 else dtypes.uint32
        keys = self.random_split(key, 2)
        higher, lower = (self.random_bits(keys[index, ...], (count,), unsigned) for index in range(2))
        if isinstance(minval, int):
            low, span = _interval(minval, maxval, dtype)
            start = self.constant([low], key, drawn)
            remainder, multiplier = self._remainder_by_number(span, 8 * drawn.itemsize)
        else:
            least, most = self._flat(minval, shape), self._flat(maxval, shape)
            start, spans = self._intervals(least, most, dtype, unsigned)
            start = self.astype(start, drawn)
            remainder = self._remainder_by_array(spans)
            half = remainder(xp.full_like(spans, 1 << 4 * drawn.itemsize))
            multiplier = remainder(xp.multiply(half, half))
        offset = xp.add(xp.multiply(remainder(higher), multiplier), remainder(lower))
        values = xp.add(start, self.astype(remainder(offset), drawn))
        return self.astype(xp.reshape(values, tuple(shape)), dtype)

    def _flat(self, limit: Any, shape: Sequence[int]) -> Any:
        return self.xp.reshape(self.xp.broadcast_to(limit, tuple(shape)), (math.prod(shape),))

    def _remainder_by_number(self, span: int, bits: int) -> tuple[Callable[[Any], Any], int]:
        """Return the remainder by a span of at most 2**bits, and the multiplier of the higher draw."""
        half = (1 << bits // 2) % span
        multiplier = ((half * half) % (1 << bits)) % span
        if span == 1 << bits:  # remainders by all there are
            return lambda x: x, 0
        return lambda x: self.xp.remainder(x, span), multiplier

    def _remainder_by_array(self, spans: Any) -> Callable[[Any], Any]:
        """Return the remainder by spans, of which 0 stands for all integers there are."""
        xp = self.xp
        is_all = xp.equal(spans, 0)
        divisors = xp.where(is_all, xp.full_like(spans, 1), spans)
        return lambda x: xp.where(is_all, x, xp.remainder(x, divisors))

    def _intervals(self, minval: Any, maxval: Any, dtype: dtypes.DType, unsigned: dtypes.DType) -> tuple[Any, Any]:
        """Return where intervals begin, and their lengths modulo the number of integers."""
        xp = self.xp
        least, most = limits(dtype)
        if dtype.itemsize < 8:
            minval = xp.clip(minval, least, most)
            maxval = xp.clip(maxval, least, most + 1)
        is_empty = xp.less_equal(maxval, minval)
        spans = self.astype(xp.subtract(maxval, minval), unsigned)
        return minval, xp.where(is_empty, xp.full_like(spans, 1), spans)

    @composite
    def random_permutation(self, key: Any, size: int) -> Any:
        """Return the integers below `size` (int64) in random order, as `jax.random.permutation(key, size)`."""
        return self.random_shuffle(key, (size,), 0)

    @composite
    def random_shuffle(self, key: Any, shape: Sequence[int], axis: int) -> Any:
        """Return the indices (int64, `shape`) that order each line along an axis at random, independently.

        As ``jax.random.permutation(key, x, axis, independent=True)`` takes the elements of `x`: sorting by random
        bits, so often that ties do not matter.
        """
        xp = self.xp
        shape = tuple(shape)
        lead = tuple(size if place == axis else 1 for place, size in enumerate(shape))
        count = self.constant(range(shape[axis]), key, dtypes.int64)
        result = xp.broadcast_to(xp.reshape(count, lead), shape)
        for _ in range(math.ceil(3 * math.log(max(1, math.prod(shape))) / math.log(2**32 - 1))):
            keys = self.random_split(key, 2)
            key = keys[0, ...]
            order = xp.argsort(self.random_bits(keys[1, ...], shape), axis=axis, stable=True)
            result = xp.take_along_axis(result, order, axis=axis)
        return result


def limits(dtype: dtypes.DType) -> tuple[int, int]:
    """Return the smallest and the largest integer of a dtype."""
    bits = 8 * dtype.itemsize
    return (0, (1 << bits) - 1) if dtype in dtypes.UNSIGNED else (-(1 << bits - 1), (1 << bits - 1) - 1)


def _interval(minval: int, maxval: int, dtype: dtypes.DType) -> tuple[int, int]:
    """Return where an interval begins, and its length."""
    least, most = limits(dtype)
    low, high = min(max(minval, least), most), min(max(maxval, least), most + 1)
    return low, max(high - low, 1)
