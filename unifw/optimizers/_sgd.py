"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw.backend import Backend
from unifw.errors import ArgumentError
from unifw.optimizers import _weight_decay
from unifw.optimizers._arrays import Arrays, Slots
from unifw.optimizers._optimizer import Optimizer
from unifw.optimizers._schedules import LearningRateSchedule
from unifw.saving import register_serializable
from unifw.tensor._arguments import number


@register_serializable("unifw")
class SGD(Optimizer):
    """Gradient descent, with momentum and Nesterov's variant.

    ``v = momentum * v - rate * g``, then ``p + v``, or with Nesterov ``p + momentum * v - rate * g``.

    Args:
        learning_rate: a number or schedule.
        momentum: 0 for none.
        nesterov: look ahead.
        weight_decay: see `Optimizer`.
        clipnorm: see `Optimizer`.
        clipvalue: see `Optimizer`.
        global_clipnorm: see `Optimizer`.
        name: for logs.
        **kwargs: see `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str = "SGD",
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, name, **kwargs)
        if not 0 <= number(momentum, name, "momentum") <= 1:
            raise ArgumentError(f"momentum must lie between 0 and 1, got {momentum}.")
        self.momentum = float(momentum)
        self.nesterov = nesterov
        self.slot_names: Sequence[str] = ("momentum",) if momentum else ()

    def step_arrays(
        self,
        backend: Backend,
        parameters: Arrays,
        gradients: Arrays,
        slots: Slots,
        *,
        step: Any,
        learning_rate: Any,
        weight_decay: float,
        donated: bool,
    ) -> tuple[Arrays, Slots]:
        """See `Optimizer.step_arrays`."""
        del step
        updated, velocities = backend.sgd_update(
            _weight_decay.decayed(backend, parameters, learning_rate, weight_decay),
            gradients,
            slots.get("momentum", []),
            learning_rate=learning_rate,
            momentum=self.momentum,
            nesterov=self.nesterov,
            donated=donated,
        )
        return updated, {"momentum": velocities} if self.momentum else {}
