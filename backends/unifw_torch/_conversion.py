"""From Python and NumPy into torch, and back."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch

from unifw import dtypes
from unifw.backend import host_cast, integer_bounds, no_value
from unifw_torch._dtypes import FROM_TORCH, TO_TORCH, WIDE_UNSIGNED


def asarray(value: Any, dtype: dtypes.DType | None, device: Any) -> Any:
    """Return a tensor on a device (None: where a tensor is already, `default` otherwise is the caller's matter)."""
    if isinstance(value, torch.Tensor):
        return value.to(device=device, dtype=None if dtype is None else TO_TORCH[dtype])
    if isinstance(value, np.ndarray | np.generic):
        return from_numpy(value, dtype, device)
    if isinstance(value, bool | int | float | complex):
        return _scalar(value, dtype or dtypes.as_dtype(type(value)), device)
    if isinstance(value, range):
        return _range(value, TO_TORCH[dtype or dtypes.DEFAULT_INTEGER], device)
    leaf = _first_leaf(value)
    if isinstance(leaf, torch.Tensor):
        return torch.stack([asarray(each, dtype, device) for each in value])
    array = np.asarray(value)
    if dtype is None and not isinstance(leaf, np.ndarray | np.generic):
        dtype = {"b": dtypes.bool, "f": dtypes.DEFAULT_FLOAT, "c": dtypes.DEFAULT_COMPLEX}.get(array.dtype.kind)
        dtype = dtypes.DEFAULT_FLOAT if array.size == 0 else dtype
    return from_numpy(array, dtype, device)


def from_numpy(value: Any, dtype: dtypes.DType | None, device: Any) -> Any:
    """Return a tensor with memory of its own: the one copy also converts, and straightens negative strides."""
    wanted = dtypes.as_dtype(np.asarray(value).dtype.newbyteorder("=") if dtype is None else dtype)
    array = np.array(host_cast(value, wanted), dtype=wanted, order="C", copy=True)
    if wanted == dtypes.bfloat16:
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16).to(device)
    return torch.from_numpy(array.view(wanted)).to(device)  # NumPy has two types of uint64, and torch knows one


def to_numpy(array: Any) -> np.ndarray[Any, Any]:
    """Return a copy on the host: donated arrays are overwritten later, and a view would change with them."""
    if array.requires_grad:
        array = array.detach()
    if array.device.type != "cpu" or array.is_conj() or array.is_neg():
        array = array.cpu().resolve_conj().resolve_neg()
    if array.dtype == torch.bfloat16:
        return array.view(torch.int16).numpy().view(dtypes.bfloat16).copy()  # type: ignore[no-any-return]
    return array.numpy(force=True).copy()  # type: ignore[no-any-return]  # force: lazy zeros of autograd too


def wrapped_to_numpy(array: Any) -> np.ndarray[Any, Any]:
    """Return the value of a wrapper of torch.func: element by element, since it has no memory of its own.

    Raises:
        TransformError: if it stands for many values, under `vmap`.
    """
    try:
        return np.asarray(array.detach().tolist(), dtype=dtype_of(array)).reshape(tuple(array.shape))
    except RuntimeError as error:
        raise no_value() from error


def astype(array: Any, native: Any) -> Any:
    """Convert; complex numbers lose their imaginary part on the way to reals without a warning."""
    if array.dtype.is_complex and not native.is_complex and native != torch.bool:
        array = array.real
    if array.dtype.is_floating_point and native in _INTEGERS:
        return _to_integers(array, native)
    return array.to(native)


_INTEGERS: Final = frozenset(TO_TORCH[each] for each in dtypes.INTEGERS)


def _to_integers(array: Any, native: Any) -> Any:
    """Convert floating-point numbers as XLA does: toward zero, to the nearest limit, NaN to 0. C leaves it open."""
    low, end = integer_bounds(FROM_TORCH[native])
    if array.dtype in (torch.float16, torch.bfloat16):
        array = array.to(torch.float32)  # in which the bounds are numbers
    above, below = array >= end, array < low
    fits = torch.where(above | below | torch.isnan(array), 0.0, array)
    if native == torch.uint64:  # has no arithmetic: its upper half is the negative one of int64
        is_large = fits >= end / 2
        whole = torch.where(is_large, fits - end, fits).to(torch.int64)
        return torch.where(above, -1, whole).to(native)
    limits = np.iinfo(FROM_TORCH[native])
    whole = torch.where(above, limits.max, fits.to(torch.int64))
    return torch.where(below, limits.min, whole).to(native)


def dtype_of(array: Any) -> dtypes.DType:
    """Return the dtype as unifw knows it."""
    return FROM_TORCH[array.dtype]


def _scalar(value: complex, dtype: dtypes.DType, device: Any) -> Any:
    native = TO_TORCH[dtype]
    if native in WIDE_UNSIGNED or dtypes.kind(dtype) != dtypes.kind(dtypes.as_dtype(type(value))):
        return from_numpy(np.asarray(value).astype(dtype), dtype, device)
    return torch.full((), value, dtype=native, device=device)


def _range(value: range, native: Any, device: Any) -> Any:
    if not value:
        return torch.zeros((0,), dtype=native, device=device)
    return torch.arange(value.start, value.stop, value.step, dtype=torch.int64, device=device).to(native)


def _first_leaf(value: Any) -> Any:
    while isinstance(value, list | tuple) and value:
        value = value[0]
    return value
