"""Comparing numbers that rounding has touched. Names and defaults of `jax.numpy`."""

from __future__ import annotations

from typing import Any

from unifw import config, dtypes
from unifw.errors import DTypeError
from unifw.tensor import (
    Tensor,
    abs,
    add,
    all,
    asarray,
    equal,
    finfo,
    greater,
    imag,
    isfinite,
    isinf,
    isnan,
    less_equal,
    logical_and,
    logical_or,
    multiply,
    real,
    subtract,
    where,
    zeros_like,
)
from unifw.tensor._operands import as_tensor
from unifw.tensor._strict import WEAK, check_operands


def isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """``|a - b| <= atol + rtol * |b|``, element by element; infinities are close to themselves alone.

    Args:
        a: tensor or number.
        b: tensor or number, the one that is taken to be right.
        rtol: relative tolerance.
        atol: absolute tolerance.
        equal_nan: whether NaN is close to NaN.

    >>> import unifw as uf
    >>> uf.nn.isclose(uf.asarray([1.0, 1.1]), uf.asarray([1.0, 1.0])).tolist()
    [True, False]
    """
    x, y = as_tensor(a), as_tensor(b)
    if dtypes.bool in (x.dtype, y.dtype):
        raise DTypeError(f"isclose() compares numbers, got {x.dtype.name} and {y.dtype.name}. Write a == b.")
    if config.is_strict():
        check_operands("isclose()", [a if type(a) in WEAK else x, b if type(b) in WEAK else y])
    if dtypes.kind(x.dtype) == "integer":
        x = x.astype(_wide(y))
    if dtypes.kind(y.dtype) == "integer":
        y = y.astype(_wide(x))
    is_finite = logical_and(isfinite(x), isfinite(y))
    a, b = (where(is_finite, each, zeros_like(each)) for each in (x, y))  # whose difference is a number
    close = where(is_finite, less_equal(abs(subtract(a, b)), add(multiply(abs(b), rtol), atol)), equal(x, y))
    return logical_or(close, logical_and(isnan(x), isnan(y))) if equal_nan else close


def _wide(other: Tensor) -> dtypes.DType:
    """Return the dtype in which to compare integers: that of the other operand, or one that holds most of them."""
    return other.dtype if dtypes.kind(other.dtype) != "integer" else dtypes.float64


def allclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether all elements are close: see `isclose`.

    >>> import unifw as uf
    >>> bool(uf.nn.allclose(uf.asarray([1.0]), uf.asarray([1.0 + 1e-7])))
    True
    """
    return all(isclose(a, b, rtol, atol, equal_nan))


def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Tensor:
    """Whether two tensors have the same shape and the same elements.

    >>> import unifw as uf
    >>> bool(uf.nn.array_equal(uf.asarray([1, 2]), uf.asarray([1, 2, 3])))
    False
    """
    x, y = as_tensor(a1), as_tensor(a2)
    if x.shape != y.shape:
        return asarray(False, backend=x.backend)
    same = equal(x, y)
    if equal_nan and dtypes.kind(x.dtype) != "integer" and dtypes.kind(y.dtype) != "integer":
        same = logical_or(same, logical_and(isnan(x), isnan(y)))
    return all(same)


def nan_to_num(x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """Replace what is not a finite number.

    Args:
        x: any shape and dtype of numbers; integers are returned as they are.
        nan: what replaces NaN.
        posinf: what replaces infinity; the largest number of the dtype by default.
        neginf: what replaces minus infinity; the smallest number of the dtype by default.

    >>> import unifw as uf
    >>> uf.nn.nan_to_num(uf.asarray([float("nan"), 2.0]), nan=-1.0).tolist()
    [-1.0, 2.0]
    """
    given = as_tensor(x)
    if dtypes.kind(given.dtype) == "complex":
        parts = (nan_to_num(part, nan, posinf, neginf) for part in (real(given), imag(given)))
        return add(next(parts), multiply(next(parts), 1j))
    if dtypes.kind(given.dtype) != "floating":
        return given
    largest = float(finfo(given.dtype).max)
    up = _scalar(largest if posinf is None else posinf, given)
    down = _scalar(-largest if neginf is None else neginf, given)
    numbers = where(isnan(given), nan, given)
    return where(isinf(given), where(greater(given, 0), up, down), numbers)


def _scalar(value: float, like: Tensor) -> Tensor:
    return asarray(value, dtype=like.dtype, backend=like.backend)
