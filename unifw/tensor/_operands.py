"""Operands of any sort, brought to one backend and one dtype: what every function does before it computes."""

from __future__ import annotations

from typing import Any, Final, cast

import numpy as np

from unifw import config, dtypes
from unifw.backend import Array, Backend, current_backend, get_backend
from unifw.errors import ArgumentError, MixedBackendsError, ShapeError, UnifwError
from unifw.tensor._arguments import brief
from unifw.tensor._kinds import resolve
from unifw.tensor._strict import check_operands
from unifw.tensor._tensor import Tensor
from unifw.tensor._weak import WeakScalar

Scalar = bool | int | float | complex
SCALARS: Final = (bool, int, float, complex)


def default_backend(backend: str | Backend | None) -> Backend:
    """Return the backend an argument names, or the current one."""
    if backend is None:
        return current_backend()
    return backend if isinstance(backend, Backend) else get_backend(backend)


def as_tensor(value: Any, backend: Backend | None = None) -> Tensor:
    """Return `value` as a tensor: a Tensor, something that holds one, a native array, NumPy data, or scalars."""
    if value.__class__ is Tensor:
        return value
    convert = getattr(value, "__unifw_tensor__", None)
    if convert is not None:
        return convert()  # type: ignore[no-any-return]
    from unifw.tensor._creation import asarray

    return asarray(value, backend=backend)


def common_backend(tensors: list[Tensor], name: str) -> Backend:
    """Return the backend of all tensors, or the decorator (a transform's) that can lift the others into itself.

    Raises:
        MixedBackendsError: if there is none.
    """
    backend = tensors[0].backend
    for tensor in tensors[1:]:
        other = tensor.backend
        if other is backend or backend.lift(tensor.native, other) is not None:
            continue
        if any(other.lift(each.native, each.backend) is None for each in tensors if each.backend is not other):
            names = " and ".join(sorted({repr(each.backend.name) for each in tensors}))
            raise MixedBackendsError(
                f"{name}() got tensors of backends {names}. Bring them together first: x.to_backend({backend.name!r})."
            )
        backend = other
    return backend


def lower(tensor: Tensor, backend: Backend) -> Array:
    """Return the array of a tensor as one of `backend`, which is its own or lifts it."""
    return tensor.native if tensor.backend is backend else backend.lift(tensor.native, tensor.backend)


def unify(name: str, *operands: Any) -> tuple[Backend, list[Any], dtypes.DType]:
    """Bring operands to one backend and one dtype: the slow, complete path of every function.

    Args:
        name: the function's, for its dtype rule (`unifw.tensor._kinds`) and for messages.
        *operands: tensors, things that hold one, arrays, Python scalars; at least one that is not a scalar.

    Returns:
        The backend, native arrays (Python scalars stay scalars where their kind fits), and their dtype.
    """
    given = [each if type(each) in SCALARS or type(each) is WeakScalar else as_tensor(each) for each in operands]
    tensors = [each for each in given if each.__class__ is Tensor]
    if not tensors:
        given = tensors = [as_tensor(each) for each in operands]
    backend = common_backend([*tensors, *(each.wide for each in given if type(each) is WeakScalar)], name)
    dtype = tensors[0].dtype
    for tensor in tensors[1:]:
        dtype = dtypes.promote(dtype, tensor.dtype)
    for each in given:
        if each.__class__ is not Tensor:
            dtype = dtypes.promote_scalar(dtype, each.sample if type(each) is WeakScalar else cast("complex", each))
    dtype = resolve(name, dtype)
    if config.may_be_strict and config.is_strict():
        check_operands(f"{name}()", given, dtype)
    if name == "pow" and type(operands[1]) is int and operands[1] < 0 and dtypes.kind(dtype) == "integer":
        raise ArgumentError(
            f"pow() got the exponent {operands[1]} for {dtype.name}, whose powers are integers. "
            f"Convert first: unifw.astype(x, 'float32')."
        )
    arrays = []
    for each in given:
        if each.__class__ is Tensor:
            arrays.append(backend.astype(lower(each, backend), dtype))
        elif type(each) is WeakScalar:
            arrays.append(backend.astype(lower(each.wide, backend), dtype))
        else:
            arrays.append(_scalar(each, dtype, backend, lower(tensors[0], backend)))
    return backend, arrays, dtype


def _scalar(value: Any, dtype: dtypes.DType, backend: Backend, like: Array) -> Any:
    """Return a Python scalar as such where every framework agrees on it, else as an array."""
    if dtypes.kind(dtype) == "floating" or (type(value) is int and dtypes.kind(dtype) == "integer"):
        check_range(value, dtype)
        if dtypes.kind(dtype) == "floating":
            return as_float(value, dtype)
        return value if value < 2**63 else backend.constant(value, like, dtype)  # JAX reads Python's as int64
    return backend.constant(value, like, dtype)


