"""Strict mode: conversions that nobody wrote raise, with the line that asked for them. See `unifw.config.strict`.

Two questions decide. Does the Array API standard define the promotion (`dtypes.has_promotion`)? Is a cast, of data to
the dtype of what takes it, such a promotion? Callers ask only where a conversion happens, so fast paths pay nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from unifw import config, dtypes
from unifw.backend import user_line
from unifw.errors import ImplicitConversionError
from unifw.tensor._tensor import Tensor
from unifw.tensor._weak import WeakScalar

WEAK: Final = (bool, int, float, complex, WeakScalar)
"""The types whose dtype follows that of the tensors they meet."""
_OPEN: Final = "which the Array API standard leaves open"
_UNDEFINED: Final = f"{_OPEN} and frameworks answer differently"


def check_operands(name: str, operands: Sequence[Any], computed: dtypes.DType | None = None) -> None:
    """Raise unless the standard defines what becomes of the dtypes of operands; to be called in strict mode.

    Args:
        name: what computes, as "add()".
        operands: tensors or their dtypes, and Python scalars.
        computed: the dtype in which it computes, unless that is the promoted one.
    """
    found = [getattr(each, "dtype", each) for each in operands if type(each) not in WEAK]
    scalars = [each for each in operands if type(each) in WEAK]
    if not found:  # then the first one is as good as a tensor
        found = [dtypes.as_dtype(type(_sample(scalars.pop(0))))]
    dtype = found[0]
    for other in found[1:]:
        _check_pair(name, dtype, other)
        dtype = dtypes.promote(dtype, other)
    for scalar in scalars:
        _check_scalar(name, dtype, scalar)
        dtype = dtypes.promote_scalar(dtype, _sample(scalar))
        _check_range(name, dtype, scalar)
    if computed is not None:
        check_conversion(name, "its argument", dtype, computed)


def _sample(scalar: Any) -> complex:
    """Return a Python scalar, or one of the kind of one that is traced."""
    return scalar.sample if type(scalar) is WeakScalar else scalar


def _check_pair(name: str, first: dtypes.DType, second: dtypes.DType) -> None:
    if dtypes.has_promotion(first, second):
        return
    result = dtypes.promote(first, second)
    others = [each.name for each in (first, second) if each != result]
    which = f"the {others[0]} one" if len(others) == 1 else "both"
    raise _error(
        f"{name} would promote {first.name} and {second.name} to {result.name}, {_UNDEFINED}",
        f"Convert {which}: unifw.astype(x, {result.name!r})",
    )


def _check_scalar(name: str, dtype: dtypes.DType, scalar: Any) -> None:
    is_known, value = type(scalar) is not WeakScalar, _sample(scalar)
    python_type: type = type(value)
    if dtypes.has_scalar_promotion(dtype, python_type):
        return
    result = dtypes.promote_scalar(dtype, value)
    number = f"the Python {python_type.__name__} {value!r}" if is_known else f"a Python {python_type.__name__}"
    wording = f"{name} would promote {dtype.name} and {number} to {result.name}"
    if result == dtype:  # a truth value among numbers: most frameworks agree
        hint = f"Write {dtypes.python_type(dtype)(value)!r}" if is_known else "Pass a number"
        raise _error(f"{wording}, {_OPEN}", hint)
    raise _error(f"{wording}, {_UNDEFINED}", f"Convert the tensor: unifw.astype(x, {result.name!r})")


def _check_range(name: str, dtype: dtypes.DType, scalar: Any) -> None:
    """Raise for a Python number that a floating-point dtype makes infinite; integers are judged without strict mode."""
    if type(scalar) is WeakScalar or dtypes.kind(dtype) not in ("floating", "complex"):
        return
    value = np.asarray(scalar if dtypes.kind(dtype) == "complex" else float(scalar))
    if not np.all(_stays_finite(value, dtype)):
        raise _error(
            f"{name} would make the Python number {scalar!r} infinite, for {dtype.name} ends before",
            "Convert the tensor: unifw.astype(x, 'float32')" if dtype.itemsize == 2 else "Write a number that it holds",
        )


def check_conversion(name: str, what: str, given: dtypes.DType, wanted: dtypes.DType, hint: str | None = None) -> None:
    """Raise in strict mode for a conversion to another kind of dtype, or to one that holds less.

    Args:
        name: what converts, as "mean()".
        what: what it converts.
        given: the dtype of the data.
        wanted: the dtype it is converted to.
        hint: what to write instead, by default a conversion.
    """
    if given == wanted or not config.is_strict():
        return
    if dtypes.has_promotion(given, wanted) and dtypes.promote(given, wanted) == wanted:
        return
    loses = dtypes.kind(given) == dtypes.kind(wanted)
    why = "and lose precision or range" if loses else "which frameworks do differently or not at all"
    raise _error(
        f"{name} would convert {what} from {given.name} to {wanted.name}, {why}",
        hint or f"Convert it: unifw.astype(x, {wanted.name!r})",
    )


def as_mask(mask: Tensor, name: str, what: str = "its mask") -> Tensor:
    """Return a mask as booleans, which in strict mode it must be."""
    check_conversion(name, what, mask.dtype, dtypes.bool)
    return mask.astype(dtypes.bool)


def check_value(name: str, value: Any, kept: Any, dtype: dtypes.DType) -> None:
    """Raise in strict mode if a Python number has become another one in a dtype."""
    if value != kept and value == value and config.is_strict():  # noqa: PLR0124 - not NaN
        raise _error(f"{name} would turn {value!r} into {kept!r} for {dtype.name}", "Write a number that it holds")


def check_defaults(name: str, values: np.ndarray[Any, Any], dtype: dtypes.DType) -> None:
    """Raise for Python numbers beyond the default dtype of their kind; to be called in strict mode."""
    fits = _stays_finite(values, dtype)
    if not np.all(fits):
        raise _error(
            f"{name} would make the Python number {values[~fits].flat[0]} {dtype.name}, beyond its default dtype",
            f"Write the dtype you mean: dtype={values.dtype.name!r}",
        )


def _stays_finite(values: np.ndarray[Any, Any], dtype: dtypes.DType) -> Any:
    with np.errstate(over="ignore"):
        return np.isfinite(values.astype(dtype)) | ~np.isfinite(values)


def _error(what: str, hint: str) -> ImplicitConversionError:
    line = user_line()
    return ImplicitConversionError(f"Strict mode{', ' if line else ''}{line}: {what}. {hint}.")
