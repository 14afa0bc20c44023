"""The public functions against NumPy, on every backend: values, shapes, and the dtype the promotion rule gives."""

from __future__ import annotations

import numpy as np
import pytest
from array_api_compat import numpy as oracle

import unifw as uf
from unifw.errors import DTypeError, ShapeError

MATRIX = np.asarray([[-2.5, 0.5, 1.5], [3.0, -1.0, 0.25]], np.float32)
POSITIVE = np.abs(MATRIX) + 0.5
WHOLE = np.asarray([[3, 1, 2], [5, 9, 2]])


def check(actual, expected, dtype=None):
    expected = np.asarray(expected)
    assert isinstance(actual, uf.Tensor)
    assert actual.shape == expected.shape
    assert actual.dtype == (expected.dtype if dtype is None else dtype)
    np.testing.assert_allclose(np.asarray(actual), expected, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize(
    "name", ["exp", "sin", "tanh", "floor", "round", "sign", "square", "negative", "abs", "isfinite"]
)
def test_functions_of_one_tensor(backend, name):
    check(getattr(uf, name)(uf.asarray(MATRIX)), getattr(oracle, name)(MATRIX))


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "cos", "reciprocal", "mean", "std"])
def test_functions_into_the_reals_turn_integers_into_float32(backend, name):
    check(getattr(uf, name)(uf.asarray(WHOLE)), getattr(np, name)(WHOLE.astype(np.float64)), uf.float32)


@pytest.mark.parametrize(
    "name", ["add", "subtract", "multiply", "divide", "maximum", "minimum", "less", "equal", "atan2"]
)
def test_functions_of_two_tensors_broadcast(backend, name):
    a, b = MATRIX[:, :1], POSITIVE[:1]
    check(getattr(uf, name)(uf.asarray(a), uf.asarray(b)), getattr(oracle, name)(a, b))


@pytest.mark.parametrize("name", ["floor_divide", "remainder", "pow", "bitwise_and", "bitwise_left_shift"])
def test_functions_of_integers(backend, name):
    a, b = WHOLE, np.asarray([[2], [3]])
    check(getattr(uf, name)(uf.asarray(a), uf.asarray(b)), getattr(oracle, name)(a, b))


