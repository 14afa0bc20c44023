"""Examples of the Array API's functions on tensors."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

import unifw as uf
from unifw.testing._functions._example import (
    ANY,
    COMPLEX,
    CUBE,
    FLAGS,
    INTEGERS,
    OTHER,
    POSITIVE,
    SHIFTS,
    SQUARE,
    VECTOR,
    WITHIN_ONE,
    FunctionExample,
    plain,
)

CREATION: Final = "Creation and conversion"
ELEMENTWISE: Final = "Elementwise"
REDUCTIONS: Final = "Reductions"
MANIPULATION: Final = "Manipulation"
INDEXING: Final = "Indexing and searching"
_ORDERED: Final = np.asarray([-1.0, 0.5, 2.0, 3.5], np.float32)
_PLACES: Final = np.asarray([2, 0], np.int64)


def _creation() -> tuple[FunctionExample, ...]:
    def of(name: str, call: Any, *arrays: Any) -> FunctionExample:
        return FunctionExample(name, CREATION, call, arrays)

    return (
        of("arange", lambda: uf.arange(1, 8, 3)),
        of("asarray", lambda: uf.asarray([[1.0, 2.0]])),
        of("astype", lambda x: uf.astype(x, "int64"), ANY),
        of("empty", lambda: uf.zeros_like(uf.empty((2, 3)))),  # what is in it, nobody knows
        of("empty_like", lambda x: uf.zeros_like(uf.empty_like(x)), ANY),
        of("eye", lambda: uf.eye(2, 3, k=1)),
        FunctionExample("from_dlpack", CREATION, lambda: uf.from_dlpack(np.ones(3, np.float32)), traces=False),
        of("full", lambda: uf.full((2, 3), 1.5)),
        of("full_like", lambda x: uf.full_like(x, 1.5), ANY),
        of("linspace", lambda: uf.linspace(0.0, 1.0, 5)),
        of("meshgrid", uf.meshgrid, VECTOR, _ORDERED),
        of("ones", lambda: uf.ones((2, 3))),
        of("ones_like", uf.ones_like, ANY),
        of("stop_gradient", uf.stop_gradient, ANY),
        of("tril", lambda x: uf.tril(x, k=-1), SQUARE),
        of("triu", lambda x: uf.triu(x, k=1), SQUARE),
        of("zeros", lambda: uf.zeros((2, 3))),
        of("zeros_like", uf.zeros_like, ANY),
    )


def _elementwise() -> tuple[FunctionExample, ...]:
    anywhere = (
        "abs asinh atan ceil cos cosh exp expm1 floor isfinite isinf isnan negative positive reciprocal round sign "
        "signbit sin sinh square tan tanh trunc"
    )
    pairs = (
        "add atan2 copysign divide equal floor_divide greater greater_equal hypot less less_equal logaddexp maximum "
        "minimum multiply nextafter not_equal remainder subtract"
    )
    return (
        *plain(ELEMENTWISE, anywhere, ANY),
        *plain(ELEMENTWISE, "log log10 log1p log2 sqrt", POSITIVE),
        *plain(ELEMENTWISE, "acos asin atanh", WITHIN_ONE),
        *plain(ELEMENTWISE, "acosh", POSITIVE + np.float32(1)),
        *plain(ELEMENTWISE, pairs, ANY, OTHER),
        *plain(ELEMENTWISE, "pow", POSITIVE, OTHER),
        *plain(ELEMENTWISE, "bitwise_and bitwise_or bitwise_xor", INTEGERS, SHIFTS),
        *plain(ELEMENTWISE, "bitwise_left_shift bitwise_right_shift", INTEGERS, SHIFTS),
        *plain(ELEMENTWISE, "bitwise_invert", INTEGERS),
        *plain(ELEMENTWISE, "logical_and logical_or logical_xor", FLAGS, ~FLAGS[::-1].copy()),
        *plain(ELEMENTWISE, "logical_not", FLAGS),
        *plain(ELEMENTWISE, "conj imag real", COMPLEX),
        FunctionExample("clip", ELEMENTWISE, lambda x: uf.clip(x, -1.0, 1.0), (ANY,)),
        *plain(ELEMENTWISE, "where", FLAGS, ANY, OTHER),
    )


def _reductions() -> tuple[FunctionExample, ...]:
    numbers = "argmax argmin max mean min prod std sum var cumulative_prod cumulative_sum"
    return (
        *(FunctionExample(name, REDUCTIONS, _along_the_last(name), (CUBE,)) for name in numbers.split()),
        *(FunctionExample(name, REDUCTIONS, _along_the_last(name), (FLAGS,)) for name in ("all", "any")),
        FunctionExample("count_nonzero", REDUCTIONS, lambda x: uf.count_nonzero(x, axis=-1), (INTEGERS,)),
    )


def _along_the_last(name: str) -> Any:
    return lambda x: getattr(uf, name)(x, axis=-1)


def _manipulation() -> tuple[FunctionExample, ...]:
    def of(name: str, call: Any, *arrays: Any) -> FunctionExample:
        return FunctionExample(name, MANIPULATION, call, arrays)

    return (
        of("broadcast_arrays", uf.broadcast_arrays, ANY, OTHER[:1]),
        of("broadcast_to", lambda x: uf.broadcast_to(x, (4, 2, 3)), ANY),
        of("concat", lambda x, y: uf.concat([x, y], axis=1), ANY, OTHER),
        of("diff", lambda x: uf.diff(x, axis=-1), CUBE),
        of("expand_dims", lambda x: uf.expand_dims(x, axis=1), ANY),
        of("flip", lambda x: uf.flip(x, axis=-1), ANY),
        of("matrix_transpose", uf.matrix_transpose, CUBE),
        of("moveaxis", lambda x: uf.moveaxis(x, 0, -1), CUBE),
        of("permute_dims", lambda x: uf.permute_dims(x, (2, 0, 1)), CUBE),
        of("repeat", lambda x: uf.repeat(x, 2, axis=1), ANY),
        of("reshape", lambda x: uf.reshape(x, (3, 2)), ANY),
        of("roll", lambda x: uf.roll(x, 1, axis=-1), ANY),
        of("squeeze", lambda x: uf.squeeze(x, axis=0), ANY[:1]),
        of("stack", lambda x, y: uf.stack([x, y], axis=1), ANY, OTHER),
        of("tile", lambda x: uf.tile(x, (2, 1)), ANY),
        of("unstack", lambda x: uf.unstack(x, axis=1), ANY),
    )


def _indexing() -> tuple[FunctionExample, ...]:
    def of(name: str, call: Any, *arrays: Any, traces: bool = True) -> FunctionExample:
        return FunctionExample(name, INDEXING, call, arrays, traces)

    return (
        of("x[slices]", lambda x: x[:, 0:3:2, None], CUBE),
        of("x[integers]", lambda x, i: x[i], CUBE[0], _PLACES),
        of("x[mask]", lambda x, m: x[m], ANY, FLAGS, traces=False),
        of("x[key] = values", _assigned, ANY),
        of("x.at[slices].set", lambda x: x.at[:, 1].set(7.0), ANY),
        of("x.at[integers].set", lambda x, i: x.at[i].set(7.0), VECTOR, _PLACES),
        of("x.at[integers].add", lambda x, i: x.at[i].add(7.0), VECTOR, _PLACES),
        of("x.at[integers].max", lambda x, i: x.at[i].max(0.25), VECTOR, _PLACES),
        of("argsort", lambda x: uf.argsort(x, axis=-1), ANY),
        of("isin", uf.isin, INTEGERS, _PLACES),
        of("nonzero", uf.nonzero, INTEGERS, traces=False),
        of("searchsorted", uf.searchsorted, _ORDERED, ANY),
        of("sort", lambda x: uf.sort(x, axis=-1), ANY),
        of("take", lambda x, i: uf.take(x, i, axis=1), ANY, _PLACES),
        of("take_along_axis", lambda x, i: uf.take_along_axis(x, i, axis=1), ANY, INTEGERS % 3),
        *(
            of(f"unique_{what}", getattr(uf, f"unique_{what}"), INTEGERS % 3, traces=False)
            for what in ("all", "counts", "inverse", "values")
        ),
    )


def _assigned(x: Any) -> Any:
    x = uf.multiply(x, 1.0)
    x[0, 1:] = 7.0
    return x


def tensor() -> tuple[FunctionExample, ...]:
    """Return the examples of all functions of `unifw.tensor`, but for its products."""
    return (*_creation(), *_elementwise(), *_reductions(), *_manipulation(), *_indexing())
