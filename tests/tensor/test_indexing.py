"""`x[key]` and `x[key] = value`: NumPy's meaning on every backend, under jit and grad too."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unifw as uf
from unifw.errors import ArgumentError, BoundsError, DTypeError, ShapeError, TransformError

CUBE = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
EVEN = CUBE % 2 == 0

KEYS = {
    "negative step": (slice(None), slice(None, None, -1)),
    "negative step with bounds": (0, slice(2, 0, -1), slice(-1, None, -3)),
    "negative step, nothing": (slice(0, 2, -1),),
    "slices far outside": (slice(-99, 99), slice(5, 99)),
    "an array": (np.array([2, 0, -1]),),
    "an array on the second axis": (slice(None), np.array([[0, 1], [2, 0]])),
    "two arrays side by side": (slice(None), np.array([0, 1]), np.array([3, -1])),
    "two arrays apart": (np.array([0, 1]), slice(None), np.array([3, 0])),
    "arrays that broadcast": (np.array([[0], [1]]), np.array([0, 2])),
    "an array and an integer": (1, np.array([0, 2])),
    "an array, a new axis and a reversed slice": (None, np.array([0, 1]), slice(None, None, -2)),
    "an integer array without axes": (np.array(1),),
    "unsigned bytes": (np.array([1, 0], np.uint8),),
    "an empty array": (np.array([], np.int64),),
    "a mask": EVEN,
    "a mask of the first axis": np.array([False, True]),
    "a mask of the first axes": CUBE[..., 0] > 3,
    "a mask on the second axis": (slice(None), np.array([True, False, True])),
    "a mask and an integer": (np.array([True, True]), 2),
    "true": True,
    "false": False,
    "an ellipsis and an array": (..., np.array([1, 3])),
}
WITHIN = {name: key for name, key in KEYS.items() if name != "an array" and "outside" not in name}
WITHIN["an array"] = (np.array([1, 0]),)
KEYS["an array"] = (np.array([1, 0, -1]),)


def on_backend(key):
    """The same key with tensors in place of arrays."""
    if isinstance(key, tuple):
        return tuple(on_backend(part) for part in key)
    return uf.asarray(key) if isinstance(key, np.ndarray) else key


@pytest.mark.parametrize("kind", ["tensors", "arrays"])
@pytest.mark.parametrize("name", KEYS)
def test_reading_is_that_of_numpy(backend, name, kind):
    key = KEYS[name]
    result = uf.asarray(CUBE)[on_backend(key) if kind == "tensors" else key]
    np.testing.assert_array_equal(np.asarray(result), CUBE[key])
    assert result.shape == CUBE[key].shape


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "uint64", "float16", "bfloat16", "float64", "complex64"])
@pytest.mark.parametrize("name", KEYS)
def test_writing_is_that_of_numpy_for_every_dtype(backend, name, dtype):
    key, expected = KEYS[name], CUBE.astype(uf.dtypes.as_dtype(dtype))
    original = expected.copy()
    tensor = uf.asarray(original)
    before = tensor.native
    values = np.ones(expected[key].shape, expected.dtype)
    expected[key] = values
    tensor[on_backend(key)] = uf.asarray(values)
    np.testing.assert_array_equal(np.asarray(tensor), expected)
    assert tensor.dtype == dtype
    np.testing.assert_array_equal(backend.to_numpy(before), original)  # nobody else's memory has changed


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (0, 7.0),
        ((0, 1, 2), 7),
        (..., True),
        ((slice(None), 1), np.arange(4, dtype=np.float32)),
        ((slice(None), slice(None, None, -1)), CUBE),
        ((slice(None), slice(None, None, -2), 0), np.array([[1.0], [2.0]], np.float32)),
        (EVEN, 7.0),
        (EVEN, np.arange(12, dtype=np.float32)),
        (CUBE[..., 0] > 3, np.arange(4, dtype=np.float32)),
        (CUBE[..., 0] > 3, np.arange(20, dtype=np.float32).reshape(5, 4)),
        (CUBE < 0, np.zeros(0, np.float32)),
        (np.array([1, 0]), np.arange(12, dtype=np.float32).reshape(3, 4)),
        ((np.array([1, 0]), 2), np.array([[5.0], [6.0]], np.float32)),
        (([0, 1], [2, 1]), [[1, 2, 3, 4]]),
        (True, 3.0),
    ],
    ids=str,
)
def test_values_broadcast_and_scalars_take_the_dtype(backend, key, value):
    expected = CUBE.copy()
    expected[key] = value
    tensor = uf.asarray(CUBE)
    tensor[key] = value
    np.testing.assert_array_equal(np.asarray(tensor), expected)
    assert tensor.dtype == uf.float32


@st.composite
def keys(draw):
    """Basic keys of up to three axes, all in bounds."""
    parts = []
    for size in CUBE.shape[: draw(st.integers(0, 3))]:
        parts.append(draw(st.integers(-size, size - 1) | st.slices(size)))
        if draw(st.booleans()):
            parts.append(None)
    if draw(st.booleans()):
        parts.insert(0, ...) if len([p for p in parts if p is not None]) == 3 else parts.append(...)
    return tuple(parts)


@settings(max_examples=200, deadline=None)
@given(key=keys())
def test_any_basic_key_reads_and_writes_as_in_numpy(key):
    for name in ("numpy", "torch", "jax", "tensorflow"):
        with uf.use_backend(name):
            tensor, expected = uf.asarray(CUBE), CUBE.copy()
            np.testing.assert_array_equal(np.asarray(tensor[key]), CUBE[key])
            expected[key] = -1
            tensor[key] = -1
            np.testing.assert_array_equal(np.asarray(tensor), expected)


def test_writing_leaves_other_tensors_alone(backend):
    host = CUBE.copy()
    whole = uf.asarray(host)
    view, same, positive, clipped = whole[0], uf.asarray(whole), +whole, uf.clip(whole)
    whole[0, 0] = -1.0
    view[1] = -2.0
    np.testing.assert_array_equal(host, CUBE)
    for other in (same, positive, clipped):
        np.testing.assert_array_equal(np.asarray(other), CUBE)
    assert np.asarray(whole)[0, 1].tolist() == CUBE[0, 1].tolist()
    assert np.asarray(view)[0].tolist() == CUBE[0, 0].tolist()


def overwrite(x, value, index):
    y = x * 2
    y[0] = value * value
    y[1:, ::-1] = x[1:] * 3
    y[:, index] = value
    y[y > 20] = x[0, 0, 0] * 5
    return uf.sum(y * y)


def test_writing_works_under_jit_and_grad(backend):
    x, value, index = uf.asarray(CUBE / 4 + 0.1), uf.asarray(1.5), uf.asarray([2])
    expected = uf.grad(overwrite, argnums=(0, 1))(*(each.to_backend("jax") for each in (x, value, index)))
    eager = uf.grad(overwrite, argnums=(0, 1))(x, value, index)
    compiled = uf.jit(uf.grad(overwrite, argnums=(0, 1)))(x, value, index)
    for gradients in (eager, compiled):
        for gradient, oracle in zip(gradients, expected, strict=True):
            np.testing.assert_allclose(np.asarray(gradient), np.asarray(oracle), rtol=1e-5)


def test_reading_with_arrays_has_a_gradient(backend):
    index = uf.asarray([[0, 2], [2, 1]])
    gradient = uf.grad(lambda x: uf.sum(x[:, index, ::-1] * x[0, 0, 0]))(uf.asarray(CUBE))
    expected = np.zeros_like(CUBE)
    np.add.at(expected, (slice(None), np.asarray(index)), 1.0)
    expected *= CUBE[0, 0, 0]
    expected[0, 0, 0] += CUBE[:, np.asarray(index)].sum()
    np.testing.assert_allclose(np.asarray(gradient), expected, rtol=1e-6)


MISTAKES = {
    "too many axes": (lambda x: x[0, 0, 0, 0], BoundsError, "names 4 axes of a tensor with 3"),
    "two ellipses": (lambda x: x[..., ...], BoundsError, "has 2 ellipses"),
    "an integer outside": (lambda x: x[0, 3], BoundsError, "Index 3 is outside axis 1"),
    "an integer outside, beside an array": (
        lambda x: x[np.array([0]), 3],
        BoundsError,
        "Index 3 is outside axis 1",
    ),
    "an array that reaches outside": (lambda x: x[:, np.array([0, 3])], BoundsError, "Index 3 is outside axis 1"),
    "take from outside": (lambda x: uf.take(x, uf.asarray([-4]), axis=1), BoundsError, "Index -4 is outside axis 1"),
    "writing outside": (lambda x: x.__setitem__(np.array([2]), 1.0), BoundsError, "Index 2 is outside axis 0"),
    "a float": (lambda x: x[1.5], DTypeError, "holds 1.5, of type float"),
    "a string": (lambda x: x["a"], DTypeError, "holds 'a', of type str"),
    "a tensor of floats": (lambda x: x[uf.asarray([1.0])], DTypeError, "holds a tensor of float32"),
    "a slice of floats": (lambda x: x[0.5:], DTypeError, "holds the slice"),
    "a step of zero": (lambda x: x[::0], ArgumentError, "a slice with step 0"),
    "a mask that does not fit": (lambda x: x[uf.asarray([True, False, True])], BoundsError, "A mask of shape (3,)"),
    "arrays that do not broadcast": (
        lambda x: x[np.array([0, 1]), np.array([0, 1, 2])],
        ShapeError,
        "Index arrays of shapes (2,) and (3,)",
    ),
    "values that do not broadcast": (
        lambda x: x.__setitem__(0, np.zeros(3, np.float32)),
        ShapeError,
        "Cannot assign values of shape (3,) to elements of shape (3, 4)",
    ),
    "too many values": (
        lambda x: x.__setitem__(slice(0, 1), np.zeros((2, 3, 4), np.float32)),
        ShapeError,
        "Cannot assign values of shape (2, 3, 4) to elements of shape (1, 3, 4)",
    ),
    "values for a mask": (
        lambda x: x.__setitem__(EVEN, np.zeros(5, np.float32)),
        ShapeError,
        "Cannot assign values of shape (5,) to the 12 elements a mask selects.",
    ),
    "a wider dtype": (
        lambda x: x.__setitem__(0, np.zeros(4)),
        DTypeError,
        "Cannot assign values of float64 to a tensor of float32 without loss.",
    ),
    "floats into integers": (
        lambda x: uf.astype(x, "int32").__setitem__(0, 0.5),
        DTypeError,
        "Cannot assign values of float32 to a tensor of int32 without loss.",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_have_one_message_on_every_backend(backend, name):
    mistake, error, message = MISTAKES[name]
    tensor = uf.asarray(CUBE)
    with pytest.raises(error) as raised:
        mistake(tensor)
    assert message in str(raised.value)
    np.testing.assert_array_equal(np.asarray(tensor), CUBE)


def test_a_mask_inside_jit_says_what_to_write_instead():
    for name in ("jax", "tensorflow", "torch"):
        with uf.use_backend(name), pytest.raises(TransformError, match=r"unifw\.where"):
            uf.jit(lambda x: x[x > 3])(uf.asarray(CUBE))
