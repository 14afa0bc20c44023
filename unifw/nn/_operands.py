"""Bringing the operands of a composite to one backend and one floating-point dtype."""

from __future__ import annotations

from typing import Any

from unifw import config, dtypes
from unifw.backend import Array, Backend
from unifw.errors import DTypeError
from unifw.tensor import Tensor
from unifw.tensor._operands import as_tensor, common_backend, lower
from unifw.tensor._strict import WEAK, check_operands


def floating(name: str, *operands: Any) -> tuple[Backend, list[Array | None]]:
    """Return the backend and the arrays of floating-point operands, promoted to one dtype; None passes through.

    Integers and booleans become the promoted float dtype (float32 if there is none).
    """
    tensors = [None if each is None else as_tensor(each) for each in operands]
    given = [each for each in tensors if each is not None]
    backend = common_backend(given, name)
    dtype = given[0].dtype
    for tensor in given[1:]:
        dtype = dtypes.promote(dtype, tensor.dtype)
    if dtypes.kind(dtype) == "complex":
        raise DTypeError(f"{name}() takes real tensors, got {dtype.name}.")
    if dtype not in dtypes.FLOATS:
        dtype = dtypes.DEFAULT_FLOAT
    if config.may_be_strict and config.is_strict():
        own = [each if type(each) in WEAK else as_tensor(each) for each in operands if each is not None]
        check_operands(f"{name}()", own, dtype)
    return backend, [None if each is None else backend.astype(lower(each, backend), dtype) for each in tensors]


def elementwise(name: str, x: Any, *parameters: Any) -> Tensor:
    """Apply a composite of one floating-point tensor."""
    backend, (array,) = floating(name, x)
    return Tensor(getattr(backend, name)(array, *parameters), backend)
