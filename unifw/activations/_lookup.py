"""From a name to a function, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from unifw import nn
from unifw.activations import _functions
from unifw.errors import ArgumentError
from unifw.saving import register_serializable
from unifw.tensor import Tensor
from unifw.utils import unknown_name

Activation: TypeAlias = Callable[[Tensor], Tensor]

_FUNCTIONS: Final[dict[str, Callable[..., Tensor]]] = {
    function.__name__: function
    for function in (
        nn.celu,
        _functions.elu,
        _functions.exponential,
        _functions.gelu,
        nn.glu,
        nn.hard_shrink,
        nn.hard_sigmoid,
        nn.hard_silu,
        nn.hard_tanh,
        _functions.leaky_relu,
        _functions.linear,
        nn.log_sigmoid,
        _functions.log_softmax,
        nn.mish,
        _functions.relu,
        nn.relu6,
        nn.selu,
        _functions.sigmoid,
        _functions.silu,
        nn.soft_shrink,
        _functions.softmax,
        _functions.softplus,
        _functions.softsign,
        nn.sparse_plus,
        nn.sparse_sigmoid,
        nn.sparsemax,
        nn.squareplus,
        _functions.tanh,
        nn.tanh_shrink,
        nn.threshold,
    )
}
_ALIASES: Final = {"hard_swish": "hard_silu", "swish": "silu"}

for _function in _FUNCTIONS.values():
    register_serializable("unifw")(_function)


def get(identifier: str | Activation | None) -> Activation:
    """Return the activation function meant by a name, a callable, or None (`linear`).

    Raises:
        ArgumentError: for an unknown name, with the closest known one.

    >>> get("relu").__name__
    'relu'
    """
    if identifier is None:
        return _functions.linear
    if isinstance(identifier, str):
        name = _ALIASES.get(identifier, identifier)
        if name not in _FUNCTIONS:
            raise unknown_name("activation", identifier, (*_FUNCTIONS, *_ALIASES))
        return _FUNCTIONS[name]
    if callable(identifier):
        return identifier
    raise ArgumentError(f"An activation is a name or a function of a tensor, got {identifier!r}.")


def serialize(activation: Any) -> Any:
    """Return the name of one of our activations; anything else as it is."""
    name = getattr(activation, "__name__", None)
    return name if name is not None and _FUNCTIONS.get(name) is activation else activation
