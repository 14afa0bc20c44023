"""From a name to an optimizer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from unifw.errors import ArgumentError
from unifw.optimizers._adam import Adam, AdamW
from unifw.optimizers._optimizer import Optimizer
from unifw.optimizers._rmsprop import RMSprop
from unifw.optimizers._sgd import SGD
from unifw.utils import unknown_name

_CLASSES: Final[dict[str, Callable[[], Optimizer]]] = {"adam": Adam, "adamw": AdamW, "rmsprop": RMSprop, "sgd": SGD}


def get(identifier: str | Optimizer | Callable[[], Optimizer]) -> Optimizer:
    """Return the optimizer meant by a name ("adam", "Adam"), class or instance.

    Raises:
        ArgumentError: for an unknown name, with the closest known one.

    >>> get("adam").learning_rate
    0.001
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, type):
        return get(identifier())
    if isinstance(identifier, str):
        if identifier.lower() in _CLASSES:
            return _CLASSES[identifier.lower()]()
        raise unknown_name("optimizer", identifier, _CLASSES)
    raise ArgumentError(f"An optimizer is a name or an Optimizer, got {identifier!r}.")
