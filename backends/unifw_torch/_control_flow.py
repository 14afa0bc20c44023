"""Control flow: Python's, and under `jit` operators whose parts are traced once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from unifw.backend import PythonTransforms
from unifw.errors import TransformError, UnsupportedError
from unifw_torch import _compile, _loops
from unifw_torch._state import NotAPart, state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unifw.backend import Array, ConditionFunction, ListFunction, ScanFunction


class NativeControlFlow(PythonTransforms):
    """Under `jit` every body and branch runs once, as in JAX.

    Not inside `vmap` and forward mode, whose arrays are wrappers of torch.func: there `scan` is unrolled, both branches
    of `cond` run and `where` selects, and `while_loop` is not supported.
    """

    def cond(
        self, predicate: Any, true_function: ListFunction, false_function: ListFunction, arrays: Sequence[Any]
    ) -> list[Any]:
        """See `Backend.cond`; inside `vmap` both branches run."""
        try:
            chosen = true_function if self.to_numpy(predicate).item() else false_function
        except TransformError:
            if not state.functional:
                try:
                    return _loops.cond(self, predicate, true_function, false_function, arrays)
                except NotAPart:
                    if state.enclosing:
                        raise
            pairs = zip(true_function(list(arrays), self), false_function(list(arrays), self), strict=True)
            return [self.xp.where(predicate, *pair) for pair in pairs]
        return chosen(list(arrays), self)

    def while_loop(self, condition: ConditionFunction, body: ListFunction, arrays: Sequence[Any]) -> list[Any]:
        """See `Backend.while_loop`; inside `vmap` it lasts as long as any slice wants, and the others stay."""
        if state.tracing and not state.functional:
            try:
                return _loops.while_loop(self, condition, body, arrays)
            except NotAPart:
                if state.enclosing:
                    raise
        current = list(arrays)
        while self._holds(predicate := condition(list(current), self)):
            following = body(list(current), self)
            current = (
                [torch.where(predicate, *pair) for pair in zip(following, current, strict=True)]
                if state.functional
                else following
            )
        return current

    def _holds(self, predicate: Any) -> bool:
        try:
            return _compile.any_of_wrapped(predicate) if state.functional else bool(self.to_numpy(predicate).item())
        except TransformError as error:
            raise UnsupportedError(
                "Backend 'torch' does not support while_loop under jit inside vmap or forward mode, when its condition "
                "depends on a traced value. Use fori_loop or scan with a fixed number of steps and unifw.where inside, "
                "call it outside jit, or choose a backend that can: jax, tensorflow."
            ) from error

    def scan(
        self, function: ScanFunction, carry: Sequence[Array], xs: Sequence[Array], length: int, reverse: bool
    ) -> tuple[list[Array], list[Array]]:
        """See `Backend.scan`."""
        if state.tracing and not state.functional and length:
            try:
                return _loops.scan(self, function, carry, xs, length, reverse)
            except NotAPart:
                if state.enclosing:
                    raise
        return super().scan(function, carry, xs, length, reverse)

    def rows(self, x: Any, size: int) -> Sequence[Any]:
        """See `PythonTransforms.rows`."""
        return x.unbind(0)  # type: ignore[no-any-return]
