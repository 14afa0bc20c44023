"""Whole Jacobians: a vector-Jacobian or Jacobian-vector product for each unit vector, mapped by `vmap`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from unifw.backend import Array, Backend
from unifw.errors import DTypeError, TransformError
from unifw.tensor import tree
from unifw.transforms._boundary import check_differentiable, unwrap, wrap
from unifw.transforms._grad import Argnums, positions
from unifw.transforms._linear import Differentiated


def jacrev(fun: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that gives the Jacobian of `fun`, by reverse mode, as `jax.jacrev`.

    One backward pass per element of the results: for functions with fewer results than arguments.

    Args:
        fun: returns a tree of floating-point tensors (or a pair of it and auxiliary data, with `has_aux`).
        argnums: which positional arguments to differentiate with respect to; each may be a tree of tensors.
        has_aux: whether `fun` returns ``(outputs, auxiliary)``; then the result is ``(jacobian, auxiliary)``.

    Returns:
        A function with the arguments of `fun`. Its result has the structure of the outputs, in each leaf that of the
        arguments (a tuple of these if `argnums` is a sequence), and there shape ``output.shape + argument.shape``.

    >>> import unifw as uf
    >>> uf.jacrev(lambda x: x * x[0])(uf.asarray([2.0, 3.0])).tolist()
    [[4.0, 0.0], [3.0, 2.0]]
    """

    def jacobian(problem: _Problem) -> tuple[Any, Any]:
        backend, function = problem.backend, problem.function
        floating, auxiliary, pull = backend.vjp(function, problem.arrays)
        outputs, extra = function.outputs(floating, auxiliary, backend)
        _check_outputs(outputs)
        basis, count = _unit_vectors(floating, backend)
        if count:
            rows = backend.vmap(lambda each, _: pull(each), basis, [0] * len(basis), count)
        else:
            stacked = [backend.xp.expand_dims(each, axis=0) for each in problem.arrays]
            rows = [backend.get_slice(each, (slice(0, 0), ...)) for each in stacked]
        blocks: list[Any] = []
        start = 0
        for output in floating:
            shape = backend.shape_of(output)
            stop = start + math.prod(shape)
            parts = [
                backend.xp.reshape(
                    backend.get_slice(row, (slice(start, stop), ...)), (*shape, *backend.shape_of(array))
                )
                for row, array in zip(rows, problem.arrays, strict=True)
            ]
            blocks.append(problem.arguments(parts))
            start = stop
        return tree.unflatten(function.treedef, blocks), extra

    return _jacobian(fun, argnums, has_aux, "jacrev", jacobian)


def jacfwd(fun: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that gives the Jacobian of `fun`, by forward mode, as `jax.jacfwd`.

    One forward pass per element of the arguments: for functions with fewer arguments than results. See `jacrev` for
    arguments and result, and `jvp` for how each backend does it.

    >>> import unifw as uf
    >>> uf.jacfwd(lambda x: x * x[0])(uf.asarray([2.0, 3.0])).tolist()
    [[4.0, 0.0], [3.0, 2.0]]
    """

    def jacobian(problem: _Problem) -> tuple[Any, Any]:
        backend, function, arrays = problem.backend, problem.function, problem.arrays
        basis, count = _unit_vectors(arrays, backend)
        if not count:
            raise TransformError("jacfwd() got arguments without elements: there is no direction. Use jacrev().")
        split: list[int] = []

        def push(tangents: list[Array], owner: Backend) -> list[Array]:
            floating, auxiliary, changes = owner.jvp(function, arrays, tangents)
            split[:] = [len(changes), len(floating)]
            return [*changes, *floating, *auxiliary]

        results = backend.vmap(push, basis, [0] * len(basis), count)
        columns, rest = results[: split[0]], [backend.get_slice(each, (0, ...)) for each in results[split[0] :]]
        outputs, extra = function.outputs(rest[: split[1]], rest[split[1] :], backend)
        _check_outputs(outputs)
        blocks: list[Any] = []
        for column in columns:
            last = backend.xp.moveaxis(column, 0, -1)
            shape = backend.shape_of(last)[:-1]
            parts, start = [], 0
            for array in arrays:
                size = backend.shape_of(array)
                stop = start + math.prod(size)
                part = backend.get_slice(last, (..., slice(start, stop)))
                parts.append(backend.xp.reshape(part, (*shape, *size)))
                start = stop
            blocks.append(problem.arguments(parts))
        return tree.unflatten(function.treedef, blocks), extra

    return _jacobian(fun, argnums, has_aux, "jacfwd", jacobian)


def hessian(fun: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that gives the Hessian of `fun`, as `jax.hessian`: `jacfwd` of `jacrev`.

    >>> import unifw as uf
    >>> uf.hessian(lambda x: uf.sum(x**3.0))(uf.asarray([1.0, 2.0])).tolist()
    [[6.0, 0.0], [0.0, 12.0]]
    """
    return jacfwd(jacrev(fun, argnums, has_aux), argnums, has_aux)


class _Problem:
    """One call of a Jacobian: the function of the chosen arguments' leaves, and these."""

    def __init__(
        self, fun: Callable[..., Any], argnums: Argnums, has_aux: bool, name: str, args: Sequence[Any], kwargs: Any
    ) -> None:
        chosen = positions((argnums,) if isinstance(argnums, int) else tuple(argnums), len(args))
        leaves, self._treedef = tree.flatten(tuple(args[position] for position in chosen))
        check_differentiable(leaves, name)
        self._single = isinstance(argnums, int)
        self.backend, self.arrays = unwrap(leaves, name)

        def run(traced: list[Any]) -> Any:
            arguments = list(args)
            for position, argument in zip(chosen, tree.unflatten(self._treedef, traced), strict=True):
                arguments[position] = argument
            return fun(*arguments, **kwargs)

        self.function = Differentiated(run, name, has_aux=has_aux)

    def arguments(self, arrays: Sequence[Array]) -> Any:
        """Return arrays, one per leaf of the chosen arguments, as a tree like these."""
        result = tree.unflatten(self._treedef, wrap(arrays, self.backend))
        return result[0] if self._single else result


def _jacobian(
    fun: Callable[..., Any],
    argnums: Argnums,
    has_aux: bool,
    name: str,
    compute: Callable[[_Problem], tuple[Any, Any]],
) -> Callable[..., Any]:
    @wraps(fun)
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        result, auxiliary = compute(_Problem(fun, argnums, has_aux, name, args, kwargs))
        return (result, auxiliary) if has_aux else result

    return jacobian


def _unit_vectors(arrays: Sequence[Array], backend: Backend) -> tuple[list[Array], int]:
    """Return, for each array, its part of all unit vectors: (count, *shape)."""
    shapes = [backend.shape_of(array) for array in arrays]
    count = sum(math.prod(shape) for shape in shapes)
    basis, start = [], 0
    for array, shape in zip(arrays, shapes, strict=True):
        size = math.prod(shape)
        part = np.eye(count, size, -start, dtype=np.bool_).reshape(count, *shape)
        basis.append(backend.astype(backend.asarray(part, device=backend.device_of(array)), backend.dtype_of(array)))
        start += size
    return basis, count


def _check_outputs(outputs: Any) -> None:
    for leaf in tree.leaves(outputs):
        try:
            check_differentiable([leaf], "a Jacobian")
        except DTypeError as error:
            raise DTypeError(
                f"A Jacobian needs floating-point results, got {leaf.dtype.name}. Return the others with has_aux=True."
            ) from error
