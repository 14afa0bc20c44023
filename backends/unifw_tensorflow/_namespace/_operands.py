"""What the families share: Python scalars as operands, shapes as tensors, integers as 64-bit integers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from unifw_tensorflow._import import raw, tf

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SCALARS = (bool, int, float, complex, np.generic)


def pair(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Return two operands as tensors of one dtype, where at most one may be a Python scalar."""
    if isinstance(x2, SCALARS):
        return x1, constant(x2, x1.dtype)
    if isinstance(x1, SCALARS):
        return constant(x1, x2.dtype), x2
    return x1, x2


def constant(value: Any, dtype: Any) -> Any:
    """Return a Python scalar as a tensor; True is 1 where the dtype is not boolean, which TensorFlow refuses.

    TensorFlow looks scalars up among those it has made, by their value: asked for -0.0 after 0.0, it gives 0.0.
    """
    if not value and dtype.is_floating and math.copysign(1.0, value) < 0:
        return raw.Neg(x=tf.constant(0.0, dtype))
    return tf.constant(bool(value) if dtype == tf.bool else int(value) if isinstance(value, bool) else value, dtype)


def unary(kernel: Callable[..., Any]) -> Callable[[Any], Any]:
    """Turn a kernel of one operand `x` into a positional function."""

    def function(x: Any, /) -> Any:
        return kernel(x=x)

    return function


def binary(kernel: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """Turn a kernel of `x` and `y` into a positional function that takes a Python scalar on either side."""

    def function(x1: Any, x2: Any, /) -> Any:
        x1, x2 = pair(x1, x2)
        return kernel(x=x1, y=x2)

    return function


def dimensions(shape: Sequence[int] | int) -> Any:
    """Return a shape as the int32 (or, for huge ones, int64) tensor that kernels take; also for ``()``."""
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    return tf.constant(sizes, tf.int64 if any(size >= 2**31 for size in sizes) else tf.int32)


def axes_of(x: Any, axis: int | Sequence[int] | None) -> list[int]:
    """Return the axes meant, as a list of non-negative integers; None means all."""
    rank = x.shape.rank
    if axis is None:
        return list(range(rank))
    return [each % rank for each in ((axis,) if isinstance(axis, int) else axis)]


def widened(x: Any) -> Any:
    """Return integers as int64, uint64 by its bits: sums and products then wrap around to the right result."""
    return raw.Bitcast(input=x, type=tf.int64) if x.dtype == tf.uint64 else raw.Cast(x=x, DstT=tf.int64)


def narrowed(x: Any, dtype: Any) -> Any:
    """Undo `widened`."""
    return raw.Bitcast(input=x, type=dtype) if dtype == tf.uint64 else raw.Cast(x=x, DstT=dtype)
