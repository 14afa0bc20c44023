"""Optimizer steps by torch's fused kernels, in place, where the caller gives up the state."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import torch
from torch.optim.adam import adam

from unifw.backend import Backend
from unifw_torch._state import state

Array = Any
Arrays = Sequence[Any]

FUSED_DTYPES: Final = (torch.float32, torch.float64)


@cache
def _infinite_step(device: Any) -> Array:
    """Return a step count so large that torch corrects no bias: ``1 - beta**step`` is 1."""
    return torch.full((), 1e30, dtype=torch.float32, device=device)


def _fusable(gradients: Arrays, *owned: Arrays) -> bool:
    """Return whether a fused kernel may overwrite the arrays: it walks through plain memory, on one device.

    Args:
        gradients: one per parameter.
        *owned: what is overwritten: the parameters, and lists of one slot per parameter.
    """
    first = owned[0][0] if owned[0] else None
    if (
        first is None
        or state.tracing
        or first.dtype not in FUSED_DTYPES
        or first.device.type not in ("cpu", "cuda")
        or not all(array.is_contiguous() and not array.requires_grad for arrays in owned for array in arrays)
    ):
        return False
    # The kernels trust all sizes to be those of the parameters: another one would be read or written out of bounds.
    shapes = [array.shape for array in owned[0]]
    return all(
        [array.shape for array in arrays] == shapes
        and all(array.dtype == first.dtype and array.device == first.device for array in arrays)
        for arrays in (gradients, *owned)
    )


class NativeOptimizers(Backend):
    """Fused and in place when donated and eager; the defaults otherwise, which Inductor fuses by itself."""

    def sgd_update(
        self,
        parameters: Arrays,
        gradients: Arrays,
        velocities: Arrays,
        *,
        learning_rate: Array,
        momentum: float,
        nesterov: bool,
        donated: bool = False,
    ) -> tuple[list[Array], list[Array]]:
        """See `Optimizers.sgd_update`; torch's own SGD keeps its velocity in another unit, so only its loops serve."""
        if not donated or not _fusable(gradients, parameters, *([velocities] if momentum else [])):
            return super().sgd_update(
                parameters,
                gradients,
                velocities,
                learning_rate=learning_rate,
                momentum=momentum,
                nesterov=nesterov,
                donated=donated,
            )
        parameters, velocities = list(parameters), list(velocities)
        rate = learning_rate.to(parameters[0].dtype)
        steps = torch._foreach_mul(list(gradients), rate)  # noqa: SLF001 - torch documents these loops as public
        if not momentum:
            torch._foreach_sub_(parameters, steps)
            return parameters, []
        torch._foreach_mul_(velocities, momentum)
        torch._foreach_sub_(velocities, steps)
        if nesterov:
            torch._foreach_add_(parameters, velocities, alpha=momentum)
            torch._foreach_sub_(parameters, steps)
        else:
            torch._foreach_add_(parameters, velocities)
        return parameters, velocities

    def adam_update(
        self,
        parameters: Arrays,
        gradients: Arrays,
        momentums: Arrays,
        velocities: Arrays,
        *,
        step: Array,
        learning_rate: Array,
        beta_1: float,
        beta_2: float,
        epsilon: float,
        weight_decay: float = 0.0,
        donated: bool = False,
    ) -> tuple[list[Array], list[Array], list[Array]]:
        """See `Optimizers.adam_update`.

        torch divides by ``sqrt(v / (1 - beta_2**t)) + eps``, Keras (and we) by ``sqrt(v) + epsilon`` with the
        correction in the rate. With an infinite step torch corrects nothing, and our ``alpha`` as its rate makes the
        two the same formula.
        """
        if not donated or not _fusable(gradients, parameters, momentums, velocities):
            return super().adam_update(
                parameters,
                gradients,
                momentums,
                velocities,
                step=step,
                learning_rate=learning_rate,
                beta_1=beta_1,
                beta_2=beta_2,
                epsilon=epsilon,
                weight_decay=weight_decay,
                donated=donated,
            )
        rate, alpha = self._adam_factors(self.dtype_of(parameters[0]), step, learning_rate, beta_1, beta_2)
        if weight_decay:
            torch._foreach_mul_(list(parameters), 1 - rate * weight_decay)
        adam(
            list(parameters),
            [gradient.contiguous() for gradient in gradients],
            list(momentums),
            list(velocities),
            [],
            [_infinite_step(parameters[0].device)] * len(parameters),
            fused=True,
            amsgrad=False,
            beta1=beta_1,
            beta2=beta_2,
            lr=alpha,
            weight_decay=0.0,
            eps=epsilon,
            maximize=False,
        )
        return list(parameters), list(momentums), list(velocities)
