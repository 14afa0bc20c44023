"""Control flow: Python's, and where a value is not known, both branches and a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unifw.backend import PythonTransforms
from unifw.errors import TransformError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unifw.backend import ConditionFunction, ListFunction


class NativeControlFlow(PythonTransforms):
    """Loops of known length are unrolled by `jit`. A loop whose end depends on a traced value cannot be.

    torch has operators for branches and loops in a graph, but they take their captured values as arguments and are
    made for torch.compile's Python tracer, which cannot follow the operators of a user's class.
    """

    def cond(
        self, predicate: Any, true_function: ListFunction, false_function: ListFunction, arrays: Sequence[Any]
    ) -> list[Any]:
        """See `Backend.cond`; under `jit` and `vmap` both branches run."""
        try:
            chosen = true_function if self.to_numpy(predicate).item() else false_function
        except TransformError:
            pairs = zip(true_function(list(arrays), self), false_function(list(arrays), self), strict=True)
            return [self.xp.where(predicate, *pair) for pair in pairs]
        return chosen(list(arrays), self)

    def while_loop(self, condition: ConditionFunction, body: ListFunction, arrays: Sequence[Any]) -> list[Any]:
        """See `Backend.while_loop`."""
        state = list(arrays)
        while self._holds(condition(list(state), self)):
            state = body(state, self)
        return state

    def _holds(self, predicate: Any) -> bool:
        try:
            return bool(self.to_numpy(predicate).item())
        except TransformError as error:
            raise UnsupportedError(
                "Backend 'torch' does not support while_loop under jit or vmap when its condition depends on a traced "
                "value: the graph it compiles has no loops. Use fori_loop or scan with a fixed number of steps and "
                "unifw.where inside, call it outside jit, or choose a backend whose graphs have loops: jax, tensorflow."
            ) from error

    def rows(self, x: Any, size: int) -> Sequence[Any]:
        """See `PythonTransforms.rows`."""
        return x.unbind(0)  # type: ignore[no-any-return]
