"""What the rules of every family need: the inner backend, the tape's own kind of node, and broadcasting undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, final

from unifw.backend.autodiff._nodes import Pull, TapeArray

if TYPE_CHECKING:
    from unifw.backend._interface import Backend

Array = Any
Function = Callable[..., Any]


@final
class Recorder:
    """One tape's node type over one backend."""

    __slots__ = ("inner", "node", "xp")

    def __init__(self, inner: Backend) -> None:
        self.inner = inner
        self.xp = inner.xp
        self.node: type[TapeArray] = type("TapeArray", (TapeArray,), {"__slots__": (), "inner": inner})

    def value(self, x: Any) -> Any:
        """Return the value of a node of this tape, and anything else as it is."""
        return x.value if type(x) is self.node else x

    def record(self, value: Array, *operands: tuple[Any, Pull]) -> Array:
        """Return `value` as a node that depends on those operands that are recorded; without any, as it is.

        Args:
            value: an array of the inner backend.
            *operands: each with the function from the gradient of `value` to the operand's own.
        """
        node = self.node
        traced = [pair for pair in operands if type(pair[0]) is node]
        if not traced:
            return value
        parents, pulls = zip(*traced, strict=True)
        return node(value, parents, pulls)

    def linear(self, function: Function, adjoint: Callable[..., Array]) -> Function:
        """Return a differentiable linear function of its first operand.

        Args:
            function: the inner backend's.
            adjoint: ``adjoint(gradient, value, *arguments, **options)``.
        """
        node = self.node

        def apply(x: Any, /, *arguments: Any, **options: Any) -> Any:
            if type(x) is not node:
                return function(x, *arguments, **options)
            value = x.value
            result = function(value, *arguments, **options)
            return node(result, (x,), (lambda g: adjoint(g, value, *arguments, **options),))

        return apply

    def constant(self, function: Function) -> Function:
        """Return a function whose result has no gradient: it is given the values."""
        node = self.node

        def apply(*arguments: Any, **options: Any) -> Any:
            return function(*[each.value if type(each) is node else each for each in arguments], **options)

        return apply

    def unbroadcast(self, gradient: Array, value: Array) -> Array:
        """Sum a gradient over the axes along which `value` was broadcast."""
        shape_of = self.inner.shape_of
        return self.sum_to(gradient, shape_of(value))

    def sum_to(self, gradient: Array, shape: tuple[int, ...]) -> Array:
        """Sum a gradient over the axes along which an array of `shape` was broadcast."""
        have = self.inner.shape_of(gradient)
        if have == shape:
            return gradient
        lead = len(have) - len(shape)
        axes = (*range(lead), *(lead + i for i, size in enumerate(shape) if size == 1 and have[lead + i] != 1))
        if axes:
            gradient = self.xp.sum(gradient, axis=axes, keepdims=False)
        return gradient if self.inner.shape_of(gradient) == shape else self.xp.reshape(gradient, shape)


def normal_axes(axis: int | tuple[int, ...] | None, rank: int) -> tuple[int, ...]:
    """Return the axes meant, counted from the front."""
    if axis is None:
        return tuple(range(rank))
    return tuple(each % rank for each in ((axis,) if isinstance(axis, int) else axis))
