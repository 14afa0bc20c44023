"""Control flow and mapping by Python itself, for backends that run as they are called and have nothing better.

A backend inherits what it wants: ``class MyBackend(PythonTransforms, Backend)``. Everything here is correct under
differentiation, since the backend's operations are; `vmap` is a loop, which is correct everywhere and slow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from unifw.backend._composites._base import composite
from unifw.backend._interface import Array, Backend, ConditionFunction, ListFunction, ScanFunction


class PythonTransforms(Backend):
    """`cond`, `while_loop`, `scan` and `vmap` in Python, and `checkpoint` as the identity."""

    @composite
    def vmap(
        self, function: ListFunction, arrays: Sequence[Array], axes: Sequence[int | None], size: int
    ) -> list[Array]:
        """See `Backend.vmap`: one application after another, stacked."""
        rows = [
            None if axis is None else self.rows(self.xp.moveaxis(array, axis, 0) if axis else array, size)
            for array, axis in zip(arrays, axes, strict=True)
        ]

        def one(index: int) -> list[Array]:
            slices = [array if row is None else row[index] for array, row in zip(arrays, rows, strict=True)]
            return function(slices, self)

        if size:
            return self._stacked([one(index) for index in range(size)])
        slices = [
            array if axis is None else self._zero_row(array, axis) for array, axis in zip(arrays, axes, strict=True)
        ]
        return [self._empty(result) for result in function(slices, self)]

    @composite
    def cond(
        self, predicate: Array, true_function: ListFunction, false_function: ListFunction, arrays: Sequence[Array]
    ) -> list[Array]:
        """See `Backend.cond`: by `if`."""
        chosen = true_function if self.to_numpy(predicate).item() else false_function
        return chosen(list(arrays), self)

    @composite
    def while_loop(self, condition: ConditionFunction, body: ListFunction, arrays: Sequence[Array]) -> list[Array]:
        """See `Backend.while_loop`: by `while`."""
        state = list(arrays)
        while self.to_numpy(condition(list(state), self)).item():
            state = body(state, self)
        return state

    @composite
    def scan(
        self, function: ScanFunction, carry: Sequence[Array], xs: Sequence[Array], length: int, reverse: bool
    ) -> tuple[list[Array], list[Array]]:
        """See `Backend.scan`: by `for`. Without steps, one on zeros shows the shapes of what it would collect."""
        state = list(carry)
        if not length:
            _, collected = function(list(state), [self._zero_row(x, 0) for x in xs], self)
            return state, [self._empty(each) for each in collected]
        rows = [self.rows(x, length) for x in xs]
        steps: list[list[Array]] = []
        for index in reversed(range(length)) if reverse else range(length):
            state, collected = function(state, [row[index] for row in rows], self)
            steps.append(collected)
        return state, self._stacked(steps[::-1] if reverse else steps)

    @composite
    def checkpoint(self, function: ListFunction, arrays: Sequence[Array]) -> list[Array]:
        """See `Backend.checkpoint`: runs the function and keeps what it keeps."""
        return function(list(arrays), self)

    def rows(self, x: Array, size: int) -> Sequence[Array]:
        """Return the slices along the first axis; override it where the framework has one operation for all."""
        return [x[(index, ...)] for index in range(size)]

    def _stacked(self, results: Sequence[Sequence[Array]]) -> list[Array]:
        stack: Callable[..., Any] = self.xp.stack
        return [stack(list(column), axis=0) for column in zip(*results, strict=True)]

    def _zero_row(self, array: Array, axis: int) -> Array:
        shape = self.shape_of(array)
        zeros = self.xp.zeros((*shape[:axis], *shape[axis + 1 :]), dtype=self.native_dtype(self.dtype_of(array)))
        return self.to_device(zeros, self.device_of(array))

    def _empty(self, like: Array) -> Array:
        zeros = self.xp.zeros((0, *self.shape_of(like)), dtype=self.native_dtype(self.dtype_of(like)))
        return self.to_device(zeros, self.device_of(like))