def check_range(value: Any, dtype: dtypes.DType) -> None:
    """Raise `ArgumentError` for a Python integer that an integer dtype cannot hold."""
    if dtypes.kind(dtype) == "integer":
        limits = np.iinfo(dtype)
        if not limits.min <= value <= limits.max:
            wider = [each for each in _WIDER if np.iinfo(each).min <= value <= np.iinfo(each).max]
            hint = f"Write unifw.asarray({value}, dtype={wider[0].name!r})" if wider else "Write a float"
            raise ArgumentError(
                f"The Python integer {brief(value)} does not fit {dtype.name} ({limits.min} to {limits.max}). "
                f"{hint}, or convert the tensor with unifw.astype."
            )


_WIDER: Final = (dtypes.int64, dtypes.uint64)


def as_float(value: Any, dtype: dtypes.DType) -> float:
    """Return a Python number as a float, rounded to half precision where that is the dtype, as torch does not.

    Raises:
        ArgumentError: for an integer beyond all floats.
    """
    try:
        number = float(value)
    except OverflowError:
        raise ArgumentError(
            f"The Python integer {brief(value)} does not fit {dtype.name}, nor any other float. Write float('inf')."
        ) from None
    if dtype.itemsize > 2:
        return number
    with np.errstate(over="ignore"):
        return float(np.asarray(number).astype(dtype))


def explain(name: str, operands: tuple[Any, ...], error: Exception) -> UnifwError:
    """Return the error to raise for a native failure: ours if it is one, else the shapes that do not fit."""
    if isinstance(error, UnifwError):
        return error
    shapes = [as_tensor(each).shape for each in operands]
    text = " and ".join(map(str, shapes))
    if name == "matmul" and (wrong := _no_product(*shapes)) is not None:
        return wrong
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return ShapeError(
            f"{name}() got shapes {text}, which do not broadcast: compared from the right, sizes must be equal or 1. "
            f"Insert axes with unifw.expand_dims, or reshape."
        )
    return UnifwError(f"{name}() failed on shapes {text}: {type(error).__name__}: {error}")


def _no_product(first: tuple[int, ...], second: tuple[int, ...]) -> ShapeError | None:
    """Return why two shapes have no matrix product, if so."""
    if not first or not second:
        return ShapeError("matmul() needs at least one axis on both sides. To scale by a number write x * number.")
    if first[-1] != second[-2:][0]:
        place = "second-last" if len(second) > 1 else "only"
        return ShapeError(
            f"matmul() got shapes {first} and {second}: the last axis of the first has {first[-1]} elements and the "
            f"{place} axis of the second {second[-2:][0]}; they must be equal. Transpose one: x.mT."
        )
    try:
        np.broadcast_shapes(first[:-2], second[:-2])
    except ValueError:
        pass
    else:
        return None
    return ShapeError(
        f"matmul() got shapes {first} and {second}: the axes before the last two do not broadcast; compared from the "
        f"right, their sizes must be equal or 1. Insert axes with unifw.expand_dims, or reshape."
    )


def combine(name: str, x1: Any, x2: Any) -> Tensor:
    """Apply a binary elementwise function to operands of any sort."""
    if x1.__class__ is Tensor and x2.__class__ is Tensor and x1.backend is x2.backend:
        a, b = x1.native, x2.native
        dtype = a.dtype
        if (of_b := b.dtype) is dtype or of_b == dtype:
            function = x1.backend.bound[name].get(dtype)
            if function is not None:
                try:
                    return Tensor(function(a, b), x1.backend)
                except Exception as error:
                    raise explain(name, (x1, x2), error) from error
            result = _combine(name, x1, x2)
            bind(x1.backend, name, dtype, x1.dtype)
            return result
    return _combine(name, x1, x2)


def _combine(name: str, x1: Any, x2: Any) -> Tensor:
    backend, (a, b), _ = unify(name, x1, x2)
    try:
        return Tensor(getattr(backend.xp, name)(*_at_least_one_array(a, b, backend)), backend)
    except Exception as error:
        raise explain(name, (x1, x2), error) from error


def _at_least_one_array(a: Any, b: Any, backend: Backend) -> tuple[Any, Any]:
    return (a, b) if backend.is_array(a) or backend.is_array(b) else (backend.asarray(a), b)


def apply(name: str, x: Any) -> Tensor:
    """Apply a unary elementwise function to an operand of any sort."""
    if x.__class__ is Tensor:
        backend = x.backend
        function = backend.bound[name].get(x.native.dtype)
        if function is not None:
            return Tensor(function(x.native), backend)
    backend, (array,), _ = unify(name, x)
    function = getattr(backend.xp, name)
    if x.__class__ is Tensor and array is x.native:
        backend.bound[name][array.dtype] = function
    return Tensor(function(array), backend)


def bind(backend: Backend, name: str, native_dtype: Any, dtype: dtypes.DType) -> None:
    """Remember the function for operands of one dtype, if it computes in that dtype."""
    if resolve(name, dtype) == dtype:
        backend.bound[name][native_dtype] = backend.function_for(name, native_dtype)
