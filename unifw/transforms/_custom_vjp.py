"""Functions that bring their own reverse-mode derivative."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, final

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.errors import TransformError
from unifw.tensor import Tensor, tree
from unifw.tensor._operands import as_tensor
from unifw.transforms._boundary import Rebuild, call, flatten_results, split_outputs, unwrap, wrap
from unifw.transforms._linear import matching_tensors


@final
class custom_vjp:  # noqa: N801 - JAX's name: it reads as a decorator
    """Decorator: a function whose gradient is given by `defvjp`, as `jax.custom_vjp`.

    Forward mode (`jvp`, `jacfwd`, `hessian`) of such a function is not defined on JAX and torch; where forward mode is
    reverse mode transposed (TensorFlow, NumPy), it follows the given rule. What the function takes from enclosing
    scopes must not be traced: pass it as an argument.

    Args:
        fun: a function of trees of tensors.
        nondiff_argnums: positions of arguments that are no tensors; they come first in ``bwd``.

    >>> import unifw as uf
    >>> @uf.custom_vjp
    ... def clip_gradient(x):
    ...     return x
    >>> clip_gradient.defvjp(lambda x: (x, None), lambda residuals, g: (uf.clip(g, -1.0, 1.0),))
    >>> uf.grad(lambda x: uf.sum(clip_gradient(x) * 5.0))(uf.asarray([0.5])).tolist()
    [1.0]
    """

    def __init__(self, fun: Callable[..., Any], nondiff_argnums: Sequence[int] = ()) -> None:
        functools.update_wrapper(self, fun)
        self._fun = fun
        self._nondiff = tuple(nondiff_argnums)
        self._fwd: Callable[..., Any] | None = None
        self._bwd: Callable[..., Any] | None = None

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Give the derivative.

        Args:
            fwd: takes the arguments of the function; returns its outputs, and residuals: a tree for `bwd`.
            bwd: ``bwd(*nondiff, residuals, cotangents)``; returns a tuple with one gradient tree per differentiable
                argument; None for zeros.
        """
        self._fwd, self._bwd = fwd, bwd

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the function; differentiated, it follows `defvjp`."""
        if self._fwd is None or self._bwd is None:
            raise TransformError(f"No derivative was given: call {self._name}.defvjp(fwd, bwd) first.")
        args = self._positional(args, kwargs)
        nondiff = {place % len(args) for place in self._nondiff}
        places = [place for place in range(len(args)) if place not in nondiff]
        leaves, treedef = tree.flatten([args[place] for place in places])
        backend, arrays = unwrap(leaves, "custom_vjp")
        primals = wrap(arrays, backend)
        rule = _Rule(self._name, self._fun, self._fwd, self._bwd, args, places, treedef, primals)
        results = backend.custom_vjp(rule.function, rule.forward, rule.backward, arrays)
        return tree.unflatten(rule.outputs, wrap(results, backend))

    @property
    def _name(self) -> str:
        return getattr(self._fun, "__name__", "the function")

    def _positional(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        try:
            bound = inspect.signature(self._fun).bind(*args, **kwargs)
        except (TypeError, ValueError) as error:
            raise TransformError(f"The arguments of {self._name}() do not fit its signature: {error}.") from error
        bound.apply_defaults()
        if bound.kwargs:
            raise TransformError(f"{self._name}() has keyword-only arguments, which custom_vjp does not take.")
        return bound.args


@final
class _Rule:
    """One call of a function with its own derivative, over lists of arrays."""

    def __init__(
        self,
        name: str,
        fun: Callable[..., Any],
        fwd: Callable[..., Any],
        bwd: Callable[..., Any],
        args: tuple[Any, ...],
        places: list[int],
        treedef: tree.TreeDef,
        primals: list[Tensor],
    ) -> None:
        self._name, self._fun, self._fwd, self._bwd = name, fun, fwd, bwd
        self._args, self._places, self._treedef = args, places, treedef
        self._shapes = [(each.shape, each.dtype) for each in primals]
        self.outputs: tree.TreeDef = treedef
        self._rebuild_residuals: Rebuild | None = None

    def _arguments(self, arrays: list[Array], owner: Backend) -> list[Any]:
        given = list(self._args)
        for place, value in zip(self._places, tree.unflatten(self._treedef, wrap(arrays, owner)), strict=True):
            given[place] = value
        return given

    def function(self, arrays: list[Array], owner: Backend) -> list[Array]:
        """Run the function itself."""
        outputs = call(self._fun, owner, *self._arguments(arrays, owner))
        results, self.outputs = flatten_results(outputs, owner, "custom_vjp")
        return results

    def forward(self, arrays: list[Array], owner: Backend) -> tuple[list[Array], list[Array]]:
        """Run `fwd`."""
        pair = call(self._fwd, owner, *self._arguments(arrays, owner))
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TransformError(
                f"The fwd of {self._name}() must return a pair (outputs, residuals); it returned a "
                f"{type(pair).__name__}."
            )
        results, self.outputs = flatten_results(pair[0], owner, "custom_vjp")
        residuals, self._rebuild_residuals = split_outputs(pair[1], owner, "custom_vjp")
        return results, residuals

    def backward(self, residuals: list[Array], cotangents: list[Array], owner: Backend) -> list[Array | None]:
        """Run `bwd`."""
        nondiff = [each for place, each in enumerate(self._args) if place not in self._places]
        if self._rebuild_residuals is None:
            raise TransformError(f"The bwd of {self._name}() ran before its fwd.")
        kept = self._rebuild_residuals(residuals, owner)
        received = tree.unflatten(self.outputs, wrap(cotangents, owner))
        gradients = call(self._bwd, owner, *nondiff, kept, received)
        if not isinstance(gradients, (tuple, list)) or len(gradients) != len(self._places):
            count = f"{len(gradients)} entries" if isinstance(gradients, (tuple, list)) else type(gradients).__name__
            raise TransformError(
                f"The bwd of {self._name}() must return a tuple of {len(self._places)} gradients, one per "
                f"differentiable argument (None for zero); it returned {count}."
            )
        return self._flat(gradients, owner)

    def _flat(self, gradients: Sequence[Any], owner: Backend) -> list[Array | None]:
        arguments = tree.unflatten(self._treedef, list(range(self._treedef.num_leaves)))
        found: list[Array | None] = [None] * self._treedef.num_leaves
        for argument, gradient in zip(arguments, gradients, strict=True):
            places = tree.leaves(argument)
            if gradient is None:
                continue
            leaves = _like(gradient, argument)
            if leaves is None:
                raise TransformError(
                    f"The bwd of {self._name}() must return gradients with the structure of the arguments; for one of "
                    f"structure {tree.structure(argument)} it returned {tree.structure(gradient)}."
                )
            for place, leaf in zip(places, leaves, strict=True):
                shape, dtype = self._shapes[place]
                if leaf is None or not dtypes.is_floating(dtype):
                    continue
                zeros = Tensor(owner.xp.zeros(shape, dtype=owner.native_dtype(dtype)), owner)
                (tensor,) = matching_tensors(
                    [as_tensor(leaf, owner)], [zeros], f"The bwd of {self._name}()", "a gradient"
                )
                found[place] = tensor.native if tensor.backend is owner else owner.lift(tensor.native, tensor.backend)
        return found


def _like(gradient: Any, argument: Any) -> list[Any] | None:
    """Return the leaves of a gradient, None standing for zero, if it has the structure of the argument."""
    try:
        leaves: list[Any] = tree.structure(argument).flatten_up_to(gradient)
    except (TypeError, ValueError):
        return None
    whole = tree.structure(0)
    return leaves if all(leaf is None or tree.structure(leaf) == whole for leaf in leaves) else None
