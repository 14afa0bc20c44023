"""One step of each optimizer, over lists of arrays. Formulas are those of `keras.optimizers`.

Lists, because a backend may have one fused kernel for all parameters; and a step, not a stateful object, so that
the same code runs eagerly, inside `jit`, and in a `scan`. Scalars that change during training (`step`,
`learning_rate`) are 0-d arrays: they are state, and changing one must not compile anything again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from unifw import dtypes
from unifw.backend._composites._base import OverNamespace, composite

Arrays = Sequence[Any]


class Optimizers(OverNamespace):
    """Parameter updates.

    With ``donated=True`` the caller gives up the arrays in the lists of parameters and slots: a backend whose
    `capabilities.in_place_updates` is true may overwrite them and return the same objects.
    """

    @composite
    def sgd_update(
        self,
        parameters: Arrays,
        gradients: Arrays,
        velocities: Arrays,
        *,
        learning_rate: Any,
        momentum: float,
        nesterov: bool,
        donated: bool = False,
    ) -> tuple[list[Any], list[Any]]:
        """``v = momentum * v - rate * g``; ``p + v``, or with Nesterov ``p + momentum * v - rate * g``.

        Args:
            parameters: arrays to update.
            gradients: one per parameter.
            velocities: one per parameter, or empty when momentum is 0.
            learning_rate: float32 scalar array.
            momentum: 0 for plain gradient descent.
            nesterov: look ahead (Sutskever et al., ICML 2013).
            donated: see the class.

        Returns:
            New parameters and new velocities.
        """
        xp = self.xp
        steps = [
            xp.multiply(gradient, self.astype(learning_rate, self.dtype_of(parameter)))
            for parameter, gradient in zip(parameters, gradients, strict=True)
        ]
        if not momentum:
            return [xp.subtract(p, step) for p, step in zip(parameters, steps, strict=True)], []
        velocities = [xp.subtract(xp.multiply(v, momentum), step) for v, step in zip(velocities, steps, strict=True)]
        if not nesterov:
            return [xp.add(p, v) for p, v in zip(parameters, velocities, strict=True)], list(velocities)
        updated = [
            xp.subtract(xp.add(p, xp.multiply(v, momentum)), step)
            for p, v, step in zip(parameters, velocities, steps, strict=True)
        ]
        return updated, list(velocities)

    @composite
    def rmsprop_update(
        self,
        parameters: Arrays,
        gradients: Arrays,
        velocities: Arrays,
        momentums: Arrays,
        average_gradients: Arrays,
        *,
        learning_rate: Any,
        rho: float,
        momentum: float,
        epsilon: float,
        donated: bool = False,
    ) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
        """RMSprop (Hinton, Coursera lecture 6e, 2012), with Keras' epsilon, momentum and centring.

        ::

            v = rho * v + (1 - rho) * g**2
            a = rho * a + (1 - rho) * g                      # if centred
            change = rate * g / sqrt(v - a**2 + epsilon)     # without a, if not
            m = momentum * m + change                        # change itself, without momentum
            p = p - m

        torch adds its epsilon to the root: for an epsilon of 0 the two agree.

        Args:
            parameters: arrays to update.
            gradients: one per parameter.
            velocities: ``v``, one per parameter.
            momentums: ``m``, one per parameter, or empty when momentum is 0.
            average_gradients: ``a``, one per parameter, or empty if not centred.
            learning_rate: float32 scalar array.
            rho: decay of ``v`` and ``a``.
            momentum: 0 for none.
            epsilon: keeps the quotient finite.
            donated: see the class.

        Returns:
            New parameters, velocities, momentums and average gradients; empty lists stay empty.
        """
        xp = self.xp
        results: tuple[list[Any], list[Any], list[Any], list[Any]] = ([], [], [], [])
        for index, (p, g, v) in enumerate(zip(parameters, gradients, velocities, strict=True)):
            new_v = xp.add(xp.multiply(v, rho), xp.multiply(xp.multiply(g, g), 1 - rho))
            spread = new_v
            if average_gradients:
                average = xp.add(xp.multiply(average_gradients[index], rho), xp.multiply(g, 1 - rho))
                results[3].append(average)
                spread = xp.subtract(new_v, xp.multiply(average, average))
            rate = self.astype(learning_rate, self.dtype_of(p))
            change = xp.divide(xp.multiply(g, rate), xp.sqrt(xp.add(spread, epsilon)))
            if momentum:
                change = xp.add(xp.multiply(momentums[index], momentum), change)
                results[2].append(change)
            results[0].append(xp.subtract(p, change))
            results[1].append(new_v)
        return results

    @composite
    def adam_update(
        self,
        parameters: Arrays,
        gradients: Arrays,
        momentums: Arrays,
        velocities: Arrays,
        *,
        step: Any,
        learning_rate: Any,
        beta_1: float,
        beta_2: float,
        epsilon: float,
        weight_decay: float = 0.0,
        donated: bool = False,
    ) -> tuple[list[Any], list[Any], list[Any]]:
        """Adam (Kingma and Ba, arXiv:1412.6980), and AdamW (arXiv:1711.05101) with a weight decay.

        With ``t = step + 1`` and ``alpha = rate * sqrt(1 - beta_2**t) / (1 - beta_1**t)``::

            p = p - p * weight_decay * rate
            m = m + (g - m) * (1 - beta_1)
            v = v + (g**2 - v) * (1 - beta_2)
            p = p - m * alpha / (sqrt(v) + epsilon)

        torch adds its epsilon after the bias correction: its ``eps`` is ours divided by ``sqrt(1 - beta_2**t)``.

        Args:
            parameters: arrays to update.
            gradients: one per parameter.
            momentums: ``m``, one per parameter.
            velocities: ``v``, one per parameter.
            step: int64 scalar array, the number of updates made before this one.
            learning_rate: float32 scalar array.
            beta_1: decay of ``m``.
            beta_2: decay of ``v``.
            epsilon: keeps the quotient finite.
            weight_decay: decoupled decay, multiplied with the rate; 0 is plain Adam.
            donated: see the class.

        Returns:
            New parameters, new momentums, new velocities.
        """
        xp = self.xp
        results: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
        factors: dict[Any, tuple[Any, Any]] = {}
        for p, g, m, v in zip(parameters, gradients, momentums, velocities, strict=True):
            dtype = self.dtype_of(p)
            if dtype not in factors:
                factors[dtype] = self._adam_factors(dtype, step, learning_rate, beta_1, beta_2)
            rate, alpha = factors[dtype]
            decayed = xp.subtract(p, xp.multiply(p, xp.multiply(rate, weight_decay))) if weight_decay else p
            new_m = xp.add(m, xp.multiply(xp.subtract(g, m), 1 - beta_1))
            new_v = xp.add(v, xp.multiply(xp.subtract(xp.multiply(g, g), v), 1 - beta_2))
            change = xp.divide(xp.multiply(new_m, alpha), xp.add(xp.sqrt(new_v), epsilon))
            for result, array in zip(results, (xp.subtract(decayed, change), new_m, new_v), strict=True):
                result.append(array)
        return results

    def _adam_factors(self, dtype: Any, step: Any, learning_rate: Any, beta_1: float, beta_2: float) -> tuple[Any, Any]:
        """Return the learning rate and `alpha` as scalar arrays of one dtype, computed in no less than float32.

        In half precision ``0.999**t`` would be 1 at first, and `t` itself would stop counting at 256 or 2048.
        """
        xp = self.xp
        wide = dtypes.float32 if dtype.itemsize < 4 else dtype
        rate = self.astype(learning_rate, wide)
        count = xp.add(self.astype(step, wide), 1.0)
        correction_1, correction_2 = (self._bias_correction(beta, count) for beta in (beta_1, beta_2))
        alpha = xp.divide(xp.multiply(rate, xp.sqrt(correction_2)), correction_1)
        return self.astype(rate, dtype), self.astype(alpha, dtype)

    def _bias_correction(self, beta: float, count: Any) -> Any:
        """Return ``1 - beta**count`` as ``-expm1(count * log(beta))``, which does not cancel.

        In float32 the difference loses five digits (``1 - 0.999``); then backends that compute it in double precision,
        such as torch's fused kernel, would drift away from those that do not.
        """
        xp = self.xp
        return xp.negative(xp.expm1(xp.multiply(count, math.log(beta)))) if beta else xp.ones_like(count)
