"""Block 4: creation, manipulation, reductions, products and sorting of `xp` against NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.testing._base import Block, of_kinds, over
from unifw.testing._conversion import values_of
from unifw.testing._expect import HostArray, assert_array, assert_bits, tolerance_of, widened


class Example(NamedTuple):
    """A call written once for both sides: ``call(xp, *arrays)``."""

    label: str
    call: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...] = ((2, 3),)


MOVES: Final = (
    Example("broadcast_to", lambda xp, x: xp.broadcast_to(x, (4, 2, 3))),
    Example("concat", lambda xp, x, y: xp.concat([x, y, x], axis=1), ((2, 3), (2, 1))),
    Example("concat-negative-axis", lambda xp, x, y: xp.concat([x, y], axis=-2), ((2, 3), (0, 3))),
    Example("expand_dims", lambda xp, x: xp.expand_dims(x, axis=-1)),
    Example("flip", lambda xp, x: xp.flip(x, axis=(0, 1))),
    Example("flip-one-axis", lambda xp, x: xp.flip(x, axis=-1)),
    Example("full_like", lambda xp, x: xp.full_like(x, 1)),
    Example("matrix_transpose", lambda xp, x: xp.matrix_transpose(x), ((2, 3, 4),)),
    Example("moveaxis", lambda xp, x: xp.moveaxis(x, 0, -1), ((2, 3, 4),)),
    Example("ones_like", lambda xp, x: xp.ones_like(x)),
    Example("permute_dims", lambda xp, x: xp.permute_dims(x, (2, 0, 1)), ((2, 3, 4),)),
    Example("repeat", lambda xp, x: xp.repeat(x, 2, axis=1)),
    Example("reshape", lambda xp, x: xp.reshape(x, (3, -1))),
    Example("reshape-to-0d", lambda xp, x: xp.reshape(x, ()), ((1, 1),)),
    Example("roll", lambda xp, x: xp.roll(x, 2, axis=-1)),
    Example("roll-back", lambda xp, x: xp.roll(x, -1, axis=0)),
    Example("squeeze", lambda xp, x: xp.squeeze(x, axis=(0, 2)), ((1, 3, 1),)),
    Example("squeeze-one-axis", lambda xp, x: xp.squeeze(x, axis=-1), ((2, 1),)),
    Example("stack", lambda xp, x, y: xp.stack([x, y], axis=-1), ((2, 3), (2, 3))),
    Example("take_along_axis", lambda xp, x, i: xp.take_along_axis(x, i, axis=1), ((2, 3), (2, 2))),
    Example("take", lambda xp, x, i: xp.take(x, xp.reshape(i, (-1,)), axis=-1), ((2, 3), (2, 2))),
    Example("take-matrix", lambda xp, x, i: xp.take(x, i, axis=0), ((3, 2), (2, 2))),
    Example("tile", lambda xp, x: xp.tile(x, (2, 1, 2))),
    Example("tril", lambda xp, x: xp.tril(x, k=-1), ((2, 3, 3),)),
    Example("triu", lambda xp, x: xp.triu(x, k=1), ((3, 3),)),
    Example("zeros_like", lambda xp, x: xp.zeros_like(x)),
)
SUMS: Final = (
    Example("sum", lambda xp, x: xp.sum(x, axis=None, keepdims=False)),
    Example("sum-axes", lambda xp, x: xp.sum(x, axis=(0, -1), keepdims=True), ((2, 3, 2),)),
    Example("sum-empty", lambda xp, x: xp.sum(x, axis=0, keepdims=False), ((0, 3),)),
    Example("prod", lambda xp, x: xp.prod(x, axis=1, keepdims=False)),
    Example("prod-empty", lambda xp, x: xp.prod(x, axis=None, keepdims=True), ((0, 3),)),
)
EXTREMES: Final = (
    Example("max", lambda xp, x: xp.max(x, axis=None, keepdims=False)),
    Example("max-axis", lambda xp, x: xp.max(x, axis=-1, keepdims=True)),
    Example("min", lambda xp, x: xp.min(x, axis=(0, 1), keepdims=False)),
    Example("sort", lambda xp, x: xp.sort(xp.flip(x, axis=1), axis=1, descending=False, stable=True)),
    Example("sort-descending", lambda xp, x: xp.sort(x, axis=0, descending=True, stable=True)),
)
RUNNING: Final = (
    Example("cumulative_sum", lambda xp, x: xp.cumulative_sum(x, axis=1, include_initial=False)),
    Example("cumulative_sum-initial", lambda xp, x: xp.cumulative_sum(x, axis=0, include_initial=True)),
)
MEANS: Final = (
    Example("mean", lambda xp, x: xp.mean(x, axis=None, keepdims=False)),
    Example("mean-axes", lambda xp, x: xp.mean(x, axis=(0, -1), keepdims=True), ((2, 3, 2),)),
    Example("var", lambda xp, x: xp.var(x, axis=-1, correction=0.0, keepdims=False)),
    Example("var-correction", lambda xp, x: xp.var(x, axis=None, correction=1.0, keepdims=True)),
    Example("std", lambda xp, x: xp.std(x, axis=0, correction=1.0, keepdims=False)),
)
PRODUCTS: Final = (
    Example("matmul", lambda xp, x, y: xp.matmul(x, y), ((2, 3), (3, 4))),
    Example("matmul-batched", lambda xp, x, y: xp.matmul(x, y), ((2, 1, 2, 3), (4, 3, 2))),
    Example("matmul-vectors", lambda xp, x, y: xp.matmul(x, y), ((3,), (3,))),
    Example("matmul-matrix-vector", lambda xp, x, y: xp.matmul(x, y), ((2, 3), (3,))),
    Example("tensordot", lambda xp, x, y: xp.tensordot(x, y, axes=((0, 2), (1, 0))), ((2, 3, 4), (4, 2, 5))),
    Example("tensordot-outer", lambda xp, x, y: xp.tensordot(x, y, axes=((), ())), ((2,), (3,))),
    Example("vecdot", lambda xp, x, y: xp.vecdot(x, y, axis=-1), ((2, 3), (1, 3))),
)
INDICES: Final = (
    Example("argmax", lambda xp, x: xp.argmax(x, axis=None, keepdims=False)),
    Example("argmax-axis", lambda xp, x: xp.argmax(x, axis=1, keepdims=True)),
    Example("argmin", lambda xp, x: xp.argmin(x, axis=-1, keepdims=False)),
    Example("argsort", lambda xp, x: xp.argsort(x, axis=-1, descending=False, stable=True)),
    Example("argsort-descending", lambda xp, x: xp.argsort(x, axis=0, descending=True, stable=True)),
)
TRUTHS: Final = (
    Example("all", lambda xp, x: xp.all(x, axis=None, keepdims=False)),
    Example("all-axis", lambda xp, x: xp.all(x, axis=1, keepdims=True)),
    Example("any", lambda xp, x: xp.any(x, axis=(0, 1), keepdims=False)),
    Example("any-empty", lambda xp, x: xp.any(x, axis=0, keepdims=False), ((0, 3),)),
)
CREATIONS: Final = (
    Example("zeros", lambda xp, dtype: xp.zeros((2, 3), dtype=dtype)),
    Example("ones", lambda xp, dtype: xp.ones((), dtype=dtype)),
    Example("full", lambda xp, dtype: xp.full((2,), 1, dtype=dtype)),
    Example("eye", lambda xp, dtype: xp.eye(2, 3, k=1, dtype=dtype)),
)
RANGES: Final = (
    Example("arange", lambda xp, dtype: xp.arange(1, 8, 3, dtype=dtype)),
    Example("arange-empty", lambda xp, dtype: xp.arange(3, 1, 1, dtype=dtype)),
)
SPACES: Final = (
    Example("linspace", lambda xp, dtype: xp.linspace(-1.0, 1.0, 5, dtype=dtype, endpoint=True)),
    Example("linspace-open", lambda xp, dtype: xp.linspace(0.0, 1.0, 4, dtype=dtype, endpoint=False)),
    Example("arange-down", lambda xp, dtype: xp.arange(2.0, 0.0, -0.5, dtype=dtype)),
)


def _each(examples: tuple[Example, ...], *kinds: str) -> Callable[[Backend], list[tuple[Example, dtypes.DType]]]:
    return lambda backend: [(example, dtype) for example in examples for dtype in of_kinds(backend, *kinds)]


def _moved(backend: Backend) -> list[tuple[Example, dtypes.DType]]:
    """Return examples of moving, which no dtype should change, over one dtype of each sort."""
    chosen = (
        dtypes.bool,
        dtypes.uint8,
        dtypes.int32,
        dtypes.int64,
        dtypes.uint32,
        dtypes.bfloat16,
        dtypes.float32,
        dtypes.complex64,
    )
    return [(example, each) for example in MOVES for each in chosen if each in backend.capabilities.dtypes]


def _multiplied(backend: Backend) -> list[tuple[Example, dtypes.DType]]:
    """Return `matmul` over all dtypes it is defined on, and its relatives over one of each kind."""
    kinds = of_kinds(backend, "integer", "floating", "complex")
    one_of_each = (dtypes.int64, dtypes.float32, dtypes.complex64)
    return [
        (example, dtype) for example in PRODUCTS for dtype in kinds if example.label == "matmul" or dtype in one_of_each
    ]


def _wide(examples: tuple[Example, ...], *kinds: str) -> Callable[[Backend], list[tuple[Example, dtypes.DType]]]:
    """Return examples over the dtypes in which the core sums: it has widened integers to 64 bits before."""
    narrow = {*dtypes.INTEGERS} - {dtypes.int64, dtypes.uint64}
    return lambda backend: [
        (example, dtype) for example in examples for dtype in of_kinds(backend, *kinds) if dtype not in narrow
    ]


def operands_of(example: Example, dtype: dtypes.DType) -> list[HostArray]:
    """Return the example's arrays; what follows the first of a `take` is indices."""
    arrays = [values_of(dtype, shape) for shape in example.shapes]
    if example.label.startswith("take"):
        arrays[1] = np.asarray([[2, 0], [1, 1]])
    return arrays


