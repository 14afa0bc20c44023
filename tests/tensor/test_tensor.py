"""`Tensor`: operators, indexing, conversion to Python, and errors with one message on every backend."""

from __future__ import annotations

import operator

import numpy as np
import pytest

import unifw as uf
from unifw.errors import ArgumentError, BoundsError, DTypeError, MixedBackendsError, ShapeError

FLOATS = np.asarray([[1.5, -2.0], [0.5, 3.0]], np.float32)
WHOLE = np.asarray([[5, 2], [7, 3]])
ARITHMETIC = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lt", "le", "gt", "ge", "eq", "ne"]
BITS = ["and_", "or_", "xor", "lshift", "rshift"]


@pytest.mark.parametrize("name", ARITHMETIC)
def test_operators_between_tensors(backend, name):
    apply = getattr(operator, name)
    a, b = np.abs(FLOATS), np.abs(FLOATS[::-1])
    for _ in range(2):  # the second time takes the path bound by the first
        result = apply(uf.asarray(a), uf.asarray(b))
        np.testing.assert_allclose(np.asarray(result), apply(a, b), rtol=2e-5)
    assert result.dtype == apply(a, b).dtype


@pytest.mark.parametrize("name", [name for name in ARITHMETIC if name != "truediv"] + BITS)
def test_operators_between_integers(backend, name):
    apply = getattr(operator, name)
    result = apply(uf.asarray(WHOLE), uf.asarray([[2], [1]]))
    np.testing.assert_array_equal(np.asarray(result), apply(WHOLE, np.asarray([[2], [1]])))
    assert result.dtype in (uf.int64, uf.bool)


@pytest.mark.parametrize("name", ARITHMETIC)
def test_operators_take_python_scalars_on_either_side(backend, name):
    apply = getattr(operator, name)
    a = np.abs(FLOATS)
    for scalar in (2.0, 2):
        right, left = apply(uf.asarray(a), scalar), apply(scalar, uf.asarray(a))
        np.testing.assert_allclose(np.asarray(right), apply(a, np.float32(scalar)), rtol=2e-5)
        np.testing.assert_allclose(np.asarray(left), apply(np.float32(scalar), a), rtol=2e-5)
        assert right.dtype == apply(a, np.float32(scalar)).dtype


def test_operators_take_numpy_arrays_on_either_side(backend):
    tensor = uf.asarray(FLOATS)
    for result in (tensor + FLOATS, FLOATS + tensor, np.float32(0) + tensor + FLOATS):
        assert isinstance(result, uf.Tensor)
        assert result.backend is backend
        np.testing.assert_array_equal(np.asarray(result), FLOATS + FLOATS)


def test_matrix_product(backend):
    np.testing.assert_allclose(np.asarray(uf.asarray(FLOATS) @ uf.asarray(FLOATS)), FLOATS @ FLOATS, rtol=2e-5)


def test_unary_operators(backend):
    tensor = uf.asarray(FLOATS)
    np.testing.assert_array_equal(np.asarray(-tensor), -FLOATS)
    np.testing.assert_array_equal(np.asarray(abs(tensor)), abs(FLOATS))
    np.testing.assert_array_equal(np.asarray(~uf.asarray(WHOLE)), ~WHOLE)
    np.testing.assert_array_equal(np.asarray(~uf.asarray(FLOATS > 0)), FLOATS <= 0)
    assert (+tensor).native is tensor.native


def test_conversion_to_python(backend):
    assert float(uf.asarray(1.5)) == 1.5
    assert int(uf.asarray(3)) == 3
    assert complex(uf.asarray(2.0)) == 2
    assert bool(uf.asarray(True))
    assert [10, 20, 30][uf.asarray(1)] == 20
    assert uf.asarray([[1, 2]]).tolist() == [[1, 2]]
    assert uf.asarray([[4.0]]).item() == 4.0
    assert len(uf.zeros((3, 2))) == 3
    assert [row.tolist() for row in uf.asarray(WHOLE)] == WHOLE.tolist()


def test_attributes(backend):
    tensor = uf.zeros((2, 3, 4))
    assert (tensor.shape, tensor.ndim, tensor.size, tensor.dtype) == ((2, 3, 4), 3, 24, uf.float32)
    assert tensor.mT.shape == (2, 4, 3)
    assert uf.zeros((2, 3)).T.shape == (3, 2)
    assert tensor.device == backend.devices()[0]
    assert tensor.__array_namespace__() is uf


def test_repr_shows_values_dtype_and_backend(backend):
    assert repr(uf.asarray([1, 2])) == f"Tensor([1, 2], dtype=int64, backend={backend.name!r})"


CUBE = np.arange(24).reshape(2, 3, 4)
KEYS = [
    1,
    -1,
    (1, 2),
    (0, -1, 3),
    slice(None),
    slice(1, None),
    slice(-1, None),
    slice(0, 99),
    (slice(None), slice(None, None, 2)),
    (..., 0),
    (0, ..., slice(1, 3)),
    None,
    (slice(None), None, 1),
    (..., None),
    (),
]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_indexing_is_that_of_numpy(backend, key):
    result = uf.asarray(CUBE)[key]
    np.testing.assert_array_equal(np.asarray(result), CUBE[key])
    assert result.shape == CUBE[key].shape


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (2, "Index 2 is outside axis 0 of shape (2, 3, 4): it must be in [-2, 2)."),
        ((0, -4), "Index -4 is outside axis 1 of shape (2, 3, 4): it must be in [-3, 3)."),
        (
            (0, 0, 0, 0),
            (
                "Index [0, 0, 0, 0] names 4 axes of a tensor with 3: shape (2, 3, 4). Leave out some, or insert axes "
                "with None."
            ),
        ),
    ],
    ids=str,
)
def test_indices_outside_raise_on_every_backend(backend, key, message):
    with pytest.raises(BoundsError) as raised:
        uf.asarray(CUBE)[key]
    assert str(raised.value) == message
    assert isinstance(raised.value, IndexError)


