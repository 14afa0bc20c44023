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


class JointNode(TapeArray):
    """What stands for several values at once: its cotangent is a dict of those of its parts that have one."""

    __slots__ = ()


def _joined(first: dict[int, Array], second: dict[int, Array], add: Callable[[Array, Array], Array]) -> Any:
    result = dict(first)
    for place, value in second.items():
        result[place] = add(result[place], value) if place in result else value
    return result


def backward(
    inner: Backend,
    targets: Sequence[tuple[TapeArray, Array]],
    leaves: Sequence[TapeArray],
    *,
    keep: bool = False,
) -> list[Array | None]:
    """Return the gradient for each leaf, None where there is no path.

    Nodes are visited newest first, which is a topological order. Unless they are to be kept for another walk, they are
    forgotten at once: what only the tape kept alive is freed while the walk goes on.

    Args:
        inner: the backend under the tape.
        targets: results of the tape, each with its cotangent.
        leaves: what to differentiate with respect to.
        keep: whether there may be another walk.
    """
    add = inner.xp.add
    first = leaves[0].order if leaves else min((node.order for node, _ in targets), default=0)
    pending: list[tuple[int, TapeArray]] = []

    def contribute(parent: TapeArray, contribution: Array) -> None:
        if parent.cotangent is None:
            parent.cotangent = contribution
            heapq.heappush(pending, (-parent.order, parent))
        elif isinstance(parent, JointNode):
            parent.cotangent = _joined(parent.cotangent, contribution, add)
        else:
            parent.cotangent = add(parent.cotangent, contribution)

    for node, cotangent in targets:
        contribute(node, cotangent)
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
        if not keep:
            node.parents, node.pulls = (), ()
        for parent, pull in zip(parents, pulls, strict=True):
            contribute(parent, pull(cotangent))
    gradients = [leaf.cotangent for leaf in leaves]
    for leaf in leaves:
        leaf.cotangent = None
    return gradients
