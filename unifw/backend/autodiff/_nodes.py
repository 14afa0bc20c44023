"""The arrays of the tape, and the walk back through them."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from unifw.errors import TransformError

if TYPE_CHECKING:
    from unifw.backend._interface import Backend

Array = Any
Pull = Callable[[Array], Array]
"""From the gradient of a result to the gradient of one operand."""

_next_order = itertools.count().__next__


class TapeArray:
    """A value, and how to send its gradient back to the values it was computed from.

    Each tape has a subclass of its own, so that ``type(x) is node`` says "recorded on *this* tape" and the arrays of
    an outer tape are plain values to an inner one. Values that do not depend on an input are not wrapped at all.
    """

    __slots__ = ("cotangent", "order", "parents", "pulls", "value")
    inner: ClassVar[Backend]

    def __init__(self, value: Array, parents: tuple[TapeArray, ...], pulls: tuple[Pull, ...]) -> None:
        self.value = value
        self.parents = parents
        self.pulls = pulls
        self.order = _next_order()
        self.cotangent: Array = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return self.inner.shape_of(self.value)

    @property
    def dtype(self) -> Any:
        """The dtype of the value, native as that of the arrays it meets: operators look functions up by it."""
        return self.value.dtype

    def __getitem__(self, key: Any) -> TapeArray:
        inner, value = self.inner, self.value
        shape = inner.shape_of(value)
        return type(self)(value[key], (self,), (lambda g: inner.scatter_slice(g, key, shape),))

    def __repr__(self) -> str:
        return f"TapeArray({self.value!r})"


def backward(inner: Backend, result: TapeArray, leaves: Sequence[TapeArray]) -> list[Array | None]:
    """Return the gradient of a scalar result for each leaf, None where there is no path.

    Nodes are visited newest first, which is a topological order, and forgotten at once: what only the tape kept
    alive is freed while the walk goes on.
    """
    add = inner.xp.add
    first = leaves[0].order if leaves else result.order
    result.cotangent = inner.xp.ones_like(result.value)
    pending: list[tuple[int, TapeArray]] = [(-result.order, result)]
    while pending:
        order, node = heapq.heappop(pending)
        if -order < first:
            raise TransformError(
                "The function given to grad uses a traced value of an enclosing grad without receiving it: pass "
                "that value as an argument, so that the derivative through it is known."
            )
        if not node.parents:
            continue
        cotangent, node.cotangent = node.cotangent, None
        parents, pulls = node.parents, node.pulls
        node.parents, node.pulls = (), ()
        for parent, pull in zip(parents, pulls, strict=True):
            contribution = pull(cotangent)
            if parent.cotangent is None:
                parent.cotangent = contribution
                heapq.heappush(pending, (-parent.order, parent))
            else:
                parent.cotangent = add(parent.cotangent, contribution)
    return [leaf.cotangent for leaf in leaves]