@pytest.mark.parametrize("options", [{}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": (0, 1)}], ids=str)
@pytest.mark.parametrize("name", ["sum", "prod", "mean", "var", "std", "max", "min", "all", "any"])
def test_reductions(backend, name, options):
    values = MATRIX > 0 if name in ("all", "any") else MATRIX
    check(getattr(uf, name)(uf.asarray(values), **options), getattr(oracle, name)(values, **options))


@pytest.mark.parametrize("dtype", ["bool", "int8", "int32", "uint8", "uint32"])
def test_sums_of_small_integers_widen_to_64_bits(backend, dtype):
    values = np.asarray([1, 0, 1], dtype)
    wide = "uint64" if dtype.startswith("u") else "int64"
    for name in ("sum", "prod", "cumulative_sum"):
        assert getattr(uf, name)(uf.asarray(values)).dtype == np.dtype(wide)


@pytest.mark.parametrize("name", ["sum", "prod", "cumulative_sum"])
def test_a_dtype_asked_for_is_that_of_the_sum(backend, name):
    for dtype in ("int8", "int32", "float32", "float64"):
        result = getattr(uf, name)(uf.asarray([1, 2, 3], dtype="int8"), dtype=dtype)
        assert result.dtype == np.dtype(dtype)


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_positions_are_int64(backend, name):
    check(getattr(uf, name)(uf.asarray(MATRIX)), getattr(np, name)(MATRIX), uf.int64)
    check(getattr(uf, name)(uf.asarray(MATRIX), axis=1), getattr(np, name)(MATRIX, axis=1), uf.int64)


@pytest.mark.parametrize(
    "call",
    [
        lambda xp, x: xp.reshape(x, (3, 2)),
        lambda xp, x: xp.permute_dims(x, (1, 0)),
        lambda xp, x: xp.expand_dims(x, axis=1),
        lambda xp, x: xp.flip(x, axis=0),
        lambda xp, x: xp.roll(x, 1),
        lambda xp, x: xp.tile(x, (2, 1)),
        lambda xp, x: xp.repeat(x, 2),
        lambda xp, x: xp.moveaxis(x, 0, 1),
        lambda xp, x: xp.broadcast_to(x, (2, 2, 3)),
        lambda xp, x: xp.concat([x, x], axis=None),
        lambda xp, x: xp.stack([x, x], axis=2),
        lambda xp, x: xp.unstack(x, axis=1)[2],
        lambda xp, x: xp.squeeze(x[:, :1], axis=1),
        lambda xp, x: xp.matrix_transpose(x),
        lambda xp, x: xp.tril(x),
        lambda xp, x: xp.triu(x, k=1),
        lambda xp, x: xp.sort(x, axis=0, descending=True),
        lambda xp, x: xp.argsort(x),
        lambda xp, x: xp.clip(x, -1.0, 1.0),
        lambda xp, x: xp.matmul(x, xp.matrix_transpose(x)),
        lambda xp, x: xp.tensordot(x, x, axes=2),
        lambda xp, x: xp.vecdot(x, x),
        lambda xp, x: xp.where(x > 0, x, 0.0 * x),
        lambda xp, x: xp.cumulative_sum(x, axis=1, include_initial=True),
        lambda xp, x: xp.take(x, xp.asarray([2, 0]), axis=1),
        lambda xp, x: xp.take_along_axis(x, xp.argsort(x), axis=-1),
    ],
    ids=lambda call: call.__code__.co_names[0],
)
def test_calls_written_for_the_standard_mean_the_same(backend, call):
    check(call(uf, uf.asarray(MATRIX)), call(oracle, MATRIX))


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (lambda: uf.arange(5), np.arange(5)),
        (lambda: uf.arange(1, 2, 0.25), np.arange(1, 2, 0.25, np.float32)),
        (lambda: uf.arange(5, 0, -2), np.arange(5, 0, -2)),
        (lambda: uf.linspace(0, 1, 5), np.linspace(0, 1, 5, dtype=np.float32)),
        (lambda: uf.eye(2, 3, k=1), np.eye(2, 3, k=1, dtype=np.float32)),
        (lambda: uf.full((2,), 7), np.full((2,), 7)),
        (lambda: uf.full_like(uf.zeros(2), 3), np.full(2, 3, np.float32)),
        (lambda: uf.ones((2, 0)), np.ones((2, 0), np.float32)),
        (lambda: uf.zeros((), dtype="int8"), np.zeros((), np.int8)),
        (lambda: uf.empty((3,)), np.zeros(3, np.float32)),
    ],
)
def test_creation(backend, actual, expected):
    check(actual(), expected)


def test_asarray_takes_what_is_like_an_array(backend):
    check(uf.asarray([[1, 2], [3, 4]]), [[1, 2], [3, 4]])
    check(uf.asarray((1.5, 2)), np.asarray([1.5, 2], np.float32))
    check(uf.asarray(np.float64(2.5)), np.float64(2.5))
    check(uf.asarray([uf.asarray(1.0), uf.asarray(2.0)]), np.asarray([1.0, 2.0], np.float32))
    check(uf.asarray([], dtype="int32"), np.asarray([], np.int32))


def test_asarray_takes_native_arrays_without_a_copy(backend):
    tensor = uf.asarray([1.0, 2.0])
    assert uf.asarray(tensor.native).native is tensor.native
    again = uf.asarray(tensor)
    assert again.native is tensor.native
    assert again is not tensor  # so that assigning to the one leaves the other
    assert uf.asarray(tensor, copy=True).native is not tensor.native


def test_asarray_refuses_to_copy_when_told_so(backend):
    with pytest.raises(uf.errors.ArgumentError, match="copy=False"):
        uf.asarray([1.0, 2.0], copy=False)


def test_round_trip_through_numpy(backend):
    tensor = uf.asarray(MATRIX)
    np.testing.assert_array_equal(np.asarray(tensor), MATRIX)
    np.testing.assert_array_equal(np.asarray(tensor, dtype=np.float64), MATRIX.astype(np.float64))


