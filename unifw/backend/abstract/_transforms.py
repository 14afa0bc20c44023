"""Transforms on shapes: each function runs once, and what it costs is counted as often as it would run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw.backend._interface import (
    ArrayFunction,
    Backend,
    BackwardFunction,
    CompiledFunction,
    ConditionFunction,
    ListFunction,
    LossFunction,
    PairFunction,
    Pullback,
    ScanFunction,
)
from unifw.backend.abstract._arrays import AbstractArray

Array = Any


class AbstractTransforms(Backend):
    """Derivatives have the shapes of what they are derivatives of; only the forward pass is counted."""

    flops: int

    def value_and_grad(self, function: LossFunction, arrays: Sequence[Array]) -> tuple[Array, list[Array], list[Array]]:
        """Run the function once, and count its operations alone; gradients have the shapes of the arrays."""
        value, auxiliary = function(list(arrays), self)
        return value, auxiliary, _like(arrays)

    def vjp(self, function: PairFunction, arrays: Sequence[Array]) -> tuple[list[Array], list[Array], Pullback]:
        """Run the function once."""
        outputs, auxiliary = function(list(arrays), self)
        return outputs, auxiliary, lambda _: _like(arrays)

    def jvp(
        self, function: PairFunction, arrays: Sequence[Array], tangents: Sequence[Array]
    ) -> tuple[list[Array], list[Array], list[Array]]:
        """Run the function once."""
        outputs, auxiliary = function(list(arrays), self)
        return outputs, auxiliary, _like(outputs)

    def vmap(
        self, function: ListFunction, arrays: Sequence[Array], axes: Sequence[int | None], size: int
    ) -> list[Array]:
        """Run the function on one slice, and count it `size` times."""
        slices = [
            array if axis is None else AbstractArray((*array.shape[:axis], *array.shape[axis + 1 :]), array.dtype)
            for array, axis in zip(arrays, axes, strict=True)
        ]
        before = self.flops
        results = function(slices, self)
        self.flops = before + size * (self.flops - before)
        return [AbstractArray((size, *each.shape), each.dtype) for each in results]

    def cond(
        self, predicate: Array, true_function: ListFunction, false_function: ListFunction, arrays: Sequence[Array]
    ) -> list[Array]:
        """Run both branches, and count the dearer one."""
        before = self.flops
        results = true_function(list(arrays), self)
        cost, self.flops = self.flops - before, before
        false_function(list(arrays), self)
        self.flops = before + max(cost, self.flops - before)
        return results

    def while_loop(self, condition: ConditionFunction, body: ListFunction, arrays: Sequence[Array]) -> list[Array]:
        """Run condition and body once: how often is not known."""
        condition(list(arrays), self)
        return body(list(arrays), self)

    def scan(
        self, function: ScanFunction, carry: Sequence[Array], xs: Sequence[Array], length: int, reverse: bool
    ) -> tuple[list[Array], list[Array]]:
        """Run one step, and count it `length` times."""
        before = self.flops
        state, collected = function(list(carry), [AbstractArray(x.shape[1:], x.dtype) for x in xs], self)
        self.flops = before + length * (self.flops - before)
        return state, [AbstractArray((length, *each.shape), each.dtype) for each in collected]

    def checkpoint(self, function: ListFunction, arrays: Sequence[Array]) -> list[Array]:
        """Run the function."""
        return function(list(arrays), self)

    def custom_vjp(
        self, function: ListFunction, forward: PairFunction, backward: BackwardFunction, arrays: Sequence[Array]
    ) -> list[Array]:
        """Run the function."""
        return function(list(arrays), self)

    def jit(self, function: ArrayFunction, *, donate: Sequence[int] = ()) -> CompiledFunction:
        """Return the function as it is."""
        del donate
        return lambda arrays: function(arrays, self)


def _like(arrays: Sequence[Array]) -> list[Array]:
    return [AbstractArray(each.shape, each.dtype) for each in arrays]
