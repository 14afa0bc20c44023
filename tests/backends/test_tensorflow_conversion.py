"""Into TensorFlow and out again: values, dtypes, devices, and what importing it does."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest

from tests.backends.tensorflow_arrays import COMPLEX, EVERY, SHAPES, assert_same, backend, numbers, run, tf
from unifw import dtypes
from unifw.errors import DeviceError
from unifw_tensorflow import _import


@pytest.mark.parametrize("dtype", EVERY)
@pytest.mark.parametrize("shape", SHAPES)
def test_numpy_arrays_go_in_and_out_unchanged(dtype, shape):
    x = numbers(dtype, shape)
    native = backend.asarray(x)
    assert backend.is_array(native)
    assert backend.dtype_of(native) == x.dtype
    assert backend.shape_of(native) == shape
    assert_same(backend.to_numpy(native), x)


def test_arrays_do_not_share_memory_with_numpy():
    room = np.zeros(2**20 + 64, np.uint8)
    start = -room.ctypes.data % 64  # TensorFlow adopts memory that is aligned
    x = room[start : start + 2**20].view(np.float32)
    native = backend.asarray(x)
    x[:] = 7
    assert not backend.to_numpy(native).any()
    out = backend.to_numpy(native)
    if out.flags.writeable:
        out[:] = 7
    assert not backend.to_numpy(native).any()


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (True, dtypes.bool), (3, dtypes.int64), (0.5, dtypes.float32), (1j, dtypes.complex64), (range(4), dtypes.int64),
        ([[1, 2], [3, 4]], dtypes.int64), ([1, 2.5], dtypes.float32), ([True], dtypes.bool),
        (np.float64(2), dtypes.float64), (ml_dtypes.bfloat16(2), dtypes.bfloat16),
    ],
    ids=str,
)  # fmt: skip
def test_python_values_get_the_default_dtypes(value, dtype):
    native = backend.asarray(value)
    assert backend.dtype_of(native) == dtype
    np.testing.assert_array_equal(backend.to_numpy(native), np.asarray(value))
    assert backend.dtype_of(backend.asarray(value, dtype=dtypes.complex128)) == dtypes.complex128


def test_lists_may_hold_tensors_also_inside_graphs():
    assert_same(
        run(lambda x: backend.asarray([x, [1.0, 2.0]]), np.zeros(2, "f"), mode="graph"), np.array([[0, 0], [1, 2]], "f")
    )


def test_a_variable_gives_its_value():
    assert_same(backend.to_numpy(backend.asarray(tf.Variable([1.0, 2.0]))), np.array([1, 2], "f"))


@pytest.mark.parametrize(("source", "target"), list(itertools.product(EVERY, EVERY)))
def test_astype(source, target):
    x = np.abs(numbers(source)) if source not in COMPLEX else np.abs(numbers(source)).astype(source)
    native = backend.asarray(x)
    converted = backend.astype(native, dtypes.as_dtype(target))
    with np.errstate(all="ignore"):
        expected = (x.real if source in COMPLEX and target not in COMPLEX and target != "bool" else x).astype(
            dtypes.as_dtype(target)
        )
    assert_same(backend.to_numpy(converted), expected)
    assert (converted is native) == (source == target)


def test_copies_differentiate():
    value, _, (gradient,) = backend.value_and_grad(
        lambda arrays, b: (b.xp.sum(b.xp.square(b.copy(arrays[0]))), []), [backend.asarray([3.0])]
    )
    assert (float(value), gradient.numpy().tolist()) == (9, [6])


def test_devices():
    assert "cpu" in backend.devices()
    array = backend.to_device(backend.asarray([1.0]), "cpu")
    assert backend.device_of(array) == "cpu"
    backend.synchronize([array])
    with pytest.raises(DeviceError, match=r"no device 'cuda:99'.*cpu"):
        backend.asarray(1.0, device="cuda:99")


@pytest.mark.parametrize("with_onednn", [True, False])
def test_memory_statistics_see_an_allocation_or_are_refused(run_python, with_onednn):
    """On CPUs TensorFlow counts with oneDNN's allocator alone, which it chooses by the processor unless it is told."""
    program = """
import unifw_tensorflow
from unifw.errors import UnsupportedError
backend = unifw_tensorflow.TensorflowBackend()
xp = backend.xp
try:
    backend.memory_stats("cpu")
except UnsupportedError as error:
    print(error)
else:
    backend.reset_memory_stats("cpu")
    before = backend.memory_stats("cpu")
    array = xp.add(xp.zeros((2**20,), dtype=backend.asarray(1.0).dtype), 1.0)
    after = backend.memory_stats("cpu")
    assert after["peak"] - before["current"] >= 2**22
    assert after["current"] - before["current"] >= 2**22
    del array
    backend.reset_memory_stats("cpu")
    assert backend.memory_stats("cpu")["peak"] < after["peak"]
    print("counted")
"""
    told = run_python(program, TF_ENABLE_ONEDNN_OPTS=str(int(with_onednn)))
    assert told == "counted" if with_onednn else "keeps no statistics" in told


def test_import_is_silent_and_threads_can_be_set():
    code = (
        "import unifw_tensorflow as u, tensorflow as tf, warnings\n"
        "b = u.TensorflowBackend(); b.set_threads(1); b.asarray(1.0)\n"
        "assert tf.config.threading.get_intra_op_parallelism_threads() == 1\n"
        "b.set_threads(2); assert tf.config.threading.get_intra_op_parallelism_threads() == 1\n"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_standard_error_is_shown_when_the_import_fails(capfd):
    def failing_import():
        with _import._standard_error_held_back():
            os.write(2, b"the reason\n")
            raise ImportError

    with pytest.raises(ImportError):
        failing_import()
    assert "the reason" in capfd.readouterr().err
