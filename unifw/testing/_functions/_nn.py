"""Examples of `unifw.nn`."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from unifw import nn
from unifw.testing._functions._example import (
    ANY,
    CUBE,
    IMAGE,
    INTEGERS,
    OTHER,
    POSITIVE,
    WITHIN_ONE,
    FunctionExample,
    plain,
)

ACTIVATIONS: Final = "Activations (nn)"
WINDOWS: Final = "Convolution, pooling, attention (nn)"
NORMALIZATION: Final = "Normalisation and losses (nn)"
OTHERS: Final = "Comparing, ordering, segments, scattering (nn)"
_LABELS: Final = np.asarray([2, 0], np.int64)
_SEGMENTS: Final = np.asarray([0, 1, 0], np.int64)


def _activations() -> tuple[FunctionExample, ...]:
    names = (
        "celu elu erf gelu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu log_sigmoid log_softmax "
        "logsumexp mish relu relu6 selu sigmoid silu soft_shrink soft_sign softmax softplus sparse_plus sparse_sigmoid "
        "sparsemax squareplus swish tanh tanh_shrink"
    )
    return (
        *plain(ACTIVATIONS, " ".join(f"nn.{name}" for name in names.split()), ANY),
        *plain(ACTIVATIONS, "nn.erfinv", WITHIN_ONE),
        *plain(ACTIVATIONS, "nn.glu", CUBE),
        FunctionExample("nn.threshold", ACTIVATIONS, lambda x: nn.threshold(x, 0.5, -1.0), (ANY,)),
    )


def _windows() -> tuple[FunctionExample, ...]:
    kernel = IMAGE[0, :3, :3, :, None] * np.asarray([1.0, -0.5], np.float32)
    heads = CUBE[:, :, None, :]

    def of(name: str, call: Any, *arrays: Any) -> FunctionExample:
        return FunctionExample(name, WINDOWS, call, arrays)

    return (
        of("nn.average_pool", lambda x: nn.average_pool(x, 2, padding="same"), IMAGE),
        of("nn.conv", lambda x, k: nn.conv(x, k, padding="same"), IMAGE, kernel),
        of("nn.dot_product_attention", lambda x: nn.dot_product_attention(x, x, x, is_causal=True), heads),
        of("nn.max_pool", lambda x: nn.max_pool(x, 2), IMAGE),
        of("nn.pad", lambda x: nn.pad(x, 1), ANY),
        of("nn.resize", lambda x: nn.resize(x, (2, 9, 4, 2), "bilinear"), IMAGE),
    )


def _normalization() -> tuple[FunctionExample, ...]:
    targets = np.asarray([[0.2, 0.3, 0.5], [0.6, 0.4, 0.0]], np.float32)

    def of(name: str, call: Any, *arrays: Any) -> FunctionExample:
        return FunctionExample(name, NORMALIZATION, call, arrays)

    return (
        of("nn.batch_norm", nn.batch_norm, CUBE),
        of("nn.layer_norm", nn.layer_norm, CUBE),
        of("nn.moments", lambda x: nn.moments(x, -1), CUBE),
        of("nn.normalize", lambda x, v: nn.normalize(x, 0.5, v), ANY, POSITIVE),
        of("nn.one_hot", lambda x: nn.one_hot(x, 6), INTEGERS),
        of("nn.sigmoid_cross_entropy", nn.sigmoid_cross_entropy, ANY, targets),
        of("nn.softmax_cross_entropy", nn.softmax_cross_entropy, ANY, targets),
        of("nn.sparse_softmax_cross_entropy", nn.sparse_softmax_cross_entropy, ANY, _LABELS),
        of("nn.standardize", nn.standardize, CUBE),
    )


def _others() -> tuple[FunctionExample, ...]:
    def of(name: str, call: Any, *arrays: Any) -> FunctionExample:
        return FunctionExample(name, OTHERS, call, arrays)

    return (
        *plain(OTHERS, "nn.allclose nn.array_equal nn.isclose", ANY, OTHER),
        of("nn.bincount", lambda x: nn.bincount(x, length=4), _LABELS),
        of("nn.einsum", lambda x, y: nn.einsum("bij,kj->bki", x, y), CUBE, CUBE[0]),
        of("nn.in_top_k", lambda x, y: nn.in_top_k(x, y, 2), _LABELS, ANY),
        of("nn.cumprod", lambda x: nn.cumprod(x, axis=-1), ANY),
        of("nn.cumsum", lambda x: nn.cumsum(x, axis=-1), ANY),
        of("nn.median", lambda x: nn.median(x, axis=-1), ANY),
        of("nn.nan_to_num", nn.nan_to_num, ANY),
        of("nn.quantile", lambda x: nn.quantile(x, 0.3, axis=-1), ANY),
        of("nn.scatter", lambda i, v: nn.scatter(i, v, (4,)), _SEGMENTS[:, None], ANY[0]),
        of("nn.scatter_update", nn.scatter_update, OTHER, np.asarray([[1], [0]], np.int64), ANY),
        *(of(f"nn.segment_{name}", _segmented(name), CUBE[0], _SEGMENTS) for name in ("max", "min", "prod", "sum")),
        of("nn.slice", lambda x: nn.slice(x, (0, 1), (2, 2)), ANY),
        of("nn.slice_update", lambda x, y: nn.slice_update(x, (0, 1), y), ANY, OTHER[:1, :2].copy()),
        of("nn.top_k", lambda x: nn.top_k(x, 2), ANY),
    )


def _segmented(name: str) -> Any:
    return lambda x, ids: getattr(nn, f"segment_{name}")(x, ids, num_segments=3)


def networks() -> tuple[FunctionExample, ...]:
    """Return the examples of all functions of `unifw.nn`."""
    return (*_activations(), *_windows(), *_normalization(), *_others())
