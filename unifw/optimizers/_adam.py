"""Adam, and Adam with decoupled weight decay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw.backend import Backend
from unifw.errors import ArgumentError
from unifw.optimizers._arrays import Arrays, Slots
from unifw.optimizers._optimizer import Optimizer
from unifw.optimizers._schedules import LearningRateSchedule
from unifw.saving import register_serializable


@register_serializable("unifw")
class Adam(Optimizer):
    """Adam (Kingma and Ba, arXiv:1412.6980), with Keras' epsilon: see `Backend.adam_update` for the formula.

    Args:
        learning_rate: a number or schedule.
        beta_1: decay of the mean of gradients.
        beta_2: decay of the mean of their squares.
        epsilon: keeps the quotient finite. torch adds its epsilon after the bias correction.
        amsgrad: only False; here because Keras has it in this place.
        weight_decay: see `Optimizer`; the same as `AdamW`'s.
        clipnorm: see `Optimizer`.
        clipvalue: see `Optimizer`.
        global_clipnorm: see `Optimizer`.
        name: for logs.

    Raises:
        ArgumentError: for ``amsgrad=True``, which is not supported.
    """

    slot_names: Sequence[str] = ("momentum", "velocity")

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str = "adam",
    ) -> None:
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, name)
        if amsgrad is not False:
            raise ArgumentError(
                f"{type(self).__name__} does not support amsgrad, got amsgrad={amsgrad!r}. Leave it out; arguments "
                "after epsilon are safest by name."
            )
        self.beta_1, self.beta_2, self.epsilon = float(beta_1), float(beta_2), float(epsilon)

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
        updated, momentums, velocities = backend.adam_update(
            parameters,
            gradients,
            slots["momentum"],
            slots["velocity"],
            step=step,
            learning_rate=learning_rate,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            epsilon=self.epsilon,
            weight_decay=weight_decay,
            donated=donated,
        )
        return updated, {"momentum": momentums, "velocity": velocities}


@register_serializable("unifw")
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, arXiv:1711.05101).

    Args:
        learning_rate: a number or schedule.
        weight_decay: multiplied with the learning rate; `exclude_from_weight_decay` leaves parameters out.
        beta_1: see `Adam`.
        beta_2: see `Adam`.
        epsilon: see `Adam`.
        amsgrad: see `Adam`.
        clipnorm: see `Optimizer`.
        clipvalue: see `Optimizer`.
        global_clipnorm: see `Optimizer`.
        name: for logs.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str = "adamw",
    ) -> None:
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, clipnorm, clipvalue, global_clipnorm, name
        )
