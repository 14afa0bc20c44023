"""The torch plug-in: its namespace, conversion, transforms, kernels and random stream, against foreign oracles."""

from __future__ import annotations

import math

import ml_dtypes
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the torch plug-in needs torch")

import array_api_compat.numpy as reference  # noqa: E402

from unifw import dtypes  # noqa: E402
from unifw.backend import Backend, composites, support_table  # noqa: E402
from unifw.errors import DeviceError, UnsupportedError  # noqa: E402
from unifw_torch import TorchBackend  # noqa: E402

BACKEND = TorchBackend()
XP = BACKEND.xp
SHAPES = [(), (0,), (5,), (2, 3), (2, 0, 3), (4, 1, 3)]


def tensor(value, dtype=None):
    return BACKEND.asarray(np.asarray(value), dtype=dtype)


def numpy(array):
    return BACKEND.to_numpy(array)


def sample(shape, dtype, seed=0, low=-3.0, high=3.0):
    random = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return random.random(shape) < 0.5
    if dtype.kind in "iu":
        return random.integers(0 if dtype.kind == "u" else -4, 5, shape).astype(dtype)
    if dtype.kind == "c":
        return (random.uniform(low, high, shape) + 1j * random.uniform(low, high, shape)).astype(dtype)
    return random.uniform(low, high, shape).astype(dtype)


def assert_same(ours, oracle, exact=False):
    oracle = np.asarray(oracle)
    ours = numpy(ours)
    assert ours.shape == oracle.shape
    assert ours.dtype == oracle.dtype
    if exact or oracle.dtype.kind in "biu":
        np.testing.assert_array_equal(ours, oracle)
    else:
        tolerance = BACKEND.tolerances[dtypes.as_dtype(oracle.dtype)]
        np.testing.assert_allclose(ours, oracle, rtol=tolerance.relative, atol=tolerance.absolute)


# --- the namespace ---------------------------------------------------------------------------------------------------

FLOAT_UNARY = (
    "abs acos acosh asin asinh atan atanh ceil cos cosh exp expm1 floor isfinite isinf isnan log log10 log1p log2 "
    "negative reciprocal round sign sin sinh sqrt square tan tanh trunc"
).split()
FLOAT_BINARY = (
    "add atan2 divide equal floor_divide greater greater_equal less less_equal logaddexp maximum minimum multiply "
    "not_equal pow remainder subtract"
).split()
INTEGER_BINARY = (
    "add bitwise_and bitwise_or bitwise_xor equal greater greater_equal less less_equal maximum minimum multiply "
    "not_equal subtract"
).split()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FLOAT_UNARY)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning", "ignore:divide by zero:RuntimeWarning")
def test_an_elementwise_function_of_floats_is_numpys(name, shape):
    x = sample(shape, "float64")
    assert_same(getattr(XP, name)(tensor(x)), getattr(reference, name)(x))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FLOAT_BINARY)
def test_an_elementwise_function_of_two_floats_is_numpys(name, shape):
    x, y = sample(shape, "float64", 1, low=0.1), sample(shape, "float64", 2)
    assert_same(getattr(XP, name)(tensor(x), tensor(y)), getattr(reference, name)(x, y))


@pytest.mark.parametrize("scalar", [1.5, 2])
@pytest.mark.parametrize("name", FLOAT_BINARY)
def test_either_operand_may_be_a_python_scalar(name, scalar):
    x = sample((2, 3), "float32", low=0.1)
    as_array = np.float32(scalar)
    assert_same(getattr(XP, name)(tensor(x), scalar), getattr(reference, name)(x, as_array))
    assert_same(getattr(XP, name)(scalar, tensor(x)), getattr(reference, name)(as_array, x))


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8"])
@pytest.mark.parametrize("name", INTEGER_BINARY)
def test_an_elementwise_function_of_two_integers_is_numpys_with_wraparound(name, dtype):
    x, y = sample((4, 5), dtype, 1), sample((5,), dtype, 2)
    x[0, 0] = np.iinfo(dtype).max
    assert_same(getattr(XP, name)(tensor(x), tensor(y)), getattr(reference, name)(x, y))


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64"])
@pytest.mark.parametrize("name", INTEGER_BINARY)
def test_wide_unsigned_integers_compute_as_numpys(name, dtype):
    x, y = sample((4, 5), dtype, 1), sample((5,), dtype, 2)
    assert_same(getattr(XP, name)(tensor(x), tensor(y)), getattr(reference, name)(x, y))


