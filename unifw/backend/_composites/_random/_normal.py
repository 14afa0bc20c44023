"""Normal numbers: uniform ones through the inverse error function."""

from __future__ import annotations

import abc
import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from unifw import dtypes
from unifw.backend._composites._base import composite
from unifw.backend._composites._random._uniform import Uniforms

# M. Giles, "Approximating the erfinv function", in GPU Computing Gems, 2011: per dtype, where w ends and what is
# subtracted from w (in the middle) or its root (in the tails), and the polynomial, highest power first.
_FLOAT32: Final = (
    (
        5.0,
        2.5,
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
    ),
    (
        math.inf,
        3.0,
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
    ),
)
_FLOAT64: Final = (
    (
        6.25,
        3.125,
        (
            -3.6444120640178196996e-21,
            -1.685059138182016589e-19,
            1.2858480715256400167e-18,
            1.115787767802518096e-17,
            -1.333171662854620906e-16,
            2.0972767875968561637e-17,
            6.6376381343583238325e-15,
            -4.0545662729752068639e-14,
            -8.1519341976054721522e-14,
            2.6335093153082322977e-12,
            -1.2975133253453532498e-11,
            -5.4154120542946279317e-11,
            1.051212273321532285e-09,
            -4.1126339803469836976e-09,
            -2.9070369957882005086e-08,
            4.2347877827932403518e-07,
            -1.3654692000834678645e-06,
            -1.3882523362786468719e-05,
            0.0001867342080340571352,
            -0.00074070253416626697512,
            -0.0060336708714301490533,
            0.24015818242558961693,
            1.6536545626831027356,
        ),
    ),
    (
        16.0,
        3.25,
        (
            2.2137376921775787049e-09,
            9.0756561938885390979e-08,
            -2.7517406297064545428e-07,
            1.8239629214389227755e-08,
            1.5027403968909827627e-06,
            -4.013867526981545969e-06,
            2.9234449089955446044e-06,
            1.2475304481671778723e-05,
            -4.7318229009055733981e-05,
            6.8284851459573175448e-05,
            2.4031110387097893999e-05,
            -0.0003550375203628474796,
            0.00095328937973738049703,
            -0.0016882755560235047313,
            0.0024914420961078508066,
            -0.0037512085075692412107,
            0.005370914553590063617,
            1.0052589676941592334,
            3.0838856104922207635,
        ),
    ),
    (
        math.inf,
        5.0,
        (
            -2.7109920616438573243e-11,
            -2.5556418169965252055e-10,
            1.5076572693500548083e-09,
            -3.7894654401267369937e-09,
            7.6157012080783393804e-09,
            -1.4960026627149240478e-08,
            2.9147953450901080826e-08,
            -6.7711997758452339498e-08,
            2.2900482228026654717e-07,
            -9.9298272942317002539e-07,
            4.5260625972231537039e-06,
            -1.9681778105531670567e-05,
            7.5995277030017761139e-05,
            -0.00021503011930044477347,
            -0.00013871931833623122026,
            1.0103004648645343977,
            4.8499064014085844221,
        ),
    ),
)


class Normals(Uniforms):
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
        return self.xp.multiply(self._erfinv(uniform, dtype), math.sqrt(2))

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

    def _erfinv(self, x: Any, dtype: dtypes.DType) -> Any:
        """Return the inverse error function; in half precision, that of float32, rounded."""
        if dtype.itemsize < 4:
            return self.astype(self._erfinv(self.astype(x, dtypes.float32), dtypes.float32), dtype)
        xp = self.xp
        w = xp.negative(xp.log1p(xp.negative(xp.multiply(x, x))))
        root = xp.sqrt(w)
        result = None
        for end, middle, coefficients in reversed(_FLOAT64 if dtype == dtypes.float64 else _FLOAT32):
            argument = xp.subtract(w if middle in {2.5, 3.125} else root, middle)
            value = xp.full_like(x, coefficients[0])
            for coefficient in coefficients[1:]:
                value = xp.add(xp.multiply(value, argument), coefficient)
            result = value if result is None else xp.where(xp.less(w, end), value, result)
        return xp.multiply(result, x)
