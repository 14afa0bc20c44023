"""Vectorisation: a function of one example becomes one of many."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import optree

from unifw.backend import Array, Backend
from unifw.errors import ArgumentError, ShapeError, TransformError
from unifw.tensor import Tensor, moveaxis, tree
from unifw.tensor._operands import as_tensor
from unifw.transforms._boundary import flatten_results, transforming, unwrap, wrap


def vmap(
    fun: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0, *, axis_size: int | None = None
) -> Callable[..., Any]:
    """Return a function that applies `fun` to each slice of its arguments, as `jax.vmap`.

    JAX, torch (`torch.func.vmap`) and TensorFlow (`tf.vectorized_map`) compute all slices at once. NumPy and other
    backends of the tape apply `fun` to one slice after another and stack the results: the same values, at the speed
    of a loop. A value that is read inside (`if x > 0:`) raises `TransformError` where slices are computed at once; use
    `unifw.where`, or `unifw.cond`, of which both branches then run.

    Args:
        fun: a function of trees of tensors.
        in_axes: which axis of each argument to slice: an integer, None for an argument that all slices share, or a
            tuple with one entry per argument, each of these or a tree of them. Keyword arguments are sliced along
            axis 0.
        out_axes: where the new axis stands in each result; an integer or a tree of them, None for a result that is
            the same for all.
        axis_size: the number of slices, if no argument says it.

    Raises:
        TransformError: if `in_axes` or `out_axes` does not fit, or nothing is sliced.
        ShapeError: if the sliced axes differ in size or do not exist.

    >>> import unifw as uf
    >>> uf.vmap(uf.vecdot, in_axes=(0, None))(uf.asarray([[1.0, 2.0], [3.0, 4.0]]), uf.asarray([1.0, 1.0])).tolist()
    [3.0, 7.0]
    """
    if isinstance(in_axes, list):
        in_axes = tuple(in_axes)

    @wraps(fun)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        axes = [*_axes_of_arguments(in_axes, args), *(0 for _ in tree.leaves(kwargs))]
        leaves, treedef = tree.flatten((args, kwargs))
        backend, arrays = unwrap(leaves, "vmap")
        shapes = [backend.shape_of(array) for array in arrays]
        axes = [_normal(axis, shape) for axis, shape in zip(axes, shapes, strict=True)]
        size = _size([shape[axis] for axis, shape in zip(axes, shapes, strict=True) if axis is not None], axis_size)
        structure: tree.TreeDef = treedef

        def run(slices: list[Array], owner: Backend) -> list[Array]:
            nonlocal structure
            with transforming(owner):
                positional, named = tree.unflatten(treedef, wrap(slices, owner))
                results, structure = flatten_results(fun(*positional, **named), owner, "vmap")
                return results

        if not any(axis is not None for axis in axes):  # only axis_size says how many: count them
            arrays, axes = [*arrays, backend.asarray(range(size))], [*axes, 0]
            results = backend.vmap(lambda slices, owner: run(slices[:-1], owner), arrays, axes, size)
        else:
            results = backend.vmap(run, arrays, axes, size)
        return _placed(tree.unflatten(structure, wrap(results, backend)), out_axes)

    return mapped


def _axes_of_arguments(in_axes: Any, args: tuple[Any, ...]) -> list[int | None]:
    try:
        return _broadcast(in_axes if in_axes is None or isinstance(in_axes, int) else tuple(in_axes), args)
    except (TypeError, ValueError) as error:
        raise TransformError(
            f"vmap() got in_axes={in_axes!r}, which do not fit the {len(args)} positional arguments of the call. "
            f"Give an integer or None for all, or a tuple with one entry per argument."
        ) from error


def _broadcast(axes: Any, full: Any) -> list[int | None]:
    """Return the axis that belongs to each leaf of a tree, of which `axes` describes whole subtrees."""
    found: list[int | None] = []

    def extend(axis: Any, part: Any) -> None:
        if axis is not None and not isinstance(axis, int):
            raise TypeError(axis)
        found.extend([axis] * len(tree.leaves(part)))

    optree.tree_map_(
        extend,
        axes,
        full,
        is_leaf=lambda each: each is None or isinstance(each, int),
        none_is_leaf=True,
        namespace=tree.NAMESPACE,
    )
    return found


def _normal(axis: int | None, shape: tuple[int, ...]) -> int | None:
    if axis is None:
        return None
    if not -len(shape) <= axis < len(shape):
        raise ShapeError(
            f"vmap() is to slice axis {axis} of an argument of shape {shape}, which has no such axis. Give None for it "
            f"in in_axes if all slices share it."
        )
    return axis % len(shape)


def _size(sizes: list[int], axis_size: int | None) -> int:
    known: set[int] = {*sizes, *(() if axis_size is None else (axis_size,))}
    if len(known) > 1:
        raise ShapeError(
            f"vmap() got sliced axes of different sizes {sizes}, axis_size={axis_size}: they must be equal."
        )
    if not known:
        raise TransformError("vmap() got no argument to slice: in_axes is None for all. Give an axis, or axis_size.")
    return known.pop()


def _placed(outputs: Any, out_axes: Any) -> Any:
    if out_axes == 0 and isinstance(out_axes, int):
        return outputs
    leaves, treedef = tree.flatten(outputs)
    try:
        axes = _broadcast(out_axes, outputs)
    except (TypeError, ValueError) as error:
        raise TransformError(
            f"vmap() got out_axes={out_axes!r}, which do not fit the structure of the results, {treedef}. Give an "
            f"integer, or a tree like it."
        ) from error
    return tree.unflatten(treedef, [_place(leaf, axis) for leaf, axis in zip(leaves, axes, strict=True)])


def _place(result: Any, axis: int | None) -> Tensor:
    tensor = as_tensor(result)
    if axis is None:
        if not tensor.shape[0]:
            raise ArgumentError("vmap() got out_axes=None, but there is no slice to take the result from.")
        return tensor[0]
    if not -tensor.ndim <= axis < tensor.ndim:
        raise ShapeError(
            f"vmap() got out_axes={axis} for a result of {tensor.ndim} axes with the new one. Name one that is there."
        )
    return moveaxis(tensor, 0, axis)
