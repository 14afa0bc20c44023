"""Making tensors. The device and backend are the current ones unless an argument says otherwise."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from unifw import dtypes
from unifw.backend import KNOWN, Backend, check_device, current_backend, current_device, get_backend, registered
from unifw.errors import ArgumentError, DTypeError, ShapeError
from unifw.tensor._arguments import brief, number, shape_argument, whole
from unifw.tensor._host_values import NO_SUCH_NUMBER, host_values
from unifw.tensor._operands import SCALARS, as_tensor, check_range, default_backend
from unifw.tensor._strict import check_value
from unifw.tensor._tensor import Tensor
from unifw.tensor._weak import WeakScalar

Shape = int | Sequence[int]


def asarray(
    obj: Any,
    /,
    *,
    dtype: dtypes.DTypeLike | None = None,
    device: str | None = None,
    copy: bool | None = None,
    backend: str | Backend | None = None,
) -> Tensor:
    """Return anything array-like as a tensor.

    Args:
        obj: a tensor, a native array of any installed framework (taken as it is, without a copy, on its own backend),
            a NumPy array, Python scalars or nested lists of them.
        dtype: the dtype wanted. By default arrays keep theirs, and Python scalars become bool, int64, float32 or
            complex64, on every backend.
        device: such as "cpu" or "cuda:0". By default where `obj` is, or the current device.
        copy: True always copies, False raises rather than copy, None copies if needed.
        backend: name of the backend wanted; by default the one that owns `obj`, else the current one.

    Raises:
        DTypeError: if `obj` is not numeric.
        ArgumentError: if ``copy=False`` cannot be kept.

    >>> import unifw as uf
    >>> uf.asarray([1.5, 2]).dtype
    dtype('float32')
    """
    tensor = _enter(obj, dtype, device, backend)
    if backend is not None:
        tensor = tensor.to_backend(backend)
    if dtype is not None:
        tensor = tensor.astype(dtype)
    if device is not None:
        tensor = tensor.to_device(device)
    source = obj.native if isinstance(obj, Tensor) else obj
    if copy is False and tensor.native is not source:
        raise ArgumentError(
            f"asarray(copy=False) cannot make a {tensor.dtype.name} tensor of backend {tensor.backend.name!r} from "
            f"{type(obj).__name__} without a copy. Leave out `copy`, or pass a native array of that dtype."
        )
    if copy is False and isinstance(obj, Tensor):
        return obj  # the tensor itself, so that assigning to the one changes the other, as was asked for
    if copy and tensor.native is source:
        return Tensor(tensor.backend.copy(tensor.native), tensor.backend)
    return Tensor(tensor.native, tensor.backend)  # an object of its own, for item assignment to change


def from_dlpack(x: Any, /, *, device: str | None = None, copy: bool | None = None) -> Tensor:
    """Return an array of any library that speaks DLPack as a tensor; without a copy where both sides can.

    An array of an installed framework stays on its backend; one of another library goes to the current backend.

    Args:
        x: an object with `__dlpack__`.
        device: where the tensor shall be; by default where `x` is.
        copy: True always copies, False raises rather than copy, None copies if needed.

    Raises:
        ArgumentError: if `x` does not speak DLPack, or ``copy=False`` cannot be kept.

    >>> import numpy as np
    >>> import unifw as uf
    >>> uf.from_dlpack(np.asarray([1, 2])).tolist()
    [1, 2]
    """
    if isinstance(x, Tensor):
        return asarray(x, device=device, copy=copy)
    if not hasattr(x, "__dlpack__"):
        raise ArgumentError(f"from_dlpack() needs an array with __dlpack__, got {brief(x)}. Write unifw.asarray(x).")
    owner = None if isinstance(x, np.ndarray) else _owner(x)  # NumPy arrays go anywhere, as in asarray
    if owner is not None:
        return asarray(Tensor(x, owner), device=device, copy=copy)
    backend = current_backend()
    try:
        array = backend.from_dlpack(x)
    except (BufferError, TypeError, ValueError, RuntimeError) as error:
        raise ArgumentError(
            f"from_dlpack() got {brief(x)}, which cannot be handed over. Write unifw.asarray of its values on the host."
        ) from error
    return asarray(Tensor(array, backend), device=device, copy=copy)


def _enter(obj: Any, dtype: dtypes.DTypeLike | None, device: str | None, backend: str | Backend | None) -> Tensor:
    if isinstance(obj, Tensor):
        return obj
    if type(obj) is WeakScalar and dtype is not None:
        return obj.wide
    if hasattr(obj, "__unifw_tensor__"):
        return as_tensor(obj)
    chosen = default_backend(backend)
    owner = chosen if chosen.is_array(obj) else None
    if owner is None and not isinstance(obj, (np.ndarray, np.generic, list, tuple, *SCALARS)):
        owner = _owner(obj)
    if owner is not None and _has_our_dtype(obj, owner):
        return Tensor(obj, owner)
    values, wanted = host_values(obj, dtype)
    place = check_device(chosen, device) if device is not None else current_device(chosen)
    return Tensor(chosen.asarray(values, dtype=wanted, device=place), chosen)


def beside(value: Any, like: Tensor, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return Python numbers and lists as a tensor where another one is; tensors and arrays as `as_tensor` does."""
    if isinstance(value, (*SCALARS, list, tuple)) and not isinstance(value, np.generic):
        values, wanted = host_values(value, dtype)
        return Tensor(like.backend.constant(values, like.native, wanted), like.backend)
    return as_tensor(value, like.backend)


