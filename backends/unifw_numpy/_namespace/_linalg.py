"""Products. Half precision goes through float32 BLAS and is rounded once; NumPy's own half loops are far slower."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import array_api_compat.numpy as compat
import numpy as np

from unifw import dtypes

__all__ = ["matmul", "matrix_transpose", "tensordot", "vecdot"]

HALF: Final = (dtypes.float16, dtypes.bfloat16)
OF_WIDE: Final[dict[Callable[..., Any], Callable[..., Any]]] = {}
"""From functions below that look after half precision to what they call: enough for every other dtype."""
matrix_transpose = compat.matrix_transpose


def _half_through_float32(function: Callable[..., Any]) -> Callable[..., Any]:
    def product(x1: Any, x2: Any, /, **options: Any) -> Any:
        dtype = x1.dtype
        if dtype in HALF:
            return function(x1.astype(np.float32), x2.astype(np.float32), **options).astype(dtype)
        return function(x1, x2, **options)

    OF_WIDE[product] = function
    return product


def _matmul(x1: Any, x2: Any) -> Any:
    # A stack of matrices times one matrix is a single, larger product: one call of BLAS instead of one per matrix.
    if x2.ndim == 2 and x1.ndim > 2 and x1.flags.c_contiguous:
        shape = x1.shape
        return np.matmul(x1.reshape(-1, shape[-1]), x2).reshape(*shape[:-1], x2.shape[-1])
    return np.matmul(x1, x2)


matmul = _half_through_float32(_matmul)
tensordot = _half_through_float32(compat.tensordot)
vecdot = _half_through_float32(compat.vecdot)
