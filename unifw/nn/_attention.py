"""Attention."""

from __future__ import annotations

from typing import Any

from unifw.errors import ShapeError
from unifw.nn._operands import check_broadcast, floating
from unifw.tensor import Tensor
from unifw.tensor._arguments import number
from unifw.tensor._operands import as_tensor, lower
from unifw.tensor._strict import as_mask


def dot_product_attention(
    query: Any, key: Any, value: Any, mask: Any | None = None, scale: float | None = None, is_causal: bool = False
) -> Tensor:
    """``softmax(query @ key.T * scale) @ value`` per head (Vaswani et al., arXiv:1706.03762), as `keras.ops`.

    Args:
        query: (batch, target, heads, size).
        key: (batch, source, heads, size).
        value: (batch, source, heads, value size).
        mask: boolean, broadcastable to (batch, heads, target, source); False hides.
        scale: factor on the products; by default ``size ** -0.5``.
        is_causal: hide source positions after the target's.

    Returns:
        (batch, target, heads, value size).

    Raises:
        ShapeError: if the shapes do not fit together.

    >>> import unifw as uf
    >>> x = uf.ones((1, 4, 2, 8))
    >>> uf.nn.dot_product_attention(x, x, x, is_causal=True).shape
    (1, 4, 2, 8)
    """
    name = "dot_product_attention"
    shapes = [as_tensor(each).shape for each in (query, key, value)]
    fits = all(len(shape) == 4 for shape in shapes) and (
        shapes[0][0] == shapes[1][0] == shapes[2][0]
        and shapes[0][2] == shapes[1][2] == shapes[2][2]
        and shapes[1][1] == shapes[2][1]
        and shapes[0][3] == shapes[1][3]
    )
    if not fits:
        raise ShapeError(
            f"dot_product_attention() needs query (batch, target, heads, size), key (batch, source, heads, size) and "
            f"value (batch, source, heads, value size); got {shapes[0]}, {shapes[1]} and {shapes[2]}."
        )
    backend, (q, k, v) = floating("dot_product_attention", query, key, value)
    check_broadcast(name, (shapes[0][0], shapes[0][2], shapes[0][1], shapes[1][1]), mask=mask)
    hidden = None if mask is None else lower(as_mask(as_tensor(mask, backend), f"{name}()"), backend)
    factor = shapes[0][-1] ** -0.5 if scale is None else float(number(scale, name, "scale"))
    return Tensor(backend.dot_product_attention(q, k, v, hidden, factor, is_causal), backend)
