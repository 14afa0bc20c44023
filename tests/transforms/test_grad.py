"""`grad` and `value_and_grad`: JAX's names and meaning, on every backend."""

from __future__ import annotations

import numpy as np
import pytest

import unifw as uf
from unifw.errors import ArgumentError, DTypeError, ShapeError, TransformError


def test_gradient_of_a_tree_has_its_structure(backend):
    tree = {"w": uf.asarray([1.0, 2.0]), "b": (uf.asarray(3.0), [uf.asarray([[4.0]])])}

    def loss(tree):
        return uf.sum(tree["w"] ** 2.0) + tree["b"][0] * uf.sum(tree["b"][1][0])

    gradient = uf.grad(loss)(tree)
    assert uf.tree.structure(gradient) == uf.tree.structure(tree)
    assert [leaf.tolist() for leaf in uf.tree.leaves(gradient)] == [4.0, [[3.0]], [2.0, 4.0]]


def test_argnums_choose_arguments(backend):
    def f(x, y, scale):
        return uf.sum(x * y) * scale

    x, y = uf.asarray([1.0, 2.0]), uf.asarray([3.0, 4.0])
    assert uf.grad(f, argnums=1)(x, y, 2.0).tolist() == [2.0, 4.0]
    first, second = uf.grad(f, argnums=(0, -2))(x, y, 2.0)
    assert first.tolist() == [6.0, 8.0]
    assert second.tolist() == [2.0, 4.0]


def test_value_and_auxiliary_data_come_back(backend):
    def f(x):
        return uf.sum(x * x), {"twice": 2 * x, "text": 7}

    (value, auxiliary), gradient = uf.value_and_grad(f, has_aux=True)(uf.asarray([1.0, 2.0]))
    assert value.item() == 5.0
    assert auxiliary["twice"].tolist() == [2.0, 4.0]
    assert gradient.tolist() == [2.0, 4.0]
    gradient, auxiliary = uf.grad(f, has_aux=True)(uf.asarray([1.0, 2.0]))
    assert gradient.tolist() == [2.0, 4.0]
    assert auxiliary["twice"].tolist() == [2.0, 4.0]


def test_the_function_runs_once_and_results_belong_to_the_backend(backend):
    runs = []

    def f(x):
        runs.append(x)
        return uf.sum(x)

    value, gradient = uf.value_and_grad(f)(uf.ones(2))
    assert len(runs) == 1
    assert value.backend is gradient.backend is backend


def test_gradients_nest(backend):
    def cube(x):
        return x**3.0

    assert uf.grad(cube)(uf.asarray(2.0)).item() == pytest.approx(12.0)
    assert uf.grad(uf.grad(cube))(uf.asarray(2.0)).item() == pytest.approx(12.0)
    assert uf.grad(uf.grad(uf.grad(cube)))(uf.asarray(2.0)).item() == pytest.approx(6.0)


def test_unused_arguments_have_zero_gradients(backend):
    _, second = uf.grad(lambda x, _: uf.sum(x), argnums=(0, 1))(uf.ones(2), uf.ones((3,)))
    assert second.tolist() == [0.0, 0.0, 0.0]


def test_tensors_made_inside_meet_traced_ones(backend):
    constant = uf.asarray([10.0, 20.0])

    def f(x):
        return uf.sum(x * constant + uf.ones((2,)) * uf.asarray([1.0, 2.0]) + uf.zeros_like(x))

    assert uf.grad(f)(uf.ones(2)).tolist() == [10.0, 20.0]


def test_indexing_differentiates(backend):
    gradient = uf.grad(lambda x: x[0, 1] * 3.0 + uf.sum(x[1:, ::2]))(uf.ones((2, 3)))
    assert gradient.tolist() == [[0.0, 3.0, 0.0], [1.0, 0.0, 1.0]]


def test_dtypes_of_gradients_are_those_of_the_arguments(backend):
    gradient = uf.grad(lambda x: uf.sum(x.astype("float64") ** 2.0))(uf.ones(2, dtype="float32"))
    assert gradient.dtype == uf.float32


def test_stop_gradient_stops(backend):
    assert uf.grad(lambda x: uf.sum(x * uf.stop_gradient(x)))(uf.asarray([3.0])).tolist() == [3.0]


def test_a_stopped_gradient_is_stopped_for_enclosing_transforms_too(backend):
    x = uf.asarray(3.0)
    assert uf.grad(uf.grad(lambda x: x * uf.stop_gradient(x)))(x).item() == 0.0
    assert uf.grad(uf.grad(lambda x: uf.stop_gradient(x) * x * x))(x).item() == 6.0
    inner = uf.grad(lambda y: y * y * y)
    assert uf.grad(lambda x: uf.stop_gradient(inner(x)) * x)(x).item() == 27.0


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: uf.grad(uf.sum)(uf.arange(3)), DTypeError, "floating-point tensors, got int64"),
        (lambda: uf.grad(lambda x: x)(uf.ones(3)), ShapeError, r"returns a scalar, got shape \(3,\)"),
        (lambda: uf.grad(lambda x: (uf.sum(x), 1))(uf.ones(3)), TransformError, "has_aux=True"),
        (lambda: uf.grad(uf.sum, argnums=1)(uf.ones(3)), ArgumentError, "does not fit a call with 1 positional"),
        (lambda: uf.grad(uf.sum, has_aux=True)(uf.ones(3)), TransformError, r"pair \(value, auxiliary\)"),
        (lambda: uf.grad(uf.argmax)(uf.ones(3)), DTypeError, "int64"),
    ],
    ids=["integers", "not a scalar", "a tuple", "argnums", "no pair", "an integer result"],
)
def test_misuse_is_explained(backend, call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_gradient_of_a_network_agrees_with_finite_differences(backend):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    w = rng.normal(size=(3, 2))

    def loss(w):
        return uf.mean(uf.square(uf.tanh(uf.asarray(x) @ w) - uf.asarray(y)))

    gradient = np.asarray(uf.grad(loss)(uf.asarray(w)))
    for place in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[place] += 1e-6
        down[place] -= 1e-6
        quotient = (loss(uf.asarray(up)).item() - loss(uf.asarray(down)).item()) / 2e-6
        assert gradient[place] == pytest.approx(quotient, rel=1e-6, abs=1e-8)
