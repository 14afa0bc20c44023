"""Bringing labels and predictions to one form."""

from __future__ import annotations

from typing import Any

import numpy as np

from unifw import dtypes
from unifw.tensor import Tensor, asarray, expand_dims, squeeze
from unifw.tensor._strict import check_conversion


def same_rank(x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
    """Return both with the same number of axes, where one of them has an extra last axis of size 1.

    (n, 1) against (n,) makes both (n, 1); any other extra axis of size 1 is dropped (Keras' rule for labels and
    predictions, and for losses and their weights).
    """
    rank1, rank2 = len(x1.shape), len(x2.shape)
    if rank1 == rank2 + 1 and x1.shape[-1] == 1:
        return (x1, expand_dims(x2, axis=-1)) if rank2 == 1 else (squeeze(x1, -1), x2)
    if rank2 == rank1 + 1 and x2.shape[-1] == 1:
        return (expand_dims(x1, axis=-1), x2) if rank1 == 1 else (x1, squeeze(x2, -1))
    return x1, x2


def label_tensors(y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Return labels and predictions as tensors of the predictions' backend."""
    if y_pred.__class__ is not Tensor:
        y_pred = asarray(np.asarray(y_pred) if isinstance(y_pred, list | tuple) else y_pred)
    return asarray_like(y_true, y_pred), y_pred


def as_predicted(values: Tensor, dtype: dtypes.DType, name: str, what: str = "y_true") -> Tensor:
    """Return labels or weights in the dtype of predictions: integers and booleans, too, as Keras does.

    In strict mode floats must not lose by it.
    """
    if values.dtype == dtype:
        return values
    if dtypes.is_floating(values.dtype):
        check_conversion(name, what, values.dtype, dtype)
    return values.astype(dtype)


def asarray_like(value: Any, like: Tensor) -> Tensor:
    """Return anything array-like as a tensor of the backend of `like`; float64 NumPy data stays float64."""
    if value.__class__ is Tensor:
        return value
    if hasattr(value, "__unifw_tensor__"):
        return value.__unifw_tensor__()  # type: ignore[no-any-return]
    return asarray(value, backend=like.backend)
