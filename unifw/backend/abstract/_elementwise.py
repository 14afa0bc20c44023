"""Elementwise functions: the shape is the broadcast one. They count one operation per element of the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from unifw import dtypes
from unifw.backend._shapes import broadcast_shapes
from unifw.backend.abstract._arrays import AbstractArray

if TYPE_CHECKING:
    from unifw.backend.abstract._backend import AbstractBackend

SAME_DTYPE: Final = (
    "acos", "acosh", "add", "asin", "asinh", "atan", "atan2", "atanh", "bitwise_and", "bitwise_invert",
    "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor", "ceil", "conj", "copysign", "cos",
    "cosh", "divide", "exp",
    "expm1", "floor", "floor_divide", "hypot", "log", "log10", "log1p", "log2", "logaddexp", "maximum", "minimum",
    "multiply",
    "negative", "nextafter", "pow", "reciprocal", "remainder", "round", "sign", "sin", "sinh", "sqrt", "square",
    "subtract", "tan",
    "tanh", "trunc",
)  # fmt: skip
BOOLEAN: Final = (
    "equal", "greater", "greater_equal", "isfinite", "isinf", "isnan", "less", "less_equal", "logical_and",
    "logical_not", "logical_or", "logical_xor", "not_equal", "signbit",
)  # fmt: skip


class Elementwise:
    """The elementwise part of the abstract namespace."""

    def __init__(self, backend: AbstractBackend) -> None:
        self._backend = backend
        for name in SAME_DTYPE:
            setattr(self, name, self._combined)
        for name in BOOLEAN:
            setattr(self, name, self._compared)

    def _result(self, operands: tuple[Any, ...], dtype: dtypes.DType | None = None) -> AbstractArray:
        arrays = [each for each in operands if isinstance(each, AbstractArray)]
        shape = broadcast_shapes(*(each.shape for each in arrays))
        result = AbstractArray(shape, dtype or dtypes.result_type(*(each.dtype for each in arrays)))
        self._backend.flops += result.size
        return result

    def _combined(self, *operands: Any) -> AbstractArray:
        return self._result(operands)

    def _compared(self, *operands: Any) -> AbstractArray:
        return self._result(operands, dtypes.bool)

    def abs(self, x: AbstractArray, /) -> AbstractArray:
        """A complex number's magnitude is real."""
        real = {dtypes.complex64: dtypes.float32, dtypes.complex128: dtypes.float64}
        return self._result((x,), real.get(x.dtype, x.dtype))

    def real(self, x: AbstractArray, /) -> AbstractArray:
        """Of the real dtype of its size."""
        real = {dtypes.complex64: dtypes.float32, dtypes.complex128: dtypes.float64}
        return AbstractArray(x.shape, real.get(x.dtype, x.dtype))

    imag = real

    def where(self, condition: Any, x: Any, y: Any, /) -> AbstractArray:
        """All three broadcast; the dtype is that of the values."""
        dtype = dtypes.result_type(*(each.dtype for each in (x, y) if isinstance(each, AbstractArray)))
        return self._result((condition, x, y), dtype)

    def clip(self, x: AbstractArray, /, min: Any = None, max: Any = None) -> AbstractArray:
        """The dtype is that of `x`."""
        return self._result((x, min, max), x.dtype)
