"""Between NumPy, Python values and tensors."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from unifw import dtypes
from unifw.backend import host_cast, integer_bounds
from unifw_tensorflow import _namespace
from unifw_tensorflow._import import raw, tf

NATIVE: Final[dict[dtypes.DType, Any]] = {dtype: tf.as_dtype(dtype.name) for dtype in dtypes.ALL}
OURS: Final[dict[Any, dtypes.DType]] = {native: dtype for dtype, native in NATIVE.items()}

# What NumPy makes of Python numbers, and what they are here.
_DEFAULTS: Final = {np.dtype("float64"): dtypes.float32, np.dtype("complex128"): dtypes.complex64}


def from_python(value: Any, dtype: dtypes.DType | None) -> Any:
    """Return a NumPy array, scalar, range or nested list as a tensor with memory of its own."""
    if isinstance(value, range):
        return _namespace.arange(value.start, value.stop, value.step, dtype=NATIVE[dtype or dtypes.DEFAULT_INTEGER])
    if isinstance(value, np.ndarray | np.generic):
        # The copy is ours alone: TensorFlow may use the memory of an aligned array as the tensor's.
        return tf.constant(
            np.array(value if dtype is None else host_cast(value, dtype), dtype=dtype, order="C"),
            NATIVE[dtype or dtypes.as_dtype(value.dtype)],
        )
    if isinstance(value, list | tuple) and _holds_tensors(value):
        elements = [each if tf.is_tensor(each) else from_python(each, dtype) for each in value]
        stacked = raw.Pack(values=elements)
        return stacked if dtype is None else cast(stacked, NATIVE[dtype])
    if dtype is None:
        array = np.asarray(value)
        dtype = _DEFAULTS.get(array.dtype) or dtypes.as_dtype(array.dtype)
        dtype = dtypes.DEFAULT_INTEGER if array.dtype == np.dtype(int) else dtype
    return tf.constant(np.asarray(value, dtype=dtype), NATIVE[dtype])


def _holds_tensors(value: Any) -> bool:
    return any(tf.is_tensor(each) or (isinstance(each, list | tuple) and _holds_tensors(each)) for each in value)


def cast(x: Any, native: Any) -> Any:
    """Convert; of complex numbers to real ones, the real part."""
    if x.dtype == native:
        return x
    if x.dtype.is_complex and not native.is_complex:
        if native == tf.bool:
            return _namespace.not_equal(x, 0)
        x = tf.math.real(x)
    if x.dtype.is_floating and native.is_integer:
        return _to_integers(x, native)
    return raw.Cast(x=x, DstT=native)


def _to_integers(x: Any, native: Any) -> Any:
    """Convert floating-point numbers as XLA does: toward zero, to the nearest limit, NaN to 0. C leaves it open."""
    low, end = integer_bounds(OURS[native])
    if x.dtype.size == 2:
        x = raw.Cast(x=x, DstT=tf.float32)  # in which the bounds are numbers
    above, below = raw.GreaterEqual(x=x, y=tf.constant(end, x.dtype)), raw.Less(x=x, y=tf.constant(low, x.dtype))
    open_ended = raw.LogicalOr(x=raw.LogicalOr(x=above, y=below), y=raw.IsNan(x=x))
    whole = raw.Cast(x=raw.SelectV2(condition=open_ended, t=tf.zeros((), x.dtype), e=x), DstT=native)
    whole = raw.SelectV2(condition=above, t=tf.constant(native.max, native), e=whole)
    return raw.SelectV2(condition=below, t=tf.constant(native.min, native), e=whole)


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _duplicate(x: Any) -> tuple[Any, Any]:
    return raw.DeepCopy(x=x), lambda upstream: upstream


def copy(x: Any) -> Any:
    """Return an array with memory of its own; in a graph, where memory cannot be seen, another name for it."""
    return _duplicate(x) if tf.executing_eagerly() else raw.Identity(input=x)
