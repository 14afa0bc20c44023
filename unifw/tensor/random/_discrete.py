"""Integers and booleans."""

from __future__ import annotations

from typing import Any

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.errors import ArgumentError, DTypeError
from unifw.tensor._arguments import brief
from unifw.tensor._operands import as_tensor
from unifw.tensor._tensor import Tensor
from unifw.tensor.random._arguments import (
    Shape,
    checked_key,
    drawn_shape,
    filled,
    in_order,
    integral,
    shape_of,
    sizes_of,
    together,
)


def randint(key: Any, shape: Shape, minval: Any, maxval: Any, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return integers uniform in [minval, maxval), bit for bit those of `jax.random.randint`.

    Args:
        key: uint32 (2,).
        shape: of the result.
        minval: an integer, or a tensor of integers that broadcasts to `shape`.
        maxval: the same, excluded; one more than `dtype` holds includes its last integer. Where a tensor's is not
            above `minval`, the result is `minval`, as in JAX.
        dtype: any integer dtype; int32 by default, as in JAX without 64 bits. 64-bit ones have a stream of their own.

    Raises:
        ArgumentError: for what is not one key, or integers of which `minval` is not the smaller.
        DTypeError: for limits or a dtype that are not integers.
        ShapeError: for what is not a shape, or limits that do not broadcast to it.

    >>> import unifw as uf
    >>> uf.random.randint(uf.random.key(42), (5,), 0, 10).shape
    (5,)
    """
    tensor = checked_key(key, "randint")
    wanted = integral(dtype, "randint")
    sizes = drawn_shape("randint", shape, shape_of(minval), shape_of(maxval))
    for limit in (minval, maxval):
        kind = "floating" if isinstance(limit, float) else "integer"
        kind = kind if isinstance(limit, (int, float)) else dtypes.kind(as_tensor(limit, tensor.backend).dtype)
        if kind != "integer":
            raise DTypeError(
                f"randint() needs integers as limits, got minval={brief(minval)} and maxval={brief(maxval)}. Use int."
            )
        if isinstance(limit, int) and not -(2**63) <= limit <= 2**64:
            raise ArgumentError(f"randint() got the limit {brief(limit)}, beyond 64 bits. Write a smaller one.")
    in_order(minval, maxval, ("minval", "maxval"), "randint")
    backend, native, limits = together("randint", tensor, None, minval, maxval)
    if not isinstance(minval, int) or not isinstance(maxval, int):
        limits = [_wide(backend, each, wanted) for each in limits]
    least, most = limits
    return Tensor(backend.random_randint(native, sizes, least, most, wanted), backend)


def _wide(backend: Backend, limit: Any, dtype: dtypes.DType) -> Array:
    """Return a limit as an array of 64 bits, of the sign of the integers wanted."""
    wide, most = (dtypes.uint64, (1 << 64) - 1) if dtype == dtypes.uint64 else (dtypes.int64, (1 << 63) - 1)
    if isinstance(limit, int):
        return backend.asarray(max(min(limit, most), 0 if wide == dtypes.uint64 else ~most), dtype=wide)
    given = backend.dtype_of(limit)
    if wide == dtypes.uint64 and given in dtypes.SIGNED:
        limit = backend.xp.maximum(limit, backend.xp.zeros_like(limit))
    if wide == dtypes.int64 and given == dtypes.uint64:
        limit = backend.xp.minimum(limit, backend.xp.full_like(limit, most))
    return backend.astype(limit, wide)


def rademacher(key: Any, shape: Shape = (), dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return -1 or 1, each with probability 1/2, as `jax.random.rademacher`.

    Args:
        key: uint32 (2,).
        shape: of the result.
        dtype: any real dtype; int32 by default, as in JAX without 64 bits.

    Raises:
        ArgumentError: for what is not one key.
        DTypeError: for a dtype that does not hold -1.
        ShapeError: for what is not a shape.

    >>> import unifw as uf
    >>> bool(uf.all(uf.abs(uf.random.rademacher(uf.random.key(0), (8,))) == 1))
    True
    """
    wanted = dtypes.int32 if dtype is None else dtypes.as_dtype(dtype)
    if wanted not in (*dtypes.SIGNED, *dtypes.FLOATS):
        raise DTypeError(f"rademacher() gives -1 and 1; {wanted.name} does not hold both.")
    tensor = checked_key(key, "rademacher")
    heads = Tensor(tensor.backend.random_uniform(tensor.native, sizes_of(shape, "rademacher")), tensor.backend) < 0.5
    result: Tensor = heads.astype(wanted) * 2 - 1
    return result


def bernoulli(key: Any, p: Any = 0.5, shape: Shape | None = None, mode: str = "low") -> Tensor:
    """Return booleans that are true with probability `p`: ``uniform(key, shape) < p``, as `jax.random.bernoulli`.

    Args:
        key: uint32 (2,).
        p: a number, or a floating-point tensor: its dtype is that of the uniform numbers.
        shape: of the result, to which `p` broadcasts; by default that of `p`.
        mode: "low", or "high", which takes two numbers for one, so that small probabilities are exact.

    Raises:
        ArgumentError: for what is not one key, a number outside [0, 1], or an unknown mode.
        DTypeError: for a `p` that is not floating-point.
        ShapeError: for what is not a shape, or a `p` that does not broadcast to it.

    >>> import unifw as uf
    >>> uf.random.bernoulli(uf.random.key(0), 1.0, (2,)).tolist()
    [True, True]
    """
    tensor = checked_key(key, "bernoulli")
    if mode not in {"low", "high"}:
        raise ArgumentError(f"bernoulli() got mode={mode!r}. Write 'low' or 'high'.")
    if isinstance(p, (int, float)):
        if not 0.0 <= p <= 1.0:
            raise ArgumentError(f"bernoulli() got p={p}; a probability lies between 0 and 1.")
        p, dtype = float(p), dtypes.float32
    else:
        p = as_tensor(p, tensor.backend)
        dtype = p.dtype
        if dtype not in dtypes.FLOATS:
            raise DTypeError(f"bernoulli() needs a floating-point probability, got {dtype.name}.")
    sizes = drawn_shape("bernoulli", shape, shape_of(p))
    backend, native, (chance,) = together("bernoulli", tensor, dtype, p)
    xp = backend.xp
    if mode == "low":
        return Tensor(xp.less(backend.random_uniform(native, sizes, dtype), chance), backend)
    pair = backend.random_uniform(native, (2, *sizes), dtype)
    bits = {dtypes.float16: 10, dtypes.bfloat16: 7, dtypes.float32: 23, dtypes.float64: 52}[dtype]
    remainder = xp.subtract(xp.full_like(pair[0, ...], chance) if isinstance(chance, float) else chance, pair[0, ...])
    return Tensor(xp.less(xp.multiply(pair[1, ...], 2.0**-bits), remainder), backend)


def geometric(key: Any, p: Any, shape: Shape | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return how many trials of probability `p` it takes until one succeeds, as `jax.random.geometric`.

    Args:
        key: uint32 (2,).
        p: a number, or a tensor: its dtype is that of the uniform numbers (float32 if it is no floating-point one).
        shape: of the result, to which `p` broadcasts; by default that of `p`.
        dtype: any integer dtype; int32 by default, as in JAX without 64 bits.

    Raises:
        ArgumentError: for what is not one key, or a number outside (0, 1].
        DTypeError: for a dtype that is not an integer.
        ShapeError: for what is not a shape, or a probability that does not broadcast to it.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.geometric(uf.random.key(0), 0.25, (8,)) >= 1))
    True
    """
    tensor = checked_key(key, "geometric")
    wanted = integral(dtype, "geometric")
    if isinstance(p, (int, float)) and not 0.0 < p <= 1.0:
        raise ArgumentError(f"geometric() got p={p}; the probability lies above 0, and is at most 1.")
    sizes = drawn_shape("geometric", shape, shape_of(p))
    given = dtypes.float32 if isinstance(p, (int, float)) else as_tensor(p, tensor.backend).dtype
    inner = given if given in dtypes.FLOATS else dtypes.float32
    backend, native, (chance,) = together("geometric", tensor, inner, p)
    xp = backend.xp
    unit = backend.random_uniform(native, sizes, inner)
    one = xp.full_like(unit, 1.0)
    logarithm = xp.log(xp.where(xp.equal(unit, 0.0), one, unit))
    chance = filled(backend, chance, sizes, inner, native)
    is_sure = xp.greater_equal(chance, 1.0)  # its logarithm is one that NumPy warns of
    refusal = xp.log1p(xp.negative(xp.where(is_sure, xp.full_like(chance, 0.5), chance)))
    trials = xp.divide(logarithm, xp.where(is_sure, xp.full_like(chance, -float("inf")), refusal))
    return Tensor(backend.astype(xp.add(xp.floor(trials), 1.0), wanted), backend)


def poisson(key: Any, lam: Any, shape: Shape | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return Poisson-distributed integers, as `jax.random.poisson`.

    Args:
        key: uint32 (2,).
        lam: the rate, a number or a tensor; computed with in float32. Not a number or below 0 gives -1.
        shape: of the result, to which `lam` broadcasts; by default that of `lam`.
        dtype: any integer dtype; int32 by default, as in JAX without 64 bits.

    Raises:
        ArgumentError: for what is not one key, or a number below 0.
        DTypeError: for a dtype that is not an integer.
        ShapeError: for what is not a shape, or a rate that does not broadcast to it.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.poisson(uf.random.key(0), 4.0, (8,)) >= 0))
    True
    """
    tensor = checked_key(key, "poisson")
    wanted = integral(dtype, "poisson")
    if isinstance(lam, (int, float)) and not lam >= 0:
        raise ArgumentError(f"poisson() got lam={lam}; a rate is not below 0.")
    sizes = drawn_shape("poisson", shape, shape_of(lam))
    backend, native, (rate,) = together("poisson", tensor, dtypes.float32, lam)
    return Tensor(backend.random_poisson(native, filled(backend, rate, sizes, dtypes.float32, native), wanted), backend)
