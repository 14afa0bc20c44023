"""Decoupled weight decay, of all parameters or of some."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from unifw.backend import Backend
from unifw.optimizers._arrays import Arrays, Slots


def decayed(backend: Backend, parameters: Arrays, learning_rate: Any, weight_decay: float) -> Arrays:
    """Return native arrays after ``parameter - parameter * (learning_rate * weight_decay)``."""
    if not weight_decay:
        return parameters
    xp = backend.xp
    rates = [backend.astype(learning_rate, backend.dtype_of(each)) for each in parameters]
    return [
        xp.subtract(each, xp.multiply(each, xp.multiply(rate, weight_decay)))
        for each, rate in zip(parameters, rates, strict=True)
    ]


def mask(parameters: Any, count: int, excluded: Sequence[str]) -> list[bool]:
    """Return, for each of the `count` leaves of a tree, whether it decays: unless an excluded word is in its path."""
    if not excluded or not isinstance(parameters, Mapping):
        return [True] * count
    return [not any(word in path for word in excluded) for path in sorted(parameters)]


def in_groups(
    step: Callable[..., tuple[Arrays, Slots]],
    parameters: Arrays,
    gradients: Arrays,
    slots: Slots,
    *,
    weight_decay: float,
    decays: Sequence[bool],
) -> tuple[Arrays, Slots]:
    """Run an optimizer's step: at once, or in two groups if some parameters do not decay.

    Args:
        step: ``(parameters, gradients, slots, weight_decay=…)``, returning updated parameters and slots.
        parameters: native arrays.
        gradients: one per parameter.
        slots: lists of one array per parameter.
        weight_decay: of the parameters that decay.
        decays: one per parameter.
    """
    if not weight_decay or all(decays):
        return step(parameters, gradients, slots, weight_decay=weight_decay)
    updated: Arrays = [None] * len(parameters)
    new_slots: Slots = {name: [None] * len(parameters) for name in slots}
    for flag, decay in ((True, weight_decay), (False, 0.0)):
        chosen = [index for index, each in enumerate(decays) if each is flag]
        if not chosen:
            continue
        part, part_slots = step(
            [parameters[index] for index in chosen],
            [gradients[index] for index in chosen],
            {name: [arrays[index] for index in chosen] for name, arrays in slots.items()},
            weight_decay=decay,
        )
        for position, index in enumerate(chosen):
            updated[index] = part[position]
            for name, arrays in part_slots.items():
                new_slots[name][index] = arrays[position]
    return updated, new_slots
