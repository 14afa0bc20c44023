"""Trees: `jax.tree` is the oracle."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any, NamedTuple

import jax
import numpy as np
import pytest

import unifw as uf


class Pair(NamedTuple):
    a: Any
    b: Any


TREES = {
    "leaf": 1,
    "nothing": None,
    "empty": {"a": (), "b": []},
    "nested": {"b": [1, (2, None)], "a": Pair(3, {"z": 4, "y": 5})},
}


@pytest.mark.parametrize("given", TREES.values(), ids=TREES)
def test_what_is_found_in_trees_is_what_jax_finds(given):
    assert uf.tree.leaves(given) == jax.tree.leaves(given)
    assert uf.tree.map(lambda x: x + 1, given) == jax.tree.map(lambda x: x + 1, given)
    assert uf.tree.map(lambda x, y: x + y, given, given) == jax.tree.map(lambda x, y: x + y, given, given)
    assert uf.tree.all(given) == jax.tree.all(given)
    assert uf.tree.reduce(lambda x, y: x + y, given, 7) == jax.tree.reduce(lambda x, y: x + y, given, 7)
    leaves, treedef = uf.tree.flatten(given)
    assert uf.tree.unflatten(treedef, leaves) == given
    assert uf.tree.structure(given) == treedef
    pairs, other = uf.tree.flatten_with_path(given)
    assert other == treedef
    assert pairs == uf.tree.leaves_with_path(given)
    assert [leaf for _, leaf in pairs] == leaves
    theirs = [
        tuple(getattr(key, "key", getattr(key, "idx", getattr(key, "name", None))) for key in path)
        for path, _ in jax.tree.leaves_with_path(given)
    ]
    plain = [tuple("ab"[key] if key in {0, 1} and path[:1] == ("a",) else key for key in path) for path, _ in pairs]
    assert plain == theirs
    assert uf.tree.map_with_path(lambda path, leaf: (len(path), leaf), given) == jax.tree.map_with_path(
        lambda path, leaf: (len(path), leaf), given
    )


def test_is_leaf_cuts_trees_short():
    given = {"a": [1, 2], "b": (3, [4])}

    def is_list(each):
        return isinstance(each, list)

    assert uf.tree.leaves(given, is_leaf=is_list) == jax.tree.leaves(given, is_leaf=is_list)
    assert uf.tree.map(str, given, is_leaf=is_list) == jax.tree.map(str, given, is_leaf=is_list)


def test_transpose_and_broadcast():
    given = [{"a": 1, "b": (2, 3)}, {"a": 4, "b": (5, 6)}]
    ours = uf.tree.transpose(uf.tree.structure([0, 0]), uf.tree.structure(given[0]), given)
    assert ours == jax.tree.transpose(jax.tree.structure([0, 0]), jax.tree.structure(given[0]), given)
    assert ours == uf.tree.transpose(uf.tree.structure([0, 0]), None, given)
    assert uf.tree.broadcast([1, 2], given) == jax.tree.broadcast([1, 2], given)


def test_names_and_parameters_are_those_of_jax():
    absent = {"static"} | {name for name in dir(jax.tree) if name.startswith("_")} | {"reduce_associative"}
    for name in set(dir(jax.tree)) - absent:
        theirs = [
            each for each in inspect.signature(getattr(jax.tree, name)).parameters if each != "is_leaf_takes_path"
        ]
        assert list(inspect.signature(getattr(uf.tree, name)).parameters) == theirs, name


@uf.tree.register_dataclass
@dataclasses.dataclass
class State:
    x: Any
    more: Any
    mode: str = dataclasses.field(default="double", metadata={"static": True})


def test_registered_dataclasses_pass_through_every_transform(backend):
    def f(state):
        factor = {"double": 2.0}[state.mode]
        return State(state.x * factor, {"sum": uf.sum(state.more)}, state.mode)

    state = State(uf.asarray([1.0, 2.0]), uf.asarray([3.0, 4.0]))
    for run in (f, uf.jit(f)):
        result = run(state)
        assert isinstance(result, State)
        assert result.x.tolist() == [2.0, 4.0]
        assert result.more["sum"].item() == 7.0
    gradient = uf.grad(lambda s: uf.sum(f(s).x) + f(s).more["sum"])(state)
    assert (gradient.x.tolist(), gradient.more.tolist(), gradient.mode) == ([2.0, 2.0], [1.0, 1.0], "double")
    mapped = uf.vmap(f)(State(uf.ones((3, 2)), uf.ones((3, 2))))
    assert mapped.more["sum"].tolist() == [2.0, 2.0, 2.0]
    last, _ = uf.scan(lambda s, x: (State(s.x + x, s.more), None), state, uf.ones(3))
    np.testing.assert_array_equal(np.asarray(last.x), [4.0, 5.0])
