"""On torch a draw is one operator of the graph, opaque to Inductor: compile time does not grow with random calls."""

from __future__ import annotations

from collections import Counter

import pytest

torch = pytest.importorskip("torch", reason="the graph is torch's")

import unifw as uf  # noqa: E402
from unifw.backend import get_backend  # noqa: E402
from unifw_torch import _compile  # noqa: E402

DRAWS = {
    "bits": lambda key: uf.random.bits(key, (1000,)),
    "uniform": lambda key: uf.random.uniform(key, (1000,)),
    "limits": lambda key: uf.random.uniform(key, (1000,), minval=-0.3, maxval=0.3),
    "normal": lambda key: uf.random.normal(key, (1000,)),
    "truncated_normal": lambda key: uf.random.truncated_normal(key, -2.0, 2.0, (1000,)),
    "randint": lambda key: uf.random.randint(key, (1000,), 0, 9),
    "gumbel": lambda key: uf.random.gumbel(key, (1000,)),
    "exponential": lambda key: uf.random.exponential(key, (1000,)),
    "permutation": lambda key: uf.random.permutation(key, 1000),
    "gamma": lambda key: uf.random.gamma(key, 2.0, (1000,)),
    "poisson": lambda key: uf.random.poisson(key, 2.0, (1000,)),
}
# Constants (the numbers folded in, the parameter of gamma) and shapes.
ALIASES = {f"aten.{name}.default" for name in ("alias", "expand", "full", "lift_fresh_copy", "_to_copy", "view")}


def operators(draw, count):
    """Return how often each operator stands in the graph of `count` draws, each with a key folded in."""
    backend = get_backend("torch")

    def function(arrays, owner):
        key = uf.Tensor(arrays[0], owner)
        return [draw(uf.random.fold_in(key, index)).native for index in range(count)], None

    trace = _compile._trace(backend, function, [uf.random.key(0, backend="torch").native], frozenset())
    return Counter(str(node.target) for node in trace.graph.graph.nodes if node.op == "call_function")


@pytest.mark.parametrize("name", DRAWS)
def test_a_draw_is_one_operator(name):
    one, many = operators(DRAWS[name], 1), operators(DRAWS[name], 20)
    ours = {target for target in many if target.startswith("unifw.")}
    assert sum(one[target] for target in ours) == 2  # the new key, and the draw
    assert sum(many[target] for target in ours) == 40
    assert set(many) - ours <= ALIASES, "a draw brings no arithmetic of its own to Inductor"


def test_a_thousand_times_the_numbers_is_the_same_graph():
    small, large = (operators(lambda key, size=size: uf.random.uniform(key, (size,)), 3) for size in (10, 10_000))
    assert small == large
