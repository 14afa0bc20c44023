"""RMSprop."""

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
class RMSprop(Optimizer):
    """Divides each gradient by a running root mean square of it (Hinton, Coursera lecture 6e, 2012), as Keras does.

    See `Backend.rmsprop_update` for the formula. torch adds its epsilon to the root, Keras (and we) to the square.

    Args:
        learning_rate: a number or schedule.
        rho: decay of the mean of squares.
        momentum: 0 for none; not Nesterov's.
        epsilon: added to the mean of squares.
        centered: subtract the square of the running mean, so that the variance divides; costs another slot.
        weight_decay: see `Optimizer`.
        clipnorm: see `Optimizer`.
        clipvalue: see `Optimizer`.
        global_clipnorm: see `Optimizer`.
        name: for logs.
        **kwargs: see `Optimizer`.

    Raises:
        ArgumentError: for a momentum outside [0, 1].

    >>> import unifw as uf
    >>> optimizer = uf.optimizers.RMSprop(0.1)
    >>> parameters = {"w": uf.asarray([10.0])}
    >>> parameters, state = optimizer.update({"w": uf.asarray([10.0])}, optimizer.init(parameters), parameters)
    >>> round(parameters["w"].tolist()[0], 4)
    9.6838
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str = "rmsprop",
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, name, **kwargs)
        if not 0 <= momentum <= 1:
            raise ArgumentError(f"momentum must lie between 0 and 1, got {momentum}.")
        self.rho, self.momentum, self.epsilon, self.centered = (
            *(
                float(number(value, name, argument))
                for argument, value in (("rho", rho), ("momentum", momentum), ("epsilon", epsilon))
            ),
            centered,
        )
        self.slot_names: Sequence[str] = (
            "velocity",
            *(("momentum",) if momentum else ()),
            *(("average_gradient",) if centered else ()),
        )

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
        updated, velocities, momentums, averages = backend.rmsprop_update(
            _weight_decay.decayed(backend, parameters, learning_rate, weight_decay),
            gradients,
            slots["velocity"],
            slots.get("momentum", []),
            slots.get("average_gradient", []),
            learning_rate=learning_rate,
            rho=self.rho,
            momentum=self.momentum,
            epsilon=self.epsilon,
            donated=donated,
        )
        found = {"velocity": velocities, "momentum": momentums, "average_gradient": averages}
        return updated, {name: found[name] for name in self.slot_names}
