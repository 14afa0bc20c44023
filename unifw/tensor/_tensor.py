"""`Tensor`: a native array, and the backend that owns it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, final

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend, check_device, get_backend
from unifw.errors import ArgumentError, DTypeError, ShapeError

if TYPE_CHECKING:
    from unifw.tensor._at import IndexUpdates


@final
class Tensor:
    """An n-dimensional array on some backend, with the operators of the Array API standard.

    Make one with `unifw.asarray`, `unifw.zeros`, …; leave unifw with `x.native` (zero copy) or `numpy.asarray(x)`.

    Attributes:
        native: the framework's own array.
        backend: the backend that owns it; operations between two backends raise `MixedBackendsError`.
        at: updates by index that return a new tensor, as JAX's: ``x.at[key].add(values)``, also `set`, `subtract`,
            `multiply`, `divide`, `power`, `min`, `max`, `apply` and `get`.

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
        target = backend if isinstance(backend, Backend) else get_backend(backend)
        if target is self.backend:
            return Tensor(self.native, self.backend)
        return Tensor(target.asarray(self.backend.to_numpy(self.native), dtype=self.dtype), target)

    def to_device(self, device: str, /, *, stream: Any = None) -> Tensor:
        """Return the tensor on another device of its backend.

        Args:
            device: as `unifw.devices` names it.
            stream: the standard's argument; only None is taken, since frameworks order their work themselves.

        Raises:
            DeviceError: if the device is not there; lists those that are.
        """
        if stream is not None:
            raise ArgumentError(f"to_device() got stream={stream!r}. Leave it out: frameworks order their own work.")
        target = check_device(self.backend, device)
        if self.device == target:
            return Tensor(self.native, self.backend)
        return Tensor(self.backend.to_device(self.native, target), self.backend)

    def astype(self, dtype: dtypes.DTypeLike) -> Tensor:
        """Return the tensor converted to a dtype; differentiable between floating-point dtypes.

        Raises:
            DTypeError: for complex numbers to be made real, which the standard forbids.
        """
        wanted = dtypes.as_dtype(dtype)
        if self.dtype in dtypes.COMPLEX and wanted not in dtypes.COMPLEX and wanted != dtypes.bool:
            raise DTypeError(
                f"astype() got {self.dtype.name} to become {wanted.name}, which would lose the imaginary part. "
                f"Take a part first: unifw.real(x), unifw.imag(x) or unifw.abs(x)."
            )
        return Tensor(self.backend.astype(self.native, wanted), self.backend)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        array = self.backend.to_numpy(self.native)
        if dtype is not None:
            array = array.astype(dtype, copy=False)
        return array.copy() if copy else array

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        import unifw

        if api_version not in (None, "2021.12", "2022.12", "2023.12", "2024.12", "2025.12"):
            raise ArgumentError(
                f"Array API version {api_version!r} is not known; the newest supported is '2025.12'. Write that, or "
                f"leave it out."
            )
        return unifw

    def __dlpack__(
        self, /, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: bool | None = None
    ) -> Any:
        # The framework's own answers; what nobody gave is left out, for not all of them know all options. TensorFlow
        # takes neither a copy, which is made here, nor a device, even if it is where the tensor is.
        if copy:
            return Tensor(self.backend.copy(self.native), self.backend).__dlpack__(
                stream=stream, max_version=max_version, dl_device=dl_device
            )
        if dl_device is not None and tuple(dl_device) == tuple(map(int, self.__dlpack_device__())):
            dl_device = None
        if max_version is not None and tuple(max_version) < (1, 0):  # the protocol without versions, spelled out
            max_version = None
        options = {"stream": stream, "max_version": max_version, "dl_device": dl_device, "copy": copy}
        given = {name: value for name, value in options.items() if value is not None}
        return self._exported().__dlpack__(**given)

    def __dlpack_device__(self) -> Any:
        return self._exported().__dlpack_device__()

    def _exported(self) -> Any:
        """Return the native array, or an array where it is one of NumPy's scalars, which speak no DLPack."""
        return np.asarray(self.native) if isinstance(self.native, np.generic) else self.native

    def item(self) -> Any:
        """Return the only element as a Python scalar.

        Raises:
            ShapeError: if there is not exactly one element.
        """
        if self.size != 1:
            raise ShapeError(
                f"item() needs exactly one element, got shape {self.shape}. Write x.tolist(), or index it."
            )
        return self.backend.to_numpy(self.native).item()

    def tolist(self) -> Any:
        """Return nested Python lists (a scalar for no axes)."""
        return self.backend.to_numpy(self.native).tolist()

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ShapeError(
                f"The truth of a tensor of shape {self.shape}, with {self.size} elements, is not defined. Write "
                f"unifw.any(x) or unifw.all(x), or for emptiness x.size == 0."
            )
        return bool(self.item())

    def __int__(self) -> int:
        value = self._element("int")
        if not isinstance(value, (int, complex)) and not math.isfinite(value):
            raise ArgumentError(f"int() got a tensor of {value}, which is no integer. Replace it: unifw.nn.nan_to_num.")
        return int(value)

    def __float__(self) -> float:
        return float(self._element("float"))

    def __complex__(self) -> complex:
        return complex(self._element("complex"))

    def __index__(self) -> int:
        if dtypes.kind(self.dtype) != "integer":
            raise DTypeError(
                f"An index must be an integer, got a {self.dtype.name} tensor. Write unifw.astype(x, 'int64')."
            )
        return int(self._element("index"))

    def _element(self, name: str) -> Any:
        """Return the only element, for a conversion to a Python number."""
        if self.size != 1:
            raise ShapeError(f"{name}() needs exactly one element, got shape {self.shape}. Index the tensor first.")
        if name in ("int", "float") and self.dtype in dtypes.COMPLEX:
            raise DTypeError(
                f"{name}() got a {self.dtype.name} tensor. Take a part first: unifw.real(x), unifw.imag(x)."
            )
        return self.backend.to_numpy(self.native).item()

    def __len__(self) -> int:
        if not self.shape:
            raise ShapeError("A tensor without axes has no length, and nothing to iterate over. Write x.item().")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        for index in range(len(self)):
            yield self[index]

    def __repr__(self) -> str:
        try:
            values = np.array2string(self.backend.to_numpy(self.native), separator=", ", prefix="Tensor(")
        except Exception:  # noqa: BLE001 - a tracer has no values, and every framework says so differently
            values = f"<traced, shape={self.shape}>"
        return f"Tensor({values}, dtype={self.dtype.name}, backend={self.backend.name!r})"

    __hash__ = None  # type: ignore[assignment]  # equality is elementwise

    # --- operators and indexing, assigned by `_operators` ----------------------------------------------------------

    at: IndexUpdates
    __getitem__: Callable[[Tensor, Any], Tensor]
    __setitem__: Callable[[Tensor, Any, Any], None]
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

    __pos__: Callable[[Tensor], Tensor]
