"""The arguments of jitted functions: static, donated, Python scalars; and reading values that do not exist yet."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import unifw as uf
from unifw.errors import TransformError


def compiles(backend):
    return backend.capabilities.compilation != "none"


def test_static_arguments_of_different_types_are_different():
    def kind(x, n):
        return x + {int: 1.0, float: 2.0, bool: 3.0}[type(n)]

    with uf.use_backend("jax"):
        ours = uf.jit(kind, static_argnums=1)
        theirs = jax.jit(kind, static_argnums=1)
        for n in (1, 1.0, True):
            assert ours(uf.zeros(1), n).item() == theirs(jnp.zeros(1), n).item()


@pytest.mark.parametrize("given", [{"static_argnames": "power"}, {"static_argnums": 1}], ids=["name", "number"])
def test_static_arguments_are_static_however_they_are_passed(backend, given):
    def f(x, power):
        assert type(power) is int
        return x**power

    compiled = uf.jit(f, **given)
    assert compiled(uf.asarray(3.0), 2).item() == compiled(uf.asarray(3.0), power=2).item() == 9.0


def test_donating_an_argument_donates_no_other(backend):
    compiled = uf.jit(lambda x, y: x + y, donate_argnums=1)
    x, y = uf.ones(4), uf.full((4,), 2.0)
    for _ in range(2):
        assert compiled(x, y=uf.asarray(np.asarray(y))).tolist() == [3.0] * 4
        assert x.tolist() == [1.0] * 4


@pytest.mark.parametrize("dtype", ["float64", "float16", "int8"])
def test_python_scalars_promote_under_jit_as_they_do_eagerly(backend, dtype):
    def f(x, real, integer):
        mixed = x * real, x + integer, real * x, x > real
        return *mixed, uf.maximum(x, integer), uf.where(x > integer, x, real), x * (real * integer + 1), real, -integer

    x = uf.asarray([1, 2, 3], dtype=dtype)
    expected = f(x, 0.1, 2)
    results = uf.jit(f)(x, 0.1, 2)
    for result, value in zip(results, map(uf.asarray, expected), strict=True):
        assert result.dtype == value.dtype
        # torch multiplies half precision by Python scalars in single precision, which may round the last bit otherwise.
        rounding = 2.0**-10 if dtype == "float16" else 0.0
        np.testing.assert_allclose(np.asarray(result), np.asarray(value), rtol=rounding)


def test_arithmetic_between_python_scalars_under_jit_is_that_of_python(backend):
    def f(a, b, flag):
        exact = a / b, a // b, a % b, b**2, 1 / b, 2 * a - b, abs(-a), 7 // a, flag + flag, a < b, a * 0.5 > b
        one = uf.asarray(1.0, dtype="float64")
        return [*(one * each for each in exact[:-2]), *(uf.where(each, 1, 2) for each in exact[-2:])]

    eager, compiled = f(3, 5, True), uf.jit(f)(3, 5, True)
    assert [each.item() for each in compiled] == [each.item() for each in eager]


def test_other_numbers_need_no_other_trace(backend):
    compiled = uf.jit(lambda x, rate: x * rate)
    assert [compiled(uf.ones(1), rate).item() for rate in (0.5, 0.25, 2.0)] == [0.5, 0.25, 2.0]
    assert compiled.trace_count == (1 if compiles(backend) else 3)


def test_a_side_effect_happens_once_when_the_function_is_traced(backend):
    printed = []

    def f(x):
        printed.append(x.shape)
        return x + 1.0

    compiled = uf.jit(f)
    for size in (2, 2, 3, 3):
        compiled(uf.ones(size))
    assert printed == ([(2,), (3,)] if compiles(backend) else [(2,), (2,), (3,), (3,)])
    assert compiled.trace_count == len(printed)


READING = {
    "if": lambda x: x if x[0] > 0 else -x,
    "float": lambda x: x * float(x[0]),
    "int": lambda x: x * int(x[0]),
    "item": lambda x: x * x[0].item(),
    "tolist": lambda x: x * x.tolist()[0],
    "NumPy": lambda x: x * np.asarray(x),
    "range": lambda x: sum(x[0] for _ in range(uf.astype(x[0], "int64"))),
}


@pytest.mark.parametrize("function", READING.values(), ids=READING)
def test_reading_a_value_while_tracing_is_one_error_on_all_backends(backend, function):
    if not compiles(backend):
        assert uf.jit(function)(uf.ones(2)).shape in {(2,), ()}  # nothing is traced, so values exist
        return
    with pytest.raises(TransformError) as raised:
        uf.jit(function)(uf.ones(2))
    assert str(raised.value) == (
        "A function under jit, vmap or a compiled loop needs the value of a tensor (`if tensor:`, `float(tensor)`, "
        "`tensor.item()`, `range(tensor)`) while it is traced: values do not exist yet, only shapes and dtypes. Choose "
        "between tensors with unifw.where, between computations with unifw.cond, loop with unifw.fori_loop or "
        "unifw.while_loop; for a Python number, name the argument in static_argnums or static_argnames of jit."
    )


def test_a_python_scalar_read_while_tracing_is_told_to_be_static(backend):
    if compiles(backend):
        with pytest.raises(TransformError, match="static_argnums"):
            uf.jit(lambda x, training: x if training else -x)(uf.ones(2), True)
    assert uf.jit(lambda x, training: x if training else -x, static_argnums=1)(uf.ones(2), True).tolist() == [1.0, 1.0]


def test_values_can_be_read_while_a_function_is_only_differentiated(backend):
    def f(x):
        return uf.sum(x * x) if x[0] > 0 else uf.sum(x)

    assert uf.grad(f)(uf.asarray([3.0, 1.0])).tolist() == [6.0, 2.0]
    assert uf.grad(f)(uf.asarray([-3.0, 1.0])).tolist() == [1.0, 1.0]