def _run(backend: Backend, example: Example, arrays: list[HostArray]) -> tuple[Array, HostArray]:
    from array_api_compat import numpy as namespace

    actual = example.call(backend.xp, *map(backend.asarray, arrays))
    return actual, np.asarray(example.call(namespace, *map(widened, arrays)))


class Namespace(Block):
    """Values, shapes and dtypes of what is not elementwise."""

    @over("example, dtype", _moved)
    def test_moving(self, backend: Backend, example: Example, dtype: dtypes.DType) -> None:
        actual, expected = _run(backend, example, operands_of(example, dtype))
        assert_bits(backend, actual, expected, dtype)

    @over("example, dtype", _each(CREATIONS, "bool", "integer", "floating", "complex"))
    def test_creating(self, backend: Backend, example: Example, dtype: dtypes.DType) -> None:
        from array_api_compat import numpy as namespace

        actual = example.call(backend.xp, backend.native_dtype(dtype))
        assert_bits(backend, actual, example.call(namespace, dtype), dtype)

    @over("example, dtype", _each(RANGES, "integer", "floating"))
    def test_counting(self, backend: Backend, example: Example, dtype: dtypes.DType) -> None:
        actual = example.call(backend.xp, backend.native_dtype(dtype))
        assert_bits(backend, actual, np.asarray([1, 4, 7] if example.label == "arange" else [], dtype), dtype)

    @over("example, dtype", _each(SPACES, "floating"))
    def test_spacing(self, backend: Backend, example: Example, dtype: dtypes.DType) -> None:
        from array_api_compat import numpy as namespace

        actual = example.call(backend.xp, backend.native_dtype(dtype))
        assert_array(backend, actual, example.call(namespace, np.float64), dtype)

    @over("example, dtype", _wide(SUMS, "integer", "floating", "complex"))
    def test_summing(self, backend: Backend, example: Example, dtype: dtypes.DType) -> None:
        actual, expected = _run(backend, example, operands_of(example, dtype))
        assert_array(backend, actual, expected, dtype)

    @over("example, dtype", _wide(RUNNING, "integer", "floating"))
    def test_summing_up(self, backend: Backend, example: Example, dtype: dtypes.DType) -> None:
        actual, expected = _run(backend, example, operands_of(example, dtype))
        assert_array(backend, actual, expected, dtype)

    @over("example, dtype", _each(EXTREMES, "integer", "floating"))
    def test_ordering(self, backend: Backend, example: Example, dtype: dtypes.DType) -> None:
        actual, expected = _run(backend, example, operands_of(example, dtype))
        assert_array(backend, actual, expected, dtype)

    @over("example, dtype", _each(MEANS, "floating"))
    def test_averaging(self, backend: Backend, example: Example, dtype: dtypes.DType) -> None:
        actual, expected = _run(backend, example, operands_of(example, dtype))
        assert_array(backend, actual, expected, dtype)

    @over("example, dtype", _multiplied)
    def test_multiplying(self, backend: Backend, example: Example, dtype: dtypes.DType) -> None:
        small = [array % 5 if dtypes.kind(dtype) != "complex" else array for array in operands_of(example, dtype)]
        actual, expected = _run(backend, example, small)
        assert_array(backend, actual, expected, dtype, tolerance=tolerance_of(backend, dtype))

    @over("example, dtype", _each(INDICES, "integer", "floating"))
    def test_finding(self, backend: Backend, example: Example, dtype: dtypes.DType) -> None:
        values = np.asarray([[3, 1, 3], [0, 5, 0]], dtype)  # ties: the first wins
        actual, expected = _run(backend, example, [values])
        assert_bits(backend, actual, expected, dtypes.int64)

    @over("example", lambda _: TRUTHS)
    def test_asking(self, backend: Backend, example: Example) -> None:
        actual, expected = _run(backend, example, operands_of(example, dtypes.bool))
        assert_bits(backend, actual, expected, dtypes.bool)

    def test_nan_is_neither_lost_nor_invented_by_reductions(self, backend: Backend) -> None:
        values = np.asarray([[1.0, np.nan, 2.0], [1.0, 2.0, 3.0]], np.float32)
        for name in ("max", "min", "sum", "mean"):
            actual = getattr(backend.xp, name)(backend.asarray(values), axis=1, keepdims=False)
            assert_array(backend, actual, getattr(np, name)(values.astype(np.float64), axis=1), dtypes.float32)
