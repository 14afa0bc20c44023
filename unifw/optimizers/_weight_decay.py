"""Decoupled weight decay, of all parameters or of some."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

import optree

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


def mask(parameters: Any, count: int, words: Collection[str], paths: Collection[str]) -> list[bool]:
    """Return, for each of the `count` leaves of a tree, whether it decays.

    Args:
        parameters: the tree; a leaf's path is its keys and indices, joined by "/".
        count: the number of its leaves.
        words: see `named`.
        paths: leaves with exactly these paths do not decay.
    """
    if not words and not paths:
        return [True] * count
    leaves = ("/".join(map(str, entries)) for entries in optree.tree_paths(parameters))
    return [path not in paths and not named(path, words) for path in leaves]


def named(path: str, words: Collection[str]) -> bool:
    """Return whether a word is found in the name at the end of a path (as Keras searches it), or is a part before."""
    *above, name = path.split("/")
    return any(word in above or re.search(word, name) is not None for word in words)


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