@pytest.mark.parametrize("dtype", ["int32", "uint8", "uint16", "uint32"])
def test_shifts_are_numpys(dtype):
    x, y = sample((6,), dtype), np.arange(6).astype(dtype)
    assert_same(XP.bitwise_left_shift(tensor(x), tensor(y)), np.left_shift(x, y))
    assert_same(XP.bitwise_right_shift(tensor(x), tensor(y)), np.right_shift(x, y))
    assert_same(XP.bitwise_invert(tensor(x)), np.invert(x))


@pytest.mark.parametrize("name", ["logical_and", "logical_or", "logical_xor"])
def test_logic_is_numpys(name):
    x, y = sample((7,), "bool", 1), sample((7,), "bool", 2)
    assert_same(getattr(XP, name)(tensor(x), tensor(y)), getattr(reference, name)(x, y))
    assert_same(getattr(XP, name)(tensor(x), True), getattr(reference, name)(x, np.bool_(True)))


def test_nan_has_no_sign_and_infinities_are_kept():
    x = np.array([np.nan, -np.inf, -0.0, 2.0], "float32")
    assert_same(XP.sign(tensor(x)), np.sign(x))


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (None, 0.5), (-0.5, None), (None, None)])
def test_clip_takes_scalars_arrays_and_none(low, high):
    x = sample((3, 4), "float32")
    assert_same(XP.clip(tensor(x), low, high), reference.clip(x, low, high))
    if low is not None:
        bounds = np.full((4,), low, "float32")
        assert_same(XP.clip(tensor(x), tensor(bounds), high), reference.clip(x, bounds, high))


REDUCTIONS = ["all", "any", "max", "mean", "min", "prod", "std", "sum", "var"]
AXES = [None, (), 0, -1, (0, 2), (-1, -2), (0, 1, 2)]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_a_reduction_is_numpys(name, axis, keepdims):
    x = sample((2, 3, 4), "bool" if name in {"all", "any"} else "float64")
    expected = getattr(np, name)(x, axis=axis, keepdims=keepdims)
    assert_same(getattr(XP, name)(tensor(x), axis=axis, keepdims=keepdims), expected)


@pytest.mark.parametrize("name", ["max", "mean", "min", "prod", "std", "sum", "var"])
def test_a_scalar_reduces_to_itself(name):
    x = np.float64(1.5)
    assert_same(getattr(XP, name)(tensor(x)), getattr(np, name)(x))
    assert_same(getattr(XP, name)(tensor(x), keepdims=True), getattr(np, name)(x))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint16", "uint32", "float32"])
@pytest.mark.parametrize("name", ["sum", "prod", "cumulative_sum"])
def test_a_sum_has_the_dtype_of_its_operand(name, dtype):
    x = sample((5,), dtype)
    oracle = {"sum": np.sum, "prod": np.prod, "cumulative_sum": np.cumsum}[name]
    assert_same(getattr(XP, name)(tensor(x), axis=0), oracle(x, axis=0, dtype=dtype))


@pytest.mark.parametrize("name", ["std", "var"])
def test_variance_takes_a_correction(name):
    x = sample((4, 5), "float64")
    assert_same(getattr(XP, name)(tensor(x), axis=1, correction=1), getattr(np, name)(x, axis=1, ddof=1))


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1])
@pytest.mark.parametrize("dtype", ["float32", "int16", "uint32", "bool"])
@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_the_first_extremum_is_found(name, dtype, axis, keepdims):
    x = sample((4, 6), dtype)
    assert_same(
        getattr(XP, name)(tensor(x), axis=axis, keepdims=keepdims), getattr(np, name)(x, axis=axis, keepdims=keepdims)
    )


