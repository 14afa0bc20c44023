"""What the array-api-tests suite found, held without it."""

from __future__ import annotations

import numpy as np
import pytest

import unifw as uf
from unifw.errors import AxisError, BoundsError, ShapeError


def values_of(x):
    return x.backend.to_numpy(x.native)


@pytest.mark.parametrize("axis", [-3, 2])
def test_an_axis_that_is_not_there_is_an_error_of_index_and_of_value(backend, axis):
    for call in (lambda: uf.expand_dims(uf.zeros(()), axis), lambda: uf.sum(uf.zeros((2, 2)), axis=axis * 2)):
        with pytest.raises(AxisError, match="must be in") as caught:
            call()
        assert isinstance(caught.value, IndexError)
        assert isinstance(caught.value, ValueError)
        assert isinstance(caught.value, ShapeError)


@pytest.mark.parametrize(
    ("shift", "axis"), [((1, 2), (0, 1)), ((1, -1), (1, 1)), (2, (0, -1)), ((1,), (0,)), (-9, None)]
)
def test_rolling_along_several_axes(backend, shift, axis):
    x = np.arange(12).reshape(3, 4)
    np.testing.assert_array_equal(values_of(uf.roll(uf.asarray(x), shift, axis=axis)), np.roll(x, shift, axis))


def test_rolling_needs_a_shift_for_each_axis(backend):
    with pytest.raises(ShapeError, match=r"2 shifts \(1, 2\) for 1 axes"):
        uf.roll(uf.arange(3), (1, 2), axis=0)


@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 2)])
def test_a_mask_without_elements_selects_and_writes_none(backend, shape):
    x = uf.ones((3, 2))
    mask = np.zeros(shape, bool)
    assert x[uf.asarray(mask)].shape == np.ones((3, 2))[mask].shape
    x[uf.asarray(mask)] = 7.0
    assert values_of(x).tolist() == values_of(x.at[mask].add(1.0)).tolist() == np.ones((3, 2)).tolist()
    with pytest.raises(BoundsError, match="does not fit"):
        x[uf.asarray(np.zeros((2,), bool))]


@pytest.mark.parametrize("dtype", ["float32", "int8", "bool"])
def test_negative_indices_count_from_the_end_also_compiled(backend, dtype):
    x = np.arange(8).reshape(2, 4).astype(dtype)
    places = uf.asarray([0, -1, 1])
    for take in (uf.take, uf.jit(lambda a, i, axis: uf.take(a, i, axis=axis), static_argnames="axis")):
        np.testing.assert_array_equal(values_of(take(uf.asarray(x), places, axis=1)), x[:, [0, -1, 1]])
    wide = uf.take(uf.asarray(x.astype("complex64")), places, axis=1)
    np.testing.assert_array_equal(values_of(wide), x.astype("complex64")[:, [0, -1, 1]])
    along = np.asarray([[-1], [0]])
    np.testing.assert_array_equal(
        values_of(uf.take_along_axis(uf.asarray(x), uf.asarray(along), axis=1)),
        np.take_along_axis(x, along, axis=1),
    )


def test_rounding_complex_numbers(backend):
    assert uf.round(uf.asarray([1.5 - 2.5j, 0.4 + 0.6j])).tolist() == [2 - 2j, 1j]


@pytest.mark.parametrize("k", [2**63, -(2**70), 5, -3])
def test_a_diagonal_far_outside_is_empty(backend, k):
    assert values_of(uf.eye(2, 3, k=k)).tolist() == np.zeros((2, 3)).tolist()


def test_dlpack_with_the_version_before_versions(backend):
    capsule = uf.asarray([1.0, 2.0]).__dlpack__(max_version=(0, 0))
    assert type(capsule).__name__ == "PyCapsule"


def test_moving_to_where_it_is_makes_no_copy(backend):
    x = uf.asarray([True])
    assert x.to_device(x.device).native is x.native
    assert uf.from_dlpack(x, device=x.device, copy=False) is x


def test_more_axes_than_a_slice_may_have_somewhere(backend):
    x = uf.reshape(uf.arange(4), (2, 1, 1, 1, 1, 1, 1, 1, 2))
    assert x[1, 0, 0, 0, 0, 0, 0, 0, 1].item() == 3
    assert x[:, 0, ..., 1].shape == (2, 1, 1, 1, 1, 1, 1)


def test_qr_of_complex_numbers_whose_squares_overflow(backend):
    x = np.asarray([[1e30 + 1e30j, 2e30], [1e30j, 1e29]], np.complex64)
    q, r = uf.linalg.qr(uf.asarray(x))
    product = values_of(q).astype("c16") @ values_of(r).astype("c16")
    np.testing.assert_allclose(product, x, rtol=1e-5, atol=1e25)
