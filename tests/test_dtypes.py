"""The promotion rule: the tables of the standard, NumPy where it defines the same, and what unifw adds to both."""

from __future__ import annotations

import itertools

import array_api_strict as strict
import ml_dtypes
import numpy as np
import pytest

import unifw as uf
from unifw import dtypes

# The standard's table of mixed integers ("Type promotion rules"), rows by columns.
SIGNED_WITH_UNSIGNED = {
    ("int8", "uint8"): "int16",
    ("int8", "uint16"): "int32",
    ("int8", "uint32"): "int64",
    ("int16", "uint8"): "int16",
    ("int16", "uint16"): "int32",
    ("int16", "uint32"): "int64",
    ("int32", "uint8"): "int32",
    ("int32", "uint16"): "int32",
    ("int32", "uint32"): "int64",
    ("int64", "uint8"): "int64",
    ("int64", "uint16"): "int64",
    ("int64", "uint32"): "int64",
}
SIMPLE = [each for each in dtypes.ALL if each != uf.bfloat16]
SAME_KIND = [
    pair
    for pair in itertools.product(SIMPLE, SIMPLE)
    if dtypes.kind(pair[0]) == dtypes.kind(pair[1])
    and not (uf.uint64 in pair and {pair[0].kind, pair[1].kind} == {"i", "u"})
]


@pytest.mark.parametrize(("pair", "expected"), SIGNED_WITH_UNSIGNED.items(), ids=str)
def test_mixed_integers_follow_the_table_of_the_standard(pair, expected):
    assert uf.result_type(*pair) == np.dtype(expected)


@pytest.mark.parametrize("pair", SAME_KIND, ids=lambda pair: "-".join(map(str, pair)))
def test_within_a_kind_unifw_promotes_as_numpy(pair):
    assert dtypes.promote(*pair) == np.result_type(*pair)


@pytest.mark.parametrize("pair", list(itertools.product(dtypes.FLOATS[2:], dtypes.COMPLEX)), ids=str)
def test_floats_with_complex_promote_as_numpy(pair):
    assert dtypes.promote(*pair) == np.result_type(*pair)


@pytest.mark.parametrize("low", [uf.bool, *dtypes.INTEGERS], ids=str)
@pytest.mark.parametrize("high", [*dtypes.FLOATS, *dtypes.COMPLEX], ids=str)
def test_integers_and_booleans_take_the_dtype_of_floats(low, high):
    assert dtypes.promote(low, high) == high


@pytest.mark.parametrize("integer", dtypes.INTEGERS, ids=str)
def test_booleans_take_the_dtype_of_integers(integer):
    assert dtypes.promote(uf.bool, integer) == integer


def test_no_integer_holds_uint64_and_a_sign():
    assert all(dtypes.promote(uf.uint64, each) == uf.float32 for each in dtypes.SIGNED)


def test_the_two_half_precisions_meet_in_float32():
    assert uf.result_type("float16", "bfloat16") == uf.float32


@pytest.mark.parametrize("pair", list(itertools.product(dtypes.ALL, dtypes.ALL)), ids=str)
def test_promotion_is_commutative(pair):
    assert dtypes.promote(*pair) == dtypes.promote(*reversed(pair))


@pytest.mark.parametrize("dtype", dtypes.ALL, ids=str)
def test_promotion_with_oneself_changes_nothing(dtype):
    assert dtypes.promote(dtype, dtype) == dtype


@pytest.mark.parametrize(
    ("dtype", "scalar", "expected"),
    [
        ("int8", 1, "int8"),
        ("float16", 1, "float16"),
        ("float16", 0.5, "float16"),
        ("bfloat16", True, "bfloat16"),
        ("uint8", 0.5, "float32"),
        ("bool", 2, "int64"),
        ("float32", 1j, "complex64"),
        ("float64", 1j, "complex128"),
    ],
)
def test_python_scalars_take_the_dtype_of_the_tensor_unless_their_kind_is_higher(dtype, scalar, expected):
    assert dtypes.promote_scalar(dtypes.as_dtype(dtype), scalar) == np.dtype(expected)


def test_can_cast_follows_the_promotions_of_the_standard():
    names = [each for each in strict.__array_namespace_info__().dtypes() if each != "bool"]
    for low, high in itertools.product(names, names):
        try:
            promoted = strict.result_type(getattr(strict, low), getattr(strict, high))
        except TypeError:  # the standard leaves it open
            continue
        assert uf.can_cast(low, high) == (promoted == getattr(strict, high)), (low, high)


@pytest.mark.parametrize("spelling", [np.float32, "float32", np.dtype("float32"), float])
def test_dtypes_have_many_spellings(spelling):
    assert dtypes.as_dtype(spelling) == uf.float32


def test_bfloat16_is_that_of_ml_dtypes():
    assert uf.bfloat16 == np.dtype(ml_dtypes.bfloat16)
    assert dtypes.as_dtype(ml_dtypes.bfloat16) == uf.bfloat16


@pytest.mark.parametrize("wrong", ["float80", "datetime64", object, np.dtype("U3"), None])
def test_anything_else_is_an_error_that_lists_the_names(wrong):
    with pytest.raises(uf.errors.DTypeError, match=r"is not a dtype of unifw\. Write one of: bool, int8"):
        dtypes.as_dtype(wrong)


def test_result_type_of_nothing_is_an_error():
    with pytest.raises(uf.errors.DTypeError, match="at least one"):
        uf.result_type()


def test_defaults_are_the_documented_ones(backend):
    assert uf.asarray(1).dtype == uf.int64
    assert uf.asarray(1.0).dtype == uf.float32
    assert uf.asarray(1j).dtype == uf.complex64
    assert uf.asarray(True).dtype == uf.bool
    assert uf.zeros(2).dtype == uf.float32
    assert uf.arange(3).dtype == uf.int64
    assert uf.asarray(np.zeros(2)).dtype == uf.float64


def test_64_bits_asked_for_are_64_bits(backend):
    tensor = uf.asarray([1.0], dtype="float64") + 1e-12
    assert tensor.dtype == uf.float64
    assert tensor.item() - 1.0 == pytest.approx(1e-12, rel=1e-3)