@pytest.mark.parametrize("axis", [0, -1])
def test_a_cumulative_sum_can_begin_with_zero(axis):
    x = sample((3, 4), "float64")
    oracle = np.insert(np.cumsum(x, axis), 0, 0.0, axis)
    assert_same(XP.cumulative_sum(tensor(x), axis=axis, include_initial=True), oracle)


def test_creation():
    f32, i64 = torch.float32, torch.int64
    assert_same(XP.zeros((2, 3), dtype=f32), np.zeros((2, 3), "float32"))
    assert_same(XP.ones((), dtype=i64), np.ones((), "int64"))
    assert_same(XP.full((2,), 2**64 - 1, dtype=torch.uint64), np.full((2,), 2**64 - 1, "uint64"))
    assert_same(XP.full((2,), 2**32 - 1, dtype=torch.uint32), np.full((2,), 2**32 - 1, "uint32"))
    assert_same(XP.full_like(tensor(np.zeros((2, 1), "float32")), 3), np.full((2, 1), 3, "float32"))
    assert_same(XP.zeros_like(tensor(np.ones(2, "int8"))), np.zeros(2, "int8"))
    assert_same(XP.ones_like(tensor(np.zeros(2, "int8"))), np.ones(2, "int8"))


@pytest.mark.parametrize("arguments", [(5,), (2, 7), (2, 9, 3), (9, 2, -2), (5, 2), (0, 1, 0.25)])
def test_arange(arguments):
    dtype = "float32" if isinstance(arguments[-1], float) else "int64"
    assert_same(XP.arange(*arguments, dtype=getattr(torch, dtype)), np.arange(*arguments, dtype=dtype))


@pytest.mark.parametrize("endpoint", [True, False])
@pytest.mark.parametrize("num", [0, 1, 5])
def test_linspace(num, endpoint):
    ours = XP.linspace(-1.0, 2.0, num, dtype=torch.float64, endpoint=endpoint)
    assert_same(ours, np.linspace(-1.0, 2.0, num, endpoint=endpoint))


@pytest.mark.parametrize("k", [-5, -1, 0, 2, 5])
def test_eye_and_triangles(k):
    x = sample((3, 4), "float32")
    assert_same(XP.eye(3, 4, k=k, dtype=torch.float32), np.eye(3, 4, k, "float32"))
    assert_same(XP.tril(tensor(x), k=k), np.tril(x, k))
    assert_same(XP.triu(tensor(x), k=k), np.triu(x, k))


@pytest.mark.parametrize("dtype", ["float32", "uint32", "bool"])
def test_shapes(dtype):
    x = sample((2, 1, 3), dtype)
    t = tensor(x)
    assert_same(XP.broadcast_to(t, (4, 2, 5, 3)), np.broadcast_to(x, (4, 2, 5, 3)))
    assert_same(XP.concat([t, t], axis=-1), np.concatenate([x, x], -1))
    assert_same(XP.concat([t, t], axis=None), np.concatenate([x, x], None))
    assert_same(XP.expand_dims(t, axis=-1), np.expand_dims(x, -1))
    assert_same(XP.expand_dims(t, axis=(0, -1)), np.expand_dims(x, (0, -1)))
    assert_same(XP.flip(t), np.flip(x))
    assert_same(XP.flip(t, axis=(0, -1)), np.flip(x, (0, -1)))
    assert_same(XP.moveaxis(t, 0, -1), np.moveaxis(x, 0, -1))
    assert_same(XP.permute_dims(t, (2, 0, 1)), np.transpose(x, (2, 0, 1)))
    assert_same(XP.repeat(t, 2, axis=-1), np.repeat(x, 2, -1))
    assert_same(XP.repeat(t, 3), np.repeat(x, 3))
    assert_same(XP.reshape(t, (3, -1)), np.reshape(x, (3, -1)))
    assert_same(XP.roll(t, 1), np.roll(x, 1))
    assert_same(XP.roll(t, 1, axis=(0, -1)), np.roll(x, 1, (0, -1)))
    assert_same(XP.roll(t, (1, 2), axis=(0, -1)), np.roll(x, (1, 2), (0, -1)))
    assert_same(XP.squeeze(t, axis=1), np.squeeze(x, 1))
    assert_same(XP.squeeze(t, axis=(-2,)), np.squeeze(x, -2))
    assert_same(XP.stack([t, t], axis=-1), np.stack([x, x], -1))
    assert_same(XP.tile(t, (2, 1, 1, 2)), np.tile(x, (2, 1, 1, 2)))
    assert_same(t[1, ..., None, ::2], x[1, ..., None, ::2])


