"""Creation functions; arrays go to the backend's first device."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import torch

from unifw_torch._devices import default_device
from unifw_torch._dtypes import WIDE_UNSIGNED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Array = Any


def zeros(shape: Sequence[int], *, dtype: Any = torch.float32) -> Array:
    """Return zeros."""
    return torch.zeros(shape, dtype=dtype, device=default_device())


def ones(shape: Sequence[int], *, dtype: Any = torch.float32) -> Array:
    """Return ones."""
    return torch.ones(shape, dtype=dtype, device=default_device())


def full(shape: Sequence[int], value: complex, *, dtype: Any) -> Array:
    """Return an array filled with a scalar."""
    if dtype == torch.uint64:  # torch.full reads signed 64-bit scalars only
        return torch.tensor(value, dtype=dtype, device=default_device()).expand(tuple(shape)).clone()
    return torch.full(tuple(shape), value, dtype=dtype, device=default_device())


def full_like(x: Array, value: complex) -> Array:
    """Return an array of the shape, dtype and device of `x`, filled with a scalar."""
    return torch.full_like(x, value, memory_format=torch.contiguous_format)


def arange(start: float, stop: float | None = None, step: float = 1, *, dtype: Any = torch.int64) -> Array:
    """Return ``[start, start + step, …)`` below `stop`; empty where the step leads away from it."""
    if stop is None:
        start, stop = 0, start
    count = max(math.ceil((stop - start) / step), 0)
    if count == 0:
        return torch.zeros((0,), dtype=dtype, device=default_device())
    wide = WIDE_UNSIGNED.get(dtype, dtype)
    if dtype == torch.uint64 and isinstance(start, int) and isinstance(step, int):  # beyond 2**63 too, by the bits
        counted = torch.arange(count, dtype=wide, device=default_device()) * step
        return (counted + (start if start < 2**63 else start - 2**64)).view(dtype)
    result = torch.arange(start, stop, step, dtype=wide, device=default_device())
    return result if wide == dtype else result.to(dtype)


def linspace(start: float, stop: float, num: int, *, dtype: Any = torch.float32, endpoint: bool = True) -> Array:
    """Return `num` evenly spaced values; without the endpoint, the first `num` of ``num + 1``."""
    exact = dtype if dtype.is_floating_point or dtype.is_complex else torch.float64
    count = num if endpoint else num + 1
    result = torch.linspace(start, stop, count, dtype=exact, device=default_device())[:num]
    return result if exact == dtype else result.to(dtype)


def eye(n: int, m: int | None = None, *, k: int = 0, dtype: Any = torch.float32) -> Array:
    """Return ones on the k-th diagonal of an ``n x m`` matrix of zeros."""
    columns = n if m is None else m
    if k == 0 and dtype not in WIDE_UNSIGNED:
        return torch.eye(n, columns, dtype=dtype, device=default_device())
    rows = torch.arange(n, device=default_device())[:, None]
    return torch.eq(rows + k, torch.arange(columns, device=default_device())).to(dtype)


def zeros_like(x: Array) -> Array:
    """Return zeros of the shape, dtype and device of `x`."""
    return torch.zeros_like(x, memory_format=torch.contiguous_format)


def ones_like(x: Array) -> Array:
    """Return ones of the shape, dtype and device of `x`."""
    return torch.ones_like(x, memory_format=torch.contiguous_format)


def tril(x: Array, *, k: int = 0) -> Array:
    """Return `x` with zeros above the k-th diagonal."""
    if x.dtype in WIDE_UNSIGNED:
        return torch.tril(x.to(WIDE_UNSIGNED[x.dtype]), k).to(x.dtype)
    return torch.tril(x, k)


def triu(x: Array, *, k: int = 0) -> Array:
    """Return `x` with zeros below the k-th diagonal."""
    if x.dtype in WIDE_UNSIGNED:
        return torch.triu(x.to(WIDE_UNSIGNED[x.dtype]), k).to(x.dtype)
    return torch.triu(x, k)


FUNCTIONS: Final[dict[str, Callable[..., Array]]] = {
    function.__name__: function
    for function in (zeros, ones, full, arange, linspace, eye, zeros_like, ones_like, full_like, tril, triu)
}
