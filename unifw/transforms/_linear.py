"""What `vjp` and `jvp` share: a function of some leaves, split into what is differentiated and what is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, final

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.errors import ShapeError, TransformError
from unifw.tensor import Tensor, tree
from unifw.tensor._operands import as_tensor
from unifw.tensor._strict import WEAK, check_conversion
from unifw.transforms._boundary import Rebuild, flatten_results, split_outputs, transforming, wrap


@final
class Differentiated:
    """A function from arrays to the arrays of its floating-point results, with the others as auxiliary arrays.

    The structure of what it returned is known once it has run.
    """

    def __init__(self, function: Callable[[list[Tensor]], Any], name: str, *, has_aux: bool) -> None:
        self._function = function
        self._name = name
        self._has_aux = has_aux
        self.treedef: tree.TreeDef = tree.structure(None)
        self._floating: list[bool] = []
        self._rebuild_auxiliary: Rebuild = lambda _arrays, _owner: None

    def __call__(self, traced: list[Array], owner: Backend) -> tuple[list[Array], list[Array]]:
        """Run it, as `Backend.vjp` wants."""
        with transforming(owner):
            outputs = self._function(wrap(traced, owner))
            outputs, auxiliary = _with_auxiliary(outputs, self._has_aux)
            arrays, self.treedef = flatten_results(outputs, owner, self._name)
            extra, self._rebuild_auxiliary = split_outputs(auxiliary, owner, self._name)
        self._floating = [dtypes.is_floating(owner.dtype_of(array)) for array in arrays]
        pairs = list(zip(arrays, self._floating, strict=True))
        return [array for array, floats in pairs if floats], [*(array for array, floats in pairs if not floats), *extra]

    def outputs(self, floating: Sequence[Array], auxiliary: Sequence[Array], backend: Backend) -> tuple[Any, Any]:
        """Return the tree of results, and that of auxiliary data."""
        count = len(self._floating) - sum(self._floating)
        return (
            self._merged(floating, auxiliary[:count], backend),
            self._rebuild_auxiliary(auxiliary[count:], backend),
        )

    def tangents(self, floating: Sequence[Array], auxiliary: Sequence[Array], backend: Backend) -> Any:
        """Return the tree of tangents of the results: zeros for those that are not floating-point."""
        return self._merged(floating, [backend.xp.zeros_like(each) for each in auxiliary], backend)

    def _merged(self, floating: Sequence[Array], others: Sequence[Array], backend: Backend) -> Any:
        first, second = iter(floating), iter(others)
        arrays = [next(first) if floats else next(second) for floats in self._floating]
        return tree.unflatten(self.treedef, wrap(arrays, backend))

    def of_floating(self, leaves: Sequence[Any]) -> list[Any]:
        """Return the leaves that belong to floating-point results."""
        return [leaf for leaf, floats in zip(leaves, self._floating, strict=True) if floats]


def _with_auxiliary(outputs: Any, has_aux: bool) -> tuple[Any, Any]:
    if not has_aux:
        return outputs, None
    if not isinstance(outputs, tuple) or len(outputs) != 2:
        raise TransformError(
            f"With has_aux=True the function must return a pair (value, auxiliary); it returned "
            f"{type(outputs).__name__}."
        )
    return outputs


def matching_leaves(given: Any, wanted: tree.TreeDef, name: str, what: str) -> list[Any]:
    """Return the leaves of a tree that must have a structure."""
    leaves, treedef = tree.flatten(given)
    if treedef != wanted:
        raise TransformError(
            f"{name} needs {what} of structure {wanted}, got {treedef}. Pass one tree per argument, each like the "
            f"argument it belongs to."
        )
    return leaves


def matching_tensors(leaves: Sequence[Any], like: Sequence[Tensor], name: str, what: str) -> list[Tensor]:
    """Return leaves as tensors that must have the shapes of others; their dtypes follow these.

    Raises:
        ShapeError: if a shape does not fit.
    """
    tensors = []
    for leaf, other in zip(leaves, like, strict=True):
        tensor = as_tensor(leaf, other.backend)
        if tensor.shape != other.shape:
            raise ShapeError(
                f"{name} needs {what} of shape {other.shape}, like what it belongs to, got {tensor.shape}."
            )
        if type(leaf) not in WEAK:
            check_conversion(name, what, tensor.dtype, other.dtype)
        tensors.append(tensor.astype(other.dtype))
    return tensors
