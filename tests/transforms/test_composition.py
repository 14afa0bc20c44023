"""Transforms compose: every one around every other one, and some three deep; JAX is the oracle."""

from __future__ import annotations

from itertools import product

import pytest

from tests.transforms.programs import assert_all_same_under_jit, assert_same, by_jax, by_unifw


def _around(name):
    """Return a transform as what makes of a function of a vector another one: ``around(lib, f)(x)``."""

    def register(function):
        TRANSFORMS[name] = function
        return function

    return register


TRANSFORMS = {}


@_around("grad")
def _grad(lib, f):
    return lib.grad(lambda x: lib.sum(f(x)))


@_around("value_and_grad")
def _value_and_grad(lib, f):
    def run(x):
        value, gradient = lib.value_and_grad(lambda x: lib.sum(f(x)))(x)
        return value * gradient

    return run


@_around("vjp")
def _vjp(lib, f):
    def run(x):
        value, pullback = lib.vjp(f, x)
        return value + pullback(x * 0.5)[0]

    return run


@_around("jvp")
def _jvp(lib, f):
    def run(x):
        value, tangent = lib.jvp(f, (x,), (x * 0.5,))
        return value + tangent

    return run


@_around("jacrev")
def _jacrev(lib, f):
    return lambda x: lib.jacrev(f)(x) @ x


@_around("jacfwd")
def _jacfwd(lib, f):
    return lambda x: lib.jacfwd(f)(x) @ x


@_around("vmap")
def _vmap(lib, f):
    return lambda x: lib.sum(lib.vmap(f)(lib.stack([x, x * 0.5])), axis=0)


@_around("jit")
def _jit(lib, f):
    return lib.jit(f)


@_around("checkpoint")
def _checkpoint(lib, f):
    return lib.checkpoint(f)


@_around("custom_vjp")
def _custom_vjp(lib, f):
    custom = lib.custom_vjp(f)
    custom.defvjp(lambda x: (f(x), x), lambda x, cotangent: (cotangent * lib.cos(x),))
    return custom


@_around("scan")
def _scan(lib, f):
    return lambda x: lib.scan(lambda carry, row: (f(carry) * 0.5 + row, None), x, lib.stack([x, x * 0.5]))[0]


@_around("fori_loop")
def _fori_loop(lib, f):
    return lambda x: lib.fori_loop(0, 2, lambda i, value: f(value) * 0.5, x)


@_around("while_loop")
def _while_loop(lib, f):
    return lambda x: lib.while_loop(lambda state: state[1] < 2, lambda state: (f(state[0]), state[1] + 1), (x, 0))[0]


@_around("cond")
def _cond(lib, f):
    return lambda x: lib.cond(lib.sum(x) > 0, f, lambda x: f(x * 0.5), x)


def _innermost(lib, w):
    return lambda x: lib.tanh(w @ x) * x


# A loop of unknown length has no reverse mode in JAX, nor a custom_vjp a forward mode.
REVERSE = {"grad", "value_and_grad", "vjp", "jacrev"}
FORWARD = {"jvp", "jacfwd"}


def is_defined(names):
    """Return whether JAX defines transforms around each other, the outermost first."""
    for place, name in enumerate(names):
        outside = set(names[:place])
        if (name == "while_loop" and outside & REVERSE) or (name == "custom_vjp" and outside & FORWARD):
            return False
    return True


def program_of(names):
    """Return the program of transforms around each other, the outermost first."""

    def program(lib, x, w):
        function = _innermost(lib, w)
        for name in reversed(names):
            function = TRANSFORMS[name](lib, function)
        return function(x)

    return program


PAIRS = [names for names in product(TRANSFORMS, repeat=2) if is_defined(names)]
TRIPLES = [
    ("grad", "vmap", "scan"),
    ("grad", "jacfwd", "scan"),
    ("jacfwd", "grad", "scan"),
    ("jacrev", "checkpoint", "scan"),
    ("jvp", "vmap", "scan"),
    ("scan", "vmap", "grad"),
    ("vjp", "cond", "vmap"),
    ("vmap", "cond", "grad"),
    ("vmap", "grad", "scan"),
    ("vmap", "jvp", "while_loop"),
]


@pytest.fixture(scope="module")
def oracle():
    found = {}

    def value(names):
        if names not in found:
            found[names] = by_jax(program_of(names))
        return found[names]

    return value


@pytest.mark.parametrize("outer", TRANSFORMS)
def test_every_transform_around_every_other(backend, oracle, outer):
    for names in PAIRS:
        if names[0] == outer:
            assert_same(by_unifw(program_of(names)), oracle(names), "(".join(names))


@pytest.mark.parametrize("names", TRIPLES, ids="-".join)
def test_three_deep(backend, names):
    assert_same(by_unifw(program_of(names)), by_jax(program_of(names)))


def test_three_deep_under_jit(backend):
    programs = {" ".join(names): program_of(names) for names in TRIPLES}
    assert_all_same_under_jit(programs, backend, few=("vmap cond grad", "grad vmap scan"))
