"""What users pass as data: arrays of any library, in lists, tuples and dicts."""

from __future__ import annotations

from typing import Any

import numpy as np

from unifw import config, dtypes
from unifw.errors import ArgumentError
from unifw.tensor import Tensor, asarray
from unifw.tensor._strict import check_conversion


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


def host_array(value: Any, name: str = "x") -> Any:
    """Return an array as NumPy's in the dtype models take: floats in `floatx`; tensors stay where they are.

    Frameworks' own arrays come to the host once, without what they recorded for their own automatic differentiation.

    Args:
        value: the array, or numbers.
        name: the argument's.
    """
    wanted = dtypes.as_dtype(config.floatx())
    if isinstance(value, Tensor):
        if not dtypes.is_floating(value.dtype) or value.dtype == wanted:
            return value
        _check_precision(name, value.dtype, wanted)
        return value.astype(wanted)
    array = _on_host(value)
    if array.dtype.kind == "f" and array.dtype != wanted:
        if is_array(value):  # Python's numbers have no dtype to lose
            _check_precision(name, array.dtype, wanted)
        array = array.astype(wanted)
    if array.dtype.kind not in "biufcV" or array.dtype == object:
        raise ArgumentError(
            f"Data of dtype {array.dtype} cannot become a tensor. Convert it to numbers, with equal lengths, first."
        )
    return array


def _check_precision(name: str, given: dtypes.DType, wanted: dtypes.DType) -> None:
    hint = f"Convert it: {name}.astype({wanted.name!r}), or choose unifw.config.set_floatx({given.name!r})"
    check_conversion("the model", f"the data {name}", given, wanted, hint)


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


def host_arrays(value: Any, name: str = "x") -> Any:
    """Return data with an array at each leaf; lists of numbers are arrays, lists and dicts of arrays are several."""
    if isinstance(value, dict):
        return {key: host_arrays(each, name) for key, each in value.items()}
    if isinstance(value, list | tuple) and value and any(_is_part(each) for each in value):
        parts = [host_arrays(each, name) for each in value]
        return parts if isinstance(value, list) else tuple(parts)
    return host_array(value, name)


def _is_part(value: Any) -> bool:
    """Return whether an element of a list is data by itself, rather than one example's number."""
    return isinstance(value, dict) or (is_array(value) and len(value.shape) > 0)
