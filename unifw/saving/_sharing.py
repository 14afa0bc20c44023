"""Objects that a description holds more than once: described where they come first, named by a number after that.

While a description is written every object carries a number; when it is complete, the numbers of those that come once
are taken out again, so that a description without sharing shows none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, final

from unifw.errors import CheckpointError

OBJECT: Final = "$object"
NUMBER: Final = "$number"
SHARED: Final = "$shared"


@final
class Writing:
    """The objects and names of one description that is being written."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._objects: list[Any] = []  # kept alive, or another object could get the id of one of them
        self._descriptions: list[dict[str, Any] | None] = []
        self._names: dict[str, Any] = {}

    def describe(self, value: Any, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what `make` returns, with a number; the number alone for an object that was described before.

        Raises:
            CheckpointError: if the object's description holds the object.
        """
        number = self._numbers.get(id(value))
        if number is not None:
            if self._descriptions[number] is None:
                raise CheckpointError(
                    f"The configuration of {value!r} contains the object itself. Override get_config() to leave out "
                    "what points back, and set it in __init__()."
                )
            return {SHARED: number}
        number = self._numbers[id(value)] = len(self._objects)
        self._objects.append(value)
        self._descriptions.append(None)
        data = self._descriptions[number] = {**make(), NUMBER: number}
        return data

    def claim(self, name: str, target: Any) -> None:
        """Remember what an unregistered name means in this description.

        Raises:
            CheckpointError: if it means something else already.
        """
        known = self._names.setdefault(name, target)
        if known is not target and known != target:
            raise CheckpointError(
                f"Two different things here are called {name!r}: {known!r} and {target!r}; a file could not tell them "
                "apart. Rename one, or decorate both with @uf.saving.register_serializable(package, name)."
            )

    def finished(self, data: Any) -> Any:
        """Return a complete description with numbers only where objects come more than once."""
        seen: dict[int, int] = {}
        again: set[int] = set()

        def placed(node: Any) -> Any:
            if isinstance(node, list | tuple):
                return type(node)([placed(each) for each in node]) if type(node) in (list, tuple) else node
            if not isinstance(node, dict):
                return node
            number = node.get(NUMBER, node.get(SHARED))
            if number is None:
                return {key: placed(each) for key, each in node.items()}
            if number in seen:
                again.add(seen[number])
                return {SHARED: seen[number]}
            seen[number] = len(seen)
            # A get_config() may leave out the part where an object came first: then it is described here.
            described = node if NUMBER in node else self._descriptions[number] or {}
            return {key: placed(each) for key, each in described.items() if key != NUMBER} | {NUMBER: seen[number]}

        return _without_numbers(placed(data), again)


def _without_numbers(node: Any, kept: set[int]) -> Any:
    if type(node) in (list, tuple):
        return type(node)([_without_numbers(each, kept) for each in node])
    if not isinstance(node, dict):
        return node
    return {key: _without_numbers(each, kept) for key, each in node.items() if key != NUMBER or each in kept}


class _Local(threading.local):
    writing: Writing | None = None


_local: Final = _Local()


def written(write: Callable[[Writing], Any]) -> Any:
    """Return what `write` returns: a part of the description that is being written, or one of its own."""
    if _local.writing is not None:
        return write(_local.writing)
    writing = _local.writing = Writing()
    try:
        return writing.finished(write(writing))
    finally:
        _local.writing = None


@final
class Reading:
    """The shared objects of a description that is being read, each made once.

    Args:
        description: the whole of it.
    """

    def __init__(self, description: Any) -> None:
        self._descriptions: dict[int, Mapping[str, Any]] = {}
        self._made: dict[int, Any] = {}
        self._being_made: set[int] = set()
        self._collect(description)

    def _collect(self, node: Any) -> None:
        if isinstance(node, list | tuple):
            for each in node:
                self._collect(each)
        elif isinstance(node, Mapping):
            if OBJECT in node and NUMBER in node:
                self._descriptions[node[NUMBER]] = node
            for each in node.values():
                self._collect(each)

    def shared(self, number: int, make: Callable[[Mapping[str, Any]], Any]) -> Any:
        """Return the object of a number, made by `make` from its description if it is the first time.

        Raises:
            CheckpointError: if it is not described, or its description holds it.
        """
        if number in self._made:
            return self._made[number]
        if number not in self._descriptions or number in self._being_made:
            raise CheckpointError(f"The description refers to object {number}, which it does not describe (yet).")
        self._being_made.add(number)
        made = self._made[number] = make(self._descriptions[number])
        return made
