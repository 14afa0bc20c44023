"""Trees: nested tuples, lists, dicts and named tuples with tensors at the leaves. Names as in `jax.tree`; by optree.

`None` is a tree without leaves; dicts are visited in the order of their sorted keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import optree

Tree: TypeAlias = Any
TreeDef: TypeAlias = optree.PyTreeSpec


def map(function: Callable[..., Any], tree: Tree, /, *rest: Tree) -> Tree:
    """Apply a function to each leaf, and to the corresponding leaves of further trees of the same structure.

    >>> import unifw as uf
    >>> uf.tree.map(lambda leaf: leaf * 2, {"a": 1, "b": [2]})
    {'a': 2, 'b': [4]}
    """
    return optree.tree_map(function, tree, *rest)


def leaves(tree: Tree, /) -> list[Any]:
    """Return the leaves in order.

    >>> import unifw as uf
    >>> uf.tree.leaves({"b": 1, "a": (2, None)})
    [2, 1]
    """
    return optree.tree_leaves(tree)


def flatten(tree: Tree, /) -> tuple[list[Any], TreeDef]:
    """Return the leaves and the structure.

    >>> import unifw as uf
    >>> uf.tree.flatten((1, [2, 3]))[0]
    [1, 2, 3]
    """
    found, treedef = optree.tree_flatten(tree)
    return found, treedef


def unflatten(treedef: TreeDef, leaves: Iterable[Any], /) -> Tree:
    """Return the tree of a structure and its leaves.

    >>> import unifw as uf
    >>> found, treedef = uf.tree.flatten((1, [2, 3]))
    >>> uf.tree.unflatten(treedef, found)
    (1, [2, 3])
    """
    return optree.tree_unflatten(treedef, leaves)


def structure(tree: Tree, /) -> TreeDef:
    """Return the structure alone.

    >>> import unifw as uf
    >>> uf.tree.structure([1, 2]) == uf.tree.structure([3, 4])
    True
    """
    return optree.tree_structure(tree)


__all__ = ["Tree", "TreeDef", "flatten", "leaves", "map", "structure", "unflatten"]
