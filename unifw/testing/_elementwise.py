"""Block 3: the elementwise functions of `xp` against NumPy, for every dtype they are defined on."""

from __future__ import annotations

from typing import Final

import numpy as np

from unifw import dtypes
from unifw.backend import Backend
from unifw.tensor._kinds import SIGNATURES
from unifw.testing._base import Block, of_kinds, over
from unifw.testing._expect import HostArray, assert_array, assert_bits, real_dtype, tolerance_of, widened

UNARY: Final = (
    "abs acos acosh asin asinh atan atanh bitwise_invert ceil cos cosh exp expm1 floor isfinite isinf isnan log log10 "
    "log1p log2 logical_not negative reciprocal round sign sin sinh sqrt square tan tanh trunc"
).split()
BINARY: Final = (
    "add atan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor divide equal floor_divide "
    "greater greater_equal less less_equal logaddexp logical_and logical_or logical_xor maximum minimum multiply "
    "not_equal pow remainder subtract"
).split()
PREDICATES: Final = frozenset("equal greater greater_equal isfinite isinf isnan less less_equal not_equal".split())
# Domains of functions that are not defined on all reals; multiples of 1/8, which every float dtype holds exactly.
_POSITIVE: Final = (0.25, 0.5, 1.0, 1.5, 2.5, 3.0)
_WITHIN_ONE: Final = (-0.875, -0.5, -0.125, 0.0, 0.25, 0.75)
_DOMAINS: Final = {
    **dict.fromkeys("log log10 log2 sqrt pow".split(), _POSITIVE),
    **dict.fromkeys("acos asin atanh log1p".split(), _WITHIN_ONE),
    "acosh": (1.25, 1.5, 2.0, 2.5, 3.0, 4.0),
}


def first_values(name: str, dtype: dtypes.DType) -> HostArray:
    """Return the operand (the first of two), shape (2, 3): ties with the second, halves, zeros where defined."""
    kind = dtypes.kind(dtype)
    if kind == "bool":
        numbers: HostArray = np.asarray([False, True, False, True, True, False])
    elif kind == "integer":
        numbers = np.asarray([-5, -2, -1, 0, 3, 7] if dtype in dtypes.SIGNED else [2, 1, 3, 3, 5, 9])
    else:
        numbers = np.asarray(_DOMAINS.get(name, (-2.5, -1.0, -0.5, 0.25, 1.5, 3.0)))
        if kind == "complex":
            numbers = numbers + 1j * np.asarray([0.5, -0.25, 0.75, 0.5, -1.0, 0.25])
    return numbers.astype(dtype).reshape(2, 3)


def second_values(name: str, dtype: dtypes.DType) -> HostArray:
    """Return the second operand, shape (2, 3): never zero."""
    kind = dtypes.kind(dtype)
    if kind == "bool":
        numbers: HostArray = np.asarray([False, False, True, True, False, True])
    elif kind == "integer":
        signed = dtype in dtypes.SIGNED and name not in ("pow", "bitwise_left_shift", "bitwise_right_shift")
        numbers = np.asarray([2, -2, 3, 1, -2, 7] if signed else [2, 1, 3, 1, 2, 1])
    else:
        numbers = np.asarray([2.0, -1.0, 0.75, 0.25, -1.5, 3.0])
        if kind == "complex":
            numbers = numbers + 1j * np.asarray([0.5, -0.25, 0.5, -0.5, 1.0, 0.25])
    return numbers.astype(dtype).reshape(2, 3)


def result_dtype(name: str, dtype: dtypes.DType) -> dtypes.DType:
    """Return the dtype of the result."""
    if name in PREDICATES:
        return dtypes.bool
    return real_dtype(dtype) if name == "abs" else dtype


def reference(name: str, *operands: HostArray) -> HostArray:
    """Return what NumPy computes, floating-point operands widened to 64 bits first."""
    from array_api_compat import numpy as namespace

    wide = [widened(each) for each in operands]
    if name == "sign" and wide[0].dtype.kind == "c":  # NumPy 1 had another definition than the standard
        return wide[0] / np.abs(wide[0])
    return np.asarray(getattr(namespace, name)(*wide))


def _cases(backend: Backend, names: list[str]) -> list[tuple[str, dtypes.DType]]:
    cases: list[tuple[str, dtypes.DType]] = []
    for name in names:
        allowed = of_kinds(backend, *SIGNATURES[name].kinds)
        if name == "negative":  # of an unsigned integer the standard says nothing
            allowed = [dtype for dtype in allowed if dtype not in dtypes.UNSIGNED]
        cases.extend((name, dtype) for dtype in allowed)
    return cases


