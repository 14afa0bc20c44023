"""Adam, and Adam with decoupled weight decay."""

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
class Adam(Optimizer):
    """Adam (Kingma and Ba, arXiv:1412.6980), with Keras' epsilon: see `Backend.adam_update` for the formula.

    Args:
        learning_rate: a number or schedule.
        beta_1: decay of the mean of gradients.
        beta_2: decay of the mean of their squares.
        epsilon: keeps the quotient finite. torch adds its epsilon after the bias correction.
        amsgrad: divide by the largest mean of squares so far (Reddi et al., arXiv:1904.09237); costs another slot.
        weight_decay: see `Optimizer`; the same as `AdamW`'s.
        clipnorm: see `Optimizer`.
        clipvalue: see `Optimizer`.
        global_clipnorm: see `Optimizer`.
        name: for logs.
        **kwargs: see `Optimizer`.

    Raises:
        ArgumentError: for a beta outside [0, 1).
    """

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
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay, clipnorm, clipvalue, global_clipnorm, name, **kwargs)
        if not isinstance(amsgrad, bool):  # most often a weight decay by position
            raise ArgumentError(
                f"amsgrad must be True or False, got {amsgrad!r}. Give arguments after epsilon by name."
            )
        self.beta_1, self.beta_2, self.epsilon = (
            float(number(value, name, argument))
            for argument, value in (("beta_1", beta_1), ("beta_2", beta_2), ("epsilon", epsilon))
        )
        for each in (self.beta_1, self.beta_2):
            if not 0 <= each < 1:
                raise ArgumentError(f"beta_1 and beta_2 must lie in [0, 1), got {beta_1} and {beta_2}.")
        self.slot_names: Sequence[str] = ("momentum", "velocity", *(("largest_velocity",) if amsgrad else ()))

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
        largest = slots.get("largest_velocity")
        # With amsgrad, the update of zeros is the change itself, which is then divided by the largest root instead.
        start = parameters if largest is None else [backend.xp.zeros_like(each) for each in parameters]
        updated, momentums, velocities = backend.adam_update(
            start,
            gradients,
            slots["momentum"],
            slots["velocity"],
            step=step,
            learning_rate=learning_rate,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            epsilon=self.epsilon,
            weight_decay=weight_decay if largest is None else 0.0,
            donated=donated,
        )
        found = {"momentum": momentums, "velocity": velocities}
        if largest is None:
            return updated, found
        xp = backend.xp
        largest = [xp.maximum(old, new) for old, new in zip(largest, velocities, strict=True)]
        roots, largest_roots = (
            [xp.add(xp.sqrt(each), self.epsilon) for each in values] for values in (velocities, largest)
        )
        decayed = _weight_decay.decayed(backend, parameters, learning_rate, weight_decay)
        updated = [
            xp.add(parameter, xp.divide(xp.multiply(change, root), largest_root))
            for parameter, change, root, largest_root in zip(decayed, updated, roots, largest_roots, strict=True)
        ]
        return updated, {**found, "largest_velocity": largest}


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
        **kwargs: see `Optimizer`.
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
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            name,
            **kwargs,
        )
