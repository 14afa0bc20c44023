"""A loop of known length over the rows of tensors, with state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unifw.backend import Array, Backend
from unifw.errors import ArgumentError, ShapeError, TransformError
from unifw.tensor import tree
from unifw.tensor._arguments import whole
from unifw.transforms._boundary import call, flatten_results, unwrap, wrap
from unifw.transforms._carry import Carry, settled


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """Run ``carry, y = f(carry, x)`` over the rows of `xs`, as `jax.lax.scan`: ``(last carry, stacked ys)``.

    Differentiable as often as you like, on every backend. Under `jit` one step and a loop are compiled (torch unrolls
    up to 16 steps), and `f` runs once; torch unrolls, and runs `f` in each step, inside `vmap`, in forward mode, and if
    `f` has a `custom_vjp` to differentiate. Eagerly a Python loop, except on JAX.

    Args:
        f: a function of the state and one row of each tensor in `xs`; returns the next state, of the same structure,
            shapes and dtypes, and a tree of what to collect (or None).
        init: the initial state, a tree of tensors and Python scalars.
        xs: a tree of tensors with a common size of the first axis, or None.
        length: the number of steps, needed if `xs` is None.
        reverse: start with the last row; what is collected still stands at the place of its row.

    Raises:
        ShapeError: if first axes differ in size, or from `length`.
        TransformError: if the state changes its structure, shapes or dtypes, or `f` returns no pair.

    >>> import unifw as uf
    >>> last, partial_sums = uf.scan(lambda total, x: (total + x, total + x), 0.0, uf.asarray([1.0, 2.0, 3.0]))
    >>> last.item(), partial_sums.tolist()
    (6.0, [1.0, 3.0, 6.0])
    """
    rows, rows_treedef = tree.flatten(xs)

    def attempt(start: Any) -> tuple[Any, Any]:
        carry = Carry(start, "scan")
        backend, arrays = unwrap([*carry.leaves, *rows], "scan")
        count = len(carry.leaves)
        state, inputs = carry.fix(arrays[:count], backend), arrays[count:]
        steps = _length([backend.shape_of(each) for each in inputs], length)
        structure: tree.TreeDef = rows_treedef

        def step(current: list[Array], row: list[Array], owner: Backend) -> tuple[list[Array], list[Array]]:
            nonlocal structure
            result = call(f, owner, carry.seen(current, owner), tree.unflatten(rows_treedef, wrap(row, owner)))
            if not isinstance(result, tuple) or len(result) != 2:
                raise TransformError(
                    f"The function given to scan() must return a pair (carry, y); it returned a "
                    f"{type(result).__name__}. Return (carry, None) to collect nothing."
                )
            collected, structure = flatten_results(result[1], owner, "scan")
            return carry.arrays(result[0], owner), collected

        last, collected = backend.scan(step, state, inputs, steps, reverse)
        return carry.tree(last, backend), tree.unflatten(structure, wrap(collected, backend))

    return settled(init, attempt)


def _length(shapes: list[tuple[int, ...]], length: int | None) -> int:
    if any(not shape for shape in shapes):
        raise ShapeError(
            "scan() goes over the first axis of xs, but one of them is a scalar without axes. Write x[None], or take "
            "it from an enclosing scope."
        )
    if length is not None and (length := whole(length, "scan", "length")) < 0:
        raise ArgumentError(f"scan() got length={length}; it cannot be negative. Write 0 or more.")
    sizes: set[int] = {*(shape[0] for shape in shapes), *(() if length is None else (length,))}
    if len(sizes) > 1:
        raise ShapeError(
            f"scan() needs one length for all xs, got first axes of sizes {[shape[0] for shape in shapes]} and "
            f"length={length}."
        )
    if not sizes:
        raise TransformError("scan() without xs needs a length: scan(f, init, None, length=10).")
    return sizes.pop()
