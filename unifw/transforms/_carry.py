"""The state a loop carries: a tree whose structure, shapes and dtypes stay the same from step to step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, final

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.errors import TransformError
from unifw.tensor import asarray, tree
from unifw.tensor._operands import SCALARS
from unifw.tensor._weak import WIDE, WeakScalar
from unifw.transforms._boundary import flatten_results, wrap

Result = TypeVar("Result")


@final
class _Wider(Exception):  # noqa: N818 - a signal, caught by `settled`
    """A Python scalar among the initial values must have another dtype than the default one."""

    def __init__(self, dtypes_by_place: dict[int, dtypes.DType]) -> None:
        super().__init__(dtypes_by_place)
        self.dtypes_by_place = dtypes_by_place


def settled(init: Any, attempt: Callable[[Any], Result]) -> Result:
    """Call ``attempt(init)``; Python scalars in `init` take the dtype that the loop's body gives them, as in JAX."""
    while True:
        try:
            return attempt(init)
        except _Wider as wider:
            leaves, treedef = tree.flatten(init)
            for place, dtype in wider.dtypes_by_place.items():
                leaves[place] = asarray(leaves[place], dtype=dtype)
            init = tree.unflatten(treedef, leaves)


@final
class Carry:
    """Structure, shapes and dtypes of a loop's state."""

    def __init__(self, init: Any, name: str) -> None:
        self.leaves, self.treedef = tree.flatten(init)
        self._name = name
        self._likes: list[tuple[tuple[int, ...], dtypes.DType]] = []

    def fix(self, arrays: list[Array], backend: Backend) -> list[Array]:
        """Take the shapes and dtypes of the initial arrays for those of the state, and return these arrays."""
        self._likes = [(backend.shape_of(array), backend.dtype_of(array)) for array in arrays]
        return arrays

    def tree(self, arrays: list[Array], owner: Backend) -> Any:
        """Return arrays as a tree of tensors."""
        return tree.unflatten(self.treedef, wrap(arrays, owner))

    def seen(self, arrays: list[Array], owner: Backend) -> Any:
        """Return the tree that the user's function sees: a Python scalar still promotes as one."""
        leaves: list[Any] = wrap(arrays, owner)
        for place, leaf in enumerate(self.leaves):
            if type(leaf) in SCALARS:
                leaves[place] = WeakScalar(owner.astype(arrays[place], WIDE[type(leaf)]), owner)
        return tree.unflatten(self.treedef, leaves)

    def arrays(self, state: Any, owner: Backend) -> list[Array]:
        """Return the arrays of a state that the user's function returned.

        Raises:
            TransformError: if it is not like the initial one.
        """
        arrays, treedef = flatten_results(state, owner, self._name)
        if treedef != self.treedef:
            raise TransformError(
                f"The body of {self._name}() must return a state like the initial one, which has structure "
                f"{self.treedef}; it returned {treedef}."
            )
        wider: dict[int, dtypes.DType] = {}
        for place, (array, (shape, dtype)) in enumerate(zip(arrays, self._likes, strict=True)):
            found = owner.dtype_of(array)
            if found != dtype and owner.shape_of(array) == shape and self._gives_way(place, found):
                wider[place] = found
            elif (owner.shape_of(array), found) != (shape, dtype):
                raise TransformError(
                    f"The body of {self._name}() must return a state like the initial one: a leaf of shape {shape} and "
                    f"dtype {dtype.name} came back with shape {owner.shape_of(array)} and dtype {found.name}. Give "
                    f"the initial value that shape and dtype, or convert the result: unifw.astype(x, {dtype.name!r})."
                )
        if wider:
            raise _Wider(wider)
        return arrays

    def _gives_way(self, place: int, dtype: dtypes.DType) -> bool:
        leaf = self.leaves[place]
        return type(leaf) in SCALARS and dtypes.promote_scalar(dtype, leaf) == dtype


def scalar_predicate(value: Any, owner: Backend, name: str) -> Array:
    """Return the array of what must be a boolean scalar.

    Raises:
        TransformError: if it is not.
    """
    (array, *rest), _ = flatten_results([value], owner, name)
    if rest or owner.shape_of(array) != () or owner.dtype_of(array) != dtypes.bool:
        raise TransformError(
            f"{name}() needs a boolean scalar to decide on, got shape {owner.shape_of(array)} and dtype "
            f"{owner.dtype_of(array).name}. Reduce it with unifw.any or unifw.all, or compare it."
        )
    return array
