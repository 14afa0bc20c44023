"""Learning rates that depend on the step, evaluated on a step tensor. Formulas are those of `keras.optimizers`."""

from __future__ import annotations

import abc
import math
from collections.abc import Sequence
from typing import final

from unifw import dtypes
from unifw import tensor as ops
from unifw.errors import ArgumentError
from unifw.saving import Configurable, register_serializable
from unifw.tensor import Tensor


class LearningRateSchedule(Configurable, abc.ABC):
    """A function of the number of updates made before."""

    @abc.abstractmethod
    def __call__(self, step: Tensor) -> Tensor:
        """Return the learning rate, a float32 scalar.

        Args:
            step: int64 scalar, 0 at the first update.
        """


@register_serializable("unifw")
@final
class ExponentialDecay(LearningRateSchedule):
    """``initial * decay_rate ** (step / decay_steps)``.

    Args:
        initial_learning_rate: at step 0.
        decay_steps: steps after which the rate has been multiplied by `decay_rate` once.
        decay_rate: the factor.
        staircase: whether to change only every `decay_steps` steps.
        name: not used.

    >>> import unifw as uf
    >>> round(uf.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)(uf.asarray(20)).item(), 4)
    0.025
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive(decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Tensor) -> Tensor:
        """See the class."""
        exponent = step.astype(dtypes.float32) / float(self.decay_steps)
        if self.staircase:
            exponent = ops.floor(exponent)
        return ops.pow(ops.full_like(exponent, self.decay_rate), exponent) * self.initial_learning_rate


@register_serializable("unifw")
@final
class CosineDecay(LearningRateSchedule):
    """Half a cosine from the initial rate to ``alpha`` times it, optionally after a linear warm-up.

    Args:
        initial_learning_rate: at step 0.
        decay_steps: length of the decay.
        alpha: the final rate as a fraction of where the decay starts.
        name: not used.
        warmup_target: the rate at the end of the warm-up, where the decay starts; None for no warm-up.
        warmup_steps: length of the warm-up.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive(decay_steps)
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: Tensor) -> Tensor:
        """See the class."""
        count = step.astype(dtypes.float32)
        if self.warmup_target is None:
            return self._decay(count, self.initial_learning_rate)
        decayed = self._decay(ops.maximum(count - float(self.warmup_steps), 0.0), self.warmup_target)
        if not self.warmup_steps:
            return decayed
        rise = self.warmup_target - self.initial_learning_rate
        warming = count / float(self.warmup_steps) * rise + self.initial_learning_rate
        return ops.where(count < float(self.warmup_steps), warming, decayed)

    def _decay(self, count: Tensor, start: float) -> Tensor:
        fraction = ops.minimum(count / float(self.decay_steps), 1.0)
        cosine = (ops.cos(fraction * math.pi) + 1.0) * 0.5
        return (cosine * (1.0 - self.alpha) + self.alpha) * start


@register_serializable("unifw")
@final
class PiecewiseConstantDecay(LearningRateSchedule):
    """``values[i]`` up to and including step ``boundaries[i]``, and the last value after.

    Args:
        boundaries: increasing steps.
        values: one more than boundaries.
        name: not used.
    """

    def __init__(self, boundaries: Sequence[int], values: Sequence[float], name: str = "PiecewiseConstant") -> None:
        if len(boundaries) != len(values) - 1 or not boundaries or list(boundaries) != sorted(boundaries):
            raise ArgumentError(
                f"values must be one longer than increasing boundaries, got {boundaries!r} and {values!r}."
            )
        self.boundaries = list(boundaries)
        self.values = list(values)
        self.name = name

    def __call__(self, step: Tensor) -> Tensor:
        """See the class."""
        result = ops.full_like(step.astype(dtypes.float32), self.values[-1])
        for boundary, value in zip(reversed(self.boundaries), reversed(self.values[:-1]), strict=True):
            result = ops.where(step <= boundary, ops.full_like(result, value), result)
        return result


def _positive(decay_steps: int) -> int:
    if decay_steps <= 0:
        raise ArgumentError(f"decay_steps must be positive, got {decay_steps}.")
    return decay_steps
