"""Arrays from shapes and numbers. Dtypes are native ones; None means the default of the standard's kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from unifw_tensorflow._import import raw, tf
from unifw_tensorflow._namespace._logic import where
from unifw_tensorflow._namespace._operands import constant, dimensions

if TYPE_CHECKING:
    from collections.abc import Sequence


def zeros(shape: Sequence[int] | int, *, dtype: Any = None) -> Any:
    """Zeros."""
    return full(shape, 0, dtype=dtype or tf.float32)


def ones(shape: Sequence[int] | int, *, dtype: Any = None) -> Any:
    """Ones."""
    return full(shape, 1, dtype=dtype or tf.float32)


def full(shape: Sequence[int] | int, fill_value: Any, *, dtype: Any = None) -> Any:
    """One value everywhere."""
    if dtype is None:
        kind = type(fill_value)
        dtype = {bool: tf.bool, int: tf.int64, complex: tf.complex64}.get(kind, tf.float32)
    return raw.Fill(dims=dimensions(shape), value=constant(fill_value, dtype))


def zeros_like(x: Any, /, *, dtype: Any = None) -> Any:
    """Zeros of the shape, and unless told otherwise the dtype, of an array."""
    return raw.ZerosLike(x=x) if dtype is None else zeros(x.shape, dtype=dtype)


def ones_like(x: Any, /, *, dtype: Any = None) -> Any:
    """Ones of the shape, and unless told otherwise the dtype, of an array."""
    return raw.OnesLike(x=x) if dtype is None else ones(x.shape, dtype=dtype)


def full_like(x: Any, /, fill_value: Any, *, dtype: Any = None) -> Any:
    """One value in the shape, and unless told otherwise the dtype, of an array."""
    return full(x.shape, fill_value, dtype=dtype or x.dtype)


def arange(start: float, /, stop: float | None = None, step: float = 1, *, dtype: Any = None) -> Any:
    """Numbers from `start` (0 if only one is given) up to but without `stop`."""
    if stop is None:
        start, stop = 0, start
    if dtype is None:
        dtype = tf.int64 if all(isinstance(each, int) for each in (start, stop, step)) else tf.float32
    if all(isinstance(each, int) for each in (start, stop, step)):
        # Counted on the device: a million counters must not become a constant inside a graph.
        if dtype == tf.uint64:  # beyond 2**63 too, by the bits
            counted = raw.Mul(x=arange(max(-((start - stop) // step), 0)), y=tf.constant(step, tf.int64))
            first = tf.constant(start if start < 2**63 else start - 2**64, tf.int64)
            return raw.Bitcast(input=raw.AddV2(x=counted, y=first), type=tf.uint64)
        bounds = (tf.constant(each, tf.int64) for each in (start, stop if (stop - start) * step > 0 else start, step))
        return tf.cast(raw.Range(**dict(zip(("start", "limit", "delta"), bounds, strict=True))), dtype)
    return tf.constant(np.arange(start, stop, step).astype(dtype.as_numpy_dtype))


def linspace(start: complex, stop: complex, /, num: int, *, dtype: Any = None, endpoint: bool = True) -> Any:
    """`num` numbers at equal distance, the last one `stop` if it is the endpoint."""
    if dtype is None:
        dtype = tf.complex64 if isinstance(start, complex) or isinstance(stop, complex) else tf.float32
    return tf.constant(np.linspace(start, stop, num, endpoint=endpoint).astype(dtype.as_numpy_dtype))


def eye(n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: Any = None) -> Any:
    """Ones on the `k`-th diagonal, zeros elsewhere."""
    rows, columns = _rows_and_columns(n_rows, n_rows if n_cols is None else n_cols)
    return raw.Cast(x=raw.Equal(x=columns, y=rows + k), DstT=dtype or tf.float32)


def tril(x: Any, /, *, k: int = 0) -> Any:
    """The lower triangle of the last two axes: zeros above the `k`-th diagonal."""
    rows, columns = _rows_and_columns(*x.shape[-2:])
    return where(raw.LessEqual(x=columns, y=rows + k), x, raw.ZerosLike(x=x))


def triu(x: Any, /, *, k: int = 0) -> Any:
    """The upper triangle of the last two axes: zeros below the `k`-th diagonal."""
    rows, columns = _rows_and_columns(*x.shape[-2:])
    return where(raw.GreaterEqual(x=columns, y=rows + k), x, raw.ZerosLike(x=x))


def _rows_and_columns(n_rows: int, n_cols: int) -> tuple[Any, Any]:
    """Return the row numbers as a column and the column numbers as a row."""
    return arange(n_rows)[:, None], arange(n_cols)[None, :]
