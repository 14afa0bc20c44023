"""Cross-entropies."""

from __future__ import annotations

import numpy as np

from unifw.testing._examples._activations import log_softmax, softmax
from unifw.testing._examples._example import MATRIX, CompositeExample, numbers, positional


def losses() -> tuple[CompositeExample, ...]:
    """Return the examples of the losses."""
    labels = np.asarray([2, 0, 3])
    probabilities = softmax(numbers(3, 4, seed=8))
    return (
        CompositeExample(
            "softmax_cross_entropy",
            "softmax_cross_entropy",
            (MATRIX, probabilities),
            positional(),
            lambda x, t: -(t * log_softmax(x)).sum(-1),
        ),
        *(
            CompositeExample(
                f"sparse_softmax_cross_entropy-{dtype}",
                "sparse_softmax_cross_entropy",
                (MATRIX, labels.astype(dtype)),
                positional(),
                lambda x, i: -np.take_along_axis(log_softmax(x), i[:, None].astype(np.int64), -1)[:, 0],
            )
            for dtype in ("int64", "int32")
        ),
        CompositeExample(
            "sparse_softmax_cross_entropy-sequence",
            "sparse_softmax_cross_entropy",
            (numbers(2, 3, 4), np.asarray([[0, 3, 1], [2, 2, 0]])),
            positional(),
            lambda x, i: -np.take_along_axis(log_softmax(x), i[..., None], -1)[..., 0],
        ),
        CompositeExample(
            "sigmoid_cross_entropy",
            "sigmoid_cross_entropy",
            (MATRIX, probabilities),
            positional(),
            lambda x, t: -t * np.log(1 / (1 + np.exp(-x))) - (1 - t) * np.log(1 / (1 + np.exp(x))),
        ),
    )
