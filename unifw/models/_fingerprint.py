"""What a compiled step was traced with besides its arguments: if it changes, the step must be traced again."""

from __future__ import annotations

import inspect
from collections.abc import Hashable, Iterator
from functools import cache
from typing import Any, cast

from unifw.layers import Layer
from unifw.models._compilation import Compilation
from unifw.optimizers import Optimizer
from unifw.tensor import tree


def fingerprint(model: Layer, compilation: Compilation) -> Hashable:
    """Return the settings that `call`, the losses, the metrics and the optimizer read as Python values.

    These are ``trainable`` of each layer and the attributes named like arguments of constructors (`Dropout.rate`,
    `AdamW.weight_decay`), which code may change between two runs. The learning rate is state, and so not among them.
    """
    optimizer = compilation.optimizer
    judges = (*tree.leaves(compilation.loss), *(metric for _, metric in compilation.metrics.values()))
    return (
        tuple((layer, layer.trainable, settings(layer)) for layer in _layers(model)),
        tuple(settings(each) for each in judges),
        tuple(tree.leaves(compilation.loss_weights)),
        settings(optimizer),
        optimizer_exclusions(optimizer),
        None if optimizer.schedule is None else (optimizer.schedule, settings(optimizer.schedule)),
    )


def optimizer_exclusions(optimizer: Optimizer) -> Hashable:
    """Return what does not decay."""
    return optimizer.excluded_words, optimizer.excluded_paths


def settings(configured: Any) -> tuple[tuple[str, Hashable], ...]:
    """Return the attributes of an object that are named like arguments of its constructor and hold plain values."""
    attributes = vars(configured)
    names = _arguments(type(configured))  # type: ignore[arg-type] # mypy takes a class for unhashable
    return tuple((name, _plain(attributes[name])) for name in names if name in attributes)


@cache
def _arguments(cls: type) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for each in cls.__mro__:
        if "__init__" in vars(each) and each is not object:
            names |= dict.fromkeys(inspect.signature(vars(each)["__init__"]).parameters)
    return tuple(name for name in names if name not in ("self", "name", "args", "kwargs"))


def _plain(value: Any) -> Hashable:
    """Return a value that compares by content, with its type, for 1 and True mean different things; or by identity."""
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    if isinstance(value, bool | int | float | str) or value is None:
        return type(value), value
    if callable(value) and isinstance(value, Hashable):
        return value
    return cast("Hashable", type(value))


def _layers(root: Layer) -> Iterator[Layer]:
    seen = {id(root)}
    pending = [root]
    while pending:
        layer = pending.pop()
        yield layer
        for child in layer.sublayers():
            if id(child) not in seen:
                seen.add(id(child))
                pending.append(child)
