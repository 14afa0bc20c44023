"""`Tensor`: a native array, and the backend that owns it.

The operators have a fast path for what loops are made of: two tensors of one backend and one dtype, or a tensor and a
Python scalar of its kind. It looks up a function bound to (operation, dtype) when the pair was first met. Everything
else (promotion, lifting into a transform, errors) goes through `combine`, which is slower and says more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Final, cast, final

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend, check_device, current_backend, get_backend
from unifw.errors import ArgumentError, BoundsError, DTypeError, MixedBackendsError, ShapeError, UnifwError
from unifw.tensor._kinds import resolve

Scalar = bool | int | float | complex
SCALARS: Final = (bool, int, float, complex)


@final
class Tensor:
    """An n-dimensional array on some backend, with the operators of the Array API standard.

    Make one with `unifw.asarray`, `unifw.zeros`, …; leave unifw with `x.native` (zero copy) or `numpy.asarray(x)`.

    Attributes:
        native: the framework's own array.
        backend: the backend that owns it; operations between two backends raise `MixedBackendsError`.

    >>> import unifw as uf
    >>> x = uf.asarray([[1.0, 2.0], [3.0, 4.0]])
    >>> (x @ x + 1).shape
    (2, 2)
    """

    __slots__ = ("__weakref__", "backend", "native")
    __array_priority__ = 1000  # NumPy arrays on the left of an operator leave it to ours

    def __init__(self, native: Array, backend: Backend) -> None:
        self.native = native
        self.backend = backend

    # --- what it is ----------------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of each axis."""
        return self.backend.shape_of(self.native)

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype, one of `unifw.dtypes`."""
        return self.backend.dtype_of(self.native)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def device(self) -> str:
        """The device it is on, such as "cpu" or "cuda:0"."""
        return self.backend.device_of(self.native)

    @property
    def T(self) -> Tensor:  # noqa: N802 - the standard's name
        """The transpose of a two-dimensional tensor."""
        if self.ndim != 2:
            raise ShapeError(f".T needs two axes, got shape {self.shape}. Write x.mT, or unifw.permute_dims(x, axes).")
        return self.mT

    @property
    def mT(self) -> Tensor:  # noqa: N802 - the standard's name
        """The tensor with its last two axes swapped."""
        if self.ndim < 2:
            raise ShapeError(f".mT needs two axes or more, got shape {self.shape}.")
        return Tensor(self.backend.xp.matrix_transpose(self.native), self.backend)

    # --- crossing over -------------------------------------------------------------------------------------------

    def to_backend(self, backend: str | Backend) -> Tensor:
        """Return the same values on another backend (through host memory).

        >>> import unifw as uf
        >>> uf.asarray([1, 2]).to_backend("numpy").native
        array([1, 2])
        """
        target = get_backend(backend) if isinstance(backend, str) else backend
        if target is self.backend:
            return self
        return Tensor(target.asarray(self.backend.to_numpy(self.native), dtype=self.dtype), target)

    def to_device(self, device: str, /) -> Tensor:
        """Return the tensor on another device of its backend.

        Raises:
            DeviceError: if the device is not there; lists those that are.
        """
        return Tensor(self.backend.to_device(self.native, check_device(self.backend, device)), self.backend)

    def astype(self, dtype: dtypes.DTypeLike) -> Tensor:
        """Return the tensor converted to a dtype; differentiable between floating-point dtypes."""
        return Tensor(self.backend.astype(self.native, dtypes.as_dtype(dtype)), self.backend)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        array = self.backend.to_numpy(self.native)
        if dtype is not None:
            array = array.astype(dtype, copy=False)
        return array.copy() if copy else array

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        import unifw

        if api_version not in (None, "2021.12", "2022.12", "2023.12", "2024.12", "2025.12"):
            raise ArgumentError(f"Array API version {api_version!r} is not known; the newest supported is '2025.12'.")
        return unifw

    def __dlpack__(self, **options: Any) -> Any:
        return self.native.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.native.__dlpack_device__()

    def item(self) -> Any:
        """Return the only element as a Python scalar.

        Raises:
            ShapeError: if there is not exactly one element.
        """
        if self.size != 1:
            raise ShapeError(f"item() needs exactly one element, got shape {self.shape}.")
        return self.backend.to_numpy(self.native).item()

    def tolist(self) -> Any:
        """Return nested Python lists (a scalar for no axes)."""
        return self.backend.to_numpy(self.native).tolist()

    def __bool__(self) -> bool:
        return bool(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        if dtypes.kind(self.dtype) != "integer":
            raise DTypeError(f"An index must be an integer, got a {self.dtype.name} tensor.")
        return int(self.item())

    def __len__(self) -> int:
        if not self.shape:
            raise ShapeError("A tensor without axes has no length.")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        for index in range(len(self)):
            yield self[index]

    def __getitem__(self, key: Any) -> Tensor:
        return Tensor(self.native[_native_key(key, self.backend.shape_of(self.native))], self.backend)

    def __repr__(self) -> str:
        try:
            values = np.array2string(self.backend.to_numpy(self.native), separator=", ", prefix="Tensor(")
        except Exception:  # noqa: BLE001 - a tracer has no values, and every framework says so differently
            values = f"<traced, shape={self.shape}>"
        return f"Tensor({values}, dtype={self.dtype.name}, backend={self.backend.name!r})"

    __hash__ = None  # type: ignore[assignment]  # equality is elementwise

    # --- operators, assigned below ---------------------------------------------------------------------------------

    __add__: Callable[[Tensor, Any], Tensor]
    __radd__: Callable[[Tensor, Any], Tensor]
    __sub__: Callable[[Tensor, Any], Tensor]
    __rsub__: Callable[[Tensor, Any], Tensor]
    __mul__: Callable[[Tensor, Any], Tensor]
    __rmul__: Callable[[Tensor, Any], Tensor]
    __truediv__: Callable[[Tensor, Any], Tensor]
    __rtruediv__: Callable[[Tensor, Any], Tensor]
    __floordiv__: Callable[[Tensor, Any], Tensor]
    __rfloordiv__: Callable[[Tensor, Any], Tensor]
    __mod__: Callable[[Tensor, Any], Tensor]
    __rmod__: Callable[[Tensor, Any], Tensor]
    __pow__: Callable[[Tensor, Any], Tensor]
    __rpow__: Callable[[Tensor, Any], Tensor]
    __matmul__: Callable[[Tensor, Any], Tensor]
    __rmatmul__: Callable[[Tensor, Any], Tensor]
    __and__: Callable[[Tensor, Any], Tensor]
    __rand__: Callable[[Tensor, Any], Tensor]
    __or__: Callable[[Tensor, Any], Tensor]
    __ror__: Callable[[Tensor, Any], Tensor]
    __xor__: Callable[[Tensor, Any], Tensor]
    __rxor__: Callable[[Tensor, Any], Tensor]
    __lshift__: Callable[[Tensor, Any], Tensor]
    __rlshift__: Callable[[Tensor, Any], Tensor]
    __rshift__: Callable[[Tensor, Any], Tensor]
    __rrshift__: Callable[[Tensor, Any], Tensor]
    __lt__: Callable[[Tensor, Any], Tensor]
    __le__: Callable[[Tensor, Any], Tensor]
    __gt__: Callable[[Tensor, Any], Tensor]
    __ge__: Callable[[Tensor, Any], Tensor]
    __eq__: Callable[[Tensor, Any], Tensor]  # type: ignore[assignment]
    __ne__: Callable[[Tensor, Any], Tensor]  # type: ignore[assignment]
    __neg__: Callable[[Tensor], Tensor]
    __abs__: Callable[[Tensor], Tensor]
    __invert__: Callable[[Tensor], Tensor]

    def __pos__(self) -> Tensor:
        return self


def _native_key(key: Any, shape: tuple[int, ...]) -> Any:
    """Return an index as the standard defines it: complete, slices within bounds, native arrays for tensors.

    What it leaves open is decided here, for all backends alike: a `...` stands for the axes not named, slices end where
    the axis ends, and an integer outside raises (JAX would clamp it).
    """
    parts = key if key.__class__ is tuple else (key,)
    if any(part.__class__ is Tensor or hasattr(part, "dtype") for part in parts):
        natives = tuple(part.native if part.__class__ is Tensor else part for part in parts)
        return natives if key.__class__ is tuple else natives[0]
    named = sum(part is not None and part is not Ellipsis for part in parts)
    if named < len(shape) and not any(part is Ellipsis for part in parts):
        parts = (*parts, Ellipsis)
    if named > len(shape):
        raise BoundsError(f"Index {key!r} names {named} axes of a tensor with {len(shape)}: shape {shape}.")
    entries = []
    axis = 0
    for part in parts:
        if part is Ellipsis:
            axis += len(shape) - named
        elif part is not None:
            part = _within(part, shape[axis], axis, shape)  # noqa: PLW2901 - the same entry, checked
            axis += 1
        entries.append(part)
    return tuple(entries)


def _within(part: Any, size: int, axis: int, shape: tuple[int, ...]) -> Any:
    if isinstance(part, slice):
        if all(bound is None or 0 <= bound <= size for bound in (part.start, part.stop)) or (part.step or 1) < 0:
            return part
        start, stop, _ = part.indices(size)
        return slice(start, stop, part.step)
    if not -size <= part < size:
        raise BoundsError(f"Index {part} is outside axis {axis} of shape {shape}: it must be in [{-size}, {size}).")
    return part


# --- operands of any sort -------------------------------------------------------------------------------------------


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
    given = [each if type(each) in SCALARS else as_tensor(each) for each in operands]
    tensors = [each for each in given if each.__class__ is Tensor]
    if not tensors:
        given = tensors = [as_tensor(each) for each in operands]
    backend = common_backend(tensors, name)
    dtype = tensors[0].dtype
    for tensor in tensors[1:]:
        dtype = dtypes.promote(dtype, tensor.dtype)
    for each in given:
        if each.__class__ is not Tensor:
            dtype = dtypes.promote_scalar(dtype, cast("complex", each))
    dtype = resolve(name, dtype)
    arrays = []
    for each in given:
        if each.__class__ is Tensor:
            arrays.append(backend.astype(lower(each, backend), dtype))
        else:
            arrays.append(_scalar(each, dtype, backend))
    return backend, arrays, dtype


def _scalar(value: Any, dtype: dtypes.DType, backend: Backend) -> Any:
    """Return a Python scalar as such where every framework agrees on it, else as an array."""
    if dtypes.kind(dtype) == "floating" or (type(value) is int and dtypes.kind(dtype) == "integer"):
        _check_range(value, dtype)
        return float(value) if dtypes.kind(dtype) == "floating" else value
    return backend.asarray(value, dtype=dtype)


def _check_range(value: Any, dtype: dtypes.DType) -> None:
    if dtypes.kind(dtype) == "integer":
        limits = np.iinfo(dtype)
        if not limits.min <= value <= limits.max:
            raise ArgumentError(
                f"The Python integer {value} does not fit {dtype.name} ({limits.min} to {limits.max}). "
                f"Write unifw.asarray({value}, dtype='int64'), or convert the tensor."
            )


def explain(name: str, operands: tuple[Any, ...], error: Exception) -> UnifwError:
    """Return the error to raise for a native failure: ours if it is one, else the shapes that do not fit."""
    if isinstance(error, UnifwError):
        return error
    shapes = [as_tensor(each).shape for each in operands]
    text = " and ".join(map(str, shapes))
    if name == "matmul":
        return ShapeError(
            f"matmul() got shapes {text}: the last axis of the first ({shapes[0][-1:] or 'none'}) must equal the "
            f"second-last axis of the second, and the axes before must broadcast."
        )
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return ShapeError(
            f"{name}() got shapes {text}, which do not broadcast: compared from the right, sizes must be equal or 1. "
            f"Insert axes with unifw.expand_dims, or reshape."
        )
    return UnifwError(f"{name}() failed on shapes {text}: {type(error).__name__}: {error}")


def combine(name: str, x1: Any, x2: Any) -> Tensor:
    """Apply a binary elementwise function to operands of any sort."""
    if x1.__class__ is Tensor and x2.__class__ is Tensor and x1.backend is x2.backend:
        a, b = x1.native, x2.native
        if a.dtype == b.dtype:
            function = x1.backend.bound[name].get(a.dtype)
            if function is not None:
                try:
                    return Tensor(function(a, b), x1.backend)
                except Exception as error:
                    raise explain(name, (x1, x2), error) from error
            result = _combine(name, x1, x2)
            _bind(x1.backend, name, a.dtype, x1.dtype)
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


# --- operators ------------------------------------------------------------------------------------------------------


def _binary_operator(name: str) -> Callable[[Tensor, Any], Any]:
    with_scalar = f"{name} with a Python scalar"

    def operate(self: Tensor, other: Any) -> Any:
        backend = self.backend
        x = self.native
        if other.__class__ is Tensor:
            y = other.native
            dtype = x.dtype
            if backend is other.backend and dtype == y.dtype:
                function = backend.bound[name].get(dtype)
                if function is not None:
                    try:
                        return Tensor(function(x, y), backend)
                    except Exception as error:
                        raise explain(name, (self, other), error) from error
        elif other.__class__ is float or other.__class__ is int:
            function = backend.bound[with_scalar].get(x.dtype)
            if function is not None:
                return Tensor(function(x, float(other)), backend)
            if dtypes.kind(self.dtype) == "floating" == dtypes.kind(resolve(name, self.dtype)) and name != "matmul":
                backend.bound[with_scalar][x.dtype] = getattr(backend.xp, name)
        if not _is_operand(other):
            return NotImplemented
        return combine(name, self, other)

    return operate


def _bind(backend: Backend, name: str, native_dtype: Any, dtype: dtypes.DType) -> None:
    """Remember the function for operands of one dtype, if it computes in that dtype."""
    if resolve(name, dtype) == dtype:
        backend.bound[name][native_dtype] = getattr(backend.xp, name)


def _reflected_operator(name: str) -> Callable[[Tensor, Any], Any]:
    def operate(self: Tensor, other: Any) -> Any:
        if not _is_operand(other):
            return NotImplemented
        return combine(name, other, self)

    return operate


def _unary_operator(name: str) -> Callable[[Tensor], Tensor]:
    def operate(self: Tensor) -> Tensor:
        return apply(name, self)

    return operate


def _is_operand(value: Any) -> bool:
    return (
        isinstance(value, (Tensor, np.ndarray, np.generic, *SCALARS))
        or hasattr(value, "__unifw_tensor__")
        or hasattr(value, "__dlpack__")
    )


_BINARY: Final = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "pow",
    "matmul": "matmul",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "lshift": "bitwise_left_shift",
    "rshift": "bitwise_right_shift",
}
_COMPARISONS: Final = {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}
for _operator, _name in _BINARY.items():
    setattr(Tensor, f"__{_operator}__", _binary_operator(_name))
    setattr(Tensor, f"__r{_operator}__", _reflected_operator(_name))
for _operator, _name in _COMPARISONS.items():
    setattr(Tensor, f"__{_operator}__", _binary_operator(_name))
for _operator, _name in {"neg": "negative", "abs": "abs", "invert": "bitwise_invert"}.items():
    setattr(Tensor, f"__{_operator}__", _unary_operator(_name))


def default_backend(backend: str | Backend | None) -> Backend:
    """Return the backend an argument names, or the current one."""
    if backend is None:
        return current_backend()
    return get_backend(backend) if isinstance(backend, str) else backend
