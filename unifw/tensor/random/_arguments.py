"""What all draws ask of their arguments, in front of every backend: so the messages are the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.errors import ArgumentError, DTypeError, ShapeError
from unifw.tensor._arguments import shape_argument
from unifw.tensor._operands import as_tensor, common_backend, lower
from unifw.tensor._strict import check_conversion
from unifw.tensor._tensor import Tensor

Shape = int | Sequence[int]


def checked_key(key: Any, name: str) -> Tensor:
    """Return a key as a tensor."""
    tensor = as_tensor(key)
    if tensor.dtype == dtypes.uint32 and len(tensor.shape) > 1 and tensor.shape[-1] == 2:
        raise ArgumentError(
            f"{name}() needs one key (uint32, shape (2,)), got an array of keys with shape {tensor.shape}. "
            f"Take one of them, as keys[0]."
        )
    if tensor.dtype != dtypes.uint32 or tensor.shape != (2,):
        raise ArgumentError(
            f"{name}() needs a key (uint32, shape (2,)), got {tensor.dtype.name} with shape {tensor.shape}. "
            f"Make one with unifw.random.key(seed)."
        )
    return tensor


def sizes_of(shape: Shape, name: str) -> tuple[int, ...]:
    """Return a shape as a tuple of Python integers."""
    try:
        given = [shape] if hasattr(shape, "__index__") else list(shape)
        sizes = tuple(each.__index__() for each in given)
    except (TypeError, AttributeError) as error:
        raise ShapeError(f"{name}() got shape {shape!r}; a shape is a tuple of integers. Write (2, 3).") from error
    if any(size < 0 for size in sizes):
        raise ShapeError(f"{name}() got shape {sizes}; sizes cannot be negative. Write 0 or more.")
    return shape_argument(sizes, name)


def floating(dtype: dtypes.DTypeLike | None, name: str) -> dtypes.DType:
    """Return a floating-point dtype; the default is float32, as in JAX."""
    wanted = dtypes.DEFAULT_FLOAT if dtype is None else dtypes.as_dtype(dtype)
    if wanted not in dtypes.FLOATS:
        raise DTypeError(
            f"{name}() gives floating-point values; it cannot give {wanted.name}. Write one of: "
            f"{', '.join(each.name for each in dtypes.FLOATS)}."
        )
    return wanted


def integral(dtype: dtypes.DTypeLike | None, name: str) -> dtypes.DType:
    """Return an integer dtype; the default is int32, as in JAX."""
    wanted = dtypes.int32 if dtype is None else dtypes.as_dtype(dtype)
    if wanted not in dtypes.INTEGERS:
        raise DTypeError(
            f"{name}() gives integers; it cannot give {wanted.name}. Write one of: "
            f"{', '.join(each.name for each in dtypes.INTEGERS)}."
        )
    return wanted


def drawn_shape(name: str, shape: Shape | None, *parameters: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the result: the one given, to which those of the parameters must broadcast, or theirs."""
    common: tuple[int, ...] = ()
    for parameter in parameters:
        rank = max(len(common), len(parameter))
        pairs = zip((1,) * (rank - len(common)) + common, (1,) * (rank - len(parameter)) + parameter, strict=True)
        sizes = []
        for first, second in pairs:
            if 1 not in {first, second} and first != second:
                raise ShapeError(
                    f"{name}() got parameters of shapes {common} and {parameter}, which do not broadcast. Reshape one."
                )
            sizes.append(second if first == 1 else first)
        common = tuple(sizes)
    if shape is None:
        return common
    wanted = sizes_of(shape, name)
    tail = wanted[len(wanted) - len(common) :]
    if len(common) > len(wanted) or any(have not in {1, size} for have, size in zip(common, tail, strict=True)):
        raise ShapeError(
            f"{name}() got parameters of shape {common}, which do not broadcast to the shape {wanted}. Reshape them."
        )
    return wanted


def together(name: str, key: Tensor, dtype: dtypes.DType | None, *parameters: Any) -> tuple[Backend, Array, list[Any]]:
    """Return the backend that draws, the key there, and the parameters: Python numbers as they are, arrays as `dtype`.

    Parameters are constants to differentiation: what is drawn with them has no gradient.
    """
    tensors = [each if isinstance(each, (int, float)) else as_tensor(each, key.backend) for each in parameters]
    given = [each for each in tensors if isinstance(each, Tensor)]
    for tensor in given:
        if dtypes.kind(tensor.dtype) not in {"floating", "integer"}:
            raise DTypeError(
                f"{name}() needs parameters that are real numbers, got {tensor.dtype.name}. Write unifw.real(x)."
            )
        if dtype is not None:
            check_conversion(f"{name}()", "a parameter", tensor.dtype, dtype)
    backend = common_backend([key, *given], name)
    arrays: list[Any] = []
    for each in tensors:
        if isinstance(each, Tensor):
            array = backend.stop_gradient(lower(each, backend))
            arrays.append(array if dtype is None else backend.astype(array, dtype))
        else:
            arrays.append(each)
    return backend, lower(key, backend), arrays


def filled(backend: Backend, value: Any, shape: tuple[int, ...], dtype: dtypes.DType, like: Array) -> Array:
    """Return a parameter as an array of the shape of the result, where another array is."""
    if isinstance(value, (int, float)):
        return backend.xp.broadcast_to(backend.constant(float(value), like, dtype), shape)
    return backend.xp.broadcast_to(value, shape)


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of a parameter, which may be a Python number."""
    return () if isinstance(value, (int, float)) else as_tensor(value).shape


def positive(value: Any, parameter_name: str, name: str) -> None:
    """Refuse a Python number that is not above 0; arrays give NaN where they are not, as in JAX."""
    if isinstance(value, (int, float)) and not value > 0:
        raise ArgumentError(f"{name}() got {parameter_name}={value}; it must be above 0. Write a larger one.")


def in_order(first: Any, second: Any, names: tuple[str, str], name: str) -> None:
    """Refuse Python numbers in the wrong order."""
    if isinstance(first, (int, float)) and isinstance(second, (int, float)) and not first < second:
        raise ArgumentError(f"{name}() got {names[0]}={first} and {names[1]}={second}; {names[0]} must be the smaller.")
