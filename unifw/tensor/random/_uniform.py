"""Uniform numbers."""

from __future__ import annotations

from typing import Any

from unifw import dtypes
from unifw.errors import ArgumentError
from unifw.tensor._tensor import Tensor
from unifw.tensor.random._arguments import Shape, checked_key, drawn_shape, floating, shape_of, together


def uniform(
    key: Any,
    shape: Shape = (),
    dtype: dtypes.DTypeLike | None = None,
    minval: Any = 0.0,
    maxval: Any = 1.0,
) -> Tensor:
    """Return values uniform in [minval, maxval), bit for bit those of `jax.random.uniform`.

    The scaling is rounded once in float32 and float64, as by the fused multiplication that XLA compiles it to.

    Args:
        key: uint32 (2,).
        shape: of the result.
        dtype: float32 (the default), float64, float16 or bfloat16; each has a stream of its own width.
        minval: a number, or a tensor that broadcasts to `shape`.
        maxval: the same.

    Raises:
        ArgumentError: for what is not one key, or numbers of which `minval` is the larger.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or limits that do not broadcast to it.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.uniform(uf.random.key(0), (8,)) < 1.0))
    True
    """
    tensor = checked_key(key, "uniform")
    wanted = floating(dtype, "uniform")
    sizes = drawn_shape("uniform", shape, shape_of(minval), shape_of(maxval))
    if isinstance(minval, (int, float)) and isinstance(maxval, (int, float)) and not minval <= maxval:
        raise ArgumentError(f"uniform() got minval={minval} and maxval={maxval}; minval must be the smaller.")
    backend, native, (low, high) = together("uniform", tensor, wanted, minval, maxval)
    low, high = (float(each) if isinstance(each, int) else each for each in (low, high))
    return Tensor(backend.random_uniform(native, sizes, wanted, low, high), backend)
