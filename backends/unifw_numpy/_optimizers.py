"""Optimizer steps in place: no new arrays when the caller gives up the old ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

Arrays = Sequence[Any]


class NumpyOptimizers:
    """Overrides for speed of `Optimizers`: the same operations in the same order, into existing memory."""

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
        """See `Optimizers.sgd_update`."""
        rate = float(learning_rate)
        owned = [_own(each, donated) for each in parameters]
        if not momentum:
            for p, g in zip(owned, gradients, strict=True):
                np.subtract(p, g * p.dtype.type(rate), out=p)
            return owned, []
        moving = [_own(each, donated) for each in velocities]
        for p, g, v in zip(owned, gradients, moving, strict=True):
            step, factor = g * p.dtype.type(rate), p.dtype.type(momentum)
            np.multiply(v, factor, out=v)
            np.subtract(v, step, out=v)
            np.add(p, v * factor if nesterov else v, out=p)
            if nesterov:
                np.subtract(p, step, out=p)
        return owned, moving

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
        """See `Optimizers.adam_update`."""
        count = int(step) + 1
        rate = float(learning_rate)
        alpha = rate * math.sqrt(1 - beta_2**count) / (1 - beta_1**count)
        results: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
        scratch: dict[Any, Any] = {}
        for given, g, given_m, given_v in zip(parameters, gradients, momentums, velocities, strict=True):
            p, m, v = _own(given, donated), _own(given_m, donated), _own(given_v, donated)
            number = p.dtype.type
            key = p.shape, p.dtype
            if key not in scratch:
                scratch[key] = np.empty_like(p)
            work = scratch[key]
            if weight_decay:
                np.multiply(p, number(rate * weight_decay), out=work)
                p -= work
            np.subtract(g, m, out=work)
            work *= number(1 - beta_1)
            m += work
            np.multiply(g, g, out=work)
            work -= v
            work *= number(1 - beta_2)
            v += work
            np.sqrt(v, out=work)
            work += number(epsilon)
            np.divide(m, work, out=work)
            work *= number(alpha)
            p -= work
            for result, array in zip(results, (p, m, v), strict=True):
                result.append(array)
        return results


def _own(array: Any, donated: bool) -> Any:
    """Return an array that may be overwritten: the given one, or a copy (scalars and read-only views cannot be)."""
    if donated and isinstance(array, np.ndarray) and array.flags.writeable:
        return array
    return np.array(array)
