"""Keys, and the bits they stand for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from unifw import dtypes
from unifw.backend import Backend
from unifw.errors import ArgumentError, DTypeError
from unifw.tensor._arguments import brief
from unifw.tensor._creation import asarray
from unifw.tensor._operands import as_tensor, common_backend, default_backend, lower
from unifw.tensor._tensor import Tensor
from unifw.tensor.random import _host as host
from unifw.tensor.random._arguments import Shape, checked_key, sizes_of


def key(seed: int, *, backend: str | Backend | None = None) -> Tensor:
    """Return the key of an integer seed, as ``jax.random.key_data(jax.random.key(seed))``.

    Args:
        seed: any integer; its lower 64 bits count.
        backend: where the key shall live; by default the current backend.

    Raises:
        ArgumentError: if the seed is not an integer.

    >>> import unifw as uf
    >>> uf.random.key(42).tolist()
    [0, 42]
    """
    if isinstance(seed, bool) or not hasattr(seed, "__index__"):
        raise ArgumentError(f"key() needs an integer seed, got {brief(seed)}. Write 42, for example.")
    return asarray(host.key(seed.__index__()), backend=default_backend(backend))


def key_data(keys: Any) -> Tensor:
    """Return the words of keys, as `jax.random.key_data`: keys are their words here.

    Args:
        keys: uint32 (..., 2).

    Raises:
        ArgumentError: for what is no key.

    >>> import unifw as uf
    >>> uf.random.key_data(uf.random.key(7)).tolist()
    [0, 7]
    """
    return _checked_words(keys, "key_data")


def wrap_key_data(key_bits_array: Any) -> Tensor:
    """Return keys made of words, as `jax.random.wrap_key_data`: of JAX's ``key_data``, for example.

    Args:
        key_bits_array: uint32 (..., 2).

    Raises:
        ArgumentError: for an array of another dtype or shape.

    >>> import unifw as uf
    >>> uf.random.wrap_key_data(uf.asarray([0, 7], dtype="uint32")).tolist()
    [0, 7]
    """
    return _checked_words(key_bits_array, "wrap_key_data")


def clone(key: Any) -> Tensor:
    """Return the same keys again, as `jax.random.clone`: what is drawn with both is equal, on purpose.

    Args:
        key: uint32 (..., 2).

    Raises:
        ArgumentError: for what is no key.

    >>> import unifw as uf
    >>> uf.random.clone(uf.random.key(7)).tolist()
    [0, 7]
    """
    return _checked_words(key, "clone")


def _checked_words(keys: Any, name: str) -> Tensor:
    tensor = as_tensor(keys)
    if tensor.dtype != dtypes.uint32 or tensor.shape[-1:] != (2,):
        raise ArgumentError(
            f"{name}() needs keys (uint32, shape (..., 2)), got {tensor.dtype.name} with shape {tensor.shape}. "
            f"Make one with unifw.random.key(seed)."
        )
    return Tensor(tensor.native, tensor.backend)


def split(key: Any, num: int | Sequence[int] = 2) -> Tensor:
    r"""Return independent new keys.

    Args:
        key: uint32 (2,).
        num: how many, or a shape.

    Returns:
        uint32 (num, 2) or (\\*shape, 2), each row a key; unpack or index it.

    Raises:
        ArgumentError: for what is not one key.
        ShapeError: for a negative number.

    >>> import unifw as uf
    >>> first, second = uf.random.split(uf.random.key(0))
    >>> uf.random.split(first, (3, 4)).shape
    (3, 4, 2)
    """
    tensor = checked_key(key, "split")
    backend = tensor.backend
    sizes = sizes_of(num, "split")
    keys = backend.random_split(tensor.native, math.prod(sizes))
    return Tensor(keys if len(sizes) == 1 else backend.xp.reshape(keys, (*sizes, 2)), backend)


def fold_in(key: Any, data: Any) -> Tensor:
    """Return a new key from a key and an integer (a Python integer or a scalar tensor; its lower 32 bits count).

    Raises:
        ArgumentError: for what is not one key.
        DTypeError: if `data` is not an integer scalar.

    >>> import unifw as uf
    >>> uf.random.fold_in(uf.random.key(0), 1).shape
    (2,)
    """
    tensor = checked_key(key, "fold_in")
    backend = tensor.backend
    if isinstance(data, int):
        number = backend.asarray(data & 0xFFFFFFFF, dtype=dtypes.uint32, device=backend.device_of(tensor.native))
        return Tensor(backend.random_fold_in(tensor.native, number), backend)
    scalar = as_tensor(data, backend)
    if dtypes.kind(scalar.dtype) != "integer" or scalar.shape:
        raise DTypeError(f"fold_in() needs an integer scalar, got {brief(scalar)}. Fold in one at a time.")
    backend = common_backend([tensor, scalar], "fold_in")
    return Tensor(backend.random_fold_in(lower(tensor, backend), lower(scalar, backend)), backend)


def bits(key: Any, shape: Shape = (), dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return uniformly random bits.

    Args:
        key: uint32 (2,).
        shape: of the result.
        dtype: uint8, uint16, uint32 (the default, as in JAX without 64 bits) or uint64.

    Raises:
        ArgumentError: for what is not one key.
        DTypeError: for a dtype that is not an unsigned integer.
        ShapeError: for what is not a shape.

    >>> import unifw as uf
    >>> uf.random.bits(uf.random.key(0), (2,)).dtype
    dtype('uint32')
    """
    tensor = checked_key(key, "bits")
    wanted = dtypes.uint32 if dtype is None else dtypes.as_dtype(dtype)
    if wanted not in dtypes.UNSIGNED:
        raise DTypeError(f"bits() gives unsigned integers; it cannot give {wanted.name}. Write dtype='uint32'.")
    return Tensor(tensor.backend.random_bits(tensor.native, sizes_of(shape, "bits"), wanted), tensor.backend)
