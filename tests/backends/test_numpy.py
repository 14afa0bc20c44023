"""The NumPy backend: dtypes on every NumPy, fast overrides against their defaults. Runs on NumPy 1.23 as on 2.x."""

from __future__ import annotations

import itertools
import tracemalloc
import warnings
from typing import Any

import numpy as np
import pytest
import threadpoolctl

from tests.backends.differentiable_cases import COMPOSITES
from unifw import dtypes
from unifw.backend import Backend, composites, support_table
from unifw.errors import DeviceError, DTypeError
from unifw_numpy import NumpyBackend

numpy = NumpyBackend()
xp = numpy.xp


def default(name: str) -> Any:
    """The interface's formula, over NumPy's namespace."""
    return lambda *arguments, **options: getattr(Backend, name)(numpy, *arguments, **options)


# --- dtypes and scalars ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*dtypes.INTEGERS, *dtypes.FLOATS, *dtypes.COMPLEX], ids=str)
@pytest.mark.parametrize("shape", [(), (2, 3), (0,)], ids=str)
@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "equal"])
def test_a_python_scalar_takes_the_dtype_of_the_array(name, shape, dtype):
    x = numpy.asarray(np.ones(shape), dtype=dtype)
    scalar = {"integer": 1, "floating": 1.0, "complex": 1.0j}[dtypes.kind(dtype)]
    wanted = dtypes.bool if name == "equal" else dtype
    for result in (getattr(xp, name)(x, scalar), getattr(xp, name)(scalar, x), getattr(xp, name)(x[...], scalar)):
        assert result.dtype == wanted
        assert result.shape == shape


@pytest.mark.parametrize("name", ["divide", "pow", "maximum", "minimum", "atan2", "logaddexp", "remainder", "where"])
@pytest.mark.parametrize("dtype", dtypes.FLOATS, ids=str)
def test_a_python_float_takes_the_dtype_in_every_function(name, dtype):
    x = numpy.asarray(2.0, dtype=dtype)
    arguments = (xp.greater(x, 1.0),) if name == "where" else ()
    assert getattr(xp, name)(*arguments, x, 0.5).dtype == dtype
    assert getattr(xp, name)(*arguments, 0.5, x).dtype == dtype


def test_large_scalars_do_not_widen():
    """NumPy 1 would look at the value and choose float32, uint16."""
    with np.errstate(over="ignore"):
        assert xp.multiply(np.ones(2, np.float16), 1e6).dtype == dtypes.float16
    assert xp.multiply(np.ones(2, np.uint8), 200).dtype == dtypes.uint8


@pytest.mark.parametrize("dtype", dtypes.FLOATS, ids=str)
@pytest.mark.parametrize("name", ["sum", "mean", "prod", "max", "min", "std", "var", "cumulative_sum"])
def test_reductions_keep_the_dtype(name, dtype):
    x = numpy.asarray([[1.0, 2.0, 3.0]], dtype=dtype)
    assert getattr(xp, name)(x, axis=1).dtype == dtype


@pytest.mark.parametrize("dtype", [dtypes.float16, dtypes.bfloat16], ids=str)
def test_half_precision_sums_do_not_stall(dtype):
    """In bfloat16 alone, 256 + 1 is 256."""
    x = numpy.asarray(np.ones(2000), dtype=dtype)
    assert float(xp.sum(x)) == 2000
    assert float(xp.matmul(x, x)) == 2000
    assert float(xp.mean(x)) == 1


@pytest.mark.parametrize("dtype", dtypes.INTEGERS, ids=str)
def test_integer_functions_keep_the_dtype(dtype):
    x = numpy.asarray([1, 2, 3], dtype=dtype)
    for name in ("round", "floor", "ceil", "trunc", "sum", "prod", "abs", "sign", "square"):
        assert getattr(xp, name)(x).dtype == dtype, name
    assert xp.cumulative_sum(x, axis=0, include_initial=True).tolist() == [0, 1, 3, 6]


def test_unsigned_arithmetic_wraps_without_a_warning_on_scalars_too():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for x in (np.uint32(4294967295), np.asarray(4294967295, np.uint32)):
            assert xp.add(x, x) == 4294967294
            assert xp.multiply(x, x) == 1
            assert xp.bitwise_left_shift(x, np.uint32(13)) == 4294959104
            assert xp.subtract(np.uint32(0), x) == 1


def test_raw_ufuncs_where_their_meaning_is_the_standards():
    """No wrapper, no cost. (Arithmetic needs one: bfloat16 * 2.0 is float32 in NumPy. Complex tan and tanh do too.)"""
    for name in ("exp", "log", "sqrt", "cosh", "sin", "isnan", "logical_and", "absolute", "negative"):
        assert isinstance(getattr(xp, {"absolute": "abs"}.get(name, name)), np.ufunc)


def test_denormals_are_kept():
    tiny = np.float32(1e-40)
    assert xp.multiply(np.asarray([tiny]), 0.5)[0] > 0


