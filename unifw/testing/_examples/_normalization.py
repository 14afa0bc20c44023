"""Moments and normalisations."""

from __future__ import annotations

from typing import Any

import numpy as np

from unifw.testing._examples._example import IMAGE, MATRIX, SIGNAL, CompositeExample, numbers, positional
from unifw.testing._expect import HostArray


def _normalize(x: HostArray, axis: tuple[int, ...], scale: Any, offset: Any, epsilon: float) -> HostArray:
    mean, variance = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True)
    return np.asarray((x - mean) / np.sqrt(variance + epsilon) * scale + offset)


def _batch_norm(x: HostArray, scale: Any, offset: Any) -> tuple[HostArray, ...]:
    axes = tuple(range(x.ndim - 1))
    return _normalize(x, axes, scale, offset, 1e-3), x.mean(axis=axes), x.var(axis=axes)


def normalization() -> tuple[CompositeExample, ...]:
    """Return the examples of the normalisations."""
    scale, offset = numbers(4, seed=4), numbers(4, seed=5)
    positive = np.abs(numbers(4, seed=6)) + 0.5
    return (
        CompositeExample(
            "moments", "moments", (IMAGE,), positional((0, 2), False), lambda x: (x.mean((0, 2)), x.var((0, 2)))
        ),
        CompositeExample(
            "moments-kept",
            "moments",
            (MATRIX,),
            positional((-1,), True),
            lambda x: (x.mean(-1, keepdims=True), x.var(-1, keepdims=True)),
        ),
        CompositeExample(
            "normalize",
            "normalize",
            (IMAGE, offset, positive, scale, numbers(4, seed=7)),
            positional(1e-3),
            lambda x, m, v, s, o: (x - m) / np.sqrt(v + 1e-3) * s + o,
        ),
        CompositeExample(
            "normalize-bare",
            "normalize",
            (MATRIX, offset, positive),
            positional(None, None, 1e-3),
            lambda x, m, v: (x - m) / np.sqrt(v + 1e-3),
        ),
        CompositeExample("batch_norm", "batch_norm", (IMAGE, scale, offset), positional(1e-3), _batch_norm),
        CompositeExample(
            "batch_norm-bare",
            "batch_norm",
            (MATRIX,),
            positional(None, None, 1e-3),
            lambda x: _batch_norm(x, 1.0, 0.0),
        ),
        CompositeExample(
            "layer_norm",
            "layer_norm",
            (IMAGE, scale, offset),
            positional(1e-3, (-1,)),
            lambda x, s, o: _normalize(x, (-1,), s, o, 1e-3),
        ),
        CompositeExample(
            "layer_norm-axes",
            "layer_norm",
            (SIGNAL, numbers(7, 3, seed=1), numbers(7, 3, seed=2)),
            positional(1e-3, (1, 2)),
            lambda x, s, o: _normalize(x, (1, 2), s, o, 1e-3),
        ),
    )
