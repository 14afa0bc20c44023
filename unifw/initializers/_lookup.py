"""From a name to an initializer."""

from __future__ import annotations

from typing import Final

from unifw.errors import ArgumentError
from unifw.initializers._constant import Constant, Ones, Zeros
from unifw.initializers._initializer import Initializer
from unifw.initializers._random import RandomNormal, RandomUniform, TruncatedNormal
from unifw.initializers._scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)
from unifw.saving import register_serializable
from unifw.utils import unknown_name

_CLASSES: Final[dict[str, type[Initializer]]] = {
    "constant": Constant,
    "glorot_normal": GlorotNormal,
    "glorot_uniform": GlorotUniform,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "lecun_normal": LecunNormal,
    "lecun_uniform": LecunUniform,
    "ones": Ones,
    "random_normal": RandomNormal,
    "random_uniform": RandomUniform,
    "truncated_normal": TruncatedNormal,
    "variance_scaling": VarianceScaling,
    "zeros": Zeros,
}
_ALIASES: Final = {"normal": "random_normal", "uniform": "random_uniform", "one": "ones", "zero": "zeros"}

for _class in _CLASSES.values():
    register_serializable("unifw")(_class)


def get(identifier: str | Initializer | type[Initializer]) -> Initializer:
    """Return the initializer meant by a name ("glorot_uniform" or "GlorotUniform"), a class or an instance.

    Raises:
        ArgumentError: for an unknown name, with the closest known one.

    >>> type(get("he_normal")).__name__
    'HeNormal'
    """
    if isinstance(identifier, Initializer):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Initializer):
        return identifier()
    if isinstance(identifier, str):
        name = _ALIASES.get(identifier, identifier)
        for key, each in _CLASSES.items():
            if name in (key, each.__name__):
                return each()
        raise unknown_name("initializer", identifier, (*_CLASSES, *_ALIASES))
    raise ArgumentError(
        f"An initializer is a name or an instance of unifw.initializers.Initializer, got {identifier!r}."
    )