def _owner(obj: Any) -> Backend | None:
    """Return the backend a foreign native array belongs to; loads only backends whose framework is in use already."""
    for name in registered():
        known = KNOWN.get(name)
        if known and known.requires in sys.modules and get_backend(name).is_array(obj):
            return get_backend(name)
    return None


def _has_our_dtype(array: Any, owner: Backend) -> bool:
    """Return whether a native array is of one of our dtypes; NumPy's others can be converted.

    Raises:
        DTypeError: for another framework's.
    """
    try:
        known = owner.dtype_of(array) in dtypes.ALL
    except KeyError:
        known = False
    if not known and not isinstance(array, (np.ndarray, np.generic)):
        raise DTypeError(
            f"A tensor holds numbers or booleans of these dtypes, not {array.dtype}: "
            f"{', '.join(each.name for each in dtypes.ALL)}. Convert the array first."
        )
    return known


def _place(dtype: dtypes.DTypeLike | None, default: dtypes.DType) -> tuple[Backend, Any]:
    backend = default_backend(None)
    return backend, backend.native_dtype(default if dtype is None else dtypes.as_dtype(dtype))


def _on(backend: Backend, array: Any, device: str | None) -> Tensor:
    place = check_device(backend, device) if device is not None else current_device(backend)
    return Tensor(array if place is None else backend.to_device(array, place), backend)


def zeros(shape: Shape, *, dtype: dtypes.DTypeLike | None = None, device: str | None = None) -> Tensor:
    """Return a tensor of zeros, float32 unless a dtype is given.

    >>> import unifw as uf
    >>> uf.zeros((2,)).tolist()
    [0.0, 0.0]
    """
    backend, native = _place(dtype, dtypes.DEFAULT_FLOAT)
    return _on(backend, backend.xp.zeros(shape_argument(shape, "zeros"), dtype=native), device)


def ones(shape: Shape, *, dtype: dtypes.DTypeLike | None = None, device: str | None = None) -> Tensor:
    """Return a tensor of ones, float32 unless a dtype is given.

    >>> import unifw as uf
    >>> uf.ones((2,)).tolist()
    [1.0, 1.0]
    """
    backend, native = _place(dtype, dtypes.DEFAULT_FLOAT)
    return _on(backend, backend.xp.ones(shape_argument(shape, "ones"), dtype=native), device)


def full(
    shape: Shape, fill_value: complex, *, dtype: dtypes.DTypeLike | None = None, device: str | None = None
) -> Tensor:
    """Return a tensor filled with one value; without a dtype, the default one of the value's kind.

    >>> import unifw as uf
    >>> uf.full((2,), 7).dtype
    dtype('int64')
    """
    fill_value = number(fill_value, "full", "fill_value")
    wanted = dtypes.as_dtype(type(fill_value) if dtype is None else dtype)
    backend, native = _place(wanted, wanted)
    fill_value = _fitting("full", fill_value, wanted)
    return _on(backend, backend.xp.full(shape_argument(shape, "full"), fill_value, dtype=native), device)


def _fitting(name: str, value: Any, dtype: dtypes.DType) -> Any:
    """Return a Python scalar as one of the kind of a dtype: toward zero for integers, as `astype` does.

    Raises:
        DTypeError: for a complex number in a real dtype.
        ArgumentError: for a number beyond an integer dtype.
    """
    kind = dtypes.kind(dtype)
    if kind == "complex":
        return value
    if isinstance(value, complex):
        raise DTypeError(
            f"{name}() got the complex number {value} for {dtype.name}, which is real. "
            f"Write dtype='complex64', or give its real part."
        )
    if kind == "bool":
        check_value(f"{name}()", value, bool(value), dtype)
        return bool(value)
    if kind != "integer":
        return value
    if not math.isfinite(value):
        raise ArgumentError(f"{name}() got {value} for {dtype.name}, which has no such number. {NO_SUCH_NUMBER}")
    whole = int(value)
    check_range(whole, dtype)
    check_value(f"{name}()", value, whole, dtype)
    return whole


