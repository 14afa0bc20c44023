"""Uniform numbers: exact arithmetic only, so that no framework can round differently.

JAX scales with one fused multiplication and addition: XLA contracts the two on every processor that has the
instruction. So the product is kept exact here (in float64, or in two parts), and the sum is rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from unifw import dtypes
from unifw.backend._composites._base import composite
from unifw.backend._composites._random._stream import Stream

# The number of bits behind the point, of which a uniform number has all.
MANTISSA: Final = {dtypes.float16: 10, dtypes.bfloat16: 7, dtypes.float32: 23, dtypes.float64: 52}
TINY: Final = {dtype: float(np.finfo(dtype).tiny) for dtype in (dtypes.float16, dtypes.float32, dtypes.float64)} | {
    dtypes.bfloat16: 2.0**-126
}


class Uniforms(Stream):
    """Uniform numbers."""

    @composite
    def random_uniform(
        self,
        key: Any,
        shape: Sequence[int],
        dtype: dtypes.DType = dtypes.float32,
        minval: Any = 0.0,
        maxval: Any = 1.0,
    ) -> Any:
        """Return values in [minval, maxval), as `jax.random.uniform`, bit for bit.

        Args:
            key: uint32 (2,).
            shape: of the result.
            dtype: floating-point.
            minval: a Python float, or an array of `dtype` that broadcasts to `shape`.
            maxval: the same.
        """
        units = self.xp.reshape(self._unit_of(self._words(key, math.prod(shape)), dtype), tuple(shape))
        return self._between(units, dtype, minval, maxval)

    def _unit_of(self, words: tuple[Any, Any], dtype: dtypes.DType) -> Any:
        """Return the upper bits of random words as multiples of 2**-bits in [0, 1)."""
        xp = self.xp
        bits = MANTISSA[dtype]

        def shifted(word: Any, count: int) -> Any:
            return xp.bitwise_right_shift(word, self.constant(count, word, dtypes.uint32))

        if dtype == dtypes.float64:
            high, low = (self.astype(each, dtype) for each in (words[0], shifted(words[1], 12)))
            return xp.add(xp.multiply(high, 2.0**-32), xp.multiply(low, 2.0**-52))
        drawn = {dtypes.float16: 16, dtypes.bfloat16: 8, dtypes.float32: 32}[dtype]  # bits per number in JAX
        word = xp.bitwise_xor(*words)
        if drawn < 32:
            word = xp.bitwise_and(word, self.constant((1 << drawn) - 1, word, dtypes.uint32))
        return xp.multiply(self.astype(shifted(word, drawn - bits), dtype), 2.0**-bits)

    def _between(self, units: Any, dtype: dtypes.DType, minval: Any, maxval: Any) -> Any:
        """Return ``max(minval, units * (maxval - minval) + minval)``, rounded once in float32 and float64."""
        xp = self.xp
        low: Any
        span: Any
        if isinstance(minval, (int, float)) and isinstance(maxval, (int, float)):
            ends = np.asarray([minval, maxval], dtype)
            low, span = float(ends[0]), float((ends[1:] - ends[:1])[0])
            if (low, span) == (0.0, 1.0):
                return units
            exact = low == 0 or math.frexp(span)[0] == 0.5  # the product is exact, or nothing is added
        else:
            low, high = (self.constant(each, units, dtype) for each in (minval, maxval))
            span, exact = xp.subtract(high, low), False
        if exact or dtype.itemsize < 4:
            values = xp.add(xp.multiply(units, span), low)
        elif dtype == dtypes.float32:
            values = self._fused_in_float64(units, span, low)
        else:
            values = self._fused_in_two_parts(units, span, low)
        return xp.maximum(values, xp.full_like(values, low) if isinstance(low, float) else low)

    def _fused_in_float64(self, units: Any, span: Any, low: Any) -> Any:
        """Return ``units * span + low`` of float32 numbers, rounded once."""
        xp = self.xp

        def wide(value: Any) -> Any:
            return value if isinstance(value, float) else self.astype(value, dtypes.float64)

        total, error = self._sum(xp.multiply(wide(units), wide(span)), wide(low))  # 24 + 24 bits: exact
        rounded = self.astype(total, dtypes.float32)
        nearest = wide(rounded)
        rest = xp.subtract(total, nearest)
        # A sum that float64 rounded to the middle of two float32 numbers: what it lost decides.
        beyond = xp.add(nearest, xp.multiply(rest, 2.0))
        other = self.astype(beyond, dtypes.float32)
        is_tie = xp.logical_and(xp.equal(wide(other), beyond), xp.greater(xp.multiply(error, rest), 0.0))
        return xp.where(is_tie, other, rounded)

    def _fused_in_two_parts(self, units: Any, span: Any, low: Any) -> Any:
        """Return ``units * span + low`` of float64 numbers, rounded once.

        Dekker's product, whose two parts are exact, and the sum of three numbers after S. Boldo and G. Melquiond,
        "Emulation of FMA and correctly rounded sums", IEEE Trans. Comput. 57 (2008).
        """
        xp = self.xp
        first = xp.multiply(xp.floor(xp.multiply(units, 2.0**26)), 2.0**-26)
        second = xp.subtract(units, first)
        if isinstance(span, float):
            upper = float((np.asarray(span).view(np.int64) & ~0x7FFFFFF).view(np.float64))
            lower = span - upper
        else:  # Veltkamp's splitting
            scaled = xp.multiply(span, 2.0**27 + 1)
            upper = xp.subtract(scaled, xp.subtract(scaled, span))
            lower = xp.subtract(span, upper)
        product = xp.multiply(units, span)
        rest = xp.subtract(xp.multiply(first, upper), product)
        for left, right in ((first, lower), (second, upper), (second, lower)):
            rest = xp.add(rest, xp.multiply(left, right))
        inner, inner_error = self._sum(rest, low)
        outer, outer_error = self._sum(product, inner)
        correction, lost = self._sum(inner_error, outer_error)
        result, error = self._sum(outer, correction)
        doubled = xp.multiply(error, 2.0)
        other = xp.add(result, doubled)
        is_middle = xp.equal(xp.subtract(other, result), doubled)
        return xp.where(xp.logical_and(is_middle, xp.greater(xp.multiply(error, lost), 0.0)), other, result)

    def _sum(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Return the sum and its rounding error, exactly (D. Knuth, "Seminumerical algorithms", 4.2.2)."""
        xp = self.xp
        total = xp.add(x, y)
        added = xp.subtract(total, x)
        return total, xp.add(xp.subtract(x, xp.subtract(total, added)), xp.subtract(y, added))
