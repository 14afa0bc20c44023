"""Python arguments, judged in front of every backend: integers, shapes, and how to write a key in a message."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any, Final

from unifw.errors import ArgumentError, UnifwError

_MOST_ELEMENTS: Final = 2**63 - 1  # of an array on any framework; beyond, some end the process


def whole(value: Any, name: str, argument: str) -> int:
    """Return an argument as a Python integer.

    Raises:
        ArgumentError: if it is none: 2.0 and "2" are not.
    """
    if value.__class__ is int:
        return value
    try:
        return int(operator.index(value))
    except UnifwError:  # a tensor's own: it is not an integer, or has no value yet
        raise
    except TypeError:
        raise ArgumentError(
            f"{name}() got {argument}={brief(value)}, where an integer is needed. Write int(...) if you mean it."
        ) from None


def wholes(values: Any, name: str, argument: str) -> tuple[int, ...]:
    """Return an argument that is an integer or several as a tuple of Python integers.

    Raises:
        ArgumentError: if it is neither.
    """
    if values.__class__ is int:
        return (values,)
    if isinstance(values, str | bytes | dict) or not isinstance(values, Iterable) or getattr(values, "ndim", 1) == 0:
        return (whole(values, name, argument),)
    return tuple(whole(each, name, argument) for each in values)


def number(value: Any, name: str, argument: str) -> Any:
    """Return an argument as a Python scalar.

    Raises:
        ArgumentError: if it is none, nor an array of one without axes.
    """
    if isinstance(value, bool | int | float | complex):
        return value
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    raise ArgumentError(f"{name}() got {argument}={brief(value)}, where a Python number is needed. Write a number.")


def shape_argument(shape: Any, name: str) -> tuple[int, ...]:
    """Return the shape of an array that is to be made.

    Raises:
        ArgumentError: if a size is negative or no integer, or there are more elements than any array has.
    """
    sizes = wholes(shape, name, "shape")
    for size in sizes:
        if size < 0:
            raise ArgumentError(f"{name}() got shape {sizes}; sizes cannot be negative. Write 0 or more.")
    if math.prod(sizes) > _MOST_ELEMENTS:
        raise ArgumentError(f"{name}() got shape {sizes}: no array has that many elements. Write smaller sizes.")
    return sizes


def brief(value: Any) -> str:
    """Return a value as a message shows it: a tensor by its dtype and shape, a slice as it is written in a key."""
    if hasattr(value, "__unifw_tensor__"):
        value = value.__unifw_tensor__()
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"<{getattr(value.dtype, 'name', value.dtype)} {type(value).__name__} of shape {tuple(value.shape)}>"
    if isinstance(value, slice):
        ends = ["" if each is None else brief(each) for each in (value.start, value.stop, value.step)]
        return ":".join(ends if value.step is not None else ends[:2])
    if value is Ellipsis:
        return "..."
    if isinstance(value, tuple):
        return ", ".join(map(brief, value))
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | list | dict | set | type):
        try:
            text = repr(value)
        except ValueError:  # Python writes integers of some thousand digits only when told to
            return "an integer of thousands of digits"
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… of {len(text)} characters"
    return f"a {type(value).__name__}" if type(value).__name__[0] not in "aeiou" else f"an {type(value).__name__}"


_LONGEST: Final = 60
