"""Into torch and out again: values, dtypes, devices."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from tests.backends.torch_arrays import BACKEND, assert_same, tensor, torch
from unifw import dtypes
from unifw.errors import DeviceError, UnsupportedError


@pytest.mark.parametrize("dtype", dtypes.ALL, ids=str)
def test_every_dtype_crosses_to_numpy_and_back(dtype):
    x = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
    array = BACKEND.asarray(x)
    assert BACKEND.dtype_of(array) == dtype
    assert BACKEND.native_dtype(dtype) == array.dtype
    np.testing.assert_array_equal(BACKEND.to_numpy(array), x)
    assert BACKEND.to_numpy(array).dtype == dtype


def test_neither_direction_shares_memory_with_numpy():
    x = np.zeros(3, "float32")
    array = BACKEND.asarray(x)
    x += 1
    assert array.tolist() == [0.0, 0.0, 0.0]
    host = BACKEND.to_numpy(array)
    array.add_(5)
    assert host.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "value", [np.arange(6)[::-2], np.arange(6, dtype=">i4"), np.broadcast_to(np.float64(2), (2, 2)), np.float32(1.5)]
)
def test_any_layout_of_numpy_enters(value):
    array = BACKEND.asarray(value)
    np.testing.assert_array_equal(BACKEND.to_numpy(array), value)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (True, "bool"),
        (3, "int64"),
        (1.5, "float32"),
        (2j, "complex64"),
        ([[1, 2], [3, 4]], "int64"),
        ([1.5, 2], "float32"),
        ([], "float32"),
        (range(2, 9, 3), "int64"),
        (range(0), "int64"),
        ([np.float64(1)], "float64"),
        (np.float64(1), "float64"),
    ],
)
def test_python_values_get_the_default_dtypes(value, dtype):
    array = BACKEND.asarray(value)
    assert BACKEND.dtype_of(array) == dtype
    np.testing.assert_array_equal(BACKEND.to_numpy(array), np.asarray(value, dtype))


@pytest.mark.parametrize("dtype", dtypes.ALL, ids=str)
def test_an_asked_dtype_is_given(dtype):
    for value in (1, range(3), [1, 0], np.ones(2, "int8")):
        assert BACKEND.dtype_of(BACKEND.asarray(value, dtype=dtype)) == dtype


def test_a_list_of_tensors_is_stacked():
    assert_same(BACKEND.asarray([tensor([1, 2]), tensor([3, 4])]), np.array([[1, 2], [3, 4]]))


def test_a_parameter_of_a_torch_module_enters_without_its_graph():
    parameter = torch.nn.Parameter(torch.ones(2))
    array = BACKEND.asarray(parameter)
    assert not array.requires_grad
    assert array.data_ptr() == parameter.data_ptr()


def test_bfloat16_holds_what_ml_dtypes_holds():
    x = np.array([1.0, 1 / 3, -1e30], ml_dtypes.bfloat16)
    assert BACKEND.to_numpy(BACKEND.asarray(x)).tobytes() == x.tobytes()


def test_astype_keeps_the_array_when_nothing_changes_and_drops_imaginary_parts_quietly():
    x = tensor(np.ones(2, "float32"))
    assert BACKEND.astype(x, dtypes.float32) is x
    assert_same(BACKEND.astype(tensor(np.array([1 + 2j])), dtypes.float32), np.array([1], "float32"))


def test_devices_end_with_the_cpu_and_unknown_ones_are_refused():
    assert BACKEND.devices()[-1] == "cpu"
    assert BACKEND.device_of(BACKEND.asarray(1.0, device="cpu")) == "cpu"
    with pytest.raises(DeviceError, match="no device 'cuda:99'"):
        BACKEND.to_device(BACKEND.asarray(1.0), "cuda:99")


def test_the_cpu_has_no_memory_statistics_and_says_what_to_use():
    with pytest.raises(UnsupportedError, match="VmHWM"):
        BACKEND.memory_stats("cpu")
