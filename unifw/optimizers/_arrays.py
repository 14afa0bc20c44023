"""Between trees of tensors and the lists of native arrays that a backend updates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from unifw.backend import Backend
from unifw.errors import ShapeError, StateError
from unifw.tensor import Tensor, tree
from unifw.tensor._strict import check_conversion

Arrays: TypeAlias = list[Any]
Slots: TypeAlias = dict[str, Arrays]


def native(tensor: Tensor, backend: Backend) -> Any:
    """Return the array of a tensor, as one of `backend`.

    Raises:
        StateError: if the tensor is on a backend whose arrays `backend` does not take.
    """
    if tensor.backend is backend:
        return tensor.native
    lifted = backend.lift(tensor.native, tensor.backend)
    if lifted is None:
        raise StateError(
            f"The optimizer got tensors of backends {backend.name!r} and {tensor.backend.name!r}. Move the state with "
            f"unifw.tree.map(lambda x: x.to_backend({backend.name!r}), state)."
        )
    return lifted


def natives(tensors: Iterable[Tensor], backend: Backend) -> Arrays:
    """Return the arrays of tensors."""
    return [native(each, backend) for each in tensors]


def check_structure(what: str, found: Any, structure: Any) -> None:
    """Raise unless a tree has the structure of the parameters.

    Raises:
        StateError: if it has another.
    """
    if found != structure:
        raise StateError(f"The {what} have another structure than the parameters: {found} and {structure}.")


def check_shapes(what: str, arrays: Arrays, parameters: Arrays) -> None:
    """Raise unless each array has the shape of its parameter: they would broadcast, or be written out of bounds.

    Raises:
        ShapeError: if one has another.
    """
    if [each.shape for each in arrays] == [each.shape for each in parameters]:
        return
    for index, (array, parameter) in enumerate(zip(arrays, parameters, strict=True)):
        if tuple(array.shape) != tuple(parameter.shape):
            raise ShapeError(
                f"The {what} of parameter {index} (in the order of tree.leaves) has shape {tuple(array.shape)}; the "
                f"parameter has {tuple(parameter.shape)}. They must be the same."
            )


def check_dtypes(gradients: Arrays, parameters: Arrays, backend: Backend) -> None:
    """Raise in strict mode if a gradient has another dtype than its parameter, unless it only widens."""
    for index, (gradient, parameter) in enumerate(zip(gradients, parameters, strict=True)):
        given, wanted = backend.dtype_of(gradient), backend.dtype_of(parameter)
        check_conversion("the optimizer", f"the gradient of parameter {index}", given, wanted)


def tree_of(structure: Any, arrays: Arrays, backend: Backend) -> Any:
    """Return a tree of tensors from its structure and arrays."""
    return tree.unflatten(structure, [Tensor(array, backend) for array in arrays])
