"""Block 6: gradients against difference quotients, their conventions, and the contract of `value_and_grad`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend, support_table
from unifw.testing._base import Block, over
from unifw.testing._composites import cast, evaluate, flattened, overridden
from unifw.testing._difference_quotients import Loss, assert_gradients, gradients_of, total, weighted_sum
from unifw.testing._examples import EXAMPLES, CompositeExample
from unifw.testing._expect import assert_array
from unifw.testing._gradient_contract import CONTRACTS
from unifw.testing._gradient_examples import SLOPES, XP_EXAMPLES, Slope, XpExample


def differentiates(backend: Backend) -> bool:
    """Return whether the backend has gradients at all."""
    return support_table(backend)["value_and_grad"] != "unsupported"


def _differentiable(backend: Backend) -> list[CompositeExample]:
    if not differentiates(backend):
        return []
    table = support_table(backend)
    return [each for each in EXAMPLES if each.differentiable and table[each.name] != "unsupported"]


def _if_differentiable(cases: Callable[[Backend], Iterable[Any]]) -> Callable[[Backend], Iterable[Any]]:
    return lambda backend: cases(backend) if differentiates(backend) else []


class Gradients(Block):
    """Reverse-mode differentiation."""

    @over("example", _if_differentiable(lambda _: XP_EXAMPLES))
    def test_gradient_of_function(self, backend: Backend, example: XpExample) -> None:
        def results(owner: Backend, arrays: Sequence[Array]) -> list[Array]:
            return flattened(example.call(owner.xp, *arrays))

        assert_gradients(backend, results, example.arrays, second=True)

    @over("example", _differentiable)
    def test_gradient_of_composite(self, backend: Backend, example: CompositeExample) -> None:
        def results(owner: Backend, arrays: Sequence[Array]) -> list[Array]:
            return evaluate(example, owner, arrays)

        assert_gradients(backend, results, example.arrays, second=example.smooth)

    @over("example, dtype", _if_differentiable(lambda b: [case for case in overridden(b) if case[0].differentiable]))
    def test_gradient_of_override_is_that_of_default(
        self, backend: Backend, example: CompositeExample, dtype: dtypes.DType
    ) -> None:
        arrays = [backend.asarray(cast(array, dtype)) for array in example.arrays]
        floats = [index for index, array in enumerate(example.arrays) if array.dtype == np.float64]

        def loss(default: bool) -> Loss:
            def run(traced: list[Array], owner: Backend) -> Array:
                operands = list(arrays)
                for index, array in zip(floats, traced, strict=True):
                    operands[index] = array
                return weighted_sum(evaluate(example, owner, operands, default=default), owner)

            return run

        def by_default(traced: list[Array], owner: Backend) -> tuple[list[Array], None]:
            return gradients_of(owner, loss(True), traced), None

        chosen = [arrays[index] for index in floats]
        own = gradients_of(backend, loss(False), chosen)
        compiles = backend.capabilities.compilation == "cheap"
        defaults, _ = backend.jit(by_default)(chosen) if compiles else by_default(chosen, backend)
        for gradient, default in zip(own, defaults, strict=True):
            assert_array(backend, gradient, backend.to_numpy(default), dtype)

    @over("function", _if_differentiable(lambda _: ("relu", "abs", "sqrt", "max", "min", "maximum", "minimum")))
    def test_convention(self, backend: Backend, function: str) -> None:
        """At kinks and ties, where frameworks differ, all backends give the same gradient."""
        calls: dict[str, tuple[Callable[[Backend, Array], Array], list[float], list[float]]] = {
            "relu": (lambda owner, x: owner.relu(x), [0.0, -1.0, 1.0], [0.0, 0.0, 1.0]),
            "abs": (lambda owner, x: owner.xp.abs(x), [0.0, -1.0, 1.0], [0.0, -1.0, 1.0]),
            "sqrt": (lambda owner, x: owner.xp.sqrt(x), [0.0, 1.0, 4.0], [np.inf, 0.5, 0.25]),
            "max": (_extreme("max"), [2.0, 5.0, 5.0], [0.0, 0.5, 0.5]),
            "min": (_extreme("min"), [2.0, 2.0, 5.0], [0.5, 0.5, 0.0]),
            "maximum": (_against_two("maximum"), [1.0, 2.0, 3.0], [0.0, 0.5, 1.0]),
            "minimum": (_against_two("minimum"), [1.0, 2.0, 3.0], [1.0, 0.5, 0.0]),
        }
        call, point, expected = calls[function]
        array = backend.asarray(np.asarray(point, np.float32))
        with np.errstate(divide="ignore"):  # the slope of sqrt at 0 is infinite
            (gradient,) = gradients_of(backend, lambda traced, owner: total(owner, call(owner, traced[0])), [array])
        assert_array(backend, gradient, expected, dtypes.float32)

    @over("example, default", _if_differentiable(lambda _: [(each, flag) for each in SLOPES for flag in (False, True)]))
    def test_slope(self, backend: Backend, example: Slope, default: bool) -> None:
        """Composites have the slope of their formula where their implementation changes from one branch to another."""

        def loss(traced: list[Array], owner: Backend) -> Array:
            function = getattr(Backend, example.name).__get__(owner) if default else getattr(owner, example.name)
            return total(owner, function(traced[0], *example.arguments))

        array = backend.asarray(np.asarray(example.points, np.float32))
        assert_array(backend, gradients_of(backend, loss, [array])[0], example.slopes, dtypes.float32)

    @over("default", _if_differentiable(lambda _: (False, True)))
    def test_first_of_equal_elements_in_a_pool_takes_the_gradient(self, backend: Backend, default: bool) -> None:
        image = np.asarray([[1.0, 1.0, 0.0, 2.0], [1.0, 1.0, 2.0, 2.0]], np.float32).reshape(1, 2, 4, 1)

        def loss(traced: list[Array], owner: Backend) -> Array:
            pool = Backend.max_pool.__get__(owner) if default else owner.max_pool
            return owner.xp.sum(pool(traced[0], (2, 2), (2, 2), ((0, 0), (0, 0))), axis=None, keepdims=False)

        (gradient,) = gradients_of(backend, loss, [backend.asarray(image)])
        expected = np.asarray([[1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]]).reshape(1, 2, 4, 1)
        assert_array(backend, gradient, expected, dtypes.float32)

    @over("contract", _if_differentiable(lambda _: tuple(CONTRACTS)))
    def test_contract(self, backend: Backend, contract: str) -> None:
        """What `Backend.value_and_grad` promises beside the derivative."""
        CONTRACTS[contract](backend)


def _extreme(name: str) -> Callable[[Backend, Array], Array]:
    return lambda owner, x: getattr(owner.xp, name)(x, axis=None, keepdims=False)


def _against_two(name: str) -> Callable[[Backend, Array], Array]:
    return lambda owner, x: getattr(owner.xp, name)(x, owner.asarray(np.full((3,), 2.0, np.float32)))
