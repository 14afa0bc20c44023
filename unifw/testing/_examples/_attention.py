"""Attention."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from unifw.testing._examples._activations import softmax
from unifw.testing._examples._example import CompositeExample, numbers, positional
from unifw.testing._expect import HostArray

_HEADS: Final = (numbers(2, 3, 2, 4), numbers(2, 5, 2, 4, seed=1), numbers(2, 5, 2, 4, seed=2))
_MASK: Final = np.asarray([[[[True, True, False, True, False]]], [[[False, True, True, True, True]]]])


def _attention(query: HostArray, key: HostArray, value: HostArray, mask: Any, scale: float, causal: bool) -> HostArray:
    scores = np.einsum("bthd,bshd->bhts", query, key) * scale
    if causal:
        scores = np.where(np.tril(np.ones(scores.shape[-2:], bool)), scores, -np.inf)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    return np.asarray(np.einsum("bhts,bshd->bthd", softmax(scores), value))


def attention() -> tuple[CompositeExample, ...]:
    """Return the examples of attention."""
    plain = positional(None, 0.5, False)
    masked = positional(0.5, False)
    causal = positional(None, 0.5, True)
    both = positional(0.5, True)
    square = (numbers(2, 5, 2, 4, seed=3), *_HEADS[1:])
    visible = np.asarray([[[[True, True, False, True, False]]]])
    name = "dot_product_attention"
    return (
        CompositeExample(f"{name}", name, _HEADS, plain, lambda q, k, v: _attention(q, k, v, None, 0.5, False)),
        CompositeExample(
            f"{name}-masked", name, (*_HEADS, _MASK), masked, lambda q, k, v, m: _attention(q, k, v, m, 0.5, False)
        ),
        CompositeExample(f"{name}-causal", name, square, causal, lambda q, k, v: _attention(q, k, v, None, 0.5, True)),
        CompositeExample(
            f"{name}-both", name, (*square, visible), both, lambda q, k, v, m: _attention(q, k, v, m, 0.5, True)
        ),
    )