def empty(shape: Shape, *, dtype: dtypes.DTypeLike | None = None, device: str | None = None) -> Tensor:
    """Return a tensor whose values mean nothing; they are zeros, so that no run depends on what memory held.

    >>> import unifw as uf
    >>> uf.empty((2, 3)).shape
    (2, 3)
    """
    backend, native = _place(dtype, dtypes.DEFAULT_FLOAT)
    return _on(backend, backend.xp.zeros(shape_argument(shape, "empty"), dtype=native), device)


def arange(
    start: float,
    /,
    stop: float | None = None,
    step: float = 1,
    *,
    dtype: dtypes.DTypeLike | None = None,
    device: str | None = None,
) -> Tensor:
    """Return evenly spaced values in [start, stop): int64 if all arguments are integers, else float32.

    Args:
        start: first value; the end, counting from 0, if `stop` is not given.
        stop: end of the interval, excluded.
        step: distance between values, not 0.
        dtype: dtype wanted.
        device: device wanted.

    >>> import unifw as uf
    >>> uf.arange(3).tolist()
    [0, 1, 2]
    """
    if stop is None:
        start, stop = 0, start
    start, stop, step = (
        number(value, "arange", argument) for argument, value in (("start", start), ("stop", stop), ("step", step))
    )
    if step == 0:
        raise ArgumentError("arange() got step=0, with which it would never end. Give a step above or below 0.")
    wanted = None if dtype is None else dtypes.as_dtype(dtype)
    if wanted is not None and dtypes.kind(wanted) not in ("integer", "floating"):
        raise DTypeError(f"arange() makes real numbers, got dtype={wanted.name}. Convert after: unifw.astype.")
    if any(isinstance(each, complex) for each in (start, stop, step)):
        raise DTypeError(
            f"arange() counts along the real line, got start={start}, stop={stop}, step={step}. Give real numbers."
        )
    _check_count(start, stop, step)
    integers = all(isinstance(each, int) for each in (start, stop, step))
    if integers and wanted in (None, *dtypes.INTEGERS) and (values := range(int(start), int(stop), int(step))):
        for each in (values[0], values[-1]):
            check_range(each, dtypes.DEFAULT_INTEGER if wanted is None else wanted)
    backend, native = _place(wanted, dtypes.DEFAULT_INTEGER if integers else dtypes.DEFAULT_FLOAT)
    return _on(backend, backend.xp.arange(start, stop, step, dtype=native), device)


def _check_count(start: Any, stop: Any, step: Any) -> None:
    """Raise `ArgumentError` unless there are finitely many values from start to stop, and no more than fit an array."""
    if not all(isinstance(each, int) or math.isfinite(each) for each in (start, stop, step)):
        raise ArgumentError(
            f"arange() got start={start}, stop={stop}, step={step}, which has no number of values. Give finite numbers."
        )
    if (stop - start) / step > _MOST_VALUES:
        raise ArgumentError(
            f"arange() got start={start}, stop={stop}, step={step}: no array has that many values. Give a larger step."
        )


_MOST_VALUES: Final = 2**62


def linspace(
    start: float,
    stop: float,
    /,
    num: int,
    *,
    dtype: dtypes.DTypeLike | None = None,
    device: str | None = None,
    endpoint: bool = True,
) -> Tensor:
    """Return `num` evenly spaced values from start to stop, which `endpoint` includes or not.

    float32 by default, complex64 if an end is complex.

    >>> import unifw as uf
    >>> uf.linspace(0.0, 1.0, 3).tolist()
    [0.0, 0.5, 1.0]
    """
    start, stop = number(start, "linspace", "start"), number(stop, "linspace", "stop")
    if (num := whole(num, "linspace", "num")) < 0:
        raise ArgumentError(f"linspace() got num={num}; a number of values cannot be negative. Write 0 or more.")
    is_complex = isinstance(start, complex) or isinstance(stop, complex)
    default = dtypes.DEFAULT_COMPLEX if is_complex else dtypes.DEFAULT_FLOAT
    wanted = default if dtype is None else dtypes.as_dtype(dtype)
    if is_complex and wanted not in dtypes.COMPLEX:
        raise DTypeError(
            f"linspace() got complex ends, {start} and {stop}, for {wanted.name}. Write dtype='complex64'."
        )
    if dtypes.kind(wanted) == "bool":
        raise DTypeError("linspace() makes numbers, got dtype=bool. Convert after: unifw.astype.")
    if dtypes.kind(wanted) == "integer":
        start, stop = (_fitting("linspace", each, wanted) and each for each in (start, stop))
    backend, native = _place(wanted, wanted)
    return _on(backend, backend.xp.linspace(start, stop, num, dtype=native, endpoint=endpoint), device)


