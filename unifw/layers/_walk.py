"""Finding what a layer is made of: variables and layers, by walking attributes in the order they were set."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from unifw.backend import Backend, current_backend
from unifw.layers._variable import Variable
from unifw.tensor.random import host
from unifw.utils import next_key

if TYPE_CHECKING:
    from unifw.layers._layer import Layer


def children(layer: Layer) -> Iterator[tuple[str, Layer | Variable]]:
    """Yield the layers and variables that are attributes (or in lists, tuples, dicts of attributes), with names."""
    for name, value in layer.tracked_attributes():
        yield from _expand(name, value)


def _expand(name: str, value: Any) -> Iterator[tuple[str, Layer | Variable]]:
    if isinstance(value, Variable) or hasattr(value, "tracked_attributes"):
        yield name, value
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _expand(f"{name}/{index}", each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _expand(f"{name}/{key}", each)


def holds_layers(value: Any) -> bool:
    """Return whether a value is a layer or variable, or a list, tuple or dict with one in it."""
    return next(_expand("", value), None) is not None


def walk(root: Layer) -> Iterator[tuple[str, Layer | Variable]]:
    """Yield every layer and variable below `root` once, depth first, with its path; `root` itself has the path ""."""
    seen: set[int] = {id(root)}
    yield "", root

    def below(layer: Layer, prefix: str) -> Iterator[tuple[str, Layer | Variable]]:
        for name, child in children(layer):
            if id(child) in seen:
                continue
            seen.add(id(child))
            path = prefix + name
            yield path, child
            if not isinstance(child, Variable):
                yield from below(child, path + "/")

    yield from below(root, "")


def variables(root: Layer) -> dict[str, Variable]:
    """Return the variables below a layer by path."""
    return {path: item for path, item in walk(root) if isinstance(item, Variable)}


def layer_paths(root: Layer) -> dict[int, str]:
    """Return the path of every layer below `root` by ``id(layer)``."""
    return {id(item): path for path, item in walk(root) if not isinstance(item, Variable)}


def initialize(root: Layer, backend: Backend | None = None) -> None:
    """Draw the first value of every variable below `root` that has none.

    Keys are ``fold_in(root's key, crc32(path))``, so a value depends on the seed, on how many models were built
    before, and on where the variable is; not on the backend, nor on the order in which layers were called.
    """
    pending = []
    for path, variable in variables(root).items():
        if not variable.is_initialized:
            variable.path = path
            pending.append(variable)
    if not pending:
        return
    if root.root_key is None:
        root.root_key = next_key()
    backend = backend or current_backend()
    for variable in pending:
        variable.draw(host.fold_in(root.root_key, zlib.crc32(variable.path.encode())), backend)