# --- conversion ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "dtype", "shape"),
    [
        (1, "int64", ()),
        (1.0, "float32", ()),
        (1j, "complex64", ()),
        (True, "bool", ()),
        ([[1.0, 2.0]], "float32", (1, 2)),
        ([[1, 2], [3, 4]], "int64", (2, 2)),
        ([], "float32", (0,)),
        (range(3), "int64", (3,)),
        (np.float64(1.0), "float64", ()),
        ([np.float64(1.0), np.float64(2.0)], "float64", (2,)),
        (np.ones(3, np.float16), "float16", (3,)),
    ],
)
def test_asarray_follows_the_defaults(value, dtype, shape):
    array = numpy.asarray(value)
    assert type(array) is np.ndarray
    assert (array.dtype.name, array.shape) == (dtype, shape)


def test_arrays_enter_and_leave_without_a_copy():
    x = np.ones(3)
    assert numpy.asarray(x) is x
    view = numpy.to_numpy(x)
    assert np.shares_memory(view, x)
    assert not view.flags.writeable
    assert not np.shares_memory(numpy.copy(x), x)


def test_strange_dtypes_are_refused():
    with pytest.raises(DTypeError, match="not a dtype of unifw"):
        numpy.asarray(np.array(["a"]))


def test_bfloat16_leaves_as_ml_dtypes():
    assert numpy.to_numpy(numpy.asarray([1.0], dtype=dtypes.bfloat16)).dtype == dtypes.bfloat16


# --- overrides ------------------------------------------------------------------------------------------------------

NATIVE = {name for name, support in support_table(numpy).items() if support == "native"} & set(composites())


@pytest.mark.parametrize("dtype", [dtypes.float32, dtypes.float64], ids=str)
@pytest.mark.parametrize("name", [name for name in COMPOSITES if name.split(" ")[0] in NATIVE])
def test_overrides_mean_what_their_defaults_mean(name, dtype, monkeypatch):
    case = COMPOSITES[name]
    inputs = [numpy.asarray(each, dtype=dtype) for each in case.inputs]
    found = case.call(numpy, *inputs)
    for override in NATIVE:
        monkeypatch.setattr(NumpyBackend, override, getattr(Backend, override))
    wanted = case.call(numpy, *inputs)
    assert found.dtype == wanted.dtype
    tolerance = numpy.tolerances[dtype]
    np.testing.assert_allclose(found, wanted, rtol=tolerance.relative, atol=tolerance.absolute)


@pytest.mark.parametrize("dtype", [dtypes.float32, dtypes.float64, dtypes.int8, dtypes.uint16], ids=str)
@pytest.mark.parametrize("operation", ["multiply", "maximum", "minimum"])
@pytest.mark.parametrize("indices", [[2, 0, 2], []], ids=["repeated", "none"])
def test_folding_rows_is_its_default(operation, dtype, indices):
    generator = np.random.default_rng(0)
    x, updates = (generator.integers(0, 5, (rows, 4)).astype(dtype) for rows in (3, len(indices)))
    places = np.array(indices, np.int64)
    found = numpy.index_reduce(x, places, updates, operation)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, Backend.index_reduce(numpy, x, places, updates, operation))


def test_overrides_are_all_tested():
    apart = {"adam_update", "sgd_update", "threefry2x32", "index_reduce"}
    assert {name.split(" ")[0] for name in COMPOSITES} | apart >= NATIVE


@pytest.mark.parametrize("dtype", dtypes.FLOATS, ids=str)
@pytest.mark.parametrize("donated", [False, True])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_adam_in_place_is_adam(dtype, donated, weight_decay):
    generator = np.random.default_rng(0)

    def state() -> list[list[Any]]:
        return [[np.array(each, dtype=dtype) for each in pair] for pair in raw]

    raw = [(generator.uniform(0.1, 1.0, (3, 4)), generator.uniform(0.1, 1.0, ())) for _ in range(4)]
    options: dict[str, Any] = {
        "step": np.asarray(4), "learning_rate": np.asarray(0.01, np.float32), "beta_1": 0.9, "beta_2": 0.999,
        "epsilon": 1e-7, "weight_decay": weight_decay,
    }  # fmt: skip
    given = state()
    found = numpy.adam_update(*given, **options, donated=donated)
    wanted = default("adam_update")(*state(), **options)
    tolerance = numpy.tolerances[dtype]
    for each, expected in zip(itertools.chain(*found), itertools.chain(*wanted), strict=True):
        assert each.dtype == dtype
        np.testing.assert_allclose(
            each.astype(float), expected.astype(float), rtol=tolerance.relative, atol=tolerance.absolute
        )
    assert (found[0][0] is given[0][0]) == donated
    if not donated:
        np.testing.assert_array_equal(given[0][0], state()[0][0])


@pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.9, False), (0.9, True)])
@pytest.mark.parametrize("donated", [False, True])
def test_sgd_in_place_is_sgd(momentum, nesterov, donated):
    generator = np.random.default_rng(0)
    p, g, v = (generator.normal(size=(3, 4)).astype(np.float32) for _ in range(3))
    options: dict[str, Any] = {
        "learning_rate": np.asarray(0.1, np.float32), "momentum": momentum, "nesterov": nesterov,
    }  # fmt: skip
    velocities = [v] if momentum else []
    wanted = default("sgd_update")([p], [g], velocities, **options)
    given = p.copy()
    found = numpy.sgd_update([given], [g], [v.copy()] if momentum else [], **options, donated=donated)
    for each, expected in zip(itertools.chain(*found), itertools.chain(*wanted), strict=True):
        np.testing.assert_allclose(each, expected, rtol=1e-6, atol=1e-7)
    assert (found[0][0] is given) == donated


@pytest.mark.parametrize("dtype", [*dtypes.INTEGERS, *dtypes.FLOATS, *dtypes.COMPLEX, dtypes.bool], ids=str)
@pytest.mark.parametrize("shapes", [((99, 99), (99, 99)), ((99, 99), ()), ((), (99, 99)), ((99,), (99, 1))], ids=str)
def test_where_chooses_bit_by_bit_what_numpy_chooses(dtype, shapes):
    generator = np.random.default_rng(0)
    condition = generator.random((99, 99)) < 0.5
    x, y = (np.asarray(generator.integers(0, 2, shape)).astype(dtype) for shape in shapes)
    if dtypes.is_floating(dtype):
        x = np.asarray(np.where(x == 1, np.asarray(np.nan, dtype), np.asarray(-0.0, dtype)))
    found, wanted = xp.where(condition, x, y), np.where(condition, x, y)
    assert found.dtype == dtype
    assert found.tobytes() == wanted.tobytes()


def test_where_takes_views_and_scalars_of_any_size():
    condition = (np.arange(20000) % 3 == 0).reshape(100, 200).T
    x = np.linspace(-1, 1, 40000, dtype=np.float32).reshape(200, 200)[:, ::2]
    np.testing.assert_array_equal(xp.where(condition, x, 0.0), np.where(condition, x, np.float32(0)))
    np.testing.assert_array_equal(xp.where(condition, -0.0, x), np.where(condition, np.float32(-0.0), x))
    assert np.signbit(xp.where(~condition, x, -0.0)[condition]).all()


def test_erf_in_blocks_is_erf():
    x = np.linspace(-7, 7, 100_000).reshape(100, 1000)
    np.testing.assert_array_equal(numpy.erf(x), default("erf")(x))
    assert numpy.erf(x[::2, ::2]).shape == (50, 500)


def test_nan_reaches_the_result():
    x = np.array([[1.0, np.nan], [-1.0, 2.0]], np.float32).reshape(1, 2, 2, 1)
    for pool in (numpy.max_pool, default("max_pool")):
        assert np.isnan(pool(x, (2, 2), (2, 2), ((0, 0), (0, 0)))).all()
    for relu in (numpy.relu, default("relu")):
        np.testing.assert_array_equal(relu(x).ravel(), [1.0, np.nan, 0.0, 2.0])


@pytest.mark.parametrize("shape", [(), (3,), (2, 5), (40000,)], ids=str)
def test_threefry_in_place_is_threefry(shape):
    generator = np.random.default_rng(0)
    key = generator.integers(0, 2**32, 2, np.uint32)
    high, low = (np.asarray(generator.integers(0, 2**32, shape, np.uint32)) for _ in range(2))
    before = high.copy(), low.copy()
    for found, wanted in zip(numpy.threefry2x32(key, high, low), default("threefry2x32")(key, high, low), strict=True):
        assert found.shape == shape
        np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(high, before[0])
    np.testing.assert_array_equal(low, before[1])


# --- the rest of the interface ----------------------------------------------------------------------------------------


def test_it_is_found_by_its_entry_point():
    from unifw.backend import get_backend

    assert type(get_backend("numpy")) is NumpyBackend
    assert get_backend("numpy").versions()["numpy"] == np.__version__


def test_devices():
    assert numpy.devices() == ("cpu",)
    assert numpy.device_of(np.ones(1)) == "cpu"
    with pytest.raises(DeviceError, match="cuda:0"):
        numpy.asarray(1.0, device="cuda:0")


def test_jit_is_the_function():
    outputs, static = numpy.jit(lambda arrays, b: ([b.xp.exp(arrays[0])], "static"))([np.zeros(2)])
    assert (outputs[0].tolist(), static) == ([1.0, 1.0], "static")


def test_memory_is_counted():
    was_tracing = tracemalloc.is_tracing()
    numpy.reset_memory_stats("cpu")
    kept = np.ones(1 << 18)
    temporary = np.ones(1 << 20)
    size = temporary.nbytes
    del temporary
    stats = numpy.memory_stats("cpu")
    assert kept.nbytes <= stats["current"] < size
    assert stats["peak"] >= size + kept.nbytes
    if not was_tracing:
        tracemalloc.stop()


def test_threads_are_limited():
    before = {pool["filepath"]: pool["num_threads"] for pool in threadpoolctl.threadpool_info()}
    try:
        numpy.set_threads(1)
        blas = [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
        assert set(blas) == {1}
    finally:
        for pool in before.values():
            threadpoolctl.threadpool_limits(pool)
