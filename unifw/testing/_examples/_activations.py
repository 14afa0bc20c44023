"""Activations, and padding: functions of one array."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from unifw.testing._examples._example import MATRIX, CompositeExample, positional
from unifw.testing._expect import HostArray

_erf = np.vectorize(math.erf, otypes=[np.float64])
_erfinv = np.vectorize(lambda x: NormalDist().inv_cdf((x + 1) / 2) / math.sqrt(2), otypes=[np.float64])


def softmax(x: HostArray, axis: int = -1) -> HostArray:
    """Return exponentials divided by their sum."""
    exponentials = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=axis, keepdims=True))


def log_softmax(x: HostArray, axis: int = -1) -> HostArray:
    """Return the logarithm of `softmax`."""
    return np.asarray(np.log(softmax(x, axis)))


def activations() -> tuple[CompositeExample, ...]:
    """Return the examples of the activations."""
    inverse = CompositeExample("erfinv", "erfinv", (MATRIX / 2.1,), positional(), _erfinv)
    return inverse, *(
        CompositeExample(label, label.split("-")[0], (MATRIX,), positional(*extra), formula)
        for label, extra, formula in (
            ("relu", (), lambda x: np.maximum(x, 0)),
            ("sigmoid", (), lambda x: 1 / (1 + np.exp(-x))),
            ("silu", (), lambda x: x / (1 + np.exp(-x))),
            ("softplus", (), lambda x: np.log(1 + np.exp(x))),
            ("gelu-exact", (False,), lambda x: x * (1 + _erf(x / math.sqrt(2))) / 2),
            ("gelu-tanh", (True,), lambda x: x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))),
            ("elu", (0.5,), lambda x: np.where(x > 0, x, 0.5 * (np.exp(x) - 1))),
            ("leaky_relu", (0.25,), lambda x: np.where(x > 0, x, 0.25 * x)),
            ("erf", (), _erf),
            ("softmax", (-1,), softmax),
            ("softmax-axis-0", (0,), lambda x: softmax(x, 0)),
            ("log_softmax", (1,), log_softmax),
            ("logsumexp", (1, False), lambda x: np.log(np.exp(x).sum(axis=1))),
            ("logsumexp-axes", ((0, 1), True), lambda x: np.log(np.exp(x).sum(axis=(0, 1), keepdims=True))),
            ("pad", (((1, 0), (2, 1)), 0.5), lambda x: np.pad(x, ((1, 0), (2, 1)), constant_values=0.5)),
            ("pad-nothing", (((0, 0), (0, 0)), 0.0), lambda x: x),
        )
    )
