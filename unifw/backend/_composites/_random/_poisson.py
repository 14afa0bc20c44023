"""Poisson-distributed integers, by counting and by rejection."""

from __future__ import annotations

import math
from typing import Any, Final

from unifw import dtypes
from unifw.backend._composites._base import composite
from unifw.backend._composites._random._integers import limits
from unifw.backend._composites._random._uniform import TINY, Uniforms

# C. Lanczos, "A precision approximation of the gamma function", SIAM J. Numer. Anal. 1 (1964), with g = 7.
_LANCZOS_BASE: Final = 0.99999999999980993227684700473478
_LANCZOS: Final = (
    676.520368121885098567009190444019,
    -1259.13921672240287047156078755283,
    771.3234287776530788486528258894,
    -176.61502916214059906584551354,
    12.507343278686904814458936853,
    -0.13857109526572011689554707,
    9.984369578019570859563e-6,
    1.50563273514931155834e-7,
)


class Poissons(Uniforms):
    """Poisson-distributed integers."""

    @composite
    def random_poisson(self, key: Any, rate: Any, dtype: dtypes.DType) -> Any:
        """Return Poisson-distributed integers, as `jax.random.poisson`.

        Below a rate of 10 by counting uniform numbers (Knuth), above by rejection (W. Hörmann, "The transformed
        rejection method for generating Poisson random variables", Insurance: Math. Econ. 12 (1993)).

        Args:
            key: uint32 (2,).
            rate: float32, of the shape of the result.
            dtype: an integer dtype.
        """
        xp = self.xp
        is_small = xp.logical_or(xp.isnan(rate), xp.less(rate, 10.0))
        counted = self._counted(key, xp.where(is_small, rate, xp.zeros_like(rate)), dtype)
        drawn = self._rejected(key, xp.where(is_small, xp.full_like(rate, 1e5), rate), dtype)
        result = xp.where(is_small, counted, drawn)
        return xp.where(xp.equal(rate, 0.0), xp.zeros_like(result), result)

    def _counted(self, key: Any, rate: Any, dtype: dtypes.DType) -> Any:
        """Return how many uniform numbers it takes until their product is below ``exp(-rate)``, less one."""
        xp = self.xp
        shape = self.shape_of(rate)
        bound = xp.negative(rate)

        def some_left(index: Any, _count: Any, _key: Any, logarithm: Any) -> Any:
            left = xp.any(xp.greater(logarithm, bound), axis=None, keepdims=False)
            return xp.logical_and(left, xp.less(index, limits(dtype)[1]))

        def draw(index: Any, count: Any, key: Any, logarithm: Any) -> tuple[Any, ...]:
            keys = self.random_split(key, 2)
            count = xp.where(xp.greater(logarithm, bound), xp.add(count, 1), count)
            uniform = self._above_zero(self.random_uniform(keys[1, ...], shape, dtypes.float32))
            return xp.add(index, 1), count, keys[0, ...], xp.add(logarithm, xp.log(uniform))

        zero = self.constant(0, rate, dtypes.uint64)
        start = self.astype(xp.zeros_like(rate), dtypes.int64)
        count = self.loop_while(some_left, draw, (zero, start, key, xp.zeros_like(rate)))[1]
        return self.astype(xp.subtract(count, 1), dtype)

    def _rejected(self, key: Any, rate: Any, dtype: dtypes.DType) -> Any:
        xp = self.xp
        shape = self.shape_of(rate)
        one = xp.full_like(rate, 1.0)
        logarithm = xp.log(rate)
        fused = self._fused_in_float64  # as XLA contracts them: these sums nearly cancel
        b = fused(xp.sqrt(rate), xp.multiply(one, 2.53), xp.multiply(one, 0.931))
        a = fused(b, xp.multiply(one, 0.02483), xp.multiply(one, -0.059))
        inverse_alpha = xp.add(xp.divide(xp.multiply(one, 1.1328), xp.subtract(b, 3.4)), 1.1239)
        bound = xp.subtract(xp.multiply(one, 0.9277), xp.divide(xp.multiply(one, 3.6224), xp.subtract(b, 2.0)))

        def some_left(index: Any, _result: Any, accepted: Any, _key: Any) -> Any:
            left = xp.any(xp.logical_not(accepted), axis=None, keepdims=False)
            return xp.logical_and(left, xp.less(index, limits(dtype)[1]))

        def propose(index: Any, result: Any, accepted: Any, key: Any) -> tuple[Any, ...]:
            keys = self.random_split(key, 3)
            u = xp.subtract(self.random_uniform(keys[1, ...], shape, dtypes.float32), 0.5)
            v = self._above_zero(self.random_uniform(keys[2, ...], shape, dtypes.float32))
            distance = xp.maximum(xp.subtract(xp.multiply(one, 0.5), xp.abs(u)), xp.multiply(one, 2.0**-24))
            slope = xp.add(xp.divide(xp.multiply(a, 2.0), distance), b)
            k = xp.floor(xp.add(fused(slope, u, rate), 0.43))
            hat = xp.add(xp.divide(a, xp.multiply(distance, distance)), b)
            s = xp.log(xp.divide(xp.multiply(v, inverse_alpha), hat))
            density = xp.subtract(fused(k, logarithm, xp.negative(rate)), self._log_factorial(k))
            at_once = xp.logical_and(xp.greater_equal(distance, 0.07), xp.less_equal(v, bound))
            outside = xp.logical_and(xp.less(distance, 0.013), xp.greater(v, distance))
            refused = xp.logical_or(xp.less(k, 0.0), outside)
            accept = xp.logical_or(at_once, xp.logical_and(xp.logical_not(refused), xp.less_equal(s, density)))
            result = xp.where(accept, k, result)
            return xp.add(index, 1), result, xp.logical_or(accepted, accept), keys[0, ...]

        zero = self.constant(0, rate, dtypes.uint64)
        nothing = xp.less(one, 0.0)
        state = (zero, xp.full_like(rate, -1.0), nothing, key)
        return self.astype(self.loop_while(some_left, propose, state)[1], dtype)

    def _above_zero(self, x: Any) -> Any:
        """Spare a logarithm or a quotient the 0, which is decided upon as tiny numbers are."""
        return self.xp.maximum(x, self.xp.full_like(x, TINY[dtypes.float32]))

    def _log_factorial(self, k: Any) -> Any:
        """Return ``lgamma(k + 1)`` of whole numbers, in the operations XLA uses; below 0 the value is not asked for."""
        xp = self.xp
        k = xp.maximum(k, xp.zeros_like(k))
        series = xp.full_like(k, _LANCZOS_BASE)
        for index, coefficient in enumerate(_LANCZOS):
            series = xp.add(series, xp.divide(xp.full_like(k, coefficient), xp.add(k, float(index + 1))))
        t = xp.add(k, 7.5)
        log_t = xp.add(xp.log1p(xp.divide(k, 7.5)), math.log(7.5))
        exponent = xp.subtract(xp.add(k, 0.5), xp.divide(t, log_t))
        power = self._fused_in_float64(exponent, log_t, xp.full_like(k, (math.log(2) + math.log(math.pi)) / 2))
        return xp.add(power, xp.log(series))
