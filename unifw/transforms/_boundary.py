"""Crossing between trees of tensors, which users see, and lists of native arrays, which backends transform."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from unifw import dtypes
from unifw.backend import Array, Backend, current_backend, use_backend
from unifw.errors import DTypeError, MixedBackendsError, TransformError
from unifw.tensor import Tensor, tree
from unifw.tensor._operands import SCALARS, as_tensor, common_backend, lower

Rebuild: TypeAlias = Callable[[Sequence[Array], Backend], Any]


class _Depth(threading.local):
    transforms = 0


_depth = _Depth()


def inside_transform() -> bool:
    """Return whether this thread is running a function under some transform."""
    return _depth.transforms > 0


@contextmanager
def transforming(backend: Backend) -> Iterator[None]:
    """Run a user's function under a transform: tensors made inside belong to the backend that traces."""
    _depth.transforms += 1
    try:
        with use_backend(backend):
            yield
    finally:
        _depth.transforms -= 1


def unwrap(leaves: Sequence[Any], name: str) -> tuple[Backend, list[Array]]:
    """Return the one backend of all leaves and their native arrays; scalars and host arrays become tensors of it.

    Inside a transform it is the backend that traces, so that what the function takes from enclosing scopes is traced
    too, although the leaves themselves may be constants.
    """
    tensors = [leaf for leaf in leaves if leaf.__class__ is Tensor or hasattr(leaf, "__unifw_tensor__")]
    given = [as_tensor(leaf) for leaf in tensors]
    if not given:
        given = [_convert(leaf, None, name) for leaf in leaves[:1]]
    if not given:
        return current_backend(), []
    backend = common_backend(given, name)
    if inside_transform():
        tracing = current_backend()
        if tracing is not backend and all(lifts(tracing, each) for each in given):
            backend = tracing
    return backend, [lower(_convert(leaf, backend, name), backend) for leaf in leaves]


def lifts(backend: Backend, tensor: Tensor) -> bool:
    """Return whether a backend owns a tensor or takes it as a constant."""
    return tensor.backend is backend or backend.lift(tensor.native, tensor.backend) is not None


def flatten_results(outputs: Any, backend: Backend, name: str) -> tuple[list[Array], tree.TreeDef]:
    """Return the arrays of a function's results, all of `backend`, and their structure."""
    leaves, treedef = tree.flatten(outputs)
    tensors = [leaf if leaf.__class__ is Tensor else _convert(leaf, backend, name) for leaf in leaves]
    for tensor in tensors:
        if not lifts(backend, tensor):
            raise MixedBackendsError(
                f"The function given to {name}() runs on {backend.name!r} and returned a tensor of "
                f"{tensor.backend.name!r}. Bring it over first: x.to_backend({backend.name!r})."
            )
    return [lower(tensor, backend) for tensor in tensors], treedef


def call(function: Any, backend: Backend, *args: Any, **kwargs: Any) -> Any:
    """Run a user's function under a transform by `backend`."""
    with transforming(backend):
        return function(*args, **kwargs)


def _convert(leaf: Any, backend: Backend | None, name: str) -> Tensor:
    if isinstance(leaf, (str, bytes)) or callable(leaf):
        raise TransformError(
            f"{name}() got {leaf!r} of type {type(leaf).__name__} where a tensor or number is needed. "
            f"Name it in static_argnums or static_argnames, or take it from an enclosing scope."
        )
    return as_tensor(leaf, backend)


def wrap(arrays: Sequence[Array], backend: Backend) -> list[Tensor]:
    """Return native arrays as tensors."""
    return [Tensor(array, backend) for array in arrays]


def check_differentiable(leaves: Sequence[Any], name: str) -> None:
    """Raise `DTypeError` unless every leaf is floating-point."""
    for leaf in leaves:
        dtype = dtypes.as_dtype(type(leaf)) if type(leaf) in SCALARS else as_tensor(leaf).dtype
        if dtype not in dtypes.FLOATS:
            raise DTypeError(
                f"{name}() differentiates with respect to floating-point tensors, got {dtype.name}. "
                f"Convert it with unifw.astype(x, 'float32'), or choose other arguments with argnums."
            )


def split_outputs(outputs: Any, backend: Backend, name: str) -> tuple[list[Array], Rebuild]:
    """Return the arrays of an output tree, and a function of such arrays and their backend that rebuilds the tree.

    Tensors of other backends (constants the function did not compute) pass by unchanged.
    """
    leaves, treedef = tree.flatten(outputs)
    arrays: list[Array] = []
    layout: list[Tensor | None] = []
    for leaf in leaves:
        tensor = leaf if leaf.__class__ is Tensor else _convert(leaf, backend, name)
        array = tensor.native if tensor.backend is backend else backend.lift(tensor.native, tensor.backend)
        if array is None:
            layout.append(tensor)
        else:
            layout.append(None)
            arrays.append(array)
    return arrays, _rebuilding(treedef, layout)


def _rebuilding(treedef: tree.TreeDef, layout: list[Tensor | None]) -> Rebuild:
    """Return what rebuilds an output tree; a compiled function of a few microseconds waits for it at each call."""
    if layout == [None] and treedef.is_leaf():
        return _rebuild_leaf
    unflatten = treedef.unflatten
    if all(constant is None for constant in layout):
        return lambda arrays, owner: unflatten([Tensor(array, owner) for array in arrays])

    def rebuild(arrays: Sequence[Array], owner: Backend) -> Any:
        computed = iter(arrays)
        return unflatten([Tensor(next(computed), owner) if constant is None else constant for constant in layout])

    return rebuild


def _rebuild_leaf(arrays: Sequence[Array], owner: Backend) -> Tensor:
    return Tensor(arrays[0], owner)
