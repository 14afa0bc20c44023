"""What every function of matrices does before it computes: judge the argument, choose the dtype, find the backend's.

Half precision is computed in float32 and rounded once: no framework has these algorithms in half precision. Empty
arrays are answered in front, for every framework lacks some kernel for them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, final

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.errors import ShapeError, UnsupportedError
from unifw.tensor._kinds import resolve
from unifw.tensor._operands import as_tensor
from unifw.tensor._tensor import Tensor

HALF: Final = (dtypes.float16, dtypes.bfloat16)
REAL: Final = {dtypes.complex64: dtypes.float32, dtypes.complex128: dtypes.float64}
COMPLEX: Final = {dtypes.float32: dtypes.complex64, dtypes.float64: dtypes.complex128}


@final
class Matrices:
    """The judged argument of one function: matrices (..., m, n), in a dtype that every framework computes in.

    Attributes:
        dtype: the argument's own.
        array: native; float32 for half precision.
    """

    __slots__ = ("array", "backend", "dtype", "name", "shape")

    def __init__(self, name: str, x: Any, *, square: bool = False) -> None:
        x = as_tensor(x)
        self.name = name
        self.backend: Backend = x.backend
        self.dtype = resolve(name, x.dtype)
        self.shape: tuple[int, ...] = x.shape
        if len(self.shape) < 2 or (square and self.shape[-1] != self.shape[-2]):
            wanted = "square matrices (..., n, n)" if square else "matrices (..., m, n)"
            raise ShapeError(f"{name}() needs {wanted}, got shape {self.shape}.")
        self.array: Array = self.backend.astype(x.native, computing(self.dtype))

    @property
    def xp(self) -> Any:
        """The backend's namespace."""
        return self.backend.xp

    @property
    def linalg(self) -> Any:
        """The backend's linear algebra."""
        return extension(self.backend, "linalg", self.name)

    @property
    def batch(self) -> tuple[int, ...]:
        """The axes in front of the matrices."""
        return self.shape[:-2]

    @property
    def is_empty(self) -> bool:
        """Whether there is no element."""
        return 0 in self.shape

    def tensor(self, array: Array) -> Tensor:
        """Return a result, rounded to the argument's dtype if that is half precision."""
        if self.dtype in HALF and self.backend.dtype_of(array) == dtypes.float32:
            array = self.backend.astype(array, self.dtype)
        return Tensor(array, self.backend)

    def zeros(self, shape: Sequence[int], *, real: bool = False, complex: bool = False) -> Tensor:
        """Return zeros of the argument's dtype, or of the real or complex dtype that goes with it."""
        dtype = computing(self.dtype)
        if complex:
            dtype = COMPLEX.get(dtype, dtype)
        elif real or self.dtype in HALF:
            dtype = REAL.get(dtype, self.dtype)
        array = self.xp.zeros(tuple(shape), dtype=self.backend.native_dtype(dtype))
        return Tensor(self.placed(array), self.backend)

    def identity(self, size: int) -> Array:
        """Return one identity matrix for each matrix of the stack."""
        array = self.xp.eye(size, dtype=self.backend.native_dtype(computing(self.dtype)))
        return self.placed(self.xp.broadcast_to(array, (*self.batch, size, size)))

    def placed(self, array: Array) -> Array:
        """Return an array made here on the argument's device."""
        return self.backend.to_device(array, self.backend.device_of(self.array))

    def adjoint(self, array: Array) -> Array:
        """Return the conjugate transposes."""
        array = self.xp.matrix_transpose(array)
        return self.xp.conj(array) if dtypes.kind(self.backend.dtype_of(array)) == "complex" else array

    def symmetrize(self) -> None:
        """Replace each matrix by the mean of itself and its adjoint.

        Frameworks read one triangle, the other, or both of a matrix they take for symmetric, and send the gradient to
        where they read. Of this mean they all read the same, and the gradient is symmetric; so does JAX.
        """
        self.array = self.xp.multiply(self.xp.add(self.array, self.adjoint(self.array)), 0.5)

    def mask_not_finite(self) -> Array:
        """Replace matrices that hold infinities or NaN by zeros, and return which are finite, as (..., 1, 1).

        Iterations do not converge on them: some frameworks raise an error then, some return NaN, some never return.
        """
        xp = self.xp
        finite = xp.all(xp.isfinite(self.array), axis=(-2, -1), keepdims=True)
        self.array = xp.where(finite, self.array, 0.0)
        return finite

    def masked(self, finite: Array, array: Array, *, vectors: bool = False) -> Tensor:
        """Return a result, with NaN for matrices that were not finite."""
        if vectors:
            finite = self.xp.squeeze(finite, axis=(-1,))
        return self.tensor(self.xp.where(finite, array, math.nan))


def computing(dtype: dtypes.DType) -> dtypes.DType:
    """Return the dtype in which to compute: float32 for half precision."""
    return dtypes.float32 if dtype in HALF else dtype


def extension(backend: Backend, name: str, function: str) -> Any:
    """Return ``xp.linalg`` or ``xp.fft`` of a backend.

    Raises:
        UnsupportedError: if it has none: the standard calls them optional.
    """
    found = getattr(backend.xp, name, None)
    if found is None:
        raise UnsupportedError(
            f"Backend {backend.name!r} does not support {function}: its namespace has no {name!r}. "
            "Use another one: x.to_backend('numpy')."
        )
    return found
