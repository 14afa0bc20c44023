"""`cond`, `while_loop`, `fori_loop` and `scan`: JAX is the oracle."""

from __future__ import annotations

import pytest

import unifw as uf
from tests.transforms.programs import assert_all_same_under_jit, assert_same, by_jax, by_unifw
from unifw.errors import ShapeError, TransformError, UnsupportedError


def scan_with_structured_state(lib, x, w):
    def step(state, row):
        total, (count, last) = state["total"] + row["x"] * last_of(state), state["more"]
        return {"total": total, "more": (count + 1, row["w"])}, {"seen": total * 2.0, "row": row["w"] + last}

    def last_of(state):
        return lib.sum(state["more"][1])

    return lib.scan(step, {"total": x[0], "more": (0, x)}, {"x": x, "w": w})


def scan_backwards(lib, x, w):
    return lib.scan(lambda total, row: (total + row, total * row), 0.0, x, reverse=True)


def scan_without_rows(lib, x, w):
    return lib.scan(lambda state, _: (w @ state, None), x, None, length=4)


def scan_of_nothing(lib, x, w):
    return lib.scan(lambda state, row: (state + row, (row * 2.0, row > 0)), x[0], x[:0])


def scan_inside_scan(lib, x, w):
    def outer(total, row):
        return lib.scan(lambda inner, each: (inner + each * total, inner), total, row)

    return lib.scan(outer, x[0], w)


def recurrent(lib, x, w):
    """A small recurrent network: state, weights from outside and rows all receive gradients."""
    last, outputs = lib.scan(lambda h, row: (lib.tanh(w @ h + row * x), h[0]), x, x)
    return lib.sum(last**2.0) + lib.sum(outputs)


def gradient_through_scan(lib, x, w):
    return lib.grad(lambda x, w: recurrent(lib, x, w), argnums=(0, 1))(x, w)


def second_derivative_through_scan(lib, x, w):
    def slope(x):
        return lib.sum(lib.grad(lambda x: recurrent(lib, x, w))(x) ** 2.0)

    return lib.grad(slope)(x)


def forward_mode_through_scan(lib, x, w):
    return lib.jvp(lambda x, w: recurrent(lib, x, w), (x, w), (x * x, w + 1.0))


def gradient_of_collected_rows(lib, x, w):
    def f(w):
        return lib.sum(lib.scan(lambda s, row: (s + lib.sum(row), lib.sin(row) * s), 1.0, w, reverse=True)[1] ** 2.0)

    return lib.grad(f)(w)


def counted_loop(lib, x, w):
    return lib.fori_loop(1, 4, lambda i, state: (state[0] + i, w @ state[1] * i), (0, x))


def counted_loop_without_steps(lib, x, w):
    return lib.fori_loop(3, 1, lambda i, state: state * 2.0, x)


def gradient_of_a_counted_loop(lib, x, w):
    return lib.grad(lambda x: lib.sum(lib.fori_loop(0, 3, lambda i, v: lib.sin(w @ v) + v * i, x)))(x)


def both_branches(lib, x, w):
    def choose(value):
        return lib.cond(value > 0, lambda a, b: {"r": a @ b}, lambda a, b: {"r": b * 2.0}, w, x)

    return choose(x[0]), choose(x[1])


def gradient_of_branches(lib, x, w):
    def f(x, place):
        return lib.cond(x[place] > 0, lambda x: lib.sum(x**3.0), lambda x: lib.sum(lib.sin(w @ x)), x)

    first = [lib.grad(lambda x, place=place: f(x, place))(x) for place in (0, 1)]
    return first, lib.grad(lambda x: lib.sum(lib.grad(lambda x: f(x, 1))(x) ** 2.0))(x)


def branch_inside_a_scan(lib, x, w):
    def step(total, each):
        total = lib.cond(each > 0, lambda t: t + each, lambda t: t * each * 0.5, total)
        return total, total

    return lib.scan(step, 1.0, x), lib.grad(lambda x: lib.scan(step, 1.0, x)[0])(x)


def loop_with_a_condition(lib, x, w):
    def body(state):
        value, count = state
        return value * 1.5, count + 1

    return lib.while_loop(lambda state: lib.sum(state[0] ** 2.0) < 100.0, body, (x, 0))


def counted_loop_with_a_traced_bound(lib, x, w):
    bound = lib.sum(lib.astype(x > 0, lib.int64))
    return lib.fori_loop(0, bound, lambda i, value: value * 2.0 + i, x)


