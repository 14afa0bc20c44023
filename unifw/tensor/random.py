"""Random numbers with explicit keys: names and bits of `jax.random` (Threefry-2x32, partitionable layout).

Bits, uniforms in [0, 1), permutations and bernoulli draws are bit-identical on every backend, eager and compiled.
Normals agree to a few units in the last place, since they go through a logarithm.

A key is a tensor of dtype uint32 and shape (2,). The same key gives the same numbers: derive new ones with `split`
and `fold_in`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw import dtypes
from unifw.backend import Backend
from unifw.errors import ArgumentError, DTypeError, ShapeError
from unifw.tensor import _host as host
from unifw.tensor._creation import asarray
from unifw.tensor._indexing import take
from unifw.tensor._operands import as_tensor, default_backend
from unifw.tensor._tensor import Tensor

Shape = int | Sequence[int]


def key(seed: int, *, backend: str | Backend | None = None) -> Tensor:
    """Return the key of an integer seed.

    Args:
        seed: any integer; its lower 64 bits count.
        backend: where the key shall live; by default the current backend.

    >>> import unifw as uf
    >>> uf.random.key(42).tolist()
    [0, 42]
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ArgumentError(f"key() needs an integer seed, got {seed!r}.")
    return asarray(host.key(seed), backend=default_backend(backend))


def _checked(key: Any, name: str) -> Tensor:
    tensor = as_tensor(key)
    if tensor.dtype != dtypes.uint32 or tensor.shape != (2,):
        raise ArgumentError(
            f"{name}() needs a key (uint32, shape (2,)), got {tensor.dtype.name} with shape {tensor.shape}. "
            f"Make one with unifw.random.key(seed)."
        )
    return tensor


def _sizes(shape: Shape, name: str) -> tuple[int, ...]:
    sizes = (shape,) if isinstance(shape, int) else tuple(int(size) for size in shape)
    if any(size < 0 for size in sizes):
        raise ShapeError(f"{name}() got shape {sizes}; sizes cannot be negative.")
    return sizes


def split(key: Any, num: int = 2) -> Tensor:
    """Return `num` independent keys, shape (num, 2).

    >>> import unifw as uf
    >>> uf.random.split(uf.random.key(0)).shape
    (2, 2)
    """
    tensor = _checked(key, "split")
    return Tensor(tensor.backend.random_split(tensor.native, num), tensor.backend)


def fold_in(key: Any, data: Any) -> Tensor:
    """Return a new key from a key and an integer (a Python integer or a scalar tensor; its lower 32 bits count).

    >>> import unifw as uf
    >>> uf.random.fold_in(uf.random.key(0), 1).shape
    (2,)
    """
    tensor = _checked(key, "fold_in")
    backend = tensor.backend
    if isinstance(data, int):
        number = backend.asarray(data & 0xFFFFFFFF, dtype=dtypes.uint32, device=backend.device_of(tensor.native))
    else:
        scalar = as_tensor(data, backend)
        if dtypes.kind(scalar.dtype) != "integer" or scalar.shape:
            raise DTypeError(f"fold_in() needs an integer scalar, got {scalar.dtype.name} with shape {scalar.shape}.")
        number = scalar.native
    return Tensor(backend.random_fold_in(tensor.native, number), backend)


def bits(key: Any, shape: Shape = ()) -> Tensor:
    """Return uniformly random bits, uint32.

    >>> import unifw as uf
    >>> uf.random.bits(uf.random.key(0), (2,)).dtype
    dtype('uint32')
    """
    tensor = _checked(key, "bits")
    return Tensor(tensor.backend.random_bits(tensor.native, _sizes(shape, "bits")), tensor.backend)


def uniform(
    key: Any,
    shape: Shape = (),
    dtype: dtypes.DTypeLike = dtypes.float32,
    minval: float = 0.0,
    maxval: float = 1.0,
) -> Tensor:
    """Return values uniform in [minval, maxval), drawn in float32 and then converted to `dtype`.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.uniform(uf.random.key(0), (8,)) < 1.0))
    True
    """
    tensor = _checked(key, "uniform")
    values = Tensor(tensor.backend.random_uniform(tensor.native, _sizes(shape, "uniform")), tensor.backend)
    if (minval, maxval) != (0.0, 1.0):
        if not minval < maxval:
            raise ArgumentError(f"uniform() got minval={minval} and maxval={maxval}; minval must be the smaller.")
        values = values * float(maxval - minval) + float(minval)
    return values.astype(_floating(dtype, "uniform"))


def _floating(dtype: dtypes.DTypeLike, name: str) -> dtypes.DType:
    wanted = dtypes.as_dtype(dtype)
    if wanted not in dtypes.FLOATS:
        raise DTypeError(f"{name}() gives floating-point values; it cannot give {wanted.name}.")
    return wanted


def normal(key: Any, shape: Shape = (), dtype: dtypes.DTypeLike = dtypes.float32) -> Tensor:
    """Return standard normal values, ``sqrt(2) * erfinv(u)`` with u uniform in (-1, 1), drawn in float32.

    >>> import unifw as uf
    >>> uf.random.normal(uf.random.key(0), (3,)).shape
    (3,)
    """
    tensor = _checked(key, "normal")
    values = Tensor(tensor.backend.random_normal(tensor.native, _sizes(shape, "normal")), tensor.backend)
    return values.astype(_floating(dtype, "normal"))


def truncated_normal(
    key: Any, lower: float, upper: float, shape: Shape = (), dtype: dtypes.DTypeLike = dtypes.float32
) -> Tensor:
    """Return standard normal values between two limits, drawn in float32.

    >>> import unifw as uf
    >>> bool(uf.all(uf.abs(uf.random.truncated_normal(uf.random.key(0), -2.0, 2.0, (8,))) < 2.0))
    True
    """
    tensor = _checked(key, "truncated_normal")
    if not lower < upper:
        raise ArgumentError(f"truncated_normal() got lower={lower} and upper={upper}; lower must be the smaller.")
    sizes = _sizes(shape, "truncated_normal")
    values = tensor.backend.random_truncated_normal(tensor.native, float(lower), float(upper), sizes)
    return Tensor(values, tensor.backend).astype(_floating(dtype, "truncated_normal"))


def bernoulli(key: Any, p: float = 0.5, shape: Shape = ()) -> Tensor:
    """Return booleans that are true with probability `p`: ``uniform(key, shape) < p`` in float32.

    >>> import unifw as uf
    >>> uf.random.bernoulli(uf.random.key(0), 1.0, (2,)).tolist()
    [True, True]
    """
    tensor = _checked(key, "bernoulli")
    if not 0.0 <= p <= 1.0:
        raise ArgumentError(f"bernoulli() got p={p}; a probability lies between 0 and 1.")
    return Tensor(tensor.backend.random_uniform(tensor.native, _sizes(shape, "bernoulli")), tensor.backend) < float(p)


def permutation(key: Any, x: Any) -> Tensor:
    """Return the integers below `x` in random order, or the rows of a tensor `x` in random order.

    >>> import unifw as uf
    >>> sorted(uf.random.permutation(uf.random.key(0), 4).tolist())
    [0, 1, 2, 3]
    """
    tensor = _checked(key, "permutation")
    if isinstance(x, int):
        return Tensor(tensor.backend.random_permutation(tensor.native, x), tensor.backend)
    rows = as_tensor(x, tensor.backend)
    return take(rows, permutation(tensor, rows.shape[0]), axis=0)


__all__ = [
    "bernoulli",
    "bits",
    "fold_in",
    "host",
    "key",
    "normal",
    "permutation",
    "split",
    "truncated_normal",
    "uniform",
]
