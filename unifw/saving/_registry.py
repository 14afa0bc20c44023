"""The registry of classes and functions that a file may name.

A file holds names and plain data, never code: loading looks a name up here (or in `custom_objects`), and a name that
nobody registered is an error. An object that comes twice is described once, and is one object again after loading.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import numpy as np

from unifw.errors import CheckpointError
from unifw.saving._sharing import NUMBER, OBJECT, SHARED, Reading, Writing, written

T = TypeVar("T", bound=Callable[..., Any])

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

    A class or function that nobody registered is described by its own name, to be found again through
    `custom_objects`; so it must have one, and be the only one of that name.

    Raises:
        CheckpointError: for a value that is neither plain data, nor registered, nor an object with `get_config`; for
            functions without a name (lambdas, `functools.partial`), and for two of one name.
    """
    return written(lambda writing: _serialized(value, writing))


def plain(value: Any) -> Any:
    """Return a value with the objects and functions in it described as `serialize` does; the rest as it is."""
    return written(lambda writing: _plain(value, writing))


def _serialized(value: Any, writing: Writing) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, list):
        return [_serialized(each, writing) for each in value]
    if isinstance(value, tuple):
        return {_TUPLE: [_serialized(each, writing) for each in value]}
    if isinstance(value, Mapping):
        return {str(key): _serialized(each, writing) for key, each in value.items()}
    if _is_configured(value):
        name = _name_in_files(type(value), writing)
        return writing.describe(value, lambda: {OBJECT: name, "config": _serialized(value.get_config(), writing)})
    if callable(value):
        return {_FUNCTION: _name_in_files(value, writing)}
    raise CheckpointError(
        f"A configuration holds {value!r} of type {type(value).__name__}, which is not plain data. Override "
        "get_config() and from_config() to describe it with numbers, strings, lists and dicts."
    )


def _plain(value: Any, writing: Writing) -> Any:
    if isinstance(value, list | tuple):
        parts = [_plain(each, writing) for each in value]
        return parts if isinstance(value, list) else tuple(parts)
    if isinstance(value, dict):
        return {key: _plain(each, writing) for key, each in value.items()}
    if _is_configured(value) or (callable(value) and not isinstance(value, type)):
        return _serialized(value, writing)
    return value


def _name_in_files(target: Any, writing: Writing) -> str:
    """Return the registered name of a class or function, or its own."""
    registered = registered_name(target)
    if registered is not None:
        return registered
    name = getattr(target, "__name__", None)
    if not isinstance(name, str) or not name.isidentifier():
        raise CheckpointError(
            f"{target!r} has no name under which a file could be read again, and files never carry code. Write it as a "
            "function with def, and decorate that with @uf.saving.register_serializable()."
        )
    writing.claim(name, target)
    return name


def _is_configured(value: Any) -> bool:
    return not isinstance(value, type) and hasattr(value, "get_config")


def deserialize(data: Any, custom_objects: Mapping[str, Any] | None = None, within: Any = None) -> Any:
    """Return the value that `serialize` described.

    Args:
        data: what `serialize` returned, possibly after a round trip through JSON.
        custom_objects: classes and functions that nobody registered, by their own names; and what shall be taken
            instead of a registered one, by its registered name ("package>name").
        within: the whole description of which `data` is a part.

    Raises:
        CheckpointError: for a name that is neither registered nor in `custom_objects`.
    """
    return _deserialized(data, custom_objects, Reading(data if within is None else within))


def _deserialized(data: Any, custom_objects: Mapping[str, Any] | None, reading: Reading) -> Any:
    if isinstance(data, list | tuple):
        parts = [_deserialized(each, custom_objects, reading) for each in data]
        return parts if isinstance(data, list) else tuple(parts)
    if not isinstance(data, Mapping):
        return data
    if _TUPLE in data:
        return tuple(_deserialized(each, custom_objects, reading) for each in data[_TUPLE])
    if _FUNCTION in data:
        return _find(data[_FUNCTION], custom_objects)
    if SHARED in data or (OBJECT in data and NUMBER in data):
        number = data.get(SHARED, data.get(NUMBER))
        return reading.shared(number, lambda described: _made(described, custom_objects, reading))
    if OBJECT in data:
        return _made(data, custom_objects, reading)
    return {key: _deserialized(each, custom_objects, reading) for key, each in data.items()}


def _made(data: Mapping[str, Any], custom_objects: Mapping[str, Any] | None, reading: Reading) -> Any:
    target = _find(data[OBJECT], custom_objects)
    if not hasattr(target, "from_config"):
        raise CheckpointError(f"The file names {data[OBJECT]!r} as a class, but what is registered has no from_config.")
    return target.from_config(_deserialized(data.get("config", {}), custom_objects, reading))


def _find(name: str, custom_objects: Mapping[str, Any] | None) -> Any:
    short = name.rpartition(">")[2]
    if custom_objects and name in custom_objects:
        return custom_objects[name]
    if name in _by_name:
        return _by_name[name]
    if custom_objects and short in custom_objects:
        return custom_objects[short]
    close = difflib.get_close_matches(name, [*_by_name, *(custom_objects or ())], n=1)
    suggestion = f" Did you mean {close[0]!r}?" if close else ""
    raise CheckpointError(
        f"Nothing is registered under the name {name!r}.{suggestion} Import the module that decorates it with "
        f"@uf.saving.register_serializable, or pass custom_objects={{{short!r}: …}}. Files never carry code."
    )
