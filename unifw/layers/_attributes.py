"""The names of attributes: those that are the framework's own cannot hold layers, which nothing would find there."""

from __future__ import annotations

from types import FunctionType
from typing import Any, Final

from unifw.errors import ArgumentError

# The arguments of the constructor, which may be layers.
_RECORDS: Final = frozenset(("_configuration",))


def reserved_names(cls: type, own: frozenset[str], inherited: frozenset[str]) -> frozenset[str]:
    """Return the names under which a class of layers keeps what is no layer: its state, methods and properties.

    Args:
        cls: the class.
        own: attributes of the class that are not searched; the private ones are its own affair.
        inherited: those that every layer has.
    """
    names = (inherited - _RECORDS) | {name for name in own if not name.startswith("_")}
    seen: set[str] = set()
    for base in cls.__mro__:
        for name, value in vars(base).items():
            if name not in seen and _is_ours(base) and isinstance(value, FunctionType | property | classmethod):
                names |= {name}
            seen.add(name)
    return names


def _is_ours(cls: type) -> bool:
    return cls.__module__.partition(".")[0] == __name__.partition(".")[0]


def refuse_layers(cls: type, name: str) -> ArgumentError:
    """Return the error for a layer or variable under a reserved name."""
    return ArgumentError(
        f"{cls.__name__}: the attribute {name!r} is the framework's own, so a layer or variable in it would be neither "
        f"trained nor saved. Choose another name, such as self.{name.strip('_')}_layer."
    )


def explained(cls: type, name: str, error: AttributeError) -> Exception:
    """Return what to raise when an attribute could not be set: a property nobody can set says so."""
    found: Any = getattr(cls, name, None)
    if not isinstance(found, property) or found.fset is not None:
        return error
    owner = next(base.__name__ for base in cls.__mro__ if name in vars(base))
    return ArgumentError(
        f"{cls.__name__}: {name!r} is a property of {owner} that cannot be set. Choose another name for the attribute, "
        f"such as self.my_{name}."
    )
