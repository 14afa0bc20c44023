"""`jvp`, `jacfwd` and `hessian`: JAX is the oracle."""

from __future__ import annotations

import pytest

import unifw as uf
from tests.transforms.programs import assert_all_same_under_jit, assert_same, by_jax, by_unifw
from unifw.errors import DTypeError, ShapeError, TransformError


def tree_jvp(lib, x, w):
    def f(p, y):
        return {"a": lib.exp(p["w"]) @ y, "b": lib.sum(y)}

    return lib.jvp(f, ({"w": w}, x), ({"w": w * w}, x + 1.0))


def with_auxiliary(lib, x, w):
    return lib.jvp(lambda x: (x * x, {"double": x + x}), (x,), (x,), has_aux=True)


def constant_output(lib, x, w):
    return lib.jvp(lambda x: (lib.zeros_like(x), x), (x,), (x,))


def forward_over_reverse(lib, x, w):
    return lib.jvp(lib.grad(lambda x: lib.sum(lib.tanh(w @ x) ** 2.0)), (x,), (x * 0.5,))


def reverse_over_forward(lib, x, w):
    return lib.grad(lambda x: lib.sum(lib.jvp(lambda x: lib.sin(w @ x), (x,), (x * x,))[1]))(x)


def forward_over_forward(lib, x, w):
    return lib.jvp(lambda x: lib.jvp(lambda x: x**3.0, (x,), (w[0],))[1], (x,), (w[1],))


def closures_over_traced_values(lib, x, w):
    return lib.jvp(lambda a: a * lib.jvp(lambda b: a * a * b**3.0, (w[0, 0],), (a,))[1], (x[0],), (x[1],))


def jacobian_of_a_tree(lib, x, w):
    return lib.jacfwd(lambda p: {"scalar": lib.sum(p["x"] ** 2.0), "vector": p["w"] @ p["x"]})({"x": x, "w": w})


def jacobian_of_two_arguments(lib, x, w):
    return lib.jacfwd(lambda x, w: w @ x, argnums=(0, 1))(x, w)


def jacobian_with_auxiliary(lib, x, w):
    return lib.jacfwd(lambda x: (lib.exp(x), {"sum": lib.sum(x)}), has_aux=True)(x)


def hessian(lib, x, w):
    return lib.hessian(lambda x: lib.sum(lib.tanh(w @ x) ** 2.0))(x)


def hessian_of_a_tree(lib, x, w):
    return lib.hessian(lambda p: p["a"][0] * lib.sum(p["b"] ** 3.0))({"a": x, "b": w[0]})


def mixed_jacobians(lib, x, w):
    return lib.jacrev(lib.jacfwd(lambda x: w @ (x**3.0)))(x)


PROGRAMS = {
    each.__name__: each
    for each in (
        tree_jvp,
        with_auxiliary,
        constant_output,
        forward_over_reverse,
        reverse_over_forward,
        forward_over_forward,
        closures_over_traced_values,
        jacobian_of_a_tree,
        jacobian_of_two_arguments,
        jacobian_with_auxiliary,
        hessian,
        hessian_of_a_tree,
        mixed_jacobians,
    )
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_forward_mode_is_that_of_jax(backend, program):
    assert_same(by_unifw(program), by_jax(program))


def test_forward_mode_compiles(backend):
    assert_all_same_under_jit(
        PROGRAMS,
        backend,
        few=("constant_output", "forward_over_reverse", "reverse_over_forward", "forward_over_forward", "hessian"),
    )


def test_results_that_are_not_floating_point_have_tangents_of_zero(backend):
    (order, square), (nothing, change) = uf.jvp(
        lambda x: (uf.argsort(x), x * x), (uf.asarray([3.0, 1.0]),), (uf.ones(2),)
    )
    assert order.tolist() == [1, 0]
    assert nothing.tolist() == [0, 0]
    assert square.tolist() == [9.0, 1.0]
    assert change.tolist() == [6.0, 2.0]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: uf.jvp(lambda x: x, (uf.arange(2),), (uf.ones(2),)), DTypeError, "got int64"),
        (lambda: uf.jvp(lambda x: x, (uf.ones(2),), (uf.arange(2),)), DTypeError, "got int64"),
        (lambda: uf.jvp(lambda x: x, (uf.ones(2),), (uf.ones(3),)), ShapeError, r"got \(3,\)"),
        (lambda: uf.jvp(lambda x: x, (uf.ones(2),), ()), TransformError, "tangents of structure"),
        (lambda: uf.jvp(lambda x: x, uf.ones(2), uf.ones(2)), TransformError, "as tuples"),
    ],
    ids=["integers", "integer tangents", "shape", "structure", "no tuple"],
)
def test_misuse_is_explained(backend, call, kind, message):
    with pytest.raises(kind, match=message):
        call()