def test_linear_algebra():
    x, y = sample((2, 3, 4), "float64", 1), sample((2, 4, 5), "float64", 2)
    assert_same(XP.matmul(tensor(x), tensor(y)), x @ y)
    assert_same(XP.matrix_transpose(tensor(x)), np.swapaxes(x, -1, -2))
    assert_same(XP.tensordot(tensor(x), tensor(y), axes=((2,), (1,))), np.tensordot(x, y, ((2,), (1,))))
    assert_same(XP.tensordot(tensor(x[0]), tensor(y[0]), axes=1), np.tensordot(x[0], y[0], 1))
    z = sample((2, 3, 4), "complex128", 3)
    assert_same(XP.vecdot(tensor(z), tensor(z), axis=1), reference.vecdot(z, z, axis=1))


@pytest.mark.parametrize("axis", [0, -1])
def test_take_and_sort(axis):
    x = sample((4, 5), "float64")
    indices = np.array([[0, 3], [-1, 2]])
    order = np.argsort(x, axis)
    assert_same(XP.take(tensor(x), tensor(indices), axis=axis), np.take(x, indices, axis))
    assert_same(XP.take_along_axis(tensor(x), tensor(order), axis=axis), np.take_along_axis(x, order, axis))
    assert_same(XP.sort(tensor(x), axis=axis), np.sort(x, axis))
    assert_same(XP.sort(tensor(x), axis=axis, descending=True), np.flip(np.sort(x, axis), axis))
    assert_same(XP.argsort(tensor(x), axis=axis, stable=True), order)


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64", "int8"])
def test_integers_sort_in_their_own_order(dtype):
    x = np.array([3, np.iinfo(dtype).max, 0, 3], dtype)
    assert_same(XP.sort(tensor(x)), np.sort(x))
    assert_same(XP.argsort(tensor(x)), np.argsort(x, stable=True))


def test_a_maximum_shares_its_gradient_evenly_among_equals():
    x = torch.tensor([1.0, 3.0, 3.0], requires_grad=True)
    (gradient,) = torch.autograd.grad(XP.max(x), x)
    assert gradient.tolist() == [0.0, 0.5, 0.5]


def test_multiplication_is_torchs_own_function_so_that_it_costs_nothing():
    assert (XP.multiply, XP.divide, XP.where, XP.exp) == (torch.multiply, torch.divide, torch.where, torch.exp)


# --- conversion and devices ------------------------------------------------------------------------------------------


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


# --- derivatives -----------------------------------------------------------------------------------------------------


def gradient_of(function, *arrays):
    """Return the gradients of ``function(backend, *arrays)`` summed with fixed weights, through `value_and_grad`."""

    def loss(traced, backend):
        result = function(backend, *traced)
        weights = backend.asarray(np.cos(np.arange(math.prod(result.shape))).reshape(result.shape)).to(result.dtype)
        return backend.xp.sum(backend.xp.multiply(result, weights)), []

    return BACKEND.value_and_grad(loss, list(arrays))[2]


def test_a_gradient_is_jaxs():
    jax = pytest.importorskip("jax", reason="the oracle is jax.grad")
    x, w = sample((4, 3), "float32", 1), sample((3, 2), "float32", 2)
    oracle = jax.grad(lambda x, w: jax.numpy.sum(jax.numpy.tanh(x @ w) ** 2), argnums=(0, 1))(x, w)

    def loss(arrays, backend):
        xp = backend.xp
        hidden = xp.tanh(xp.matmul(*arrays))
        return xp.sum(xp.multiply(hidden, hidden)), [hidden]

    value, (hidden,), gradients = BACKEND.value_and_grad(loss, [tensor(x), tensor(w)])
    assert_same(hidden, np.tanh(x @ w))
    assert not value.requires_grad
    assert not hidden.requires_grad
    for ours, expected in zip(gradients, oracle, strict=True):
        np.testing.assert_allclose(numpy(ours), expected, rtol=1e-5, atol=1e-6)


