"""The inverse error function, by one formula on every backend: frameworks' own differ by 6e-3 in the tails."""

from __future__ import annotations

import math
from typing import Any, Final

from unifw import dtypes
from unifw.backend._composites._base import OverNamespace, composite

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


class InverseErf(OverNamespace):
    """`erfinv`, and the form of it that random numbers are made of."""

    @composite
    def erfinv(self, x: Any) -> Any:
        """The number whose error function is `x`: infinite at -1 and 1, NaN beyond."""
        dtype = self.dtype_of(x)
        if dtype.itemsize < 4:
            return self.astype(self.erfinv(self.astype(x, dtypes.float32)), dtype)
        xp = self.xp
        is_inside = xp.less(xp.abs(x), 1.0)
        inside = xp.where(is_inside, x, xp.zeros_like(x))
        # Far from 0 not log1p(-x * x), where the square is rounded: next to 1 nothing would be left of 1 - x.
        is_small = xp.less(xp.abs(inside), 0.5)
        small, large = (xp.where(each, inside, xp.zeros_like(x)) for each in (is_small, xp.logical_not(is_small)))
        near = xp.log1p(xp.negative(xp.multiply(small, small)))
        far = xp.log(xp.multiply(xp.subtract(1.0, large), xp.add(large, 1.0)))
        w = xp.negative(xp.where(is_small, near, far))
        first = _FLOAT64[0][0] if dtype == dtypes.float64 else _FLOAT32[0][0]
        root = xp.sqrt(xp.where(xp.less(w, first), xp.full_like(w, first), w))  # not used below; at 0 it has no slope
        at_one = xp.where(xp.equal(x, 1.0), xp.full_like(x, math.inf), xp.full_like(x, math.nan))
        outside = xp.where(xp.equal(x, -1.0), xp.full_like(x, -math.inf), at_one)
        return xp.where(is_inside, self._polynomial(inside, w, root, dtype), outside)

    def erfinv_of_uniform(self, x: Any) -> Any:
        """Return `erfinv` of numbers between -1 and 1 as XLA rounds it; in half precision, that of float32, rounded."""
        dtype = self.dtype_of(x)
        if dtype.itemsize < 4:
            return self.astype(self.erfinv_of_uniform(self.astype(x, dtypes.float32)), dtype)
        xp = self.xp
        w = xp.negative(xp.log1p(xp.negative(xp.multiply(x, x))))
        return self._polynomial(x, w, xp.sqrt(w), dtype)

    def _polynomial(self, x: Any, w: Any, root: Any, dtype: dtypes.DType) -> Any:
        """Return `erfinv` from ``w = -log(1 - x**2)`` and its square root."""
        xp = self.xp
        result = None
        for end, middle, coefficients in reversed(_FLOAT64 if dtype == dtypes.float64 else _FLOAT32):
            argument = xp.subtract(w if middle in {2.5, 3.125} else root, middle)
            value = xp.full_like(x, coefficients[0])
            for coefficient in coefficients[1:]:
                value = xp.add(xp.multiply(value, argument), coefficient)
            result = value if result is None else xp.where(xp.less(w, end), value, result)
        return xp.multiply(result, x)
