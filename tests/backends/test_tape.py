"""The gradient tape: every function's gradient against finite differences and against JAX."""

from __future__ import annotations

import itertools
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from tests.backends.differentiable_cases import CASES, COMPOSITES, weighted
from tests.backends.finite_differences import finite_differences
from unifw import dtypes
from unifw.backend import composites
from unifw.backend.autodiff import GradientTape, TapeArray, gradient_tape, tape_value_and_grad
from unifw.errors import TransformError, UnsupportedError
from unifw_numpy import NumpyBackend

numpy = NumpyBackend()


def loss(call: Any) -> Any:
    return lambda arrays, b: (weighted(b, call(b, *arrays)), [])


def gradients(call: Any, *inputs: Any) -> list[np.ndarray]:
    return numpy.value_and_grad(loss(call), inputs)[2]


SMOOTH = [name for name in CASES if name != "stop_gradient"]  # what a gradient must ignore, the slope shows


@pytest.mark.parametrize("name", SMOOTH)
def test_gradient_is_the_slope(name):
    case = CASES[name]
    value, _, found_gradients = numpy.value_and_grad(loss(case.call), case.inputs)
    slopes = finite_differences(lambda inputs: weighted(numpy, case.call(numpy, *inputs)), case.inputs)
    np.testing.assert_allclose(value, weighted(numpy, case.call(numpy, *case.inputs)), rtol=1e-12)
    for found, slope, given_array in zip(found_gradients, slopes, case.inputs, strict=True):
        assert found.shape == given_array.shape
        assert found.dtype == given_array.dtype
        np.testing.assert_allclose(found, slope, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", SMOOTH)
def test_second_derivative_is_the_slope_of_the_first(name):
    case = CASES[name]

    def along(arrays: Any, b: Any) -> Any:
        """The first gradient, projected on fixed directions."""
        _, _, first = b.value_and_grad(loss(case.call), arrays)
        total = b.asarray(0.0, dtype=dtypes.float64)
        for each in first:
            total = b.xp.add(total, weighted(b, each))
        return total, []

    _, _, found = numpy.value_and_grad(along, case.inputs)
    slopes = finite_differences(lambda inputs: along(inputs, numpy)[0], case.inputs)
    for second, slope in zip(found, slopes, strict=True):
        np.testing.assert_allclose(second, slope, rtol=1e-5, atol=1e-6)


def test_every_composite_is_covered():
    """A composite that is added must be given a case, or a reason here."""
    constant = {name for name in composites() if name.startswith(("random_", "threefry"))} | {"one_hot"}
    constant |= {"index_reduce"}  # its callers say what its derivative is: tests/tensor/test_at.py
    updates = {"sgd_update", "adam_update", "rmsprop_update"}  # below
    named = {name.split(" ")[0].removesuffix("'s") for name in COMPOSITES} | {"dot_product_attention"}
    assert set(composites()) - constant - updates - named == set()


@pytest.mark.parametrize("update", ["sgd_update", "adam_update", "rmsprop_update"])
def test_updates_are_differentiable_in_the_gradient(update):
    """Learning to learn: through one step of an optimizer."""
    p, g, m, v = (np.linspace(0.1, 0.9, 4) + i for i in range(4))
    rate = np.asarray(0.1, np.float32)

    def step(arrays: Any, b: Any) -> Any:
        if update == "sgd_update":
            new, _ = b.sgd_update([arrays[0]], [arrays[1]], [m], learning_rate=rate, momentum=0.9, nesterov=True)
        elif update == "rmsprop_update":
            new, _, _, _ = b.rmsprop_update(
                [arrays[0]], [arrays[1]], [v * 9], [m], [p], learning_rate=rate, rho=0.9, momentum=0.9, epsilon=1e-7
            )
        else:
            new, _, _ = b.adam_update(
                [arrays[0]], [arrays[1]], [m], [v], step=np.asarray(3), learning_rate=rate, beta_1=0.9, beta_2=0.99,
                epsilon=1e-7, weight_decay=0.1,
            )  # fmt: skip
        return weighted(b, new[0]), []

    _, _, found = numpy.value_and_grad(step, [p, g])
    for each, slope in zip(found, finite_differences(lambda inputs: step(inputs, numpy)[0], [p, g]), strict=True):
        np.testing.assert_allclose(each, slope, rtol=1e-6, atol=1e-8)


def test_the_slope_of_abs_at_zero_is_zero():
    """As in torch and TensorFlow; JAX 0.10 says 1 there."""
    assert gradients(lambda b, x: b.xp.abs(x), np.array([0.0]))[0] == 0.0


@given(shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3), data=st.data())
@settings(max_examples=60, deadline=None)
def test_broadcasting_is_summed_back(shapes, data):
    """Against HIPS autograd, which has rules of its own."""
    name = data.draw(st.sampled_from(["add", "subtract", "multiply", "divide"]))
    generator = np.random.default_rng(data.draw(st.integers(0, 99)))
    x, y = (generator.uniform(0.5, 2.0, shape) for shape in shapes.input_shapes)

    def plain(x: Any, y: Any) -> Any:
        result = getattr(anp, name)(x, y)
        return anp.sum(result * np.cos(np.arange(result.size, dtype=float)).reshape(result.shape))

    wanted = autograd.grad(plain, argnum=(0, 1))(x, y)
    found = gradients(lambda b, x, y: getattr(b.xp, name)(x, y), x, y)
    for each, expected in zip(found, wanted, strict=True):
        np.testing.assert_allclose(each, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", dtypes.FLOATS, ids=str)
def test_gradients_keep_the_dtype(dtype):
    def both(arrays: Any, b: Any) -> Any:
        x, w = arrays
        hidden = b.gelu(b.xp.add(b.xp.multiply(b.xp.matmul(x, w), 0.5), 1.0), True)
        hidden = b.layer_norm(b.silu(hidden), None, None, 1e-3, (-1,))
        return b.xp.mean(b.softmax_cross_entropy(hidden, b.softmax(hidden, -1))), []

    inputs = [numpy.asarray(np.full(shape, 0.5), dtype=dtype) for shape in ((2, 3), (3, 4))]
    value, _, gradients = numpy.value_and_grad(both, inputs)
    assert value.dtype == dtype
    assert [each.dtype for each in gradients] == [dtype, dtype]


def test_unused_inputs_have_zero_gradients_and_integers_none_pass():
    x, y = np.ones((2, 3), np.float32), np.ones(4, np.float32)

    def function(arrays: Any, b: Any) -> Any:
        counted = b.astype(b.astype(arrays[1], dtypes.int64), dtypes.float32)
        return b.xp.add(b.xp.sum(arrays[0]), b.xp.sum(counted)), [arrays[1], counted]

    value, auxiliary, (to_x, to_y) = numpy.value_and_grad(function, [x, y])
    assert value == 10
    assert all(type(each) is np.ndarray for each in auxiliary)
    np.testing.assert_array_equal(to_x, np.ones((2, 3)))
    np.testing.assert_array_equal(to_y, np.zeros(4))


def test_constants_are_not_recorded():
    tape = gradient_tape(numpy)
    x = np.ones(3)
    assert type(tape.xp.multiply(x, 2.0)) is np.ndarray
    assert type(tape.softmax(x, -1)) is np.ndarray
    assert tape.lift(x, numpy) is x
    assert tape.lift(x, NumpyBackend()) is None


def test_the_graph_is_freed_by_the_walk_back():
    kept: list[TapeArray] = []

    def function(arrays: Any, b: Any) -> Any:
        kept.append(b.xp.exp(arrays[0]))
        return b.xp.sum(kept[0]), []

    numpy.value_and_grad(function, [np.ones(3)])
    assert kept[0].parents == ()
    assert kept[0].pulls == ()


def test_a_function_runs_once():
    calls = itertools.count()

    def function(arrays: Any, b: Any) -> Any:
        next(calls)
        return b.xp.sum(arrays[0]), []

    numpy.value_and_grad(function, [np.ones(3)])
    assert next(calls) == 1


def test_third_derivative():
    def power(arrays: Any, b: Any) -> Any:
        return b.xp.pow(arrays[0], 4.0), []

    def slope(of: Any) -> Any:
        return lambda arrays, b: (b.value_and_grad(of, arrays)[2][0], [])

    assert numpy.value_and_grad(slope(slope(power)), [np.asarray(1.5)])[2][0] == pytest.approx(24 * 1.5)


def test_inner_gradient_uses_an_outer_value_that_it_receives():
    """d/dx of (d/dy x * y**2 at y = 3) is 6, when x is given to the inner function."""

    def outer(arrays: Any, b: Any) -> Any:
        (x,) = arrays
        inner_arrays = [x, b.asarray(3.0, dtype=dtypes.float64)]
        _, _, gradients = b.value_and_grad(lambda a, c: (c.xp.multiply(a[0], c.xp.square(a[1])), []), inner_arrays)
        return gradients[1], []

    assert numpy.value_and_grad(outer, [np.asarray(2.0)])[2][0] == 6.0


def test_outer_value_met_by_closure_is_lifted():
    def outer(arrays: Any, b: Any) -> Any:
        (x,) = arrays

        def inner(traced: Any, c: Any) -> Any:
            return c.xp.multiply(c.lift(x, b), c.xp.square(traced[0])), []

        return b.value_and_grad(inner, [b.asarray(3.0, dtype=dtypes.float64)])[2][0], []

    assert numpy.value_and_grad(outer, [np.asarray(2.0)])[2][0] == 6.0


def test_a_traced_value_of_another_grad_on_the_same_level_is_refused():
    """Otherwise its derivative would be lost without a word."""

    def outer(arrays: Any, b: Any) -> Any:
        (x,) = arrays
        assert b.is_array(x)
        numpy.value_and_grad(lambda traced, c: (c.xp.multiply(x, traced[0]), []), [np.asarray(3.0)])
        return x, []

    with pytest.raises(TransformError, match="enclosing grad"):
        numpy.value_and_grad(outer, [np.asarray(2.0)])


def test_only_scalars_have_gradients():
    with pytest.raises(TransformError, match=r"shape \(3,\)"):
        numpy.value_and_grad(lambda arrays, b: (b.xp.exp(arrays[0]), []), [np.ones(3)])


def test_what_has_no_derivative_says_so():
    with pytest.raises(UnsupportedError, match="'cbrt'"):
        tape_value_and_grad(numpy, lambda arrays, b: (b.xp.cbrt(arrays[0]), []), [np.asarray(1.0)])
    with pytest.raises(UnsupportedError, match="complex64"):
        numpy.value_and_grad(lambda arrays, b: (b.astype(arrays[0], dtypes.complex64), []), [np.asarray(1.0)])


def test_the_tape_is_a_backend():
    tape = gradient_tape(numpy)
    assert isinstance(tape, GradientTape)

    def function(arrays: Any, b: Any) -> Any:
        (x,) = arrays
        assert b.is_array(x)
        assert b.is_array(np.ones(2))
        assert (b.shape_of(x), b.dtype_of(x), b.device_of(x)) == ((2, 3), dtypes.float32, "cpu")
        assert (x.shape, x.dtype) == ((2, 3), dtypes.float32)
        np.testing.assert_array_equal(b.to_numpy(x), np.ones((2, 3)))
        b.synchronize([x])
        outputs, static = b.jit(lambda arrays, c: ([c.xp.sum(b.to_device(b.copy(arrays[0]), "cpu"))], "static"))([x])
        assert static == "static"
        return outputs[0], []

    np.testing.assert_array_equal(numpy.value_and_grad(function, [np.ones((2, 3), np.float32)])[2][0], np.ones((2, 3)))
