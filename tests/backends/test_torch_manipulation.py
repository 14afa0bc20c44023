"""torch's creation and manipulation of arrays, products, taking and sorting, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.torch_arrays import XP, assert_same, reference, sample, tensor, torch


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