def forward_mode_through_a_condition(lib, x, w):
    return lib.jvp(lambda x: lib.while_loop(lambda v: lib.sum(v**2.0) < 100.0, lambda v: v * 1.5, x), (x,), (w[0],))


DATA_DEPENDENT = {
    each.__name__: each
    for each in (loop_with_a_condition, counted_loop_with_a_traced_bound, forward_mode_through_a_condition)
}
PROGRAMS = {
    each.__name__: each
    for each in (
        scan_with_structured_state,
        scan_backwards,
        scan_without_rows,
        scan_of_nothing,
        scan_inside_scan,
        gradient_through_scan,
        second_derivative_through_scan,
        forward_mode_through_scan,
        gradient_of_collected_rows,
        counted_loop,
        counted_loop_without_steps,
        gradient_of_a_counted_loop,
        both_branches,
        gradient_of_branches,
        branch_inside_a_scan,
    )
}


@pytest.mark.parametrize("program", [*PROGRAMS.values(), *DATA_DEPENDENT.values()], ids=lambda each: each.__name__)
def test_control_flow_is_that_of_jax(backend, program):
    assert_same(by_unifw(program), by_jax(program))


def test_control_flow_compiles(backend):
    assert_all_same_under_jit(PROGRAMS, backend, few=("both_branches", "second_derivative_through_scan"))


@pytest.mark.parametrize("name", ["loop_with_a_condition", "counted_loop_with_a_traced_bound"])
def test_loops_of_unknown_length_compile(backend, name):
    program = DATA_DEPENDENT[name]
    assert_same(by_unifw(program, compiled=True), by_jax(program))


def test_forward_mode_through_a_compiled_loop_works_or_says_who_can(backend):
    if backend.capabilities.compilation == "costly":
        with pytest.raises(UnsupportedError, match=r"while_loop under jit.*fori_loop or scan.*jax, tensorflow"):
            by_unifw(forward_mode_through_a_condition, compiled=True)
    else:
        assert_same(by_unifw(forward_mode_through_a_condition, compiled=True), by_jax(forward_mode_through_a_condition))


def loop_per_example(lib, x, w):
    def f(row):
        return lib.while_loop(lambda s: lib.sum(s[0] ** 2.0) < 50.0, lambda s: (s[0] * 1.5, s[1] + 1), (row, 0))

    counts = lib.astype(lib.abs(x), lib.int64)
    doubled = lib.vmap(lambda a, n: lib.fori_loop(0, n, lambda i, v: v * 2.0 + i, a))(x, counts)
    return lib.vmap(f)(w), doubled


def test_each_slice_of_a_mapped_loop_ends_by_itself(backend):
    assert_same(by_unifw(loop_per_example), by_jax(loop_per_example))


def long_recurrent(lib, x, w):
    """A scan too long to unroll, of a scan and a branch, with a constant of the step and integers in its state."""
    rows = lib.stack([lib.sin(x * (1.0 + i)) for i in range(24)])

    def loss(x, w):
        def step(state, row):
            h, count = state
            h = lib.cond(row[0] > 0, lambda h: lib.tanh(w @ h), lambda h: h * x, h) + row * 0.1
            return (h, count + 1), h[0]

        (last, count), collected = lib.scan(step, (x, 0), rows)
        return lib.sum(last**2.0) + lib.sum(collected * collected) * count

    slope = lib.grad(lambda x: lib.sum(lib.grad(loss)(x, w) ** 2.0))(x)
    return lib.value_and_grad(loss, argnums=(0, 1))(x, w), slope


def test_long_scans_compile_to_loops_and_are_differentiated_twice(backend):
    assert_same(by_unifw(long_recurrent, compiled=True), by_jax(long_recurrent))


