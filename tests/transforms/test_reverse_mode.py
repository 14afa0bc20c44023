"""`vjp`, `jacrev` and nested `grad`: JAX is the oracle."""

from __future__ import annotations

import pytest

import unifw as uf
from tests.transforms.programs import assert_all_same_under_jit, assert_same, by_jax, by_unifw
from unifw.errors import DTypeError, ShapeError, TransformError


def tree_vjp(lib, x, w):
    outputs, pull = lib.vjp(lambda x, w: {"a": lib.sin(x) * 2.0, "b": (w @ x,)}, x, w)
    return outputs, pull({"a": x, "b": (x * x,)})


def pulled_twice(lib, x, w):
    _, pull = lib.vjp(lambda p: lib.exp(p["k"]) @ p["b"], {"k": w, "b": x})
    return pull(x), pull(2.0 * x)


def with_auxiliary(lib, x, w):
    outputs, pull, auxiliary = lib.vjp(lambda x: (x * x, {"double": x + x}), x, has_aux=True)
    return outputs, pull(x), auxiliary


def unused_and_constant(lib, x, w):
    outputs, pull = lib.vjp(lambda x, w: (lib.ones_like(x), x * 3.0), x, w)
    return outputs, pull((x, x))


def same_output_twice(lib, x, w):
    def twice(x):
        y = lib.sin(x)
        return y, y, x

    return lib.vjp(twice, x)[1]((x, 2.0 * x, 3.0 * x))


def reverse_over_reverse(lib, x, w):
    def f(x):
        return lib.sum(lib.tanh(w @ x) ** 2.0)

    return lib.vjp(lib.grad(f), x)[1](x), lib.grad(lambda x: lib.sum(lib.grad(f)(x) ** 2.0))(x)


def third_derivative(lib, x, w):
    return lib.grad(lib.grad(lib.grad(lambda a: lib.sin(a) * a**3.0)))(x[0])


def gradient_of_a_pullback(lib, x, w):
    pull = lib.vjp(lambda x: lib.sin(x) * x, x)[1]
    return lib.grad(lambda cotangent: lib.sum(pull(cotangent)[0] ** 2.0))(x)


def closures_over_traced_values(lib, x, w):
    def outer(a):
        inner = lib.grad(lambda b: a * a * b**3.0)
        return a * inner(w[0, 0]) + lib.sum(lib.vjp(lambda y: y * a, x)[1](x * a)[0])

    return lib.grad(outer)(x[2])


def jacobian_of_a_tree(lib, x, w):
    def f(p):
        return {"scalar": lib.sum(p["x"] ** 2.0), "vector": p["w"] @ lib.sin(p["x"])}

    return lib.jacrev(f)({"x": x, "w": w})


def jacobian_of_two_arguments(lib, x, w):
    return lib.jacrev(lambda scale, x, w: (w @ x) * scale, argnums=(1, 2))(2.0, x, w)


def jacobian_with_auxiliary(lib, x, w):
    return lib.jacrev(lambda x: (lib.exp(x), {"sum": lib.sum(x)}), has_aux=True)(x)


def jacobian_of_a_jacobian(lib, x, w):
    return lib.jacrev(lib.jacrev(lambda x: w @ (x**3.0)))(x)


PROGRAMS = {
    each.__name__: each
    for each in (
        tree_vjp,
        pulled_twice,
        with_auxiliary,
        unused_and_constant,
        same_output_twice,
        reverse_over_reverse,
        third_derivative,
        gradient_of_a_pullback,
        closures_over_traced_values,
        jacobian_of_a_tree,
        jacobian_of_two_arguments,
        jacobian_with_auxiliary,
        jacobian_of_a_jacobian,
    )
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_reverse_mode_is_that_of_jax(backend, program):
    assert_same(by_unifw(program), by_jax(program))


def test_reverse_mode_compiles(backend):
    assert_all_same_under_jit(PROGRAMS, backend, few=("tree_vjp", "reverse_over_reverse", "jacobian_of_a_tree"))


def test_results_that_are_not_floating_point_have_no_derivative(backend):
    x = uf.asarray([3.0, 1.0])
    outputs, pull = uf.vjp(lambda x: {"order": uf.argsort(x), "square": x * x}, x)
    assert outputs["order"].tolist() == [1, 0]
    assert pull({"order": outputs["order"], "square": x})[0].tolist() == [18.0, 2.0]


def test_the_function_runs_once(backend):
    runs = []
    _, pull = uf.vjp(lambda x: runs.append(x) or x * 2.0, uf.ones(2))
    pull(uf.ones(2))
    pull(uf.ones(2))
    assert len(runs) == 1


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: uf.vjp(lambda x: x, uf.arange(2)), DTypeError, "got int64"),
        (lambda: uf.vjp(lambda x: (x, x), uf.ones(2))[1](uf.ones(2)), TransformError, "cotangents of structure"),
        (lambda: uf.vjp(lambda x: x, uf.ones(2))[1](uf.ones(3)), ShapeError, r"shape \(2,\).*got \(3,\)"),
        (lambda: uf.vjp(lambda x: x, uf.ones(2), has_aux=True), TransformError, "pair"),
        (lambda: uf.jacrev(uf.argmax)(uf.ones(2)), DTypeError, "has_aux=True"),
    ],
    ids=["integers", "structure", "shape", "no pair", "integer result"],
)
def test_misuse_is_explained(backend, call, kind, message):
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.parametrize("divisor", [0.5, -0.5])
def test_remainder_differentiates_at_exact_multiples(backend, divisor):
    x = uf.asarray([1.0, -1.5, 0.7, -0.2, 0.0])
    assert uf.grad(lambda x: uf.sum(x % divisor))(x).tolist() == [1.0] * 5