def test_the_function_runs_once_and_the_callers_arrays_stay_as_they_are():
    calls = []
    x = torch.ones(3)

    def loss(arrays, backend):
        calls.append(1)
        return backend.xp.sum(arrays[0]), []

    BACKEND.value_and_grad(loss, [x])
    assert len(calls) == 1
    assert not x.requires_grad
    assert x.grad is None


def test_what_the_value_does_not_depend_on_has_gradient_zero():
    x, y = torch.ones(2), torch.ones(3, dtype=torch.float64)
    gradients = BACKEND.value_and_grad(lambda arrays, backend: (backend.xp.sum(arrays[0]), []), [x, y])[2]
    assert_same(gradients[1], np.zeros(3))
    constant = BACKEND.value_and_grad(lambda _, backend: (backend.asarray(1.0), []), [x])[2]
    assert_same(constant[0], np.zeros(2, "float32"))


def test_gradients_flow_even_where_the_caller_switched_them_off():
    with torch.no_grad():
        gradients = BACKEND.value_and_grad(lambda arrays, backend: (backend.xp.sum(arrays[0]), []), [torch.ones(2)])[2]
    assert_same(gradients[0], np.ones(2, "float32"))


def derivative(function):
    def of(x, backend):
        return backend.value_and_grad(lambda arrays, inner: (function(arrays[0], inner), []), [x])[2][0]

    return of


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_derivatives_nest_to_any_order(order):
    function = lambda x, backend: backend.xp.sin(x)  # noqa: E731
    for _ in range(order):
        function = derivative(function)
    x = 0.7
    oracle = [math.sin(x), math.cos(x), -math.sin(x), -math.cos(x), math.sin(x)][order]
    assert float(function(torch.tensor(x, dtype=torch.float64), BACKEND)) == pytest.approx(oracle, rel=1e-12)


def test_perturbations_are_not_confused():
    """``d/dx (x * d/dy (x + y))`` is 1, not 2."""

    def outer(arrays, backend):
        x = arrays[0]
        inner = backend.value_and_grad(lambda ys, b: (b.xp.add(x, ys[0]), []), [x])[2][0]
        return backend.xp.multiply(x, inner), []

    assert float(BACKEND.value_and_grad(outer, [torch.tensor(3.0)])[2][0]) == 1.0


def test_stop_gradient_holds_at_every_level():
    function = derivative(derivative(lambda x, b: b.xp.multiply(b.stop_gradient(x), b.xp.multiply(x, x))))
    assert float(function(torch.tensor(3.0), BACKEND)) == 6.0


# --- overrides: the meaning of the default ---------------------------------------------------------------------------

X = sample((3, 4, 6), "float64", 5)
EDGES = np.array([[0.0, -0.0, 1e-3, -1e-3, 30.0, -30.0]])
ELEMENTWISE = [
    ("relu", ()),
    ("sigmoid", ()),
    ("silu", ()),
    ("softplus", ()),
    ("gelu", (True,)),
    ("gelu", (False,)),
    ("elu", (0.7,)),
    ("leaky_relu", (0.2,)),
    ("erf", ()),
    ("softmax", (-1,)),
    ("softmax", (0,)),
    ("log_softmax", (-1,)),
    ("logsumexp", (-1, False)),
    ("logsumexp", ((0, 1), True)),
    ("logsumexp", (None, False)),
]


