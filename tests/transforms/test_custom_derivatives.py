"""`checkpoint` and `custom_vjp`: JAX is the oracle."""

from __future__ import annotations

import numpy as np
import pytest

import unifw as uf
from tests.transforms.programs import assert_all_same_under_jit, assert_same, by_jax, by_unifw
from unifw.backend import current_backend
from unifw.errors import ShapeError, TransformError


def recomputed(lib, x, w):
    @lib.checkpoint
    def block(p, x):
        return {"y": lib.tanh(p @ x) + x, "n": lib.sum(x)}

    def loss(w, x):
        first = block(w, x)
        return lib.sum(block(w, first["y"])["y"] ** 2.0) * first["n"]

    return lib.value_and_grad(loss, argnums=(0, 1))(w, x)


def recomputed_twice_differentiated(lib, x, w):
    def loss(x):
        return lib.sum(lib.checkpoint(lambda a: lib.sin(w @ a) * x[0])(x))

    return lib.grad(lambda x: lib.sum(lib.grad(loss)(x) ** 2.0))(x)


def given(lib):
    """An operation with a rule that is not its derivative, so that following it shows."""

    @lib.custom_vjp
    def f(x, p):
        return {"product": x * p["a"], "sum": lib.sum(x)}

    def forward(x, p):
        return f(x, p), (lib.sin(x), p["a"])

    def backward(residuals, cotangents):
        sine, a = residuals
        return cotangents["product"] * sine * 10.0 + cotangents["sum"], {"a": cotangents["product"] * a, "unused": None}

    f.defvjp(forward, backward)
    return f


def loss_with_a_rule(lib, w):
    f = given(lib)

    def loss(x, a):
        out = f(x * 2.0, {"a": a, "unused": w})
        return lib.sum(out["product"] ** 2.0) + out["sum"] * a[0]

    return loss


def value_with_a_rule(lib, x, w):
    return given(lib)(x, {"a": x, "unused": w})


def gradient_by_the_rule(lib, x, w):
    return lib.value_and_grad(loss_with_a_rule(lib, w), argnums=(0, 1))(x, w[0])


def second_derivative_of_the_rule(lib, x, w):
    loss = loss_with_a_rule(lib, w)
    return lib.grad(lambda x: lib.sum(lib.grad(loss)(x, w[0]) ** 2.0))(x)


def rule_per_example(lib, x, w):
    return lib.vmap(lib.grad(loss_with_a_rule(lib, w)), in_axes=(0, None))(w, x)


def rule_inside_a_scan(lib, x, w):
    f = given(lib)

    def loss(x):
        return lib.sum(lib.scan(lambda s, row: (f(s, {"a": row, "unused": w})["product"], None), x, w)[0])

    return lib.grad(loss)(x)


PROGRAMS = {
    each.__name__: each
    for each in (
        recomputed,
        recomputed_twice_differentiated,
        value_with_a_rule,
        gradient_by_the_rule,
        second_derivative_of_the_rule,
        rule_per_example,
        rule_inside_a_scan,
    )
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_derivatives_are_those_of_jax(backend, program):
    assert_same(by_unifw(program), by_jax(program))


def test_derivatives_compile(backend):
    assert_all_same_under_jit(PROGRAMS, backend, few=("recomputed", "second_derivative_of_the_rule"))


def test_torch_computes_again_what_a_checkpoint_forgot():
    runs = []

    def f(x):
        runs.append(1)
        return uf.sum(uf.sin(x))

    with uf.use_backend("torch"):
        assert uf.grad(uf.checkpoint(f))(uf.asarray([0.0])).tolist() == [1.0]
    assert len(runs) == 2


def test_torch_keeps_less_for_a_compiled_checkpoint():
    x = np.random.default_rng(0).normal(size=(256, 256)).astype("float32")

    def block(x):
        for _ in range(4):
            x = uf.tanh(x @ x)
        return x

    def peak(function):
        def loss(x):
            for _ in range(4):
                x = function(x)
            return uf.sum(x)

        compiled = uf.jit(uf.grad(loss))
        given = uf.asarray(x)
        result = np.asarray(compiled(given))
        return current_backend().peak_memory(lambda: compiled(given), "cpu"), result

    with uf.use_backend("torch"):
        (kept, expected), (again, found) = peak(block), peak(uf.checkpoint(block))
    np.testing.assert_array_equal(found, expected)
    assert again < 0.8 * kept


def test_arguments_that_are_not_differentiated(backend):
    def f(mode, x, places):
        return x[places] * {"double": 2.0}[mode]

    f = uf.custom_vjp(f, nondiff_argnums=(0,))

    def forward(mode, x, places):
        return f(mode, x, places), places

    def backward(mode, places, g):
        assert mode == "double"
        return uf.full((3,), 5.0), None

    f.defvjp(forward, backward)
    x, places = uf.asarray([1.0, 2.0, 3.0]), uf.asarray([2, 0])
    assert f("double", x, places=places).tolist() == [6.0, 2.0]
    assert uf.grad(lambda x: uf.sum(f("double", x, places)))(x).tolist() == [5.0, 5.0, 5.0]


def with_rule(forward, backward):
    @uf.custom_vjp
    def f(x):
        return x

    f.defvjp(forward, backward)
    return f


@pytest.mark.parametrize(
    ("function", "kind", "message"),
    [
        (uf.custom_vjp(lambda x: x), TransformError, "defvjp"),
        (with_rule(lambda x: x, lambda r, g: (g,)), TransformError, "pair"),
        (with_rule(lambda x: (x, None), lambda r, g: g), TransformError, "tuple of 1 gradients"),
        (with_rule(lambda x: (x, None), lambda r, g: (g, g)), TransformError, "2 entries"),
        (with_rule(lambda x: (x, None), lambda r, g: ({"a": g},)), TransformError, "structure of the arguments"),
        (with_rule(lambda x: (x, None), lambda r, g: (uf.ones(5),)), ShapeError, r"\(2,\).*\(5,\)"),
    ],
    ids=["no rule", "no pair", "no tuple", "two", "structure", "shape"],
)
def test_misuse_is_explained(backend, function, kind, message):
    with pytest.raises(kind, match=message):
        uf.grad(lambda x: uf.sum(function(x)))(uf.ones(2))


def test_gradients_take_the_dtype_of_the_arguments(backend):
    f = with_rule(lambda x: (x, None), lambda r, g: (uf.asarray(np.asarray([3.0, 4.0])),))
    gradient = uf.grad(lambda x: uf.sum(f(x)))(uf.ones(2))
    assert gradient.dtype == uf.float32
    assert gradient.tolist() == [3.0, 4.0]
