"""The registry of classes and functions that a file may name.

A file holds names and plain data, never code: loading looks a name up here (or in `custom_objects`), and a name that
nobody registered is an error.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import numpy as np

from unifw.errors import CheckpointError

T = TypeVar("T", bound=Callable[..., Any])

_OBJECT: Final = "$object"
_FUNCTION: Final = "$function"
_TUPLE: Final = "$tuple"

_by_name: dict[str, Any] = {}
_names: dict[int, str] = {}


def register_serializable(package: str = "Custom", name: str | None = None) -> Callable[[T], T]:
    """Return a decorator that makes a class or function known to `uf.load`, as Keras' `register_keras_serializable`.

    Args:
        package: the namespace of the name, so that two libraries may use one class name.
        name: the name in files; the class' or function's own by default.

    Raises:
        CheckpointError: if another class has the name.

    >>> import unifw as uf
    >>> @uf.saving.register_serializable("docs")
    ... def cube(x):
    ...     return x * x * x
    >>> uf.saving.registered_name(cube)
    'docs>cube'
    """

    def register(target: T) -> T:
        full = f"{package}>{name or target.__name__}"
        known = _by_name.get(full)
        # Running a notebook cell or module again defines the same class anew: that is not a conflict.
        if known is not None and (known.__module__, known.__qualname__) != (target.__module__, target.__qualname__):
            raise CheckpointError(
                f"The name {full!r} is registered for {known.__module__}.{known.__qualname__} already. "
                "Give another package or name."
            )
        _by_name[full] = target
        _names[id(target)] = full
        return target

    return register


def registered_name(target: Any) -> str | None:
    """Return the name a class or function was registered under, or None."""
    name = _names.get(id(target))
    return name if name is not None and _by_name.get(name) is target else None


def serialize(value: Any) -> Any:
    """Return plain data (what JSON can hold) from which `deserialize` builds an equal value.

    Raises:
        CheckpointError: for a value that is neither plain data, nor registered, nor an object with `get_config`.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, list):
        return [serialize(each) for each in value]
    if isinstance(value, tuple):
        return {_TUPLE: [serialize(each) for each in value]}
    if isinstance(value, Mapping):
        return {str(key): serialize(each) for key, each in value.items()}
    if _is_configured(value):
        # A class nobody registered is saved by its own name, and found again through `custom_objects`.
        name = registered_name(type(value)) or type(value).__name__
        return {_OBJECT: name, "config": serialize(value.get_config())}
    if callable(value):
        return {_FUNCTION: registered_name(value) or getattr(value, "__name__", type(value).__name__)}
    raise CheckpointError(
        f"A configuration holds {value!r} of type {type(value).__name__}, which is not plain data. Override "
        "get_config() and from_config() to describe it with numbers, strings, lists and dicts."
    )


def plain(value: Any) -> Any:
    """Return a value with the objects and functions in it described as `serialize` does; the rest as it is."""
    if isinstance(value, list | tuple):
        parts = [plain(each) for each in value]
        return parts if isinstance(value, list) else tuple(parts)
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if _is_configured(value) or (callable(value) and not isinstance(value, type)):
        return serialize(value)
    return value


def _is_configured(value: Any) -> bool:
    return not isinstance(value, type) and hasattr(value, "get_config")


def deserialize(data: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the value that `serialize` described.

    Args:
        data: what `serialize` returned, possibly after a round trip through JSON.
        custom_objects: classes and functions by name, looked up before the registered ones.

    Raises:
        CheckpointError: for a name that is neither registered nor in `custom_objects`.
    """
    if isinstance(data, list | tuple):
        parts = [deserialize(each, custom_objects) for each in data]
        return parts if isinstance(data, list) else tuple(parts)
    if not isinstance(data, Mapping):
        return data
    if _TUPLE in data:
        return tuple(deserialize(each, custom_objects) for each in data[_TUPLE])
    if _FUNCTION in data:
        return _find(data[_FUNCTION], custom_objects)
    if _OBJECT in data:
        target = _find(data[_OBJECT], custom_objects)
        if not hasattr(target, "from_config"):
            raise CheckpointError(
                f"The file names {data[_OBJECT]!r} as a class, but what is registered has no from_config."
            )
        return target.from_config(deserialize(data.get("config", {}), custom_objects))
    return {key: deserialize(each, custom_objects) for key, each in data.items()}


def _find(name: str, custom_objects: Mapping[str, Any] | None) -> Any:
    short = name.rpartition(">")[2]
    for key in (name, short):
        if custom_objects and key in custom_objects:
            return custom_objects[key]
    if name in _by_name:
        return _by_name[name]
    close = difflib.get_close_matches(name, [*_by_name, *(custom_objects or ())], n=1)
    suggestion = f" Did you mean {close[0]!r}?" if close else ""
    raise CheckpointError(
        f"Nothing is registered under the name {name!r}.{suggestion} Import the module that decorates it with "
        f"@uf.saving.register_serializable, or pass custom_objects={{{short!r}: …}}. Files never carry code."
    )
