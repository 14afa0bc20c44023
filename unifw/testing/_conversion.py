"""Block 2: arrays in and out."""

from __future__ import annotations

from typing import Any

import numpy as np

from unifw import dtypes
from unifw.backend import Backend
from unifw.testing._base import Block, over
from unifw.testing._expect import HostArray, assert_bits


def _dtypes(backend: Backend) -> list[dtypes.DType]:
    return [each for each in dtypes.ALL if each in backend.capabilities.dtypes]


def _pairs(backend: Backend) -> list[tuple[dtypes.DType, dtypes.DType]]:
    """Return pairs of dtypes whose conversion the standard defines: complex to real is not."""
    return [
        (source, target)
        for source in _dtypes(backend)
        for target in _dtypes(backend)
        if dtypes.kind(source) != "complex" or dtypes.kind(target) in ("complex", "bool")
    ]


def values_of(dtype: dtypes.DType, shape: tuple[int, ...] = (2, 3)) -> HostArray:
    """Return small values that every dtype can hold, in the dtype given: 0, 1, 2, … or alternating booleans."""
    count = int(np.prod(shape))
    numbers = np.arange(count) % 2 if dtypes.kind(dtype) == "bool" else np.arange(count)
    array = numbers.astype(dtype)
    if dtypes.kind(dtype) == "complex":
        array = array + np.asarray(1j, dtype) * (array - 2)
    return array.astype(dtype).reshape(shape)


class Conversion(Block):
    """`asarray`, `to_numpy`, `astype`, `copy`, devices."""

    @over("dtype", _dtypes)
    def test_numpy_arrays_come_back_as_they_were(self, backend: Backend, dtype: dtypes.DType) -> None:
        for shape in ((2, 3), (), (0, 2), (1,)):
            values = values_of(dtype, shape)
            array = backend.asarray(values)
            assert_bits(backend, array, values, dtype)
            assert_bits(backend, backend.asarray(array), values, dtype)

    @over("dtype", _dtypes)
    def test_non_contiguous_numpy_arrays_enter(self, backend: Backend, dtype: dtypes.DType) -> None:
        values = values_of(dtype, (4, 6))
        for view in (values.T, values[::2, 1::2], values[::-1]):
            assert_bits(backend, backend.asarray(view), view, dtype)

    @over("dtype", _dtypes)
    def test_dtypes_have_native_names_and_back(self, backend: Backend, dtype: dtypes.DType) -> None:
        array = backend.xp.zeros((2,), dtype=backend.native_dtype(dtype))
        assert_bits(backend, array, np.zeros((2,), dtype), dtype)

    @over("source, target", _pairs)
    def test_astype_converts(self, backend: Backend, source: dtypes.DType, target: dtypes.DType) -> None:
        values = values_of(source)
        converted = backend.astype(backend.asarray(values), target)
        assert_bits(backend, converted, values.astype(target), target)

    def test_astype_to_the_same_dtype_is_the_same_array(self, backend: Backend) -> None:
        array = backend.asarray([1.0, 2.0])
        assert backend.astype(array, dtypes.float32) is array

    def test_astype_truncates_toward_zero(self, backend: Backend) -> None:
        array = backend.asarray(np.asarray([-1.7, -0.5, 0.5, 1.7], np.float32))
        assert_bits(backend, backend.astype(array, dtypes.int32), [-1, 0, 0, 1], dtypes.int32)

    def test_astype_of_integers_wraps(self, backend: Backend) -> None:
        array = backend.asarray(np.asarray([-1, 2**32 + 5], np.int64))
        assert_bits(backend, backend.astype(array, dtypes.uint32), [2**32 - 1, 5], dtypes.uint32)

    def test_python_values_get_the_default_dtypes(self, backend: Backend) -> None:
        assert_bits(backend, backend.asarray(True), True, dtypes.bool)
        assert_bits(backend, backend.asarray(3), 3, dtypes.int64)
        assert_bits(backend, backend.asarray(0.5), np.float32(0.5), dtypes.float32)
        assert_bits(backend, backend.asarray([[1, 2], [3, 4]]), [[1, 2], [3, 4]], dtypes.int64)
        assert_bits(backend, backend.asarray([1, 0.5]), np.asarray([1, 0.5], np.float32), dtypes.float32)
        assert_bits(backend, backend.asarray(range(1, 7, 2)), [1, 3, 5], dtypes.int64)
        assert_bits(backend, backend.asarray(range(3), dtype=dtypes.uint32), [0, 1, 2], dtypes.uint32)
        if dtypes.complex64 in backend.capabilities.dtypes:
            assert_bits(backend, backend.asarray(1 + 2j), np.complex64(1 + 2j), dtypes.complex64)

    def test_a_dtype_asked_for_is_given(self, backend: Backend) -> None:
        wanted = _dtypes(backend)
        for dtype in wanted:
            assert_bits(backend, backend.asarray([0, 1], dtype=dtype), np.asarray([0, 1], dtype), dtype)

    def test_numpy_memory_written_to_later_does_not_change_the_array(self, backend: Backend) -> None:
        if backend.is_array(np.zeros(1)):
            return  # arrays of this backend are NumPy's own: they enter as they are
        values = np.ones((64, 64), np.float32)
        array = backend.asarray(values)
        values[:] = 7.0
        assert_bits(backend, array, np.ones((64, 64), np.float32), dtypes.float32)

    def test_results_cannot_be_written_through_to_numpy(self, backend: Backend) -> None:
        array = backend.asarray([1.0, 2.0])
        host = backend.to_numpy(array)
        if host.flags.writeable:
            host[:] = 7.0
        assert_bits(backend, array, np.asarray([1.0, 2.0], np.float32), dtypes.float32)

    def test_copies_are_equal(self, backend: Backend) -> None:
        array = backend.asarray([1.0, 2.0])
        copied = backend.copy(array)
        assert copied is not array
        assert_bits(backend, copied, np.asarray([1.0, 2.0], np.float32), dtypes.float32)

    def test_arrays_are_told_from_everything_else(self, backend: Backend) -> None:
        assert backend.is_array(backend.asarray(1.0))
        others: tuple[Any, ...] = (1.0, [1.0], "1", None, object())
        assert not any(backend.is_array(other) for other in others)

    def test_arrays_are_on_the_first_device_unless_told_otherwise(self, backend: Backend) -> None:
        devices = backend.devices()
        assert backend.device_of(backend.asarray(1.0)) == devices[0]
        for device in devices:
            placed = backend.asarray([1.0, 2.0], device=device)
            assert backend.device_of(placed) == device
            assert backend.device_of(backend.to_device(placed, devices[0])) == devices[0]
            assert_bits(backend, placed, np.asarray([1.0, 2.0], np.float32), dtypes.float32)

    def test_indexing_reads_integers_slices_ellipsis_and_new_axes(self, backend: Backend) -> None:
        values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
        array = backend.asarray(values)
        keys: tuple[Any, ...] = (
            (1, 2, 3),
            (0, ...),
            (slice(None), 1, slice(0, 4, 2)),
            (..., -1),
            (None, slice(1, 2), ..., slice(1, 3)),
            (slice(None), slice(0, 2), None, slice(None)),
        )
        for key in keys:
            assert_bits(backend, array[key], values[key], dtypes.float32)