ERRORS = {
    "shapes that do not broadcast": (
        lambda: uf.zeros((2, 3)) + uf.zeros((2,)),
        ShapeError,
        "add() got shapes (2, 3) and (2,), which do not broadcast",
    ),
    "inner sizes that differ": (
        lambda: uf.zeros((2, 3)) @ uf.zeros((2, 3)),
        ShapeError,
        "matmul() got shapes (2, 3) and (2, 3): the last axis of the first",
    ),
    "a product with a scalar": (lambda: uf.matmul(uf.zeros(()), uf.zeros(2)), ShapeError, "at least one axis"),
    "bits of floats": (
        lambda: uf.zeros(2) & uf.ones(2),
        DTypeError,
        "bitwise_and() got float32, but takes bool or integer dtypes. Convert first: unifw.astype(x, 'int64').",
    ),
    "logic of integers": (lambda: uf.logical_not(uf.ones(2, dtype="int32")), DTypeError, "takes bool dtypes"),
    "arithmetic of booleans": (lambda: uf.asarray(True) + uf.asarray(False), DTypeError, "add() got bool"),
    "an axis that is not there": (
        lambda: uf.sum(uf.zeros((2, 3)), axis=2),
        ShapeError,
        "sum() got axis=2 for a tensor with 2 axes; it must be in [-2, 2).",
    ),
    "an axis twice": (lambda: uf.sum(uf.zeros((2, 3)), axis=(0, -2)), ArgumentError, "the same axis twice"),
    "a maximum of nothing": (lambda: uf.max(uf.zeros((0, 3))), ShapeError, "max() of no elements"),
    "a shape that does not fit": (
        lambda: uf.reshape(uf.zeros(6), (4, -1)),
        ShapeError,
        "reshape() cannot turn shape (6,) (6 elements) into (4, -1)",
    ),
    "a negative size": (lambda: uf.zeros((2, -1)), ArgumentError, "sizes cannot be negative"),
    "an integer too large": (
        lambda: uf.asarray([1], dtype="int8") + 1000,
        ArgumentError,
        "The Python integer 1000 does not fit int8 (-128 to 127).",
    ),
    "text": (lambda: uf.asarray(["a"]), DTypeError, "A tensor holds numbers or booleans"),
    "ragged lists": (lambda: uf.asarray([[1, 2], [3]]), DTypeError, "ragged"),
    "many elements as one": (lambda: uf.zeros(2).item(), ShapeError, "exactly one element, got shape (2,)"),
    "a float as an index": (lambda: [1, 2][uf.asarray(1.0)], DTypeError, "An index must be an integer"),
    "the length of a scalar": (lambda: len(uf.asarray(1.0)), ShapeError, "has no length"),
    "limits that cross": (lambda: uf.clip(uf.zeros(2), 1, 0), ArgumentError, "min=1 above max=0"),
    "sizes to concatenate that differ": (
        lambda: uf.concat([uf.zeros((2, 3)), uf.zeros((3, 2))]),
        ShapeError,
        "concat() along axis 0 needs equal sizes on all other axes, got shapes (2, 3), (3, 2).",
    ),
    "an axis of size 2 squeezed": (lambda: uf.squeeze(uf.zeros((2, 1)), axis=0), ShapeError, "axes of size 1 only"),
    "a step of nothing": (lambda: uf.arange(0, 3, 0), ArgumentError, "step=0"),
    "float indices": (lambda: uf.take(uf.zeros(3), uf.zeros(1)), DTypeError, "integer indices"),
    "no axis for a matrix": (lambda: uf.take(uf.zeros((2, 2)), uf.asarray([0])), ShapeError, "needs an axis"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_are_the_same_on_every_backend(backend, case):
    call, kind, message = ERRORS[case]
    with pytest.raises(kind) as raised:
        call()
    assert message in str(raised.value)


def test_two_backends_in_one_call_raise(backend):
    other = next(name for name in ("numpy", *uf.backend.installed()) if name != backend.name)
    a, b = uf.ones(2), uf.asarray(np.ones(2, np.float32), backend=other)
    with pytest.raises(MixedBackendsError, match=r"Bring them together first: x\.to_backend"):
        a + b
    assert (a + b.to_backend(backend)).tolist() == [2.0, 2.0]


def test_tensors_are_not_hashable(backend):
    with pytest.raises(TypeError, match="unhashable"):
        hash(uf.zeros(2))


def test_an_unknown_version_of_the_standard_is_an_error(backend):
    with pytest.raises(ArgumentError, match=r"2025\.12"):
        uf.zeros(1).__array_namespace__(api_version="1999.01")


def test_synchronize_returns_its_tree(backend):
    tree = {"a": uf.ones(2), "b": [uf.zeros(1), 3]}
    assert uf.synchronize(tree) is tree


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("number", [0.1, 65536.0, -0.3, 3])
def test_python_numbers_are_rounded_to_half_precision_before_they_meet_a_tensor(backend, dtype, number):
    x = np.linspace(0.1, 3.0, 200).astype(uf.dtypes.as_dtype(dtype))
    with np.errstate(over="ignore"):
        rounded = np.asarray(number).astype(x.dtype)
        expected = x * rounded, x + rounded, x - rounded
    tensor = uf.asarray(x)
    for ours, theirs in zip((tensor * number, tensor + number, tensor - number), expected, strict=True):
        np.testing.assert_array_equal(np.asarray(ours), theirs)