def assert_override(name, *arguments, differentiate=True):
    """Compare an override with the default it replaces: results and, for floating-point arrays, derivatives."""
    assert support_table(BACKEND)[name] == "native"

    def split(function):
        arrays = [each for each in arguments if isinstance(each, torch.Tensor) and each.is_floating_point()]

        def call(backend, *traced):
            values = iter(traced)
            filled = [
                next(values) if isinstance(each, torch.Tensor) and each.is_floating_point() else each
                for each in arguments
            ]
            result = function(backend, *filled)
            return torch.cat([part.reshape(-1) for part in result]) if isinstance(result, tuple) else result

        return call, arrays

    override, arrays = split(getattr(TorchBackend, name))
    default, _ = split(getattr(Backend, name))
    assert_same(override(BACKEND, *arrays), numpy(default(BACKEND, *arrays)))
    if differentiate:
        for ours, oracle in zip(gradient_of(override, *arrays), gradient_of(default, *arrays), strict=True):
            assert_same(ours, numpy(oracle))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("values", [X, EDGES], ids=["values", "edges"])
@pytest.mark.parametrize(("name", "arguments"), ELEMENTWISE)
def test_activations_mean_what_their_defaults_mean(name, arguments, values, dtype):
    if name == "logsumexp" and values is EDGES and arguments[0] == (0, 1):
        arguments = (None, True)
    if name == "elu" and values is EDGES:
        values = EDGES[:, 2:]  # the default's `minimum` halves the slope at exactly 0
    assert_override(name, tensor(values.astype(dtype)), *arguments)


def test_padding():
    assert_override("pad", tensor(X), [(0, 0), (2, 1), (0, 3)], -1.5)
    assert_override("pad", tensor(X), [(0, 0), (0, 0), (0, 0)], 0.0)


@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_attention(masked, is_causal):
    query, key, value = (tensor(sample((2, length, 3, 4), "float64", length)) for length in (5, 6, 6))
    value = tensor(sample((2, 6, 3, 4), "float64", 9))
    mask = tensor(sample((2, 1, 5, 6), "bool", 3)) if masked else None
    assert_override("dot_product_attention", query, key, value, mask, 0.5, is_causal)


WINDOWS = [
    ((6,), (3,), (1,), [(1, 1)], (1,), 1),
    ((7, 6), (3, 3), (1, 1), [(1, 1), (1, 1)], (1, 1), 1),
    ((7, 6), (3, 2), (2, 2), [(0, 1), (1, 2)], (1, 1), 1),
    ((8, 9), (3, 3), (1, 2), [(2, 2), (0, 0)], (2, 1), 2),
    ((7, 6), (3, 3), (1, 1), [(1, 1), (1, 1)], (1, 1), 4),
    ((4, 5, 6), (2, 3, 2), (1, 2, 1), [(0, 0), (1, 1), (0, 1)], (1, 1, 1), 2),
]


