"""`vmap`: JAX is the oracle, and a loop."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import unifw as uf
from tests.transforms.programs import assert_all_same_under_jit, assert_same, by_jax, by_unifw
from unifw.errors import ShapeError, TransformError


def each_row(lib, x, w):
    return lib.vmap(lambda row: {"sum": lib.sum(row), "row": row * 2.0})(w)


def shared_arguments(lib, x, w):
    return lib.vmap(lambda a, b, c: a @ b + c, in_axes=(0, None, None))(w, x, 2.0)


def other_axes(lib, x, w):
    wide = lib.stack([w, 2.0 * w], axis=2)
    return lib.vmap(lambda a: a @ x[:2], in_axes=1, out_axes=1)(wide), lib.vmap(lambda a: a, in_axes=-1, out_axes=-1)(
        wide
    )


def trees_of_axes(lib, x, w):
    def f(p, y):
        return {"a": p["x"] * y, "b": p["w"] @ p["x"]}

    axes = ({"x": None, "w": None}, 0)
    return lib.vmap(f, in_axes=axes, out_axes={"a": 1, "b": None})({"x": x, "w": w}, x)


def results_that_do_not_depend_on_the_slice(lib, x, w):
    return lib.vmap(lambda row: (lib.sum(x), lib.ones_like(row)))(w)


def maps_inside_maps(lib, x, w):
    return lib.vmap(lambda a: lib.vmap(lambda b: lib.sum(a * b) + b)(w))(w)


def keyword_arguments(lib, x, w):
    return lib.vmap(lambda a, *, b: a + b)(w, b=x)


def per_example_gradients(lib, x, w):
    return lib.vmap(lib.grad(lambda row: lib.sum(lib.tanh(row * x) ** 2.0)))(w)


def per_example_values_and_gradients(lib, x, w):
    return lib.vmap(lib.value_and_grad(lambda p, row: lib.sum((p @ row) ** 2.0)), in_axes=(None, 0))(w, w)


def gradient_of_a_map(lib, x, w):
    return lib.grad(lambda x: lib.sum(lib.vmap(lambda row: lib.sin(row @ x) * x)(w) ** 2.0))(x)


def second_derivatives_per_example(lib, x, w):
    return lib.vmap(lib.grad(lib.grad(lambda a: lib.sin(a) * a**3.0)))(x)


def hessian_per_example(lib, x, w):
    return lib.vmap(lib.hessian(lambda row: lib.sum(row**3.0) * row[0]))(w)


def forward_mode_per_example(lib, x, w):
    return lib.vmap(lambda row: lib.jvp(lambda a: lib.exp(a) * x, (row,), (x,)))(w)


def forward_mode_of_a_map(lib, x, w):
    return lib.jvp(lib.vmap(lambda row: lib.sum(row**3.0)), (w,), (w * 0.5,))


def scan_per_example(lib, x, w):
    def total(row):
        return lib.scan(lambda s, each: (s + each * row[0], s), 0.5, row)

    return lib.vmap(total)(w), lib.vmap(lib.grad(lambda row: total(row)[0]))(w)


def branch_per_example(lib, x, w):
    def f(a):
        return lib.cond(a > 0, lambda a: a**3.0, lambda a: lib.sin(a) + 1.0, a)

    return lib.vmap(f)(x), lib.vmap(lib.grad(f))(x)


def indexing_and_sorting_per_example(lib, x, w):
    return lib.vmap(lambda row: (row[1], row[::2], lib.sort(row), lib.argmax(row), lib.concat([row, x])))(w)


PROGRAMS = {
    each.__name__: each
    for each in (
        each_row,
        shared_arguments,
        other_axes,
        trees_of_axes,
        results_that_do_not_depend_on_the_slice,
        maps_inside_maps,
        keyword_arguments,
        per_example_gradients,
        per_example_values_and_gradients,
        gradient_of_a_map,
        second_derivatives_per_example,
        hessian_per_example,
        forward_mode_per_example,
        forward_mode_of_a_map,
        scan_per_example,
        branch_per_example,
        indexing_and_sorting_per_example,
    )
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_mapping_is_that_of_jax(backend, program):
    assert_same(by_unifw(program), by_jax(program))


def test_mapping_compiles(backend):
    assert_all_same_under_jit(
        PROGRAMS, backend, few=("per_example_gradients", "scan_per_example", "branch_per_example")
    )


def test_a_map_is_a_loop(backend):
    w = uf.asarray(np.arange(12.0).reshape(4, 3))

    def f(row):
        return uf.nn.softmax(row), uf.nn.gelu(row), uf.mean(row), uf.cumulative_sum(row)

    mapped = uf.vmap(f)(w)
    looped = [uf.stack(column) for column in zip(*[f(row) for row in w], strict=True)]
    for ours, expected in zip(mapped, looped, strict=True):
        np.testing.assert_allclose(np.asarray(ours), np.asarray(expected), rtol=1e-14)


def test_random_numbers_per_key_are_those_of_jax(backend):
    keys = uf.random.split(uf.random.key(3), 4)
    theirs = jax.random.split(jax.random.key(3), 4)
    ours = uf.vmap(lambda key: uf.random.uniform(key, (5,)))(keys)
    np.testing.assert_array_equal(
        np.asarray(ours), jax.vmap(lambda key: jax.random.uniform(key, (5,), "float32"))(theirs)
    )


def test_item_assignment_inside_a_map(backend):
    def f(row):
        result = uf.zeros(3, dtype="float64")
        result[1] = row[0] * 2.0
        result[0] = 7.0
        return result

    assert uf.vmap(f)(uf.asarray(np.ones((2, 3)))).tolist() == [[7.0, 2.0, 0.0]] * 2


def test_nothing_to_map_gives_nothing(backend):
    result = uf.vmap(lambda row: {"sum": uf.sum(row), "twice": uf.concat([row, row])})(uf.zeros((0, 3)))
    assert (result["sum"].shape, result["twice"].shape) == ((0,), (0, 6))


def test_the_number_of_slices_can_be_said(backend):
    assert uf.vmap(lambda x: x * 2.0, in_axes=None, axis_size=3)(uf.asarray(1.0)).tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: uf.vmap(lambda x, y: x)(uf.ones(2), uf.ones(3)), ShapeError, "different sizes"),
        (lambda: uf.vmap(lambda x: x)(uf.asarray(1.0)), ShapeError, "no such axis"),
        (lambda: uf.vmap(lambda x: x, in_axes=2)(uf.ones((2, 2))), ShapeError, "axis 2"),
        (lambda: uf.vmap(lambda x: x, in_axes=None)(uf.ones(2)), TransformError, "no argument to slice"),
        (lambda: uf.vmap(lambda x, y: x, in_axes=(0,))(uf.ones(2), uf.ones(2)), TransformError, "do not fit"),
        (lambda: uf.vmap(lambda x: x, in_axes="a")(uf.ones(2)), TransformError, "do not fit"),
        (lambda: uf.vmap(lambda x: x, out_axes=(0, 1))(uf.ones(2)), TransformError, "out_axes"),
        (lambda: uf.vmap(lambda x: x, out_axes=3)(uf.ones(2)), ShapeError, "out_axes=3"),
    ],
    ids=["sizes", "scalar", "axis", "nothing", "in_axes", "text", "out_axes", "out axis"],
)
def test_misuse_is_explained(backend, call, kind, message):
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.parametrize("name", ["torch", "jax", "tensorflow"])
def test_reading_a_value_inside_a_map_is_one_error(name):
    with uf.use_backend(name), pytest.raises(TransformError, match=r"under jit, vmap .* unifw.where"):
        uf.vmap(lambda x: x if x > 0 else -x)(uf.ones(2))