@pytest.mark.parametrize("length", [3, 40])
def test_bodies_and_branches_run_once_where_they_are_compiled(backend, length):
    """As often as in JAX: once for a body (and once more if its shapes must be found out first)."""
    runs = []

    def step(total, row):
        runs.append("step")
        return total + row, total

    def branch(name):
        def run(x):
            runs.append(name)
            return x + 1.0

        return run

    def program(x):
        total, _ = uf.scan(step, uf.sum(x) * 0.0, x)
        total = uf.fori_loop(0, length, lambda i, value: (runs.append("counted"), value * 1.5)[1], total)
        total = uf.while_loop(lambda v: v < 1e3, lambda v: (runs.append("while"), v * 2.0)[1], total)
        return uf.cond(total > 0, branch("true"), branch("false"), total)

    compiled = uf.jit(program)
    x = uf.ones(length)
    first = compiled(x)
    if backend.capabilities.compilation == "none":
        return
    seen = list(runs)
    assert {name: seen.count(name) for name in set(seen)} == dict.fromkeys(
        ("step", "counted", "while", "true", "false"), 1
    )
    assert compiled(x).item() == first.item()
    assert runs == seen


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_the_gradient_of_a_branch_not_taken_does_not_spread(name):
    """The derivative of its logarithm at 0 is infinite."""
    with uf.use_backend(name):
        slope = uf.jit(uf.grad(lambda x: uf.cond(x > 0, uf.log, lambda x: x * 2.0, x)))
        assert slope(uf.asarray(0.0)).item() == 2.0


def test_reverse_mode_through_a_compiled_loop_of_unknown_length_says_why_not():
    with uf.use_backend("torch"), pytest.raises(UnsupportedError, match=r"number of steps is unknown.*fori_loop"):
        uf.jit(uf.grad(lambda x: uf.while_loop(lambda v: v < 10.0, lambda v: v * 2.0, x)))(uf.asarray(1.0))


def test_python_scalars_in_the_state_take_the_dtype_the_body_gives_them(backend):
    for dtype in ("float16", "float64", "int32"):
        start = 0 if dtype == "int32" else 0.0
        last, _ = uf.scan(lambda total, row: (total + row, None), start, uf.ones(3, dtype=dtype))
        assert last.dtype == uf.dtypes.as_dtype(dtype)
        assert last.item() == 3
    assert uf.while_loop(lambda s: s[0] < 3, lambda s: (s[0] + 1, s[1] * 0.5), (0, 1))[1].item() == 0.125


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: uf.scan(lambda c, x: c, 0.0, uf.ones(3)), TransformError, r"pair \(carry, y\)"),
        (lambda: uf.scan(lambda c, x: ((c, c), x), uf.ones(1), uf.ones(3)), TransformError, "state like the initial"),
        (
            lambda: uf.scan(lambda c, x: (uf.ones(2), x), uf.ones(1), uf.ones(3)),
            TransformError,
            r"shape \(1,\).*\(2,\)",
        ),
        (lambda: uf.scan(lambda c, x: (c > 0, x), uf.ones(1), uf.ones(3)), TransformError, "float32.*bool"),
        (lambda: uf.scan(lambda c, x: (c, x), 0.0), TransformError, "needs a length"),
        (lambda: uf.scan(lambda c, x: (c, x), 0.0, uf.ones(3), length=2), ShapeError, "one length"),
        (lambda: uf.scan(lambda c, x: (c, x), 0.0, uf.asarray(1.0)), ShapeError, "scalar without axes"),
        (lambda: uf.while_loop(lambda v: v, lambda v: v, uf.ones(())), TransformError, "boolean scalar"),
        (lambda: uf.while_loop(lambda v: v > 0, lambda v: v, uf.ones(2)), TransformError, r"boolean scalar.*\(2,\)"),
        (lambda: uf.cond(1.0, lambda: 1, lambda: 2), TransformError, "boolean scalar"),
        (lambda: uf.fori_loop(0.5, 3, lambda i, v: v, 0.0), TransformError, "integer scalars"),
    ],
    ids=[
        "no pair",
        "structure",
        "shape",
        "dtype",
        "no length",
        "lengths",
        "no axes",
        "float",
        "vector",
        "pred",
        "bounds",
    ],
)
def test_misuse_is_explained(backend, call, kind, message):
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.parametrize("name", ["jax", "tensorflow"])
def test_branches_that_differ_are_explained_where_both_are_traced(name):
    with uf.use_backend(name), pytest.raises(TransformError, match=r"same structure, shapes and dtypes: true_fun"):
        uf.jit(lambda p: uf.cond(p, lambda: uf.ones(2), lambda: uf.ones(3)))(uf.asarray(True))


def test_the_same_error_on_all_backends_for_a_state_that_changes():
    messages = set()
    for name in ("numpy", "torch", "jax", "tensorflow"):
        with uf.use_backend(name), pytest.raises(TransformError) as raised:
            uf.fori_loop(0, 3, lambda i, v: uf.concat([v, v]), uf.ones(2))
        messages.add(str(raised.value))
    assert len(messages) == 1
