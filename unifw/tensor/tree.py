"""Trees: nested tuples, lists, dicts and named tuples with tensors at the leaves. Names as in `jax.tree`; by optree.

`None` is a tree without leaves; dicts are visited in the order of their sorted keys. Classes of one's own become trees
by `register_dataclass` or `register_pytree_node`, which have their names from `jax.tree_util`. A path is a tuple of
keys, indices and attribute names, as one would write them (JAX wraps each).

In all functions `is_leaf` says of a node whether it is to be taken for a leaf.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

import optree

Tree: TypeAlias = Any
TreeDef: TypeAlias = optree.PyTreeSpec
IsLeaf: TypeAlias = Callable[[Any], bool] | None
Path: TypeAlias = tuple[Any, ...]
Class = TypeVar("Class", bound=type)
NAMESPACE: Final = "unifw"  # of optree: what is registered here is a tree here only
_NOTHING: Final = object()


def map(f: Callable[..., Any], tree: Tree, *rest: Tree, is_leaf: IsLeaf = None) -> Tree:
    """Apply a function to each leaf, and to the corresponding leaves of further trees of the same structure.

    >>> import unifw as uf
    >>> uf.tree.map(lambda leaf: leaf * 2, {"a": 1, "b": [2]})
    {'a': 2, 'b': [4]}
    """
    return optree.tree_map(f, tree, *rest, is_leaf=is_leaf, namespace=NAMESPACE)


def leaves(tree: Tree, is_leaf: IsLeaf = None) -> list[Any]:
    """Return the leaves in order.

    >>> import unifw as uf
    >>> uf.tree.leaves({"b": 1, "a": (2, None)})
    [2, 1]
    """
    return optree.tree_leaves(tree, is_leaf, namespace=NAMESPACE)


def flatten(tree: Tree, is_leaf: IsLeaf = None) -> tuple[list[Any], TreeDef]:
    """Return the leaves and the structure.

    >>> import unifw as uf
    >>> uf.tree.flatten((1, [2, 3]))[0]
    [1, 2, 3]
    """
    found, treedef = optree.tree_flatten(tree, is_leaf, namespace=NAMESPACE)
    return found, treedef


def unflatten(treedef: TreeDef, leaves: Iterable[Any]) -> Tree:
    """Return the tree of a structure and its leaves.

    >>> import unifw as uf
    >>> found, treedef = uf.tree.flatten((1, [2, 3]))
    >>> uf.tree.unflatten(treedef, found)
    (1, [2, 3])
    """
    return optree.tree_unflatten(treedef, leaves)


def structure(tree: Tree, is_leaf: IsLeaf = None) -> TreeDef:
    """Return the structure alone.

    >>> import unifw as uf
    >>> uf.tree.structure([1, 2]) == uf.tree.structure([3, 4])
    True
    """
    return optree.tree_structure(tree, is_leaf, namespace=NAMESPACE)


def all(tree: Tree, *, is_leaf: IsLeaf = None) -> bool:
    """Return whether every leaf is true.

    >>> import unifw as uf
    >>> uf.tree.all({"a": True, "b": [True, False]})
    False
    """
    return optree.tree_all(tree, is_leaf=is_leaf, namespace=NAMESPACE)


def reduce(function: Callable[[Any, Any], Any], tree: Tree, initializer: Any = _NOTHING, is_leaf: IsLeaf = None) -> Any:
    """Combine the leaves from the first to the last, beginning with `initializer` if there is one.

    >>> import unifw as uf
    >>> uf.tree.reduce(lambda total, leaf: total + leaf, {"a": 1, "b": [2, 3]})
    6
    """
    given = () if initializer is _NOTHING else (initializer,)
    return optree.tree_reduce(function, tree, *given, is_leaf=is_leaf, namespace=NAMESPACE)


def transpose(outer_treedef: TreeDef, inner_treedef: TreeDef | None, pytree_to_transpose: Tree) -> Tree:
    """Turn a tree of trees inside out; without `inner_treedef` the inner structure is that of the first inner tree.

    >>> import unifw as uf
    >>> uf.tree.transpose(uf.tree.structure([0, 0]), uf.tree.structure({"a": 0}), [{"a": 1}, {"a": 2}])
    {'a': [1, 2]}
    """
    if inner_treedef is None:
        inner_treedef = structure(outer_treedef.flatten_up_to(pytree_to_transpose)[0])
    return optree.tree_transpose(outer_treedef, inner_treedef, pytree_to_transpose)


def broadcast(prefix_tree: Tree, full_tree: Tree, is_leaf: IsLeaf = None) -> Tree:
    """Return a tree like `full_tree`, in which each leaf of `prefix_tree` stands at all leaves below its place.

    >>> import unifw as uf
    >>> uf.tree.broadcast([1, 2], [{"a": 0, "b": 0}, 0])
    [{'a': 1, 'b': 1}, 2]
    """
    return optree.tree_broadcast_prefix(prefix_tree, full_tree, is_leaf, namespace=NAMESPACE)


def flatten_with_path(tree: Tree, is_leaf: IsLeaf = None) -> tuple[list[tuple[Path, Any]], TreeDef]:
    """Return pairs of path and leaf, and the structure.

    >>> import unifw as uf
    >>> uf.tree.flatten_with_path({"a": [1, 2]})[0]
    [(('a', 0), 1), (('a', 1), 2)]
    """
    paths, found, treedef = optree.tree_flatten_with_path(tree, is_leaf, namespace=NAMESPACE)
    return list(zip(paths, found, strict=True)), treedef


def leaves_with_path(tree: Tree, is_leaf: IsLeaf = None) -> list[tuple[Path, Any]]:
    """Return pairs of path and leaf.

    >>> import unifw as uf
    >>> uf.tree.leaves_with_path({"a": [1, 2]})
    [(('a', 0), 1), (('a', 1), 2)]
    """
    return flatten_with_path(tree, is_leaf)[0]


def map_with_path(f: Callable[..., Any], tree: Tree, *rest: Tree, is_leaf: IsLeaf = None) -> Tree:
    """Apply a function of path and leaf to each leaf, and the corresponding ones of further trees.

    >>> import unifw as uf
    >>> uf.tree.map_with_path(lambda path, leaf: f"{path[0]}={leaf}", {"a": 1, "b": 2})
    {'a': 'a=1', 'b': 'b=2'}
    """
    return optree.tree_map_with_path(f, tree, *rest, is_leaf=is_leaf, namespace=NAMESPACE)


def register_pytree_node(
    nodetype: type, flatten_func: Callable[[Any], tuple[Any, Any]], unflatten_func: Callable[[Any, Any], Any]
) -> None:
    """Make the instances of a class nodes of trees, as `jax.tree_util.register_pytree_node`.

    Args:
        nodetype: the class.
        flatten_func: returns its children and what else belongs to it: hashable, part of the structure.
        unflatten_func: ``unflatten_func(rest, children)`` returns an instance.

    >>> import unifw as uf
    >>> class Pair:
    ...     def __init__(self, x, y):
    ...         self.x, self.y = x, y
    >>> uf.tree.register_pytree_node(Pair, lambda p: ((p.x, p.y), None), lambda _, children: Pair(*children))
    >>> uf.tree.leaves([Pair(1, 2), 3])
    [1, 2, 3]
    """
    optree.register_pytree_node(nodetype, flatten_func, unflatten_func, namespace=NAMESPACE)


def register_dataclass(
    nodetype: Class, data_fields: Sequence[str] | None = None, meta_fields: Sequence[str] | None = None
) -> Class:
    """Make the instances of a dataclass nodes of trees, as `jax.tree_util.register_dataclass`; also a decorator.

    Args:
        nodetype: the class.
        data_fields: names of the fields that are children; by default all but those declared with
            ``dataclasses.field(metadata={"static": True})``.
        meta_fields: names of the others, which are hashable and part of the structure.

    >>> import dataclasses
    >>> import unifw as uf
    >>> @uf.tree.register_dataclass
    ... @dataclasses.dataclass
    ... class Point:
    ...     x: float
    ...     name: str = dataclasses.field(default="", metadata={"static": True})
    >>> uf.tree.map(lambda leaf: leaf * 2, Point(1.5, "a"))
    Point(x=3.0, name='a')
    """
    fields = [each for each in dataclasses.fields(nodetype) if each.init]
    if data_fields is None:
        data_fields = [each.name for each in fields if not each.metadata.get("static", False)]
    if meta_fields is None:
        meta_fields = [each.name for each in fields if each.name not in set(data_fields)]
    data, rest = tuple(data_fields), tuple(meta_fields)

    def flat(instance: Any) -> tuple[tuple[Any, ...], Any, tuple[str, ...]]:
        return tuple(getattr(instance, name) for name in data), tuple(getattr(instance, name) for name in rest), data

    def whole(values: Any, children: Iterable[Any]) -> Any:
        return nodetype(**dict(zip(data, children, strict=True)), **dict(zip(rest, values, strict=True)))

    optree.register_pytree_node(nodetype, flat, whole, namespace=NAMESPACE)
    return nodetype


__all__ = [
    "Tree",
    "TreeDef",
    "all",
    "broadcast",
    "flatten",
    "flatten_with_path",
    "leaves",
    "leaves_with_path",
    "map",
    "map_with_path",
    "reduce",
    "register_dataclass",
    "register_pytree_node",
    "structure",
    "transpose",
    "unflatten",
]
