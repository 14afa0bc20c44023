"""TensorFlow's creation and manipulation of arrays, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.tensorflow_arrays import EVERY, MODES, REAL, SHAPES, assert_same, backend, numbers, oracle, run, xp
from unifw import dtypes


@pytest.mark.parametrize("dtype", EVERY)
def test_creation(dtype):
    native, ours = backend.native_dtype(dtypes.as_dtype(dtype)), dtypes.as_dtype(dtype)
    convert = backend.to_numpy
    assert_same(convert(xp.zeros((2, 3), dtype=native)), np.zeros((2, 3), ours))
    assert_same(convert(xp.ones((), dtype=native)), np.ones((), ours))
    assert_same(convert(xp.full((0, 2), 1, dtype=native)), np.full((0, 2), 1, ours))
    assert_same(convert(xp.full((2,), True, dtype=native)), np.full((2,), True, ours))
    for n, m, k in ((3, 3, 0), (2, 4, 1), (4, 2, -1), (0, 2, 0)):
        assert_same(convert(xp.eye(n, m, k=k, dtype=native)), np.eye(n, m, k=k, dtype=ours))
    x = numbers(dtype)
    assert_same(run(xp.zeros_like, x), np.zeros_like(x))
    assert_same(run(xp.ones_like, x), np.ones_like(x))
    assert_same(run(lambda each: xp.full_like(each, 1), x), np.ones_like(x))
    for k in (-1, 0, 2):
        assert_same(run(lambda each, k=k: xp.tril(each, k=k), x), np.tril(x, k=k).astype(ours))
        assert_same(run(lambda each, k=k: xp.triu(each, k=k), x), np.triu(x, k=k).astype(ours))


@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("arguments", [(0, 5, 1), (1, 9, 3), (9, 1, -3), (3, 3, 1), (5, 2, 1)])
def test_arange(arguments, dtype):
    ours = dtypes.as_dtype(dtype)
    result = backend.to_numpy(xp.arange(*arguments, dtype=backend.native_dtype(ours)))
    assert_same(result, np.arange(*arguments).astype(ours))


def test_spacing():
    float64 = backend.native_dtype(dtypes.float64)
    assert_same(backend.to_numpy(xp.arange(0.5, 3.0, 0.25, dtype=float64)), np.arange(0.5, 3.0, 0.25))
    assert_same(backend.to_numpy(xp.linspace(-1, 2, 7, dtype=float64)), np.linspace(-1, 2, 7))
    assert_same(
        backend.to_numpy(xp.linspace(-1, 2, 7, endpoint=False)), np.linspace(-1, 2, 7, endpoint=False, dtype="f")
    )


MANIPULATION = {
    "broadcast_to": (lambda n, x: n.broadcast_to(x, (5, *x.shape)), SHAPES),
    "concat": (lambda n, x: n.concat([x, x, x], axis=-1), SHAPES[:1] + SHAPES[2:]),
    "concat of one": (lambda n, x: n.concat([x], axis=0), SHAPES[:1]),
    "concat flat": (lambda n, x: n.concat([x, x], axis=None), SHAPES),
    "stack": (lambda n, x: n.stack([x, x], axis=-1), SHAPES),
    "expand_dims": (lambda n, x: n.expand_dims(x, axis=-1), SHAPES),
    "flip": (lambda n, x: n.flip(x, axis=-1), SHAPES[:1] + SHAPES[2:]),
    "flip all": (lambda n, x: n.flip(x), SHAPES),
    "moveaxis": (lambda n, x: n.moveaxis(x, 0, -1), SHAPES[:1] + SHAPES[2:]),
    "moveaxis of two": (lambda n, x: n.moveaxis(x, (0, 1), (-1, 0)), SHAPES[3:]),
    "permute_dims": (lambda n, x: n.permute_dims(x, tuple(reversed(range(len(x.shape))))), SHAPES),
    "repeat": (lambda n, x: n.repeat(x, 3, axis=-1), SHAPES[:1] + SHAPES[2:]),
    "repeat flat": (lambda n, x: n.repeat(x, 2), SHAPES),
    "reshape": (lambda n, x: n.reshape(x, (-1,)), SHAPES[:2] + SHAPES[3:]),
    "reshape to 0-d": (lambda n, x: n.reshape(n.reshape(x, (-1,))[:1], ()), SHAPES[:2]),
    "roll": (lambda n, x: n.roll(x, 2, axis=-1), SHAPES[:1] + SHAPES[2:]),
    "roll flat": (lambda n, x: n.roll(x, -1), SHAPES[:1]),
    "roll two": (lambda n, x: n.roll(x, (1, -1), axis=(0, 1)), SHAPES[:1]),
    "squeeze": (lambda n, x: n.squeeze(x, axis=1), SHAPES[3:]),
    "squeeze none": (lambda n, x: n.squeeze(x, axis=()), SHAPES[3:]),
    "tile": (lambda n, x: n.tile(x, (2, 3)), SHAPES),
    "index": (lambda _, x: x[1, None, ..., ::2], SHAPES[:1]),
    "slice": (lambda _, x: x[:, 1:-1], SHAPES[:1]),
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("label", "shape"), [(label, shape) for label, (_, shapes) in MANIPULATION.items() for shape in shapes]
)
def test_manipulation(label, shape, mode):
    function = MANIPULATION[label][0]
    arrays = [numbers(dtype, shape) for dtype in (("float32",) if mode == "xla" else EVERY)]
    results = run(lambda *natives: [function(xp, each) for each in natives], *arrays, mode=mode)
    for result, array in zip(results, arrays, strict=True):
        assert_same(result, function(oracle, array))
