"""`jit`: JAX's meaning on every backend. Few cases, since one compilation takes seconds on some."""

from __future__ import annotations

import pytest

import unifw as uf
from unifw.errors import ArgumentError, TransformError


def compiles(backend):
    return backend.capabilities.compilation != "none"


def test_compiled_functions_give_what_eager_ones_give_and_trace_once_per_shape(backend):
    def f(tree, *, power):
        return {"sum": uf.sum(tree["x"] ** power), "same": tree["x"], "constant": uf.asarray([1, 2])}, tree["y"] + 1

    compiled = uf.jit(f, static_argnames="power")
    for size in (2, 3, 2):
        tree = {"x": uf.full((size,), 2.0), "y": uf.asarray(3)}
        (first, second), (expected, rest) = compiled(tree, power=3.0), f(tree, power=3.0)
        assert uf.tree.structure(first) == uf.tree.structure(expected)
        assert [leaf.tolist() for leaf in uf.tree.leaves(first)] == [leaf.tolist() for leaf in uf.tree.leaves(expected)]
        assert second.tolist() == rest.tolist()
        assert second.dtype == uf.int64
    assert compiled.trace_count == (2 if compiles(backend) else 3)


def test_gradients_are_compiled_too_and_donated_state_moves_on(backend):
    target = uf.asarray([1.0, -1.0])

    def step(w, rate):
        value, gradient = uf.value_and_grad(lambda w: uf.sum(uf.square(w - target)))(w)
        return w - rate * gradient, value

    compiled = uf.jit(step, donate_argnums=0)
    w, values = uf.zeros(2) + 0.0, []
    for _ in range(5):
        w, value = compiled(w, 0.25)
        values.append(value.item())
    assert values == [2.0, 0.5, 0.125, 0.03125, 0.0078125]
    assert target.tolist() == [1.0, -1.0]


def test_donated_slices_leave_the_memory_they_share_alone(backend):
    x = uf.asarray([0.0, 1.0, 2.0, 3.0])
    compiled = uf.jit(lambda a, b: (a + 100, b * 1), donate_argnums=0)
    raised, kept = compiled(x[:3], x[1:4])
    assert raised.tolist() == [100.0, 101.0, 102.0]
    assert kept.tolist() == [1.0, 2.0, 3.0]
    assert x.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_a_slice_survives_the_donation_of_what_it_was_cut_from(backend):
    x = uf.asarray([0.0, 1.0, 2.0]) + 0.0
    inside, outside = x[1:], x[:2]
    raised, kept = uf.jit(lambda a, b: (a + 100, b * 1), donate_argnums=0)(x, inside)
    assert raised.tolist() == [100.0, 101.0, 102.0]
    assert kept.tolist() == inside.tolist() == [1.0, 2.0]
    assert outside.tolist() == [0.0, 1.0]


def test_jit_inside_a_transform_runs_inline(backend):
    inner = uf.jit(lambda x: uf.sum(x * x))
    assert uf.grad(inner)(uf.asarray([3.0])).tolist() == [6.0]


def test_names_and_docstrings_are_kept(backend):
    def named(x):
        """What it does."""
        return x

    assert uf.jit(named).__name__ == "named"
    assert uf.jit(named).__doc__ == "What it does."


def test_what_is_neither_a_tensor_nor_a_number_must_be_static(backend):
    with pytest.raises(TransformError, match="static_argnums"):
        uf.jit(lambda x, _: x)(uf.ones(1), "train")


def test_static_arguments_must_be_hashable(backend):
    with pytest.raises(TransformError, match="not hashable"):
        uf.jit(lambda x, _: x, static_argnums=1)(uf.ones(1), [1, 2])


def test_an_argument_cannot_be_static_and_donated():
    with pytest.raises(ArgumentError, match="both static"):
        uf.jit(lambda x: x, static_argnums=0, donate_argnums=0)