def test_dlpack_reaches_numpy(backend):
    np.testing.assert_array_equal(np.from_dlpack(uf.asarray(MATRIX)), MATRIX)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool", "bfloat16", "complex64"])
def test_tensors_cross_to_numpy_and_back(backend, dtype):
    tensor = uf.asarray([[0, 1], [1, 0]], dtype=dtype)
    there = tensor.to_backend("numpy")
    assert there.backend.name == "numpy"
    assert there.dtype == tensor.dtype
    back = there.to_backend(backend)
    assert back.backend is backend
    np.testing.assert_array_equal(np.asarray(back), np.asarray(tensor))


def test_foreign_native_arrays_enter_on_their_own_backend(backend):
    native = uf.asarray([1.0, 2.0]).native
    with uf.use_backend("numpy"):
        assert uf.asarray(native).backend is backend


def test_a_dtype_asked_for_once_is_not_remembered(backend):
    values = uf.asarray([1, 2, 3], dtype="int8")
    for dtype in (None, "int8", None):
        assert uf.sum(values, dtype=dtype).dtype == np.dtype(dtype or "int64")


SEARCHES = {
    "unique_values": lambda xp, x: xp.unique(x) if xp is np else xp.unique_values(x),
    "isin": lambda xp, x: xp.isin(x, x[0]),
    "searchsorted": lambda xp, x: xp.searchsorted(xp.sort(x[0]), x, side="right"),
    "nonzero": lambda xp, x: xp.stack(xp.nonzero(x)),
    "count_nonzero": lambda xp, x: xp.count_nonzero(x, axis=1),
    "diff": lambda xp, x: xp.diff(x, axis=0, n=2, prepend=x[:1]),
    "meshgrid": lambda xp, x: xp.stack(xp.meshgrid(x[0], x[1])),
}


@pytest.mark.parametrize("dtype", ["int8", "uint16", "uint64", "float16", "float32", "float64"])
@pytest.mark.parametrize("name", SEARCHES)
def test_searching_is_that_of_numpy(backend, name, dtype):
    values = np.asarray([[3, 0, 7, 3], [9, 3, 0, 1], [2, 2, 2, 0]], dtype)
    result = SEARCHES[name](uf, uf.asarray(values))
    np.testing.assert_array_equal(np.asarray(result), SEARCHES[name](np, values))


def test_unique_all_names_first_places_and_rebuilds(backend):
    values = np.asarray([[2.0, np.nan, 1.0], [2.0, 1.0, np.nan]], np.float32)
    found = uf.unique_all(uf.asarray(values))
    np.testing.assert_array_equal(np.asarray(found.values), np.asarray([1, 2, np.nan, np.nan], np.float32))
    assert found.indices.tolist() == [2, 0, 1, 5]
    assert found.counts.tolist() == [2, 2, 1, 1]
    np.testing.assert_array_equal(np.asarray(uf.take(found.values, found.inverse_indices, axis=0)), values)


def test_unique_of_complex_numbers_orders_by_real_then_imaginary_part(backend):
    values = np.asarray([1 + 2j, 1 - 2j, 0, 1 + 2j], np.complex64)
    np.testing.assert_array_equal(np.asarray(uf.unique_values(uf.asarray(values))), np.unique(values))


@pytest.mark.parametrize("descending", [False, True])
def test_nan_sorts_behind_all_numbers(backend, descending):
    values = np.asarray([1, np.nan, -np.inf, -0.0, 0.0, np.inf], np.float32)
    ascending = np.sort(values)
    expected = ascending[::-1] if descending else ascending
    np.testing.assert_array_equal(np.asarray(uf.sort(uf.asarray(values), descending=descending)), expected)
    assert uf.argmax(uf.asarray(values)).item() == uf.argmin(uf.asarray(values)).item() == 1


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_neighbours_and_signs(backend, dtype):
    wide = uf.dtypes.as_dtype(dtype)
    x = np.asarray([1.0, 1.0, -1.0, -1.0, 3.0, np.inf, np.nan], wide)
    y = np.asarray([2.0, 0.0, 2.0, -2.0, 3.0, 0.0, 1.0], wide)
    stepped = uf.nextafter(uf.asarray(x), uf.asarray(y))
    # Compared in float64: NumPy's comparison does not take bfloat16's NaN for equal.
    np.testing.assert_array_equal(np.asarray(stepped).astype(float), np.nextafter(x, y).astype(float))
    assert stepped.dtype == dtype
    signs = np.asarray([0.0, -0.0, np.inf, -np.inf, -2.0], wide)
    assert uf.signbit(uf.asarray(signs)).tolist() == [False, True, False, True, True]
    copied = np.asarray(uf.copysign(uf.asarray(signs), -1.0)).astype(float)
    np.testing.assert_array_equal(copied, np.copysign(signs.astype(float), -1.0))


