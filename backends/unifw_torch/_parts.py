"""Parts of a graph under `jit` that run more than once, or maybe not at all: the bodies of loops, the branches.

A part is traced once, as a graph of its own, in which all that it takes from outside is an argument. So derivatives of
loops and branches are made from their graphs, as often as wanted, and never run the user's function again.
"""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any, final
from weakref import WeakValueDictionary

import torch

from unifw_torch import _compile
from unifw_torch._state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from unifw.backend import Backend

Arrays = list[Any]
Specification = tuple[tuple[int, ...], Any, Any]  # shape, dtype, device


def specification(array: Any) -> Specification:
    """Return shape, dtype and device."""
    return tuple(array.shape), array.dtype, array.device


def is_floating(array: Any) -> bool:
    """Return whether an array has a derivative."""
    return bool(array.dtype.is_floating_point or array.dtype.is_complex)


@final
class Part:
    """A traced function of arrays, which operators of the outer graph call by its number."""

    def __init__(self, graph: Any, inputs: list[Specification], outputs: list[Specification], owner: Backend) -> None:
        self.graph, self.inputs, self.outputs, self.owner = graph, inputs, outputs, owner
        # What it does, so that equal parts are one, and Inductor's cache on disk knows the graph that calls it.
        content = f"{graph.code}{inputs}{outputs}"
        self.number = int.from_bytes(hashlib.sha256(content.encode()).digest()[:8]) >> 1
        self._program: _compile.Program | None = None
        self._lock = threading.Lock()

    def inline(self, arrays: Sequence[Any]) -> Arrays:
        """Run the operations one by one: eagerly, or as part of what is being traced."""
        return list(self.graph(*arrays))

    def empty(self) -> Arrays:
        """Return arrays like the results, without values."""
        return [torch.empty(shape, dtype=dtype, device=device) for shape, dtype, device in self.outputs]

    def __call__(self, arrays: Arrays) -> Sequence[Any]:
        """Run it compiled; the arrays are contiguous. A list that is given is emptied."""
        if self._program is None:
            with self._lock:
                if self._program is None:
                    self._program = _compile.compile_part(self.owner, self.inline, arrays)
        return self._program.run(arrays)


_parts: WeakValueDictionary[int, Part] = WeakValueDictionary()  # those of compiled functions that are alive


def part(number: int) -> Part:
    """Return the part of a number."""
    return _parts[number]


def trace(function: Callable[[Arrays], Arrays], inputs: Sequence[Specification], owner: Backend) -> tuple[Part, Arrays]:
    """Trace a function as a part, while an outer function is traced.

    Args:
        function: from arrays to arrays; run once.
        inputs: what the arrays are like.
        owner: the backend.

    Returns:
        The part, whose last arguments are what the function took from outside, and these.
    """
    outputs: list[Specification] = []

    def flat(*arrays: Any) -> Arrays:
        results = [each.contiguous() for each in function(list(arrays))]
        outputs[:] = [specification(each) for each in results]
        return results

    before = state.depth, state.functional, state.rules, state.enclosing, state.parts, state.tracing
    state.enclosing = state.enclosing or state.depth > 0
    state.depth = state.functional = state.rules = 0
    state.parts, state.tracing = state.parts + 1, True
    try:
        graph, captured = _compile.trace_part(flat, inputs)
    finally:
        state.depth, state.functional, state.rules, state.enclosing, state.parts, state.tracing = before
    made = Part(graph, [*inputs, *(specification(each) for each in captured)], list(outputs), owner)
    found = _parts.setdefault(made.number, made)
    state.kept.append(found)
    return found, captured


def pullback(of: Part, wanted: Sequence[int], given: Sequence[int], *, further: bool) -> Part:
    """Return the part that pulls cotangents back.

    Args:
        of: a part.
        wanted: which of its arguments the gradients are with respect to.
        given: which of its results have cotangents.
        further: whether it will be differentiated in turn.

    Returns:
        A part from the arguments of `of` and the cotangents to the gradients.
    """
    count = len(of.inputs)

    def run(arrays: Arrays) -> Arrays:
        arguments = arrays[:count]
        with torch.enable_grad():
            for place in wanted:
                arguments[place] = arguments[place].detach().requires_grad_()
            variables = [arguments[place] for place in wanted]
            results = of.inline(arguments)
            pairs = list(zip([results[place] for place in given], arrays[count:], strict=True))
            pairs = [pair for pair in pairs if pair[0].requires_grad]
            if not pairs or not variables:
                return [torch.zeros_like(each) for each in variables]
            return list(
                torch.autograd.grad(
                    [result for result, _ in pairs],
                    variables,
                    [cotangent for _, cotangent in pairs],
                    create_graph=further,
                    allow_unused=True,
                    materialize_grads=True,
                )
            )

    return trace(run, [*of.inputs, *(of.outputs[place] for place in given)], of.owner)[0]
