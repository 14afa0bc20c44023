"""Normal numbers: uniform ones through the inverse error function."""

from __future__ import annotations

import abc
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from unifw import dtypes
from unifw.backend._composites._base import composite
from unifw.backend._composites._inverse_erf import InverseErf
from unifw.backend._composites._random._uniform import Uniforms


class Normals(Uniforms, InverseErf):
    """Normal numbers, and such within limits."""

    @abc.abstractmethod
    def erf(self, x: Any) -> Any:
        """See `Special.erf`."""

    @composite
    def random_normal(self, key: Any, shape: Sequence[int], dtype: dtypes.DType = dtypes.float32) -> Any:
        """Return standard normal values, as `jax.random.normal`: ``sqrt(2) * erfinv(uniform(-1, 1))``."""
        low = float(np.nextafter(np.asarray(-1, dtype), np.asarray(0, dtype)))
        return self._normal_of(self.random_uniform(key, shape, dtype, low, 1.0), dtype)

    def _normal_of(self, uniform: Any, dtype: dtypes.DType) -> Any:
        return self.xp.multiply(self.erfinv_of_uniform(uniform), math.sqrt(2))

    @composite
    def random_truncated_normal(
        self, key: Any, lower: Any, upper: Any, shape: Sequence[int], dtype: dtypes.DType = dtypes.float32
    ) -> Any:
        """Return standard normal values within (lower, upper), as `jax.random.truncated_normal`.

        Args:
            key: uint32 (2,).
            lower: a Python float, or an array of `dtype` that broadcasts to `shape`.
            upper: the same.
            shape: of the result.
            dtype: floating-point.
        """
        xp = self.xp
        ends, inner = [], []
        for limit, direction in ((lower, 1), (upper, -1)):
            if isinstance(limit, (int, float)):
                exact = np.asarray(limit, dtype)
                quotient = np.asarray(exact / np.asarray(math.sqrt(2), dtype), dtype)
                ends.append(float(np.asarray(math.erf(quotient), dtype)))
                inner.append(float(np.nextafter(exact, np.asarray(direction * math.inf, dtype))))
            else:
                ends.append(self.erf(xp.divide(limit, float(np.asarray(math.sqrt(2), dtype)))))
                inner.append(self._next(limit, direction, dtype))
        low, high = (end if isinstance(end, float) else self.stop_gradient(end) for end in ends)
        values = self._normal_of(self.random_uniform(key, shape, dtype, low, high), dtype)
        least, most = (xp.full_like(values, each) if isinstance(each, float) else each for each in inner)
        return xp.minimum(xp.maximum(values, least), most)

    def _next(self, x: Any, direction: int, dtype: dtypes.DType) -> Any:
        """Return the neighbours of numbers: adding a little more than half a unit in the last place rounds to them."""
        xp = self.xp
        wide = self.astype(x, dtypes.float64)
        exponent = {dtypes.float16: -11, dtypes.bfloat16: -8, dtypes.float32: -24}.get(dtype)
        if exponent is None:
            step = xp.multiply(xp.abs(wide), 2.0**-53 * (1 + 2.0**-20))
        else:
            step = xp.multiply(xp.abs(wide), 2.0**exponent * (1 + 2.0**-20))
        return self.astype(xp.add(wide, xp.multiply(step, float(direction))), dtype)
