"""The tensors that wrong calls name, as NumPy arrays, and the statements they need as functions."""

from __future__ import annotations

import numpy as np

import unifw as uf

OPERANDS = {
    "s": np.float32(2.0),
    "v1": np.asarray([1.5], np.float32),
    "v2": np.asarray([1, 2], np.float32),
    "v3": np.asarray([1, 2, 3], np.float32),
    "h3": np.asarray([1, 2, 3], np.float16),
    "nan1": np.asarray([np.nan], np.float32),
    "inf1": np.asarray([np.inf], np.float32),
    "e0": np.zeros(0, np.float32),
    "e2": np.zeros((2, 0), np.float32),
    "e03": np.zeros((0, 3), np.float32),
    "m13": np.ones((1, 3), np.float32),
    "m23": np.ones((2, 3), np.float32),
    "m32": np.ones((3, 2), np.float32),
    "t234": np.ones((2, 3, 4), np.float32),
    "x4": np.ones((2, 5, 5, 3), np.float32),
    "k3314": np.ones((3, 3, 1, 4), np.float32),
    "k3334": np.ones((3, 3, 3, 4), np.float32),
    "q4": np.ones((2, 5, 1, 4), np.float32),
    "k4": np.ones((2, 5, 1, 3), np.float32),
    "i0": np.asarray([0]),
    "i00": np.asarray([0, 0]),
    "i2": np.asarray([1, 2]),
    "i3": np.asarray([1, 2, 3]),
    "i8": np.asarray([1, 2, 3], np.int8),
    "u8": np.asarray([1, 2, 3], np.uint8),
    "index02": np.asarray([0, 1]),
    "index012": np.asarray([0, 1, 2]),
    "index9": np.asarray([0, 9]),
    "index_neg9": np.asarray([0, -9]),
    "key": np.asarray([0, 42], np.uint32),
    "key3": np.asarray([0, 42, 1], np.uint32),
    "keys": np.asarray([[0, 42], [1, 2]], np.uint32),
    "b1": np.asarray([True]),
    "b2": np.asarray([True, False]),
    "b3": np.asarray([True, False, True]),
    "mask23": np.ones((2, 3), bool),
    "mask32": np.ones((3, 2), bool),
    "c1": np.asarray([1j], np.complex64),
    "c3": np.asarray([1, 2j, 3], np.complex64),
}


def put(x, key, value):
    """Assign to an item."""
    x[key] = value
    return x


def item(x):
    """Read the only element."""
    return x.item()


def called_twice(layer, first, second):
    """Build a layer by one call, and make another."""
    layer(first)
    return layer(second)


def compiled(**arguments):
    """Return a compiled model of one layer."""
    model = uf.Sequential([uf.layers.Dense(3)])
    model.compile(**({"optimizer": "sgd", "loss": "mse"} | arguments))
    return model
