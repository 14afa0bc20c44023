"""The dtypes of unifw, as torch names them."""

from __future__ import annotations

from typing import Any, Final

import torch

from unifw import dtypes

TO_TORCH: Final[dict[dtypes.DType, Any]] = {dtype: getattr(torch, dtype.name) for dtype in dtypes.ALL}
FROM_TORCH: Final[dict[Any, dtypes.DType]] = {native: dtype for dtype, native in TO_TORCH.items()}

# torch stores these, but has next to no CPU kernels for them; we compute in the integers that hold their bits.
WIDE_UNSIGNED: Final[dict[Any, Any]] = {
    torch.uint16: torch.int32,
    torch.uint32: torch.int64,
    torch.uint64: torch.int64,
}