class Elementwise(Block):
    """Values, shapes and dtypes of elementwise functions."""

    @over("function, dtype", lambda backend: _cases(backend, UNARY))
    def test_unary(self, backend: Backend, function: str, dtype: dtypes.DType) -> None:
        values = first_values(function, dtype)
        result = getattr(backend.xp, function)(backend.asarray(values))
        wanted = result_dtype(function, dtype)
        assert_array(backend, result, reference(function, values), wanted, tolerance=tolerance_of(backend, dtype))

    @over("function, dtype", lambda backend: _cases(backend, BINARY))
    def test_binary(self, backend: Backend, function: str, dtype: dtypes.DType) -> None:
        a, b = first_values(function, dtype), second_values(function, dtype)
        result = getattr(backend.xp, function)(backend.asarray(a), backend.asarray(b))
        wanted = result_dtype(function, dtype)
        assert_array(backend, result, reference(function, a, b), wanted, tolerance=tolerance_of(backend, dtype))

    @over("function", lambda _: UNARY)
    def test_unary_keeps_0d_and_empty_shapes(self, backend: Backend, function: str) -> None:
        dtype = _representative(backend, function)
        values = first_values(function, dtype)
        for part in (values[0, 1], values[:0]):
            result = getattr(backend.xp, function)(backend.asarray(part))
            assert_array(backend, result, reference(function, part), result_dtype(function, dtype))

    @over("function", lambda _: BINARY)
    def test_binary_broadcasts(self, backend: Backend, function: str) -> None:
        dtype = _representative(backend, function)
        a, b = first_values(function, dtype), second_values(function, dtype)
        for left, right in ((a[:, :1], b[:1]), (a, b[0, 1]), (a[1, 1], b), (a[0, 0], b[0, 0]), (a[:0], b[:1])):
            result = getattr(backend.xp, function)(backend.asarray(left), backend.asarray(right))
            assert_array(backend, result, reference(function, left, right), result_dtype(function, dtype))

    @over("function", lambda _: [name for name in BINARY if "bool" not in SIGNATURES[name].kinds or name == "equal"])
    def test_binary_takes_a_python_scalar_on_either_side(self, backend: Backend, function: str) -> None:
        dtype = _representative(backend, function)
        a, b = first_values(function, dtype), second_values(function, dtype)
        apply = getattr(backend.xp, function)
        wanted = result_dtype(function, dtype)
        right, left = b[0, 0].item(), a[1, 2].item()
        assert_array(backend, apply(backend.asarray(a), right), reference(function, a, b[0, 0]), wanted)
        assert_array(backend, apply(left, backend.asarray(b)), reference(function, a[1, 2], b), wanted)

    @over("dtype", lambda backend: of_kinds(backend, "bool", "integer", "floating", "complex"))
    def test_where(self, backend: Backend, dtype: dtypes.DType) -> None:
        a, b = first_values("where", dtype), second_values("where", dtype)
        condition = np.asarray([[True], [False]])
        result = backend.xp.where(backend.asarray(condition), backend.asarray(a), backend.asarray(b))
        assert_bits(backend, result, np.where(condition, a, b), dtype)

    def test_where_takes_a_python_scalar(self, backend: Backend) -> None:
        condition = backend.asarray([True, False])
        array = backend.asarray([1.0, 2.0])
        first = backend.xp.where(condition, array, 0.5)
        second = backend.xp.where(condition, 0.5, array)
        assert_bits(backend, first, np.asarray([1.0, 0.5], np.float32), dtypes.float32)
        assert_bits(backend, second, np.asarray([0.5, 2.0], np.float32), dtypes.float32)

    @over("dtype", lambda backend: of_kinds(backend, "integer", "floating"))
    def test_clip(self, backend: Backend, dtype: dtypes.DType) -> None:
        values = first_values("clip", dtype)
        result = backend.xp.clip(backend.asarray(values), 1, 3)
        assert_bits(backend, result, np.clip(widened(values), 1, 3).astype(dtype), dtype)

    def test_special_values(self, backend: Backend) -> None:
        inf, nan = float("inf"), float("nan")
        values = np.asarray([-inf, -1.0, -0.0, 0.0, 1.0, inf, nan], np.float32)
        array = backend.asarray(values)
        with np.errstate(all="ignore"):
            for (
                name
            ) in "abs atan ceil exp floor isfinite isinf isnan log log1p negative round sign sqrt tanh trunc".split():
                result = getattr(backend.xp, name)(array)
                assert_array(backend, result, reference(name, values), result_dtype(name, dtypes.float32))
            for name in "add divide equal greater less maximum minimum multiply not_equal subtract".split():
                pairs = [each.ravel() for each in np.meshgrid(values, values)]
                result = getattr(backend.xp, name)(*map(backend.asarray, pairs))
                assert_array(backend, result, reference(name, *pairs), result_dtype(name, dtypes.float32))

    def test_rounding_and_remainders_go_as_in_python(self, backend: Backend) -> None:
        for dtype in (dtypes.int32, dtypes.float32):
            a = np.asarray([7, 7, -7, -7], dtype)
            b = np.asarray([3, -3, 3, -3], dtype)
            operands = backend.asarray(a), backend.asarray(b)
            assert_bits(backend, backend.xp.floor_divide(*operands), np.asarray([2, -3, -3, 2], dtype), dtype)
            assert_bits(backend, backend.xp.remainder(*operands), np.asarray([1, -2, 2, -1], dtype), dtype)
        halves = np.asarray([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], np.float32)
        assert_bits(backend, backend.xp.round(backend.asarray(halves)), [-2, -2, 0, 0, 2, 2], dtypes.float32)


def _representative(backend: Backend, function: str) -> dtypes.DType:
    """Return one dtype the function is defined on: float32 where it can be."""
    kinds = SIGNATURES[function].kinds
    if "floating" in kinds:
        return dtypes.float32
    return dtypes.int32 if "integer" in kinds and dtypes.int32 in backend.capabilities.dtypes else dtypes.bool
