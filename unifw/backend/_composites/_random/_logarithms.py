"""Draws that are a logarithm away from uniform numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from unifw import dtypes
from unifw.backend._composites._base import composite
from unifw.backend._composites._random._uniform import MANTISSA, TINY, Uniforms


class Logarithms(Uniforms):
    """Exponential, Gumbel, Laplace and logistic numbers."""

    @composite
    def random_exponential(self, key: Any, shape: Sequence[int], dtype: dtypes.DType) -> Any:
        """Return ``-log1p(-u)``, as `jax.random.exponential`."""
        xp = self.xp
        return xp.negative(xp.log1p(xp.negative(self.random_uniform(key, shape, dtype))))

    @composite
    def random_gumbel(self, key: Any, shape: Sequence[int], dtype: dtypes.DType, mode: str) -> Any:
        """Return ``-log(-log(u))``, as `jax.random.gumbel`.

        Args:
            key: uint32 (2,).
            shape: of the result.
            dtype: floating-point.
            mode: "low" takes one uniform number; "high" takes two, so that small probabilities have all their bits.
        """
        xp = self.xp
        if mode == "low":
            uniform = self._positive_unit(key, shape, dtype)
            return xp.negative(xp.log(xp.negative(xp.log(uniform))))
        pair = self.random_uniform(key, (2, *shape), dtype)
        high, low = pair[0, ...], pair[1, ...]
        refined = xp.add(xp.add(high, xp.multiply(low, 2.0 ** -MANTISSA[dtype])), TINY[dtype])
        uniform = xp.where(xp.greater_equal(high, 0.5), high, refined)
        return xp.negative(xp.log(xp.negative(xp.log1p(xp.negative(uniform)))))

    @composite
    def random_laplace(self, key: Any, shape: Sequence[int], dtype: dtypes.DType) -> Any:
        """Return ``sign(u) * log1p(-abs(u))`` with u in (-1, 1), as `jax.random.laplace`."""
        xp = self.xp
        low = float(np.nextafter(np.asarray(-1, dtype), np.asarray(0, dtype)))
        uniform = self.random_uniform(key, shape, dtype, low, 1.0)
        return xp.multiply(xp.sign(uniform), xp.log1p(xp.negative(xp.abs(uniform))))

    @composite
    def random_logistic(self, key: Any, shape: Sequence[int], dtype: dtypes.DType) -> Any:
        """Return ``log(u) - log1p(-u)``, as `jax.random.logistic`."""
        xp = self.xp
        uniform = self._positive_unit(key, shape, dtype)
        return xp.subtract(xp.log(uniform), xp.log1p(xp.negative(uniform)))

    def _positive_unit(self, key: Any, shape: Sequence[int], dtype: dtypes.DType) -> Any:
        """Return ``uniform(tiny, 1)`` as XLA compiles it: the smallest normal number for 0, which nothing is added to.

        (It folds the constants of ``(x - 1) * 1 + tiny``. Only float16 shows the difference.)
        """
        unit = self.random_uniform(key, shape, dtype)
        return self.xp.maximum(unit, self.xp.full_like(unit, TINY[dtype]))
