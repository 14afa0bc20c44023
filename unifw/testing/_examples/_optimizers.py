"""One step of each optimizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.testing._examples._example import Call, CompositeExample, numbers
from unifw.testing._expect import HostArray


def _rate(owner: Backend) -> Array:
    return owner.asarray(0.125, dtype=dtypes.float32)


def _sgd_arguments(momentum: float, nesterov: bool) -> Callable[[Backend, Sequence[Array]], Call]:
    def arguments(owner: Backend, arrays: Sequence[Array]) -> Call:
        velocities = [arrays[2]] if momentum else []
        options = {"learning_rate": _rate(owner), "momentum": momentum, "nesterov": nesterov}
        return ([arrays[0]], [arrays[1]], velocities), options

    return arguments


def _adam_arguments(weight_decay: float) -> Callable[[Backend, Sequence[Array]], Call]:
    def arguments(owner: Backend, arrays: Sequence[Array]) -> Call:
        options = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "weight_decay": weight_decay}
        step = owner.asarray(2, dtype=dtypes.int64)
        return tuple([each] for each in arrays), {"step": step, "learning_rate": _rate(owner), **options}

    return arguments


def _rmsprop_arguments(momentum: float, centered: bool) -> Callable[[Backend, Sequence[Array]], Call]:
    def arguments(owner: Backend, arrays: Sequence[Array]) -> Call:
        p, g, v, *slots = ([each] for each in arrays)
        momentums = slots.pop(0) if momentum else []
        averages = slots.pop(0) if centered else []
        options = {"learning_rate": _rate(owner), "rho": 0.9, "momentum": momentum, "epsilon": 1e-7}
        return (p, g, v, momentums, averages), options

    return arguments


def _rmsprop(p: HostArray, g: HostArray, v: HostArray, rate: float) -> tuple[HostArray, ...]:
    """One step of RMSprop without momentum, not centred, epsilon placed as Keras does."""
    v = 0.9 * v + (1 - 0.9) * g**2
    return p - rate * g / np.sqrt(v + 1e-7), v


def _rmsprop_centered(
    p: HostArray, g: HostArray, v: HostArray, m: HostArray, a: HostArray, rate: float
) -> tuple[HostArray, ...]:
    """One step of RMSprop with momentum, centred."""
    v = 0.9 * v + (1 - 0.9) * g**2
    a = 0.9 * a + (1 - 0.9) * g
    m = 0.5 * m + rate * g / np.sqrt(v - a**2 + 1e-7)
    return p - m, v, m, a


def _adam(p: HostArray, g: HostArray, m: HostArray, v: HostArray, rate: float, decay: float) -> tuple[HostArray, ...]:
    """One step of Adam or AdamW at ``step=2``, as Kingma and Ba write it, epsilon placed as Keras does."""
    t, beta_1, beta_2 = 3, 0.9, 0.999
    p = p - p * decay * rate
    m = beta_1 * m + (1 - beta_1) * g
    v = beta_2 * v + (1 - beta_2) * g**2
    alpha = rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
    return p - alpha * m / (np.sqrt(v) + 1e-7), m, v


def optimizers() -> tuple[CompositeExample, ...]:
    """Return the examples of the optimizers' steps."""
    p, g, m = numbers(3, 4, seed=9), numbers(3, 4, seed=10), numbers(3, 4, seed=11)
    v = np.abs(numbers(3, 4, seed=12))
    rate = 0.125
    sgd, adam, rmsprop = "sgd_update", "adam_update", "rmsprop_update"
    average = numbers(3, 4, seed=13) / 8  # a mean whose square is below the mean of squares
    squares = v + 1
    return (
        CompositeExample(sgd, sgd, (p, g), _sgd_arguments(0.0, False), lambda p, g: (p - rate * g,), False),
        CompositeExample(
            "sgd_update-momentum",
            sgd,
            (p, g, m),
            _sgd_arguments(0.9, False),
            lambda p, g, v: (p + 0.9 * v - rate * g, 0.9 * v - rate * g),
            False,
        ),
        CompositeExample(
            "sgd_update-nesterov",
            sgd,
            (p, g, m),
            _sgd_arguments(0.9, True),
            lambda p, g, v: (p + 0.9 * (0.9 * v - rate * g) - rate * g, 0.9 * v - rate * g),
            False,
        ),
        CompositeExample(
            rmsprop,
            rmsprop,
            (p, g, v),
            _rmsprop_arguments(0.0, False),
            lambda p, g, v: _rmsprop(p, g, v, rate),
            False,
        ),
        CompositeExample(
            "rmsprop_update-centered",
            rmsprop,
            (p, g, squares, m, average),
            _rmsprop_arguments(0.5, True),
            lambda p, g, v, m, a: _rmsprop_centered(p, g, v, m, a, rate),
            False,
        ),
        CompositeExample(
            adam, adam, (p, g, m, v), _adam_arguments(0.0), lambda p, g, m, v: _adam(p, g, m, v, rate, 0.0), False
        ),
        CompositeExample(
            "adam_update-decay",
            adam,
            (p, g, m, v),
            _adam_arguments(0.01),
            lambda p, g, m, v: _adam(p, g, m, v, rate, 0.01),
            False,
        ),
    )
