"""Objects that can say how they were constructed."""

from __future__ import annotations

import inspect
from typing import Any, Self

from unifw.errors import ArgumentError
from unifw.saving._registry import deserialize, plain


class Configurable:
    """Base of layers, losses, metrics, optimizers, initializers and schedules.

    The arguments of the constructor are recorded, so that `get_config` works without being written; a class whose
    arguments are not plain data, or that changes after construction, overrides `get_config` and `from_config`.
    """

    _configuration: dict[str, Any] | None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Record the arguments of the constructor."""
        instance = super().__new__(cls)
        instance._configuration = _bind(instance, args, kwargs)
        return instance

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that construct an equal object, as plain data.

        Raises:
            ArgumentError: if the constructor takes `*args`, whose names are not known.
        """
        if self._configuration is None:
            raise ArgumentError(
                f"{type(self).__name__} takes *args, so its configuration cannot be recorded by name. "
                "Override get_config() to return a dict of constructor arguments."
            )
        configuration: dict[str, Any] = plain(self._configuration)
        return configuration

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return a new object from what `get_config` returned."""
        return cls(**deserialize(config))


def _bind(instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """Return constructor arguments by name, with defaults; None where that is impossible."""
    try:
        signature = inspect.signature(type(instance).__init__)
        bound = signature.bind(instance, *args, **kwargs)
    except (TypeError, ValueError):  # wrong arguments, about which __init__ itself speaks; or copying
        return None
    bound.apply_defaults()
    config: dict[str, Any] = {}
    for index, (name, parameter) in enumerate(signature.parameters.items()):
        if index == 0:
            continue
        value = bound.arguments[name]
        if parameter.kind is parameter.VAR_POSITIONAL:
            if value:
                return None
        elif parameter.kind is parameter.VAR_KEYWORD:
            config.update(value)
        else:
            config[name] = value
    return config
