"""An array without values."""

from __future__ import annotations

import math
from typing import Any, final

from unifw import dtypes
from unifw.backend._shapes import Shape, indexed_shape


@final
class AbstractArray:
    """A shape and a dtype.

    >>> x = AbstractArray((2, 3), dtypes.float32)
    >>> x[0]
    AbstractArray((3,), float32)
    """

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: Shape, dtype: dtypes.DType) -> None:
        self.shape = shape
        self.dtype = dtype

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    def __getitem__(self, key: Any) -> AbstractArray:
        return AbstractArray(indexed_shape(self.shape, key), self.dtype)

    def __repr__(self) -> str:
        return f"AbstractArray({self.shape}, {self.dtype.name})"