def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: dtypes.DTypeLike | None = None,
    device: str | None = None,
) -> Tensor:
    """Return ones on a diagonal, the `k`-th above the main one, and zeros elsewhere; float32 by default.

    >>> import unifw as uf
    >>> uf.eye(2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    backend, native = _place(dtype, dtypes.DEFAULT_FLOAT)
    n_rows, columns = shape_argument((n_rows, n_rows if n_cols is None else n_cols), "eye")
    within = min(
        max(whole(k, "eye", "k"), -n_rows), columns
    )  # further out there is nothing, and frameworks' integers end
    return _on(backend, backend.xp.eye(n_rows, columns, k=within, dtype=native), device)


def _retyped(x: Tensor, dtype: dtypes.DTypeLike) -> Tensor:
    """Return a tensor of the shape of `x` and another dtype, whose values nobody will see."""
    return (Tensor(x.backend.xp.real(x.native), x.backend) if x.dtype in dtypes.COMPLEX else x).astype(dtype)


def full_like(
    x: Any, /, fill_value: complex, *, dtype: dtypes.DTypeLike | None = None, device: str | None = None
) -> Tensor:
    """Return a tensor of the shape and backend of `x` (and its dtype and device, unless given), of one value.

    >>> import unifw as uf
    >>> uf.full_like(uf.zeros(2), 3.0).tolist()
    [3.0, 3.0]
    """
    x = as_tensor(x)
    x = x if dtype is None else _retyped(x, dtype)
    fill_value = _fitting("full_like", number(fill_value, "full_like", "fill_value"), x.dtype)
    x = x if device is None else x.to_device(device)
    return Tensor(x.backend.xp.full_like(x.native, fill_value), x.backend)


def zeros_like(x: Any, /, *, dtype: dtypes.DTypeLike | None = None, device: str | None = None) -> Tensor:
    """Return zeros of the shape, dtype, device and backend of `x`.

    >>> import unifw as uf
    >>> uf.zeros_like(uf.ones(2)).tolist()
    [0.0, 0.0]
    """
    return full_like(x, 0, dtype=dtype, device=device)


def ones_like(x: Any, /, *, dtype: dtypes.DTypeLike | None = None, device: str | None = None) -> Tensor:
    """Return ones of the shape, dtype, device and backend of `x`.

    >>> import unifw as uf
    >>> uf.ones_like(uf.zeros(2)).tolist()
    [1.0, 1.0]
    """
    return full_like(x, 1, dtype=dtype, device=device)


def empty_like(x: Any, /, *, dtype: dtypes.DTypeLike | None = None, device: str | None = None) -> Tensor:
    """Return a tensor like `x` whose values mean nothing (they are zeros).

    >>> import unifw as uf
    >>> uf.empty_like(uf.ones((2, 2))).shape
    (2, 2)
    """
    return zeros_like(x, dtype=dtype, device=device)


def _triangle(name: str, x: Tensor, k: int) -> Tensor:
    if x.ndim < 2:
        raise ShapeError(f"{name}() needs matrices (..., m, n), got shape {x.shape}. Insert axes with expand_dims.")
    return Tensor(getattr(x.backend.xp, name)(x.native, k=whole(k, name, "k")), x.backend)


def tril(x: Any, /, *, k: int = 0) -> Tensor:
    """Return the lower triangle of the last two axes, up to the `k`-th diagonal; zeros above.

    >>> import unifw as uf
    >>> uf.tril(uf.ones((2, 2))).tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    return _triangle("tril", as_tensor(x), k)


def triu(x: Any, /, *, k: int = 0) -> Tensor:
    """Return the upper triangle of the last two axes, from the `k`-th diagonal; zeros below.

    >>> import unifw as uf
    >>> uf.triu(uf.ones((2, 2))).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    return _triangle("triu", as_tensor(x), k)


def astype(x: Any, dtype: dtypes.DTypeLike, /, *, copy: bool = True, device: str | None = None) -> Tensor:
    """Return `x` converted, and moved if a device is given; differentiable between floating-point dtypes.

    The same dtype and device give a copy, unless told otherwise.

    >>> import unifw as uf
    >>> uf.astype(uf.asarray([1.7]), "int64").tolist()
    [1]
    """
    x = as_tensor(x)
    result: Tensor = x.astype(dtype)
    if device is not None:
        result = result.to_device(device)
    if copy and result.native is x.native:
        return Tensor(x.backend.copy(x.native), x.backend)
    return result


def stop_gradient(x: Any, /) -> Tensor:
    """Return `x` as a constant to differentiation, as `jax.lax.stop_gradient`.

    >>> import unifw as uf
    >>> uf.grad(lambda x: x * uf.stop_gradient(x))(uf.asarray(3.0)).item()
    3.0
    """
    x = as_tensor(x)
    return Tensor(x.backend.stop_gradient(x.native), x.backend)
