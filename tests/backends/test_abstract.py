"""The abstract backend: shapes and dtypes equal to NumPy's, operation counts by formula, errors with values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.backends.differentiable_cases import CASES, Case
from unifw import dtypes
from unifw.backend.abstract import AbstractArray, AbstractBackend
from unifw.errors import ArgumentError, ShapeError, UnsupportedError
from unifw_numpy import NumpyBackend

numpy = NumpyBackend()


def describe(b: Any, result: Any) -> list[tuple[tuple[int, ...], np.dtype]]:
    results = result if isinstance(result, (list, tuple)) else [result]
    return [(b.shape_of(each), b.dtype_of(each)) for each in results]


def of(*shape: int, dtype: np.dtype = dtypes.float32) -> AbstractArray:
    return AbstractArray(shape, dtype)


def u32(b: Any, *values: int) -> Any:
    return b.asarray(np.array(values, np.uint32))


OTHERS: dict[str, Case] = {
    **{
        name: Case(lambda b, x, y, name=name: getattr(b.xp, name)(x, y), (np.ones((3, 1)), np.ones(4)))
        for name in ("equal", "floor_divide", "greater", "greater_equal", "less", "less_equal", "not_equal")
    },
    **{
        name: Case(lambda b, x, name=name: getattr(b.xp, name)(x), (np.ones((3, 4)),))
        for name in (
            "ceil", "floor", "isfinite", "isinf", "isnan", "round", "sign", "trunc", "all", "any", "argmax", "argmin",
            "argsort", "zeros_like", "ones_like",
        )
    },
    **{
        name: Case(lambda b, x, name=name: getattr(b.xp, name)(b.xp.greater(x, 0), b.xp.less(x, 1)), (np.ones(3),))
        for name in ("logical_and", "logical_or", "logical_xor")
    },
    **{
        name: Case(
            lambda b, x, name=name: getattr(b.xp, name)(b.astype(x, dtypes.uint8), b.astype(x, dtypes.uint8)),
            (np.ones((2, 3)),),
        )
        for name in ("bitwise_and", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor")
    },
    "logical_not": Case(lambda b, x: b.xp.logical_not(b.xp.isnan(x)), (np.ones(3),)),
    "bitwise_invert": Case(lambda b, x: b.xp.bitwise_invert(b.astype(x, dtypes.int16)), (np.ones(3),)),
    "abs of complex": Case(lambda b, x: b.xp.abs(b.astype(x, dtypes.complex64)), (np.ones(3),)),
    "all along axes": Case(lambda b, x: b.xp.all(x, axis=(0, 1), keepdims=True), (np.ones((2, 3, 4)),)),
    "argmax kept": Case(lambda b, x: b.xp.argmax(x, axis=1, keepdims=True), (np.ones((2, 3, 4)),)),
    "sum of integers": Case(lambda b, x: b.xp.sum(b.astype(x, dtypes.int32)), (np.ones(3),)),
    "full_like": Case(lambda b, x: b.xp.full_like(x, 2.0), (np.ones(3),)),
    "zeros": Case(lambda b: b.xp.zeros((2, 3), dtype=b.native_dtype(dtypes.int16)), ()),
    "zeros of one size": Case(lambda b: b.xp.zeros(4, dtype=b.native_dtype(dtypes.int16)), ()),
    "ones": Case(lambda b: b.xp.ones((), dtype=b.native_dtype(dtypes.bool)), ()),
    "full": Case(lambda b: b.xp.full((2,), 3, dtype=b.native_dtype(dtypes.float64)), ()),
    "arange": Case(lambda b: b.xp.arange(0, 7, 2, dtype=b.native_dtype(dtypes.int64)), ()),
    "arange down": Case(lambda b: b.xp.arange(5, 0, -2, dtype=b.native_dtype(dtypes.float32)), ()),
    "arange empty": Case(lambda b: b.xp.arange(5, 0, 1, dtype=b.native_dtype(dtypes.float32)), ()),
    "linspace": Case(lambda b: b.xp.linspace(0.0, 1.0, 5, dtype=b.native_dtype(dtypes.float32), endpoint=False), ()),
    "eye": Case(lambda b: b.xp.eye(3, 4, k=1, dtype=b.native_dtype(dtypes.float32)), ()),
    "one_hot": Case(lambda b: b.one_hot(b.asarray([1, 2, 5]), 4, dtypes.float32), ()),
    "asarray of floats": Case(lambda b: b.asarray([[1.0, 2.0]]), ()),
    "asarray of integers": Case(lambda b: b.asarray([1, 2]), ()),
    "asarray of a complex": Case(lambda b: b.asarray(1j), ()),
    "asarray of a bool": Case(lambda b: b.asarray(True), ()),
    "asarray of a range": Case(lambda b: b.asarray(range(2, 9, 3)), ()),
    "threefry2x32": Case(lambda b: b.threefry2x32(u32(b, 0, 1), u32(b, 1, 2, 3), u32(b, 4, 5, 6)), ()),
    "random_fold_in": Case(lambda b: b.random_fold_in(u32(b, 0, 1), b.asarray(3)), ()),
    "random_split": Case(lambda b: b.random_split(u32(b, 0, 1), 3), ()),
    "random_bits": Case(lambda b: b.random_bits(u32(b, 0, 1), (2, 3)), ()),
    "random_uniform": Case(lambda b: b.random_uniform(u32(b, 0, 1), ()), ()),
    "random_permutation": Case(lambda b: b.random_permutation(u32(b, 0, 1), 5), ()),
    "sgd_update": Case(
        lambda b, p: b.sgd_update([p], [p], [p], learning_rate=b.asarray(0.1), momentum=0.9, nesterov=False)[0],
        (np.ones(3),),
    ),
    "rmsprop_update": Case(
        lambda b, p: b.rmsprop_update(
            [p], [p], [p], [p], [p], learning_rate=b.asarray(0.1), rho=0.9, momentum=0.5, epsilon=1e-7
        )[3],
        (np.ones(3),),
    ),
    "adam_update": Case(
        lambda b, p: b.adam_update(
            [p], [p], [p], [p], step=b.asarray(0), learning_rate=b.asarray(0.1), beta_1=0.9, beta_2=0.9, epsilon=1e-7
        )[1],
        (np.ones(3),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", [*CASES, *OTHERS])
@pytest.mark.parametrize("dtype", [dtypes.float32, dtypes.bfloat16], ids=str)
def test_shapes_and_dtypes_are_those_of_numpy(name, dtype):
    case = (CASES | OTHERS)[name]
    abstract = AbstractBackend()
    real = [numpy.asarray(each, dtype=dtype) for each in case.inputs]
    call = case.call
    lifted = [abstract.lift(each, numpy) for each in real]
    if name == "max_pool_gradient" and dtype != dtypes.float64:
        dtype = dtypes.float64  # this case brings float64 arrays of its own
        real = [numpy.asarray(each, dtype=dtype) for each in case.inputs]
        lifted = [abstract.lift(each, numpy) for each in real]
    assert describe(abstract, call(abstract, *lifted)) == describe(numpy, call(numpy, *real))


@pytest.mark.parametrize(
    ("call", "flops"),
    [
        (lambda b: b.xp.matmul(of(5, 2, 3), of(3, 4)), 2 * 5 * 2 * 3 * 4),
        (lambda b: b.xp.matmul(of(3), of(3)), 6),
        (lambda b: b.xp.tensordot(of(2, 3, 4), of(3, 4, 5), axes=2), 2 * 2 * 5 * 12),
        (lambda b: b.xp.vecdot(of(2, 3), of(3)), 12),
        (lambda b: b.conv(of(8, 28, 28, 4), of(3, 3, 4, 16), (1, 1), ((1, 1),) * 2, (1, 1)), 2 * 8 * 784 * 16 * 36),
        (lambda b: b.conv(of(8, 28, 28, 4), of(3, 3, 2, 16), (2, 2), ((1, 1),) * 2, (1, 1)), 2 * 8 * 196 * 16 * 18),
        (lambda b: b.max_pool(of(2, 8, 8, 3), (2, 2), (2, 2), ((0, 0),) * 2), 2 * 16 * 3 * 4),
        (lambda b: b.xp.add(of(3, 1), of(4)), 12),
        (lambda b: b.xp.multiply(of(3, 4), 2.0), 12),
        (lambda b: b.xp.sum(of(3, 4), axis=0), 12),
        (lambda b: b.xp.var(of(3, 4)), 48),
        (lambda b: b.xp.reshape(of(3, 4), (12,)), 0),
        (lambda b: b.xp.concat([of(3), of(4)]), 0),
        (lambda b: b.erf(of(10)), 10),
        (lambda b: b.softmax(of(3, 4), -1), 5 * 12),
        (lambda b: b.random_bits(of(2, dtype=dtypes.uint32), (100,)), 0),
        (lambda b: b.pad(of(3), [(1, 1)], 0.0), 0),
    ],
)
def test_operations_are_counted_by_the_formulas(call, flops):
    backend = AbstractBackend()
    call(backend)
    assert backend.flops == flops


def test_instances_count_apart():
    first, second = AbstractBackend(), AbstractBackend()
    first.xp.add(of(3), of(3))
    assert (first.flops, second.flops) == (3, 0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda b: b.xp.add(of(3, 2), of(3)), ShapeError, r"\(3, 2\) and \(3,\) do not broadcast.*axis -1 has 2 and 3"),
        (lambda b: b.xp.matmul(of(2, 3), of(4, 5)), ShapeError, "inner sizes differ, 3 and 4"),
        (lambda b: b.xp.matmul(of(), of(4)), ShapeError, "at least one axis"),
        (lambda b: b.xp.tensordot(of(2, 3), of(4, 5), axes=1), ShapeError, r"sizes differ, \[3\] and \[4\]"),
        (lambda b: b.xp.vecdot(of(2, 3), of(2)), ShapeError, "equal sizes"),
        (lambda b: b.xp.reshape(of(2, 3), (4, -1)), ShapeError, r"6 elements.*\(4, -1\)"),
        (lambda b: b.xp.concat([of(2, 3), of(2, 4)], axis=0), ShapeError, r"\(2, 3\) and \(2, 4\)"),
        (lambda b: b.xp.stack([of(2), of(3), of(2)]), ShapeError, r"\(2,\), \(3,\), \(2,\)"),
        (lambda b: b.xp.squeeze(of(2, 1), axis=0), ShapeError, "only axes of size 1"),
        (lambda b: b.xp.broadcast_to(of(3), (2, 2)), ShapeError, "do not broadcast"),
        (lambda b: b.xp.broadcast_to(of(2, 3), (3,)), ShapeError, r"\(2, 3\) does not broadcast to \(3,\)"),
        (lambda b: b.xp.sum(of(2, 3), axis=2), ArgumentError, "from -2 to 1"),
        (lambda b: b.xp.sum(of(2, 3), axis=(0, -2)), ArgumentError, "twice"),
        (lambda b: b.xp.sum(of(), axis=0), ArgumentError, "it is a scalar"),
        (lambda b: b.xp.permute_dims(of(2, 3), (0,)), ShapeError, "needs all its axes"),
        (lambda _: of(2, 3)[0, 0, 0], ShapeError, "2 axes"),
        (lambda _: of(2, 3)[2], IndexError, "out of range"),
        (lambda b: b.conv(of(1, 5, 5, 3), of(3, 3, 2, 4), (1, 1), ((0, 0),) * 2, (1, 1)), ShapeError, "3 channels"),
        (lambda b: b.conv(of(1, 5, 5, 3), of(3, 3, 4), (1, 1), ((0, 0),) * 2, (1, 1)), ShapeError, "equal rank"),
        (lambda b: b.conv(of(1, 2, 5, 3), of(3, 3, 3, 4), (1, 1), ((0, 0),) * 2, (1, 1)), ShapeError, "spans 3"),
        (lambda b: b.max_pool(of(1, 2, 5, 3), (3, 3), (1, 1), ((0, 0),) * 2), ShapeError, "smaller window"),
        (lambda b: b.max_pool(of(2, 5, 3), (3, 3), (1, 1), ((0, 0),) * 2), ShapeError, "rank 4"),
        (lambda b: b.to_numpy(of(2)), UnsupportedError, "no values"),
        (lambda b: b.memory_stats("cpu"), UnsupportedError, "no memory"),
    ],
)
def test_errors_say_the_values(call, error, message):
    with pytest.raises(error, match=message):
        call(AbstractBackend())


def test_transforms_run_the_function_once():
    backend = AbstractBackend()
    x = of(4, 3)

    def function(arrays: Any, b: Any) -> Any:
        return b.xp.sum(b.xp.matmul(arrays[0], of(3, 5))), [arrays[0]]

    value, auxiliary, gradients = backend.value_and_grad(function, [x])
    assert describe(backend, [value, *auxiliary, *gradients]) == [((), x.dtype), ((4, 3), x.dtype), ((4, 3), x.dtype)]
    assert backend.flops == 2 * 4 * 3 * 5 + 20
    outputs, static = backend.jit(lambda arrays, b: ([b.xp.exp(arrays[0])], "static"))([x])
    assert (describe(backend, outputs), static) == ([((4, 3), x.dtype)], "static")


def test_arrays_of_any_backend_are_lifted():
    lifted = AbstractBackend().lift(np.ones((2, 3), np.int16), numpy)
    assert (lifted.shape, lifted.dtype) == ((2, 3), dtypes.int16)
    assert repr(lifted) == "AbstractArray((2, 3), int16)"
