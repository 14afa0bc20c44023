"""Bringing the operands of a composite to one backend and one floating-point dtype."""

from __future__ import annotations

from typing import Any

from unifw import config, dtypes
from unifw.backend import Array, Backend
from unifw.errors import DTypeError, ShapeError
from unifw.tensor import Tensor
from unifw.tensor._arguments import number
from unifw.tensor._creation import beside
from unifw.tensor._operands import as_tensor, common_backend, lower
from unifw.tensor._strict import WEAK, check_operands


def floating(name: str, *operands: Any) -> tuple[Backend, list[Array | None]]:
    """Return the backend and the arrays of floating-point operands, promoted to one dtype; None passes through.

    Integers and booleans become the promoted float dtype (float32 if there is none).
    """
    first, *others = operands
    like = as_tensor(first)
    tensors: list[Tensor | None] = [like, *(None if each is None else beside(each, like) for each in others)]
    given = [each for each in tensors if each is not None]
    backend = common_backend(given, name)
    dtype = given[0].dtype
    for tensor in given[1:]:
        dtype = dtypes.promote(dtype, tensor.dtype)
    if dtypes.kind(dtype) == "complex":
        raise DTypeError(
            f"{name}() takes real tensors, got {dtype.name}. Take a part first: unifw.real(x), unifw.imag(x) or "
            f"unifw.abs(x)."
        )
    if dtype not in dtypes.FLOATS:
        dtype = dtypes.DEFAULT_FLOAT
    if config.may_be_strict and config.is_strict():
        own = [each if type(each) in WEAK else as_tensor(each) for each in operands if each is not None]
        check_operands(f"{name}()", own, dtype)
    return backend, [None if each is None else backend.astype(lower(each, backend), dtype) for each in tensors]


def elementwise(name: str, x: Any, *parameters: Any) -> Tensor:
    """Apply a composite of one floating-point tensor."""
    backend, (array,) = floating(name, x)
    parameters = tuple(number(each, name, "a parameter") for each in parameters)
    return Tensor(getattr(backend, name)(array, *parameters), backend)


def check_broadcast(name: str, shape: tuple[int, ...], **operands: Any) -> None:
    """Raise `ShapeError` unless operands broadcast to the shape of `x`; None stands for one left out."""
    for argument, value in operands.items():
        own = () if value is None else as_tensor(value).shape
        aligned = zip(reversed(own), reversed(shape), strict=False)
        if len(own) > len(shape) or any(size not in (1, wanted) for size, wanted in aligned):
            raise ShapeError(
                f"{name}() got {argument} of shape {own}, which does not broadcast to {shape}: from the right, "
                f"sizes must be equal or 1. Reshape it."
            )
