"""The inputs of a call: arrays as tensors of the layer's dtype, and their shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unifw import dtypes
from unifw.backend import Backend
from unifw.errors import ArgumentError, ShapeError
from unifw.layers._variable import Variable
from unifw.tensor import Tensor, asarray
from unifw.tensor._strict import check_conversion

if TYPE_CHECKING:
    from unifw.layers._layer import Layer


def prepared(value: Any, dtype: dtypes.DType, backend: Backend, layer: Layer) -> Any:
    """Return an argument of a layer with its arrays as tensors, and its floats in the layer's dtype.

    NumPy's arrays go to `backend`; a framework's own arrays are tensors of that framework's backend, as they are for
    `unifw.asarray`.
    """
    if value.__class__ is Tensor:
        own = value.dtype
        if own is dtype or own == dtype or not dtypes.is_floating(own):
            return value
        check_conversion(layer.name, "an input", own, dtype)
        return value.astype(dtype)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Variable):
        return prepared(value.value, dtype, backend, layer)
    if isinstance(value, np.ndarray):
        return prepared(asarray(value, backend=backend), dtype, backend, layer)
    if isinstance(value, list | tuple):
        if value and all(isinstance(each, bool | int | float) or _is_numbers(each) for each in value):
            return value
        parts = [prepared(each, dtype, backend, layer) for each in value]
        return parts if isinstance(value, list) else tuple(parts)
    if isinstance(value, dict):
        return {key: prepared(each, dtype, backend, layer) for key, each in value.items()}
    if backend.is_array(value):
        return prepared(Tensor(value, backend), dtype, backend, layer)
    tensor = entered(value)
    return value if tensor is value else prepared(tensor, dtype, backend, layer)


def entered(value: Any) -> Any:
    """Return a framework's own array as a tensor of that framework's backend; what is no foreign array as it is."""
    if isinstance(value, Tensor | Variable | np.ndarray | np.generic | type):
        return value
    return asarray(value) if hasattr(value, "__array__") and hasattr(value, "shape") else value


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, bool | int | float) for each in value)


def shapes(value: Any) -> Any:
    """Return the shapes of a tree of tensors; None for what is no tensor."""
    if isinstance(value, Tensor):
        return value.shape
    if isinstance(value, dict):
        return {key: shapes(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [shapes(each) for each in value]
    return None


def check_rank(layer: Layer, value: Any) -> None:
    """Raise unless the first input of a layer has the number of axes that it needs.

    Raises:
        ArgumentError: if it is no tensor.
        ShapeError: if it has another number of axes.
    """
    if not isinstance(value, Tensor):
        raise ArgumentError(f"{layer.name} needs a tensor or array as its first input, got {type(value).__name__}.")
    rank = len(value.shape)
    if layer.input_rank is not None and rank != layer.input_rank:
        raise ShapeError(
            f"{layer.name} ({type(layer).__name__}) needs an input with {layer.input_rank} axes {layer.input_layout}, "
            f"got shape {value.shape}."
        )
    if layer.input_min_rank is not None and rank < layer.input_min_rank:
        raise ShapeError(
            f"{layer.name} ({type(layer).__name__}) needs an input with at least {layer.input_min_rank} axes "
            f"{layer.input_layout}, got shape {value.shape}."
        )
