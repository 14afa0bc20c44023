"""Special functions and small tensor helpers that the Array API lacks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from unifw import dtypes
from unifw.backend._composites._base import OverNamespace, composite

# Abramowitz and Stegun's form is too coarse; these are W. J. Cody's rational approximations ("Rational Chebyshev
# approximations for the error function", Math. Comp. 23, 1969), good to one unit in the 16th digit.
_ERF_SMALL = (
    (
        1.85777706184603153e-1,
        3.16112374387056560e0,
        1.13864154151050156e2,
        3.77485237685302021e2,
        3.20937758913846947e3,
    ),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)
_ERFC_MIDDLE = (
    (
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594e0,
        6.61191906371416295e1,
        2.98635138197400131e2,
        8.81952221241769090e2,
        1.71204761263407058e3,
        2.05107837782607147e3,
        1.23033935479799725e3,
    ),
    (
        1.0,
        1.57449261107098347e1,
        1.17693950891312499e2,
        5.37181101862009858e2,
        1.62138957456669019e3,
        3.29079923573345963e3,
        4.36261909014324716e3,
        3.43936767414372164e3,
        1.23033935480374942e3,
    ),
)
_ERFC_LARGE = (
    (
        1.63153871373020978e-2,
        3.05326634961232344e-1,
        3.60344899949804439e-1,
        1.25781726111229246e-1,
        1.60837851487422766e-2,
        6.58749161529837803e-4,
    ),
    (
        1.0,
        2.56852019228982242e0,
        1.87295284992346047e0,
        5.27905102951428412e-1,
        6.05183413124413191e-2,
        2.33520497626869185e-3,
    ),
)


class Special(OverNamespace):
    """Error function, log-sum-exp, one-hot, padding."""

    @composite
    def erf(self, x: Any) -> Any:
        """The error function ``2 / sqrt(pi) * integral of exp(-t**2) from 0 to x``."""
        xp = self.xp
        dtype = self.dtype_of(x)
        if dtype in {dtypes.float16, dtypes.bfloat16}:  # float16 overflows in the polynomials, bfloat16 drowns
            return self.astype(self.erf(self.astype(x, dtypes.float32)), dtype)
        is_negative = xp.less(x, 0)
        magnitude = xp.where(is_negative, xp.negative(x), x)  # not abs, whose slope at 0 is 0
        magnitude = self._at_most(magnitude, 6.0)  # erf(6) is 1 in float64
        small = self._at_most(magnitude, 0.46875)
        square = xp.multiply(small, small)
        near = xp.multiply(small, self._rational(_ERF_SMALL, square))
        far = self._at_least(magnitude, 0.46875)
        decay = xp.exp(xp.negative(xp.multiply(far, far)))
        middle = xp.multiply(decay, self._rational(_ERFC_MIDDLE, self._at_most(far, 4.0)))
        distant = self._at_least(far, 4.0)
        inverse = xp.divide(xp.ones_like(x), xp.multiply(distant, distant))
        tail = xp.multiply(inverse, self._rational(_ERFC_LARGE, inverse))
        large = xp.divide(xp.multiply(decay, xp.subtract(xp.full_like(x, 1 / math.sqrt(math.pi)), tail)), distant)
        complement = xp.where(xp.less_equal(far, 4.0), middle, large)
        positive = xp.where(xp.less_equal(magnitude, 0.46875), near, xp.subtract(xp.ones_like(x), complement))
        return xp.where(is_negative, xp.negative(positive), positive)

    def _at_most(self, x: Any, limit: float) -> Any:
        """Return ``minimum(x, limit)`` whose slope at the limit is 1: at a tie, `minimum` would give it half."""
        return self.xp.where(self.xp.greater(x, limit), self.xp.full_like(x, limit), x)

    def _at_least(self, x: Any, limit: float) -> Any:
        """Return ``maximum(x, limit)`` whose slope at the limit is 1."""
        return self.xp.where(self.xp.less(x, limit), self.xp.full_like(x, limit), x)

    def _rational(self, coefficients: tuple[Sequence[float], Sequence[float]], x: Any) -> Any:
        """Evaluate numerator / denominator, highest power first, by Horner's rule."""
        xp = self.xp
        values = []
        for polynomial in coefficients:
            value = xp.full_like(x, polynomial[0])
            for coefficient in polynomial[1:]:
                value = xp.add(xp.multiply(value, x), coefficient)
            values.append(value)
        return xp.divide(*values)

    @composite
    def logsumexp(self, x: Any, axis: int | tuple[int, ...] | None, keepdims: bool) -> Any:
        """``log(sum(exp(x)))`` along axes, shifted by the maximum so that it does not overflow."""
        xp = self.xp
        maximum = self.stop_gradient(xp.max(x, axis=axis, keepdims=True))
        maximum = xp.where(xp.isfinite(maximum), maximum, xp.zeros_like(maximum))
        total = xp.log(xp.sum(xp.exp(xp.subtract(x, maximum)), axis=axis, keepdims=True))
        result = xp.add(total, maximum)
        if keepdims:
            return result
        rank = len(self.shape_of(x))
        axes = range(rank) if axis is None else (axis,) if isinstance(axis, int) else axis
        return xp.squeeze(result, axis=tuple(each % rank for each in axes))

    @composite
    def one_hot(self, indices: Any, num_classes: int, dtype: dtypes.DType) -> Any:
        """Ones where the last, new axis equals the index; all zeros for an index out of range (as `jax.nn`)."""
        xp = self.xp
        classes = self.constant(range(num_classes), indices, self.dtype_of(indices))
        return self.astype(xp.equal(xp.expand_dims(indices, axis=-1), classes), dtype)

    @composite
    def pad(self, x: Any, padding: Sequence[tuple[int, int]], value: float) -> Any:
        """Surround an array with a constant: (before, after) per axis."""
        xp = self.xp
        for axis, (before, after) in enumerate(padding):
            shape = list(self.shape_of(x))
            parts = [x]
            for count, position in ((before, 0), (after, len(parts) + (before > 0))):
                if count:
                    shape[axis] = count
                    block = self.constant(value, x, self.dtype_of(x))
                    parts.insert(position, xp.broadcast_to(block, tuple(shape)))
            if len(parts) > 1:
                x = xp.concat(parts, axis=axis)
        return x