def test_hypot_neither_overflows_nor_loses(backend):
    x = np.asarray([3e30, 3e-30, 0.0, np.inf, -np.inf, 1.0], np.float32)
    y = np.asarray([4e30, 4e-30, 0.0, np.nan, 1.0, np.nan], np.float32)
    np.testing.assert_allclose(np.asarray(uf.hypot(uf.asarray(x), uf.asarray(y))), np.hypot(x, y), rtol=1e-6)


def test_limits_of_dtypes():
    for dtype in ("float16", "float32", "float64"):
        ours, numpys = uf.finfo(dtype), np.finfo(dtype)
        assert (ours.eps, ours.max, ours.smallest_normal) == (numpys.eps, numpys.max, numpys.smallest_normal)
    assert uf.finfo("complex128") == uf.finfo("float64")
    assert uf.iinfo("uint16")[:3] == (16, 65535, 0)
    with pytest.raises(DTypeError, match=r"iinfo\(\) for integers"):
        uf.finfo("int8")


def test_dlpack_shares_memory_with_numpy_and_torch(backend):
    host = np.arange(4, dtype=np.float32)
    entered = uf.from_dlpack(host)
    assert entered.backend is backend
    np.testing.assert_array_equal(np.from_dlpack(entered), host)
    torch = pytest.importorskip("torch")
    assert torch.from_dlpack(uf.asarray(host)).tolist() == [0, 1, 2, 3]
    assert uf.from_dlpack(torch.arange(3)).backend.name == "torch"


def test_repeat_takes_one_count_per_element(backend):
    x = uf.asarray([[1, 2], [3, 4]])
    assert uf.repeat(x, uf.asarray([2, 0]), axis=0).tolist() == [[1, 2], [1, 2]]
    with pytest.raises(ShapeError, match="one for each"):
        uf.repeat(x, uf.asarray([1, 2, 3]), axis=0)


def test_values_that_a_dtype_cannot_hold_are_refused(backend):
    with pytest.raises(uf.errors.ArgumentError, match="300 does not fit int8"):
        uf.full((2,), 300, dtype="int8")
    with pytest.raises(uf.errors.ArgumentError, match="got nan for int32"):
        uf.full_like(uf.zeros(2, dtype="int32"), float("nan"))
    with pytest.raises(DTypeError, match="which is real"):
        uf.full((2,), 1j, dtype="float32")
    with pytest.raises(DTypeError, match="lose the imaginary part"):
        uf.astype(uf.asarray([1j]), "float32")
    with pytest.raises(DTypeError, match="cannot be had in bool"):
        uf.sum(uf.asarray([True]), dtype="bool")
    with pytest.raises(uf.errors.ArgumentError, match="exponent -1 for int64"):
        uf.asarray([1, 2]) ** -1
    assert uf.full((2,), -1.9, dtype="int8").tolist() == [-1, -1]


def test_dlpack_copies_when_asked_and_takes_the_device_it_is_on(backend):
    x = uf.asarray([1.0, 2.0])
    capsule = x.__dlpack__(dl_device=x.__dlpack_device__(), copy=True)
    assert capsule is not None
    np.testing.assert_array_equal(np.from_dlpack(x, copy=True), [1, 2])


def test_the_like_of_a_complex_tensor_may_be_real(backend):
    for name in ("zeros_like", "ones_like", "empty_like"):
        assert getattr(uf, name)(uf.asarray([1j, 2.0]), dtype="uint8").dtype == np.uint8
    assert uf.full_like(uf.asarray([1j]), 3, dtype="int16").tolist() == [3]
