"""Transforms by the tape, for backends that have none of their own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from unifw.backend._composites._base import composite
from unifw.backend._interface import (
    ArrayFunction,
    Backend,
    BackwardFunction,
    CompiledFunction,
    ListFunction,
    LossFunction,
    PairFunction,
    Pullback,
)
from unifw.backend._python_transforms import PythonTransforms
from unifw.backend.autodiff._nodes import JointNode, TapeArray, backward
from unifw.errors import TransformError

if TYPE_CHECKING:
    from unifw.backend.autodiff._tape import GradientTape

Array = Any


@cache
def gradient_tape(inner: Backend) -> GradientTape:
    """Return the tape over a backend; there is one, since what it records lives in its arrays."""
    from unifw.backend.autodiff._tape import GradientTape

    return GradientTape(inner)


class TapeTransforms(PythonTransforms):
    """Every transform, for a backend without any: gradients by the tape, control flow by Python, `jit` the identity.

    A backend author writes ``class MyBackend(TapeTransforms, Backend)``.
    """

    @composite
    def value_and_grad(self, function: LossFunction, arrays: Sequence[Array]) -> tuple[Array, list[Array], list[Array]]:
        """See `Backend.value_and_grad`."""
        return tape_value_and_grad(self, function, arrays)

    @composite
    def vjp(self, function: PairFunction, arrays: Sequence[Array]) -> tuple[list[Array], list[Array], Pullback]:
        """See `Backend.vjp`."""
        return tape_vjp(self, function, arrays)

    @composite
    def jvp(
        self, function: PairFunction, arrays: Sequence[Array], tangents: Sequence[Array]
    ) -> tuple[list[Array], list[Array], list[Array]]:
        """See `Backend.jvp`: the pullback is linear in the cotangents, and its own pullback is the derivative."""
        return tape_jvp(self, function, arrays, tangents)

    @composite
    def custom_vjp(
        self, function: ListFunction, forward: PairFunction, backward: BackwardFunction, arrays: Sequence[Array]
    ) -> list[Array]:
        """See `Backend.custom_vjp`: arrays that are not recorded need no derivative."""
        return function(list(arrays), self)

    @composite
    def jit(self, function: ArrayFunction, *, donate: Sequence[int] = ()) -> CompiledFunction:
        """See `Backend.jit`: the function as it is."""
        del donate
        return lambda arrays: function(arrays, self)


def tape_value_and_grad(
    backend: Backend, function: LossFunction, arrays: Sequence[Array]
) -> tuple[Array, list[Array], list[Array]]:
    """Implement `Backend.value_and_grad` for a backend that has no gradients of its own.

    Args:
        backend: the backend that owns `arrays`, a tape included: then the derivative is of higher order.
        function: see `Backend.value_and_grad`; it is called with the tape's arrays and the tape.
        arrays: floating-point arrays of `backend`.

    Returns:
        The value, the auxiliary arrays, and one gradient per array, all arrays of `backend`.

    Raises:
        TransformError: if the value is not a scalar, or depends on a traced value of an enclosing call that the
            function did not receive as an argument.
    """
    tape = gradient_tape(backend)
    node, value_of = tape.node, tape.recorder.value
    leaves = [node(array, (), ()) for array in arrays]
    result, auxiliary = function(list(leaves), tape)
    value = value_of(result)
    if backend.shape_of(value) != ():
        raise TransformError(
            f"grad needs a function that returns a scalar; it returned an array of shape {backend.shape_of(value)}. "
            "Reduce it, for example with sum or mean."
        )
    targets = [(result, backend.xp.ones_like(value))] if type(result) is node else []
    gradients = _or_zeros(backend, leaves, backward(backend, targets, leaves))
    return value, [value_of(each) for each in auxiliary], gradients


def tape_vjp(
    backend: Backend, function: PairFunction, arrays: Sequence[Array]
) -> tuple[list[Array], list[Array], Pullback]:
    """Implement `Backend.vjp` for a backend that has no gradients of its own; see `tape_value_and_grad`."""
    tape = gradient_tape(backend)
    node, value_of = tape.node, tape.recorder.value
    leaves = [node(array, (), ()) for array in arrays]
    outputs, auxiliary = function(list(leaves), tape)

    def pullback(cotangents: list[Array]) -> list[Array]:
        pairs = zip(outputs, cotangents, strict=True)
        targets = [(output, cotangent) for output, cotangent in pairs if type(output) is node]
        return _or_zeros(backend, leaves, backward(backend, targets, leaves, keep=True))

    return [value_of(each) for each in outputs], [value_of(each) for each in auxiliary], pullback


def tape_jvp(
    backend: Backend, function: PairFunction, arrays: Sequence[Array], tangents: Sequence[Array]
) -> tuple[list[Array], list[Array], list[Array]]:
    """Implement `Backend.jvp` by two tapes.

    The inner one records the function. Its pullback, which is linear, is recorded by the outer one at zero cotangents
    and pulled back in turn: the transpose of the transpose.
    """
    tape = gradient_tape(backend)
    outputs, auxiliary, pullback = tape_vjp(tape, function, arrays)
    value_of = tape.recorder.value
    cotangents = [tape.node(backend.xp.zeros_like(value_of(output)), (), ()) for output in outputs]
    gradients = pullback(list(cotangents))
    pairs = zip(gradients, tangents, strict=True)
    targets = [(gradient, tangent) for gradient, tangent in pairs if type(gradient) is tape.node]
    results = _or_zeros(backend, cotangents, backward(backend, targets, cotangents))
    return [value_of(each) for each in outputs], [value_of(each) for each in auxiliary], results


def tape_custom_vjp(
    tape: GradientTape, function: ListFunction, forward: PairFunction, pull: BackwardFunction, arrays: Sequence[Array]
) -> list[Array]:
    """Implement `Backend.custom_vjp` on a tape: its rules run, and are recorded if need be, one tape further in."""
    node, value_of, inner = tape.node, tape.recorder.value, tape.inner
    if not any(type(each) is node for each in arrays):
        return function(list(arrays), tape)
    outputs, residuals = forward([value_of(each) for each in arrays], inner)
    sources = [(place, each) for place, each in enumerate(arrays) if type(each) is node]

    def gradients(parts: dict[int, Array]) -> list[Array]:
        cotangents = [
            parts[place] if place in parts else inner.xp.zeros_like(output) for place, output in enumerate(outputs)
        ]
        found = pull(residuals, cotangents, inner)
        return [inner.xp.zeros_like(each.value) if found[place] is None else found[place] for place, each in sources]

    # One node takes the cotangents of all outputs; what it finds is shared out to the sources by a second.
    shared = JointNode(None, tuple(each for _, each in sources), tuple(_part(i) for i in range(len(sources))))

    def share(parts: dict[int, Array]) -> dict[int, Array]:
        return dict(enumerate(gradients(parts)))

    joint = JointNode(None, (shared,), (share,))
    return [node(output, (joint,), (_as_part(place),)) for place, output in enumerate(outputs)]


def _as_part(place: int) -> Any:
    return lambda gradient: {place: gradient}


def _part(place: int) -> Any:
    return lambda parts: parts[place]


def _or_zeros(backend: Backend, leaves: Sequence[TapeArray], gradients: Sequence[Array | None]) -> list[Array]:
    return [
        backend.xp.zeros_like(leaf.value) if gradient is None else gradient
        for leaf, gradient in zip(leaves, gradients, strict=True)
    ]
