"""From a name to a loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from unifw.errors import ArgumentError
from unifw.losses import _loss
from unifw.losses._loss import FunctionLoss, Loss
from unifw.saving import register_serializable
from unifw.tensor import Tensor
from unifw.utils import unknown_name

LossLike: TypeAlias = "str | Loss | type[Loss] | Callable[[Any, Any], Tensor]"

_CLASSES: Final[dict[str, type[Loss]]] = {
    "binary_crossentropy": _loss.BinaryCrossentropy,
    "categorical_crossentropy": _loss.CategoricalCrossentropy,
    "mean_absolute_error": _loss.MeanAbsoluteError,
    "mean_squared_error": _loss.MeanSquaredError,
    "sparse_categorical_crossentropy": _loss.SparseCategoricalCrossentropy,
}
_ALIASES: Final = {"bce": "binary_crossentropy", "mae": "mean_absolute_error", "mse": "mean_squared_error"}

for _class in _CLASSES.values():
    register_serializable("unifw")(_class)
register_serializable("unifw")(FunctionLoss)


def get(identifier: LossLike) -> Loss:
    """Return the loss meant by a name ("mse", "mean_squared_error", "MeanSquaredError"), class, instance or function.

    Raises:
        ArgumentError: for an unknown name, with the closest known one.

    >>> get("mse").name
    'mean_squared_error'
    """
    if isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, type):
        return get(identifier())
    if isinstance(identifier, str):
        name = _ALIASES.get(identifier.lower(), identifier)
        for key, each in _CLASSES.items():
            if name in (key, each.__name__):
                return each()
        raise unknown_name("loss", identifier, (*_CLASSES, *_ALIASES))
    if callable(identifier):
        return FunctionLoss(identifier)
    raise ArgumentError(f"A loss is a name, a Loss or a function (y_true, y_pred), got {identifier!r}.")
