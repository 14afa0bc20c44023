"""Comparing native arrays with NumPy, within the tolerances a backend declares and no others."""

from __future__ import annotations

from typing import Any

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend, Tolerance

HostArray = np.ndarray[Any, Any]


def widened(array: HostArray) -> HostArray:
    """Return floating-point and complex values in 64 and 128 bits, in which NumPy computes what is expected."""
    kind = dtypes.kind(dtypes.as_dtype(array.dtype))
    if kind == "floating":
        return array.astype(np.float64)
    return array.astype(np.complex128) if kind == "complex" else array


def real_dtype(dtype: dtypes.DType) -> dtypes.DType:
    """Return the dtype of the real part."""
    return {dtypes.complex64: dtypes.float32, dtypes.complex128: dtypes.float64}.get(dtype, dtype)


def tolerance_of(backend: Backend, dtype: dtypes.DType) -> Tolerance:
    """Return how far results may lie apart: nothing for integers and booleans."""
    return backend.tolerances[dtype] if dtype in dtypes.FLOATS + dtypes.COMPLEX else Tolerance(0.0, 0.0)


def quotient_tolerance(backend: Backend, dtype: dtypes.DType) -> Tolerance:
    """Return the tolerance of a difference quotient, which loses a third of the digits (to rounding over the step)."""
    exact = backend.tolerances[dtype]
    return Tolerance(exact.relative ** (2 / 3), exact.absolute ** (2 / 3))


def assert_values(actual: HostArray, expected: HostArray, tolerance: Tolerance, what: str = "") -> None:
    """Fail unless all values lie within the tolerance; NaN equals NaN, infinities equal themselves."""
    if dtypes.kind(dtypes.as_dtype(actual.dtype)) in ("integer", "bool"):
        np.testing.assert_array_equal(actual, expected, err_msg=what)
    else:
        np.testing.assert_allclose(
            widened(actual), widened(expected), rtol=tolerance.relative, atol=tolerance.absolute, err_msg=what
        )


def assert_array(
    backend: Backend, actual: Array, expected: Any, dtype: dtypes.DType, *, tolerance: Tolerance | None = None
) -> None:
    """Fail unless `actual` is an array of the backend with this dtype, and the shape and values expected."""
    wanted = np.asarray(expected)
    assert backend.is_array(actual), f"{type(actual).__name__} is not an array of backend {backend.name!r}"
    assert backend.dtype_of(actual) == dtype, f"dtype {backend.dtype_of(actual)}, expected {dtype}"
    shape = backend.shape_of(actual)
    assert type(shape) is tuple, f"shape_of() gave a {type(shape).__name__}, not a tuple"
    assert shape == wanted.shape, f"shape {shape}, expected {wanted.shape}"
    values = backend.to_numpy(actual)
    assert isinstance(values, np.ndarray)
    assert values.dtype == dtype
    assert_values(values, wanted, tolerance or tolerance_of(backend, dtype))


def assert_bits(backend: Backend, actual: Array, expected: Any, dtype: dtypes.DType) -> None:
    """Fail unless the array has exactly the values expected, bit for bit."""
    assert_array(backend, actual, expected, dtype, tolerance=Tolerance(0.0, 0.0))
