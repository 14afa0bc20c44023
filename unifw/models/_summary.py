"""The table that `Model.summary` prints."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from unifw.layers import Layer, Variable
from unifw.models import _build
from unifw.tensor import tree

if TYPE_CHECKING:
    from unifw.models._model import Model


def summary(model: Model, line_length: int | None, expand_nested: bool) -> str:
    """Return the text."""
    from rich.console import Console
    from rich.table import Table

    shapes, flops = _build.inspect(model) if model.built and model.input_spec is not None else ({}, {})
    table = Table(title=f'Model: "{model.name}"', title_justify="left")
    table.add_column("Layer (type)")
    table.add_column("Output shape")
    table.add_column("Parameters", justify="right")
    if flops:
        table.add_column("FLOPs", justify="right")
    for depth, layer in _rows(model, expand_nested, 0, {id(model)}):
        cells = [f"{'  ' * depth}{layer.name} ({type(layer).__name__})", _shape(shapes.get(id(layer))), _count(layer)]
        table.add_row(*cells, *([f"{flops.get(id(layer), 0):,}"] if flops else []))
    console = Console(file=io.StringIO(), width=line_length or 88, no_color=True)
    console.print(table)
    output = console.file
    assert isinstance(output, io.StringIO)
    total = f" FLOPs of a forward pass, per example: {flops[id(model)]:,}\n" if id(model) in flops else ""
    return output.getvalue() + _totals(model) + total


def _rows(model: Layer, expand_nested: bool, depth: int, opened: set[int]) -> list[tuple[int, Layer]]:
    """Return layers with their depth; each is opened once, for a child may know its parent."""
    rows = []
    for layer in model.sublayers():
        rows.append((depth, layer))
        if expand_nested and id(layer) not in opened:
            opened.add(id(layer))
            rows.extend(_rows(layer, expand_nested, depth + 1, opened))
    return rows


def _shape(shape: Any) -> str:
    if shape is None:
        return "?"
    if isinstance(shape, tuple):
        return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
    if isinstance(shape, dict):
        return ", ".join(f"{name}: {_shape(each)}" for name, each in shape.items())
    return ", ".join(_shape(each) for each in shape)


def _count(layer: Layer) -> str:
    if layer.built or (type(layer).build is Layer.build and not layer.sublayers()):
        return f"{layer.count_params():,}"
    return "0 (unbuilt)"


def _totals(model: Model) -> str:
    if not model.built:
        return "Not built: call the model on data, or build(input_shape), to know shapes and parameters.\n"
    trainable = model.trainable_variables
    fixed = [each for each in model.non_trainable_variables if not each.is_seed]
    lines = [
        _line("Total parameters", [*trainable, *fixed]),
        _line("Trainable parameters", trainable),
        _line("Non-trainable parameters", fixed),
    ]
    optimizer = model.compilation.optimizer if model.compilation is not None else None
    if optimizer is not None and optimizer.state is not None:
        lines.append(_line("Optimizer parameters", tree.leaves(optimizer.state)))
    return "\n".join(lines) + "\n"


def _line(name: str, values: list[Variable] | list[Any]) -> str:
    count = sum(math.prod(each.shape) for each in values)
    size = float(sum(math.prod(each.shape) * each.dtype.itemsize for each in values))
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            break
        size /= 1024
    return f" {name}: {count:,} ({size:.2f} {unit})"
