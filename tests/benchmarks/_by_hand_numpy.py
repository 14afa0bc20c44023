"""Loss and gradients of the MLP by hand in NumPy: the baseline of the gradient tape."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

WIDE = (784, 512, 512, 10)


def weights() -> list[np.ndarray]:
    """Return kernels and biases in turn."""
    generator = np.random.default_rng(1)
    result = []
    for inputs, outputs in pairwise(WIDE):
        result += [generator.normal(size=(inputs, outputs)).astype("float32") * 0.05, np.zeros(outputs, "float32")]
    return result


def value_and_grad(parameters: list[np.ndarray], x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the mean cross-entropy and its gradients, written as a good engineer would."""
    first, bias_1, second, bias_2, third, bias_3 = parameters
    hidden_1 = np.maximum(x @ first + bias_1, 0)
    hidden_2 = np.maximum(hidden_1 @ second + bias_2, 0)
    logits = hidden_2 @ third + bias_3
    rows = np.arange(len(y))
    shifted = logits - logits.max(axis=1, keepdims=True)
    exponentials = np.exp(shifted)
    total = exponentials.sum(axis=1, keepdims=True)
    value = np.mean(np.log(total[:, 0]) - shifted[rows, y])

    upstream = exponentials / total
    upstream[rows, y] -= 1
    upstream /= np.float32(len(y))
    gradients = [hidden_2.T @ upstream, upstream.sum(axis=0)]
    upstream = upstream @ third.T
    upstream *= hidden_2 > 0
    gradients = [hidden_1.T @ upstream, upstream.sum(axis=0), *gradients]
    upstream = upstream @ second.T
    upstream *= hidden_1 > 0
    return value, [x.T @ upstream, upstream.sum(axis=0), *gradients]