@pytest.mark.parametrize(("spatial", "window", "strides", "padding", "dilation", "groups"), WINDOWS)
def test_convolution(spatial, window, strides, padding, dilation, groups):
    x = tensor(sample((2, *spatial, 4), "float64", 1))
    kernel = tensor(sample((*window, 4 // groups, 8), "float64", 2))
    assert_override("conv", x, kernel, strides, padding, dilation)


POOLS = [
    ((6,), (2,), (2,), [(0, 0)]),
    ((6, 7), (2, 2), (2, 2), [(0, 0), (0, 1)]),
    ((6, 7), (3, 3), (2, 2), [(1, 1), (1, 1)]),
    ((6, 7), (2, 3), (1, 1), [(1, 0), (2, 2)]),
    ((4, 5, 6), (2, 2, 2), (2, 2, 2), [(0, 0), (0, 1), (0, 0)]),
]


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize(("spatial", "window", "strides", "padding"), POOLS)
def test_pooling(spatial, window, strides, padding, ties):
    shape = (2, *spatial, 3)
    x = tensor(sample(shape, "int8").astype("float64") if ties else sample(shape, "float64"))
    assert_override("max_pool", x, window, strides, padding)
    assert_override("average_pool", x, window, strides, padding)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normalisation(dtype):
    x = tensor(sample((5, 4, 6), dtype, 1) + 3)
    scale, offset = tensor(sample((6,), dtype, 2)), tensor(sample((6,), dtype, 3))
    assert_override("moments", x, (0, -1), True)
    assert_override("moments", x, (1,), False)
    assert_override("batch_norm", x, scale, offset, 1e-3)
    assert_override("batch_norm", x, None, None, 1e-3)
    assert_override("layer_norm", x, scale, offset, 1e-3, (-1,))
    assert_override("layer_norm", x, None, None, 1e-3, (1, 2))
    assert_override("layer_norm", x, scale, offset, 1e-3, (0, 2))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_cross_entropies(dtype):
    logits = tensor(np.concatenate([sample((4, 3, 7), dtype), np.zeros((1, 3, 7), dtype)]))
    labels = tensor(np.random.default_rng(0).integers(0, 7, (5, 3)).astype("int32"))
    assert_override("sparse_softmax_cross_entropy", logits, labels)
    assert_override("sigmoid_cross_entropy", logits, tensor(np.random.default_rng(1).random((5, 3, 7)).astype(dtype)))


def optimizer_state(dtype):
    shapes = [(3, 4), (4,), ()]
    return [[tensor(sample(shape, dtype, seed)) for shape in shapes] for seed in (1, 2, 3)]


def absolute(arrays):
    return [XP.abs(array) for array in arrays]


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("step", [0, 1, 1000])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_adam_in_place_is_adam(dtype, step, weight_decay):
    parameters, gradients, momentums = optimizer_state(dtype)
    velocities = absolute(momentums)
    options = {
        "step": BACKEND.asarray(step),
        "learning_rate": BACKEND.asarray(0.01),
        "beta_1": 0.9,
        "beta_2": 0.999,
        "epsilon": 1e-7,
        "weight_decay": weight_decay,
    }
    oracle = Backend.adam_update(BACKEND, parameters, gradients, momentums, velocities, **options)
    oracle = [[numpy(array) for array in arrays] for arrays in oracle]
    results = BACKEND.adam_update(parameters, gradients, momentums, velocities, **options, donated=True)
    for ours, given, expected in zip(results, (parameters, momentums, velocities), oracle, strict=True):
        for array, donated, value in zip(ours, given, expected, strict=True):
            assert array is donated
            assert_same(array, value)


@pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.9, False), (0.9, True)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sgd_in_place_is_sgd(dtype, momentum, nesterov):
    parameters, gradients, velocities = optimizer_state(dtype)
    velocities = velocities if momentum else []
    options = {"learning_rate": BACKEND.asarray(0.01), "momentum": momentum, "nesterov": nesterov}
    oracle = Backend.sgd_update(BACKEND, parameters, gradients, velocities, **options)
    oracle = [[numpy(array) for array in arrays] for arrays in oracle]
    results = BACKEND.sgd_update(parameters, gradients, velocities, **options, donated=True)
    for ours, given, expected in zip(results, (parameters, velocities), oracle, strict=True):
        for array, donated, value in zip(ours, given, expected, strict=True):
            assert array is donated
            assert_same(array, value)


def test_adam_without_epsilon_is_optaxs():
    optax = pytest.importorskip("optax", reason="the oracle is optax")
    x = sample((4, 3), "float64", 1)
    transformation = optax.adam(0.01, eps=0.0)
    jax = pytest.importorskip("jax", reason="optax computes on jax")
    with jax.enable_x64(True):
        state, expected = transformation.init(x), jax.numpy.asarray(x)
        ours, m, v = [tensor(x)], [tensor(np.zeros_like(x))], [tensor(np.zeros_like(x))]
        for step in range(5):
            gradient = sample((4, 3), "float64", 10 + step)
            update, state = transformation.update(gradient, state, expected)
            expected = optax.apply_updates(expected, update)
            ours, m, v = BACKEND.adam_update(
                ours,
                [tensor(gradient)],
                m,
                v,
                step=BACKEND.asarray(step),
                learning_rate=BACKEND.asarray(0.01, dtype=dtypes.float64),
                beta_1=0.9,
                beta_2=0.999,
                epsilon=0.0,
                donated=True,
            )
        np.testing.assert_allclose(numpy(ours[0]), np.asarray(expected), rtol=1e-11)


def test_every_override_is_tested_here():
    tested = {name for name, _ in ELEMENTWISE} | {
        *("pad", "dot_product_attention", "conv", "max_pool", "average_pool", "moments", "batch_norm", "layer_norm"),
        *("sparse_softmax_cross_entropy", "sigmoid_cross_entropy", "adam_update", "sgd_update", "threefry2x32"),
        *(name for name in composites() if name.startswith("random_")),
    }
    native = {name for name in composites() if support_table(BACKEND)[name] == "native"}
    assert native <= tested


# --- the random stream -----------------------------------------------------------------------------------------------


@pytest.fixture(params=[0, 7, 2**40 + 3])
def keys(request):
    jax = pytest.importorskip("jax", reason="jax.random is the oracle")
    with jax.enable_x64(True):
        key = jax.random.key(request.param)
    return key, BACKEND.asarray(np.asarray(jax.random.key_data(key)))


@pytest.mark.parametrize("shape", [(), (0,), (5,), (3, 7), (100, 1000)])
def test_bits_and_uniforms_are_jaxs(keys, shape):
    import jax

    key, ours = keys
    assert_same(BACKEND.random_bits(ours, shape), np.asarray(jax.random.bits(key, shape, "uint32")))
    assert_same(BACKEND.random_uniform(ours, shape), np.asarray(jax.random.uniform(key, shape, "float32")), exact=True)


@pytest.mark.parametrize("count", [0, 1, 2, 8, 9, 20000])
def test_split_keys_are_jaxs(keys, count):
    import jax

    key, ours = keys
    assert_same(BACKEND.random_split(ours, count), np.asarray(jax.random.key_data(jax.random.split(key, count))))


@pytest.mark.parametrize("data", [0, 5, 2**32 - 1])
def test_folded_keys_are_jaxs(keys, data):
    import jax

    key, ours = keys
    oracle = np.asarray(jax.random.key_data(jax.random.fold_in(key, data)))
    assert_same(BACKEND.random_fold_in(ours, BACKEND.asarray(data)), oracle)


@pytest.mark.parametrize("size", [0, 1, 10, 5000])
def test_permutations_are_jaxs(keys, size):
    import jax

    key, ours = keys
    oracle = np.asarray(jax.random.permutation(key, size)).astype("int64")
    assert_same(BACKEND.random_permutation(ours, size), oracle)


def test_the_stream_is_the_defaults(keys):
    ours = keys[1]
    for name, argument in [("random_bits", (3, 5)), ("random_uniform", (7,)), ("random_split", 3)]:
        default = getattr(Backend, name)(BACKEND, ours, argument)
        assert_same(getattr(BACKEND, name)(ours, argument), numpy(default), exact=True)
    assert_same(BACKEND.random_permutation(ours, 9), numpy(Backend.random_permutation(BACKEND, ours, 9)))
    data = BACKEND.asarray(4)
    assert_same(BACKEND.random_fold_in(ours, data), numpy(Backend.random_fold_in(BACKEND, ours, data)))


def test_accelerators_compute_the_same_words_in_int32(keys):
    from unifw_torch import _threefry

    ours = keys[1]
    high, low = _threefry.device_words(ours.view(torch.int32), 1000)
    words = [_threefry.words(ours.tolist(), 0, index) for index in range(1000)]
    assert_same(torch.stack((high, low), -1).view(torch.uint32), np.array(words, "uint32"))


def test_threefry_takes_counters_of_any_shape(keys):
    from unifw_torch import _threefry

    ours = keys[1]
    high = np.array([[0, 0, 5], [2**32 - 1] * 3], "uint32")
    low = np.array([[1, 2, 2**31]] * 2, "uint32")
    words = BACKEND.threefry2x32(ours, tensor(high), tensor(low))
    oracle = [
        [_threefry.words(ours.tolist(), int(first), int(second)) for first, second in zip(*rows, strict=True)]
        for rows in zip(high, low, strict=True)
    ]
    assert_same(torch.stack(words, -1), np.array(oracle, "uint32"))
