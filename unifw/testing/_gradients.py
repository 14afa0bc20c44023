"""Block 6: gradients against difference quotients, their conventions, and the contract of `value_and_grad`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend, support_table
from unifw.testing._base import Block, over, widest_float
from unifw.testing._composites import cast, evaluate, flattened, overridden
from unifw.testing._examples import EXAMPLES, CompositeExample
from unifw.testing._expect import HostArray, assert_array, assert_values, quotient_tolerance

Results = Callable[[Backend, Sequence[Array]], list[Array]]
Loss = Callable[[list[Array], Backend], Array]


class XpExample(NamedTuple):
    """A differentiable call of `xp`."""

    label: str
    call: Callable[..., Any]
    arrays: tuple[HostArray, ...]


_ANY: Final = np.asarray([[-2.3, -1.1, -0.4], [0.7, 1.6, 2.9]])
_OTHER: Final = np.asarray([[1.3, -0.6, 2.2], [0.4, -1.9, 0.9]])
_POSITIVE: Final = np.abs(_ANY) + 0.1
_WITHIN_ONE: Final = _ANY / 3.5
_CUBE: Final = np.arange(24.0).reshape(2, 3, 4) * 0.37 % 2.9 - 1.4


def _unary() -> tuple[XpExample, ...]:
    inputs = {
        **dict.fromkeys("abs atan asinh cos cosh exp expm1 negative reciprocal sin sinh square tan tanh".split(), _ANY),
        **dict.fromkeys("log log10 log1p log2 sqrt".split(), _POSITIVE),
        **dict.fromkeys("acos asin atanh".split(), _WITHIN_ONE),
        "acosh": _POSITIVE + 1.2,
    }
    return tuple(
        XpExample(name, lambda xp, x, name=name: getattr(xp, name)(x), (values,)) for name, values in inputs.items()
    )


def _binary() -> tuple[XpExample, ...]:
    names = "add atan2 divide logaddexp maximum minimum multiply subtract".split()
    return tuple(XpExample(name, lambda xp, x, y, name=name: getattr(xp, name)(x, y), (_ANY, _OTHER)) for name in names)


XP_EXAMPLES: Final[tuple[XpExample, ...]] = (
    *_unary(),
    *_binary(),
    XpExample("pow", lambda xp, x, y: xp.pow(x, y), (_POSITIVE, _OTHER)),
    XpExample("pow-scalar", lambda xp, x: xp.pow(x, 3.0), (_ANY,)),
    XpExample("multiply-broadcast", lambda xp, x, y: xp.multiply(x, y), (_ANY[:, :1], _OTHER[0])),
    XpExample("divide-scalar", lambda xp, x: xp.divide(2.0, x), (_ANY,)),
    XpExample("where", lambda xp, x, y: xp.where(xp.greater(x, 0), x, y), (_ANY, _OTHER[:1])),
    XpExample("sum", lambda xp, x: xp.sum(x, axis=(0, -1), keepdims=False), (_CUBE,)),
    XpExample("sum-all", lambda xp, x: xp.sum(xp.square(x), axis=None, keepdims=True), (_ANY,)),
    XpExample("mean", lambda xp, x: xp.mean(x, axis=1, keepdims=True), (_CUBE,)),
    XpExample("var", lambda xp, x: xp.var(x, axis=-1, correction=1.0, keepdims=False), (_CUBE,)),
    XpExample("std", lambda xp, x: xp.std(x, axis=0, correction=0.0, keepdims=False), (_ANY,)),
    XpExample("max", lambda xp, x: xp.max(x, axis=1, keepdims=False), (_ANY,)),
    XpExample("min", lambda xp, x: xp.min(x, axis=None, keepdims=False), (_ANY,)),
    XpExample("prod", lambda xp, x: xp.prod(x, axis=1, keepdims=False), (_ANY,)),
    XpExample("cumulative_sum", lambda xp, x: xp.cumulative_sum(x, axis=1, include_initial=False), (_ANY,)),
    XpExample("broadcast_to", lambda xp, x: xp.broadcast_to(x, (4, 2, 3)), (_ANY[:1],)),
    XpExample("concat", lambda xp, x, y: xp.concat([x, y, x], axis=1), (_ANY, _OTHER)),
    XpExample("concat-first-axis", lambda xp, x, y: xp.concat([x, y], axis=0), (_CUBE, _CUBE[:1])),
    XpExample("expand_dims", lambda xp, x: xp.expand_dims(x, axis=1), (_ANY,)),
    XpExample("flip", lambda xp, x: xp.flip(x, axis=(0,)), (_ANY,)),
    XpExample("moveaxis", lambda xp, x: xp.moveaxis(x, 0, 2), (_CUBE,)),
    XpExample("permute_dims", lambda xp, x: xp.permute_dims(x, (2, 0, 1)), (_CUBE,)),
    XpExample("repeat", lambda xp, x: xp.repeat(x, 2, axis=0), (_ANY,)),
    XpExample("reshape", lambda xp, x: xp.reshape(x, (3, 2)), (_ANY,)),
    XpExample("roll", lambda xp, x: xp.roll(x, 1, axis=1), (_ANY,)),
    XpExample("squeeze", lambda xp, x: xp.squeeze(x, axis=(0,)), (_ANY[:1],)),
    XpExample("stack", lambda xp, x, y: xp.stack([x, y], axis=1), (_ANY, _OTHER)),
    XpExample("tile", lambda xp, x: xp.tile(x, (2, 3)), (_ANY,)),
    XpExample("tril", lambda xp, x: xp.tril(x, k=0), (_CUBE,)),
    XpExample("triu", lambda xp, x: xp.triu(x, k=1), (_ANY,)),
    XpExample("matmul", lambda xp, x, y: xp.matmul(x, y), (_CUBE, _CUBE[0].T.copy())),
    XpExample("matmul-vector", lambda xp, x, y: xp.matmul(x, y), (_ANY, _OTHER[0])),
    XpExample("matrix_transpose", lambda xp, x: xp.matrix_transpose(x), (_CUBE,)),
    XpExample("tensordot", lambda xp, x, y: xp.tensordot(x, y, axes=((0, 1), (0, 1))), (_CUBE, _ANY)),
    XpExample("vecdot", lambda xp, x, y: xp.vecdot(x, y, axis=-1), (_ANY, _OTHER)),
    XpExample("take", lambda xp, x, i: xp.take(x, i, axis=1), (_ANY, np.asarray([2, 0, 0]))),
    XpExample("take-rows", lambda xp, x, i: xp.take(x, i, axis=0), (_ANY, np.asarray([[1, 0], [1, 1]]))),
    XpExample(
        "take_along_axis",
        lambda xp, x, i: xp.take_along_axis(x, i, axis=1),
        (_ANY, np.asarray([[2, 0, 0], [1, 1, 1]])),
    ),
    XpExample("sort", lambda xp, x: xp.sort(x, axis=-1, descending=True, stable=True), (_OTHER,)),
    XpExample("stack-first-axis", lambda xp, x, y: xp.stack([x, y], axis=0), (_CUBE, _CUBE)),
    XpExample("index", lambda _, x: x[..., 1], (_ANY,)),
    XpExample("slice", lambda _, x: x[:, 0:3:2], (_ANY,)),
    XpExample("new-axis", lambda _, x: x[None, 1, ...], (_ANY,)),
)


def _differentiable(backend: Backend) -> list[CompositeExample]:
    if not differentiates(backend):
        return []
    table = support_table(backend)
    return [each for each in EXAMPLES if each.differentiable and table[each.name] != "unsupported"]


def differentiates(backend: Backend) -> bool:
    """Return whether the backend has gradients at all."""
    return support_table(backend)["value_and_grad"] != "unsupported"


def _if_differentiable(cases: Callable[[Backend], Iterable[Any]]) -> Callable[[Backend], Iterable[Any]]:
    return lambda backend: cases(backend) if differentiates(backend) else []


def _weights(shape: tuple[int, ...], dtype: dtypes.DType) -> HostArray:
    return np.asarray(np.cos(np.arange(int(np.prod(shape)), dtype=np.float64) + 0.5).reshape(shape), dtype)


def weighted_sum(results: list[Array], owner: Backend) -> Array:
    """Return one number from all results, in which every element counts differently."""
    total = None
    for result in results:
        weights = owner.asarray(_weights(owner.shape_of(result), owner.dtype_of(result)))
        term = owner.xp.sum(owner.xp.multiply(result, weights), axis=None, keepdims=False)
        total = term if total is None else owner.xp.add(total, term)
    return total


def gradients_of(backend: Backend, loss: Loss, arrays: Sequence[Array]) -> list[Array]:
    """Return the gradients of a loss without auxiliary values."""
    _, _, gradients = backend.value_and_grad(lambda traced, owner: (loss(traced, owner), []), arrays)
    return gradients


def assert_gradients(backend: Backend, results: Results, values: Sequence[HostArray], *, second: bool) -> None:
    """Fail unless first (and second) derivatives agree with difference quotients along a direction.

    The quotient is the central one of fourth order, ``(8 f(h) - 8 f(-h) - f(2h) + f(-2h)) / 12h``, of the directional
    derivative; a wrong element of the gradient changes it, since no element of the direction is 0. The second
    derivative is the gradient of the first directional derivative. Where compiling is cheap, all of it is compiled,
    since running single operations is what is dear there.
    """
    dtype = widest_float(backend)
    tolerance = quotient_tolerance(backend, dtype)
    floats = [index for index, value in enumerate(values) if value.dtype == np.float64]
    points = [values[index] for index in floats]
    directions = [_weights(point.shape, np.dtype(np.float64)) + 0.1 for point in points]
    fixed = [backend.asarray(cast(value, dtype)) for value in values]

    def loss(traced: list[Array], owner: Backend) -> Array:
        operands = list(fixed)
        for index, array in zip(floats, traced, strict=True):
            operands[index] = array
        return weighted_sum(results(owner, operands), owner)

    def along(traced: list[Array], owner: Backend) -> Array:
        total = None
        for gradient, direction in zip(gradients_of(owner, loss, traced), directions, strict=True):
            product = owner.xp.multiply(gradient, owner.asarray(direction.astype(dtype)))
            term = owner.xp.sum(product, axis=None, keepdims=False)
            total = term if total is None else owner.xp.add(total, term)
        return total

    functions = (loss, along) if second else (loss,)

    def derivatives(traced: list[Array], owner: Backend) -> tuple[list[Array], None]:
        numbers = [function(traced, owner) for function in functions]
        return [*numbers, *(each for function in functions for each in gradients_of(owner, function, traced))], None

    compiles = backend.capabilities.compilation == "cheap"
    run = backend.jit(derivatives) if compiles else lambda arrays: derivatives(arrays, backend)

    def at(distance: float) -> list[Array]:
        moved = [(p + distance * d).astype(dtype) for p, d in zip(points, directions, strict=True)]
        return run([backend.asarray(each) for each in moved])[0]

    step = 1e-3 if dtype == dtypes.float64 else 3e-2
    around = {
        factor: [float(backend.to_numpy(each)) for each in at(factor * step)[: len(functions)]]
        for factor in (-2, -1, 1, 2)
    }
    gradients = at(0.0)[len(functions) :]
    for order in range(len(functions)):
        found = 0.0
        for gradient, direction in zip(gradients[order * len(points) :], directions, strict=False):
            assert backend.shape_of(gradient) == direction.shape
            assert backend.dtype_of(gradient) == dtype
            found += float((backend.to_numpy(gradient).astype(np.float64) * direction).sum())
        quotient = 8 * (around[1][order] - around[-1][order]) - (around[2][order] - around[-2][order])
        expected = np.asarray(quotient / (12 * step))
        assert_values(np.asarray(found), expected, tolerance, f"derivative of order {order + 1}")


class Slope(NamedTuple):
    """Points of a composite, and its derivative there."""

    name: str
    arguments: tuple[Any, ...]
    points: list[float]
    slopes: Any

    @property
    def label(self) -> str:
        """Return the test id."""
        return self.name


_BRANCHES: Final = [-4.0, -0.46875, 0.0, 0.46875, 4.0, 6.0]  # of the approximations in `Special.erf`
_SLOPES: Final = (
    Slope("relu", (), [0.0], [0.0]),
    Slope("elu", (0.5,), [0.0], [0.5]),
    Slope("leaky_relu", (0.25,), [0.0], [0.25]),
    Slope("softplus", (), [0.0], [0.5]),
    Slope("sigmoid", (), [0.0], [0.25]),
    Slope("silu", (), [0.0], [0.5]),
    Slope("gelu", (True,), [0.0], [0.5]),
    Slope("gelu", (False,), [0.0], [0.5]),
    Slope("erf", (), _BRANCHES, 2 / np.sqrt(np.pi) * np.exp(-np.square(_BRANCHES))),
)


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
            (gradient,) = gradients_of(backend, lambda traced, owner: _total(owner, call(owner, traced[0])), [array])
        assert_array(backend, gradient, expected, dtypes.float32)

    @over(
        "example, default", _if_differentiable(lambda _: [(each, flag) for each in _SLOPES for flag in (False, True)])
    )
    def test_slope(self, backend: Backend, example: Slope, default: bool) -> None:
        """Composites have the slope of their formula where their implementation changes from one branch to another."""

        def loss(traced: list[Array], owner: Backend) -> Array:
            function = getattr(Backend, example.name).__get__(owner) if default else getattr(owner, example.name)
            return _total(owner, function(traced[0], *example.arguments))

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

    @over("contract", _if_differentiable(lambda _: tuple(_CONTRACTS)))
    def test_contract(self, backend: Backend, contract: str) -> None:
        """What `Backend.value_and_grad` promises beside the derivative."""
        _CONTRACTS[contract](backend)


def _extreme(name: str) -> Callable[[Backend, Array], Array]:
    return lambda owner, x: getattr(owner.xp, name)(x, axis=None, keepdims=False)


def _against_two(name: str) -> Callable[[Backend, Array], Array]:
    return lambda owner, x: getattr(owner.xp, name)(x, owner.asarray(np.full((3,), 2.0, np.float32)))


def _pair(backend: Backend) -> list[Array]:
    return [backend.asarray(np.asarray([1.0, 2.0], np.float32)), backend.asarray(np.asarray([3.0, 4.0], np.float32))]


def _total(owner: Backend, x: Array) -> Array:
    return owner.xp.sum(x, axis=None, keepdims=False)


def _gives_value_and_auxiliaries(backend: Backend) -> None:
    def function(traced: list[Array], owner: Backend) -> tuple[Array, list[Array]]:
        product = owner.xp.multiply(*traced)
        return _total(owner, product), [product, owner.asarray([7, 8])]

    value, (product, constant), gradients = backend.value_and_grad(function, _pair(backend))
    assert_array(backend, value, 11.0, dtypes.float32)
    assert_array(backend, product, [3.0, 8.0], dtypes.float32)
    assert_array(backend, constant, [7, 8], dtypes.int64)
    assert_array(backend, gradients[0], [3.0, 4.0], dtypes.float32)
    assert_array(backend, gradients[1], [1.0, 2.0], dtypes.float32)


def _gives_zeros_for_what_is_not_used(backend: Backend) -> None:
    gradients = gradients_of(backend, lambda traced, owner: _total(owner, traced[0]), _pair(backend))
    assert_array(backend, gradients[0], [1.0, 1.0], dtypes.float32)
    assert_array(backend, gradients[1], [0.0, 0.0], dtypes.float32)


def _runs_the_function_once(backend: Backend) -> None:
    runs = []

    def function(traced: list[Array], owner: Backend) -> tuple[Array, list[Array]]:
        runs.append(owner)
        return _total(owner, traced[0]), []

    backend.value_and_grad(function, _pair(backend))
    assert len(runs) == 1
    assert isinstance(runs[0], Backend)


def _leaves_its_arguments_alone(backend: Backend) -> None:
    arrays = _pair(backend)
    gradients_of(backend, lambda traced, owner: _total(owner, owner.xp.multiply(*traced)), arrays)
    assert_array(backend, arrays[0], [1.0, 2.0], dtypes.float32)
    assert_array(backend, backend.xp.add(arrays[0], arrays[1]), [4.0, 6.0], dtypes.float32)


def _stops_where_told(backend: Backend) -> None:
    def loss(traced: list[Array], owner: Backend) -> Array:
        return _total(owner, owner.xp.multiply(traced[0], owner.stop_gradient(traced[0])))

    gradients = gradients_of(backend, loss, _pair(backend)[:1])
    assert_array(backend, gradients[0], [1.0, 2.0], dtypes.float32)


def _goes_through_a_conversion(backend: Backend) -> None:
    if dtypes.float64 not in backend.capabilities.dtypes:
        return

    def loss(traced: list[Array], owner: Backend) -> Array:
        return _total(owner, owner.xp.square(owner.astype(traced[0], dtypes.float64)))

    gradients = gradients_of(backend, loss, _pair(backend)[:1])
    assert_array(backend, gradients[0], [2.0, 4.0], dtypes.float32)


def _goes_through_conditions_on_values_that_are_not_traced(backend: Backend) -> None:
    mask = backend.asarray([True, False])

    def loss(traced: list[Array], owner: Backend) -> Array:
        return _total(owner, owner.xp.where(mask, traced[0], owner.xp.zeros_like(traced[0])))

    gradients = gradients_of(backend, loss, _pair(backend)[:1])
    assert_array(backend, gradients[0], [1.0, 0.0], dtypes.float32)


def _adds_up_what_is_used_twice(backend: Backend) -> None:
    def loss(traced: list[Array], owner: Backend) -> Array:
        x = traced[0]
        return _total(owner, owner.xp.add(owner.xp.multiply(x, x), x))

    gradients = gradients_of(backend, loss, _pair(backend)[:1])
    assert_array(backend, gradients[0], [3.0, 5.0], dtypes.float32)


def _differentiates_a_scalar(backend: Backend) -> None:
    gradients = gradients_of(backend, lambda traced, owner: owner.xp.square(traced[0]), [backend.asarray(3.0)])
    assert_array(backend, gradients[0], 6.0, dtypes.float32)


_CONTRACTS: Final[dict[str, Callable[[Backend], None]]] = {
    function.__name__.strip("_"): function
    for function in (
        _gives_value_and_auxiliaries,
        _gives_zeros_for_what_is_not_used,
        _runs_the_function_once,
        _leaves_its_arguments_alone,
        _stops_where_told,
        _goes_through_a_conversion,
        _goes_through_conditions_on_values_that_are_not_traced,
        _adds_up_what_is_used_twice,
        _differentiates_a_scalar,
    )
}
