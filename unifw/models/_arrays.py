"""What users pass as data: arrays of any library, in lists, tuples and dicts."""

from __future__ import annotations

from typing import Any

import numpy as np

from unifw import config, dtypes
from unifw.errors import ArgumentError
from unifw.tensor import Tensor, asarray


def is_array_data(value: Any) -> bool:
    """Return whether `value` is arrays (also lists of numbers, and tuples and dicts of arrays), not an iterable."""
    if is_array(value):
        return True
    if isinstance(value, dict):
        return all(is_array_data(each) for each in value.values())
    return isinstance(value, list | tuple)


def is_array(value: Any) -> bool:
    """Return whether `value` is one array, of whatever library: a leaf of the data."""
    return isinstance(value, Tensor | np.ndarray) or (hasattr(value, "__array__") and hasattr(value, "shape"))


def host_array(value: Any) -> Any:
    """Return an array as NumPy's in the dtype models take: floats in `floatx`; tensors stay where they are.

    Frameworks' own arrays come to the host once, without what they recorded for their own automatic differentiation.
    """
    if isinstance(value, Tensor):
        wanted = dtypes.as_dtype(config.floatx())
        return value.astype(wanted) if dtypes.is_floating(value.dtype) and value.dtype != wanted else value
    array = _on_host(value)
    if array.dtype.kind == "f" and array.dtype.name != config.floatx():
        array = array.astype(dtypes.as_dtype(config.floatx()))
    if array.dtype.kind not in "biufcV" or array.dtype == object:
        raise ArgumentError(
            f"Data of dtype {array.dtype} cannot become a tensor. Convert it to numbers, with equal lengths, first."
        )
    return array


def _on_host(value: Any) -> np.ndarray[Any, Any]:
    try:
        return np.asarray(value)
    except (TypeError, RuntimeError, ValueError) as error:
        if is_array(value):  # on another device, recorded for gradients, or bfloat16: its backend can read it
            return np.asarray(asarray(value))
        raise ArgumentError(
            f"This {type(value).__name__} cannot become an array: {error}. Give numbers, with equal lengths on each "
            "level."
        ) from error


def host_arrays(value: Any) -> Any:
    """Return data with an array at each leaf; lists of numbers are arrays, lists and dicts of arrays are several."""
    if isinstance(value, dict):
        return {key: host_arrays(each) for key, each in value.items()}
    if isinstance(value, list | tuple) and value and any(_is_part(each) for each in value):
        parts = [host_arrays(each) for each in value]
        return parts if isinstance(value, list) else tuple(parts)
    return host_array(value)


def _is_part(value: Any) -> bool:
    """Return whether an element of a list is data by itself, rather than one example's number."""
    return isinstance(value, dict) or (is_array(value) and len(value.shape) > 0)
