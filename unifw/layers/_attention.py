"""Multi-head attention."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

from unifw import nn
from unifw import tensor as ops
from unifw.errors import ShapeError
from unifw.layers._core import known_size, positive_integer
from unifw.layers._layer import Layer
from unifw.layers._regularization import Dropout
from unifw.tensor import Tensor
from unifw.tensor._strict import as_mask


class Projection(Layer):
    """A linear map from the last axes of the input to new ones: ``tensordot(x, kernel) + bias``.

    Args:
        input_axes: how many axes at the end of the input are contracted.
        output_shape: sizes that take their place.
        use_bias: whether there is a bias of shape `output_shape`.
        kernel_initializer: of `kernel`, shape (*contracted, *output_shape).
        bias_initializer: of `bias`.
        **kwargs: see `Layer`.
    """

    def __init__(
        self,
        input_axes: int,
        output_shape: Sequence[int],
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.input_axes = input_axes
        self.target = tuple(output_shape)
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make `kernel` and `bias`."""
        contracted = tuple(known_size(self, input_shape, axis) for axis in range(-self.input_axes, 0))
        self.kernel = self.add_weight((*contracted, *self.target), self.kernel_initializer, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight(self.target, self.bias_initializer, name="bias")

    def call(self, x: Tensor) -> Tensor:
        """Apply the map, as one matrix product."""
        shape = x.shape
        batch, contracted = shape[: len(shape) - self.input_axes], shape[len(shape) - self.input_axes :]
        size = math.prod(contracted)
        if contracted != self.kernel.shape[: self.input_axes]:
            raise ShapeError(f"{self.name} was built for {self.kernel.shape[: self.input_axes]}, got {shape}.")
        flat = x if self.input_axes == 1 else ops.reshape(x, (*batch, size))
        result = ops.matmul(flat, ops.reshape(self.kernel.value, (size, math.prod(self.target))))
        if self.use_bias:
            result = result + ops.reshape(self.bias.value, (-1,))
        return result if len(self.target) == 1 else ops.reshape(result, (*batch, *self.target))


class MultiHeadAttention(Layer):
    """Attention in several heads at once (Vaswani et al., arXiv:1706.03762).

    Args:
        num_heads: number of heads.
        key_dim: size of each head for query and key.
        value_dim: size of each head for value; `key_dim` by default.
        dropout: rate of dropout on the attention weights.
        use_bias: whether the projections have biases.
        output_shape: size of the output's last axis; the query's by default.
        kernel_initializer: of the four kernels.
        bias_initializer: of the four biases.
        seed: of the dropout, see `Dropout`.
        **kwargs: see `Layer`.

    >>> import numpy as np
    >>> import unifw as uf
    >>> x = np.ones((2, 5, 8), np.float32)
    >>> uf.layers.MultiHeadAttention(num_heads=2, key_dim=4)(x, x, use_causal_mask=True).shape
    (2, 5, 8)
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_heads = positive_integer(num_heads, "num_heads")
        self.key_dim = positive_integer(key_dim, "key_dim")
        self.value_dim = self.key_dim if value_dim is None else positive_integer(value_dim, "value_dim")
        self.use_bias = use_bias
        self.target = (
            None
            if output_shape is None
            else ((output_shape,) if isinstance(output_shape, int) else tuple(output_shape))
        )
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.dropout = dropout
        self.dropout_layer = Dropout(dropout, seed=seed)

    def build(
        self,
        query_shape: tuple[int | None, ...],
        value_shape: tuple[int | None, ...],
        key_shape: tuple[int | None, ...] | None = None,
    ) -> None:
        """Make the projections `query_dense`, `key_dense`, `value_dense` and `output_dense`."""
        options: dict[str, Any] = {
            "use_bias": self.use_bias,
            "kernel_initializer": self.kernel_initializer,
            "bias_initializer": self.bias_initializer,
            "dtype": self.dtype,
        }
        self.query_dense = Projection(1, (self.num_heads, self.key_dim), **options)
        self.key_dense = Projection(1, (self.num_heads, self.key_dim), **options)
        self.value_dense = Projection(1, (self.num_heads, self.value_dim), **options)
        self.output_dense = Projection(2, self.target or (known_size(self, query_shape, -1),), **options)
        self.query_dense.build(query_shape)
        self.key_dense.build(value_shape if key_shape is None else key_shape)
        self.value_dense.build(value_shape)
        self.output_dense.build((None, None, self.num_heads, self.value_dim))

    def call(
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        key_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """Attend.

        Args:
            query: (batch, target, features).
            value: (batch, source, features).
            key: (batch, source, features); `value` by default.
            query_mask: boolean, (batch, target): where False, nothing is seen. As in Keras the weights of such a row
                are 0 when they are returned or dropped, and equal otherwise: do not read the outputs of padding.
            value_mask: boolean, (batch, source); False hides padding.
            key_mask: the same; source positions are seen where both are True.
            attention_mask: boolean, (batch, target, source) or (batch, heads, target, source); False hides. All masks
                that are given must let a position be seen.
            return_attention_scores: also return the weights, (batch, heads, target, source).
            training: whether to drop attention weights.
            use_causal_mask: hide source positions after the target's.

        Returns:
            (batch, target, output), and the weights if asked for.

        Raises:
            ShapeError: if shapes do not fit.
        """
        for name, each in (("query", query), ("value", value), ("key", key)):
            if each is not None and len(each.shape) != 3:
                raise ShapeError(f"{self.name}: {name} must be (batch, length, features), got shape {each.shape}.")
        q = self.query_dense(query)
        k = self.key_dense(value if key is None else key)
        v = self.value_dense(value)
        mask = self._mask(query, value, query_mask, value_mask, key_mask, attention_mask)
        scale = 1.0 / math.sqrt(self.key_dim)
        if not return_attention_scores and not (training and self.dropout > 0):
            attended = nn.dot_product_attention(q, k, v, mask=mask, scale=scale, is_causal=use_causal_mask)
            return self.output_dense(attended)
        attended, weights = self._attend(q * scale, k, v, mask, use_causal_mask)
        output = self.output_dense(attended)
        return (output, weights) if return_attention_scores else output

    def _mask(
        self,
        query: Tensor,
        value: Tensor,
        query_mask: Tensor | None,
        value_mask: Tensor | None,
        key_mask: Tensor | None,
        attention_mask: Tensor | None,
    ) -> Tensor | None:
        """Return all masks as one that broadcasts to (batch, heads, target, source), or None.

        Raises:
            ShapeError: if one does not fit.
        """
        batch, target, source = query.shape[0], query.shape[1], value.shape[1]
        parts = [
            self._padding("query_mask", query_mask, (batch, target), (batch, 1, target, 1)),
            self._padding("value_mask", value_mask, (batch, source), (batch, 1, 1, source)),
            self._padding("key_mask", key_mask, (batch, source), (batch, 1, 1, source)),
            self._pairs(attention_mask, (batch, self.num_heads, target, source)),
        ]
        given = [part for part in parts if part is not None]
        return functools.reduce(ops.logical_and, given) if given else None

    def _padding(
        self, name: str, mask: Tensor | None, expected: tuple[int, ...], shape: tuple[int, ...]
    ) -> Tensor | None:
        """Return a mask of positions with the axes of the scores."""
        if mask is None:
            return None
        if mask.shape != expected:
            raise ShapeError(f"{self.name}: {name} must be (batch, length), here {expected}, got shape {mask.shape}.")
        return ops.reshape(as_mask(mask, self.name, name), shape)

    def _pairs(self, mask: Tensor | None, scores: tuple[int, ...]) -> Tensor | None:
        """Return a mask of pairs of positions with the axes of the scores."""
        if mask is None:
            return None
        shape = mask.shape
        if len(shape) in (2, 3):  # without heads, or also one for the whole batch
            shape = (*shape[:-2], 1, *shape[-2:]) if len(shape) == 3 else (1, 1, *shape)
        if len(shape) != len(scores) or any(
            size not in (1, wanted) for size, wanted in zip(shape, scores, strict=True)
        ):
            batch, heads, target, source = scores
            raise ShapeError(
                f"{self.name}: attention_mask must be (batch, target, source), here {(batch, target, source)}, or "
                f"(batch, heads, target, source), here {(batch, heads, target, source)}; got shape {mask.shape}."
            )
        return ops.reshape(as_mask(mask, self.name, "attention_mask"), shape)

    def _attend(
        self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, causal: bool
    ) -> tuple[Tensor, Tensor]:
        """Return the attended values and the weights, in steps that dropout and callers can see."""
        query, key, value = (ops.permute_dims(each, (0, 2, 1, 3)) for each in (query, key, value))
        scores = ops.matmul(query, ops.matrix_transpose(key))
        if causal:
            target, source = scores.shape[-2:]
            visible = ops.expand_dims(ops.arange(target), axis=1) >= ops.arange(source)
            mask = visible if mask is None else ops.logical_and(mask, visible)
        if mask is not None:
            scores = ops.where(mask, scores, -1e30 if scores.dtype.itemsize > 2 else -3e4)
        weights = nn.softmax(scores, axis=-1)
        if mask is not None:
            weights = ops.where(mask, weights, 0.0)
        dropped = self.dropout_layer(weights)
        return ops.permute_dims(ops.matmul(dropped, value), (0, 2, 1, 3)), weights
