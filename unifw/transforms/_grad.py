"""Reverse-mode differentiation, with the names and meaning of JAX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from unifw.backend import Array, Backend
from unifw.errors import ArgumentError, ShapeError, TransformError
from unifw.tensor import Tensor, tree
from unifw.tensor._arguments import wholes
from unifw.tensor._operands import as_tensor
from unifw.transforms._boundary import (
    Rebuild,
    check_differentiable,
    split_outputs,
    transforming,
    unwrap,
    wrap,
)

Argnums = int | Sequence[int]


def value_and_grad(
    fun: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """Return a function that gives both the value of `fun` and its gradient, as `jax.value_and_grad`.

    Args:
        fun: returns a scalar tensor (or a pair of it and auxiliary data, with `has_aux`). It is run once per call.
        argnums: which positional arguments to differentiate with respect to; each may be a tree of tensors.
        has_aux: whether `fun` returns ``(value, auxiliary)``.

    Returns:
        A function with the arguments of `fun` that returns ``(value, gradient)`` or
        ``((value, auxiliary), gradient)``; the gradient has the structure of the argument, or is a tuple of these if
        `argnums` is a sequence.

    Raises:
        DTypeError: if an argument to differentiate is not floating-point.
        ShapeError: if the value is not a scalar.
        UnsupportedError: if the backend has no gradients.

    >>> import unifw as uf
    >>> value, gradient = uf.value_and_grad(lambda x: uf.sum(x * x))(uf.asarray([1.0, 2.0]))
    >>> value.item(), gradient.tolist()
    (5.0, [2.0, 4.0])
    """
    chosen = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    @wraps(fun)
    def differentiated(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        places = positions(chosen, len(args))
        leaves, treedef = tree.flatten([args[position] for position in places])
        check_differentiable(leaves, "value_and_grad")
        backend, arrays = unwrap(leaves, "value_and_grad")
        rebuild: Rebuild | None = None

        def run(traced: list[Array], owner: Backend) -> tuple[Array, list[Array]]:
            nonlocal rebuild
            arguments = list(args)
            for position, argument in zip(places, tree.unflatten(treedef, wrap(traced, owner)), strict=True):
                arguments[position] = argument
            with transforming(owner):
                output = fun(*arguments, **kwargs)
                value, auxiliary = _value_and_auxiliary(output, has_aux)
                scalar = _scalar(value, owner)
                extra, rebuild = split_outputs(auxiliary, owner, "value_and_grad")
            return scalar, extra

        value, extra, gradients = backend.value_and_grad(run, arrays)
        gradient = tree.unflatten(treedef, wrap(gradients, backend))
        result = Tensor(value, backend)
        return (
            (result, rebuild(extra, backend)) if has_aux and rebuild else result,
            gradient[0] if isinstance(argnums, int) else tuple(gradient),
        )

    return differentiated


def grad(fun: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that gives the gradient of `fun`, as `jax.grad`; see `value_and_grad` for the arguments.

    >>> import unifw as uf
    >>> uf.grad(lambda x: x**3.0)(uf.asarray(2.0)).item()
    12.0
    """
    differentiate = value_and_grad(fun, argnums, has_aux)

    @wraps(fun)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, result = differentiate(*args, **kwargs)
        return (result, value[1]) if has_aux else result

    return gradient


def positions(chosen: tuple[int, ...], count: int) -> tuple[int, ...]:
    """Return the positions meant by `argnums` in a call with `count` positional arguments."""
    chosen = wholes(chosen, "grad", "argnums")
    if not chosen or any(not -count <= position < count for position in chosen):
        raise ArgumentError(
            f"argnums={chosen} does not fit a call with {count} positional arguments. "
            f"Pass what is differentiated positionally."
        )
    return tuple(position % count for position in chosen)


def _value_and_auxiliary(output: Any, has_aux: bool) -> tuple[Any, Any]:
    if not has_aux:
        return output, None
    if not isinstance(output, tuple) or len(output) != 2:
        raise TransformError(
            f"With has_aux=True the function must return a pair (value, auxiliary); it returned "
            f"{type(output).__name__}."
        )
    return output


def _scalar(value: Any, owner: Backend) -> Array:
    if isinstance(value, (tuple, list, dict)):
        raise TransformError(
            "grad() needs a function that returns one scalar tensor; it returned a "
            f"{type(value).__name__}. Return the scalar, and the rest with has_aux=True."
        )
    tensor = as_tensor(value, owner)
    if tensor.shape != ():
        raise ShapeError(
            f"grad() needs a function that returns a scalar, got shape {tensor.shape}. "
            f"Write unifw.sum(...) or unifw.mean(...) around the result."
        )
    check_differentiable([tensor], "grad")
    return tensor.native if tensor.backend is owner else owner.lift(tensor.native, tensor.backend)
