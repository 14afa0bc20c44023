"""Pooling over windows, and over everything, channels last."""

from __future__ import annotations

from typing import Any, ClassVar

from unifw import nn
from unifw import tensor as ops
from unifw.layers._convolution import Sizes, check_data_format, checked_padding, per_axis
from unifw.layers._layer import Layer
from unifw.tensor import Tensor

_LAYOUT = "(batch, height, width, channels)"


class _Pooling2D(Layer):
    input_rank: ClassVar[int | None] = 4
    input_layout: ClassVar[str] = _LAYOUT

    def __init__(
        self,
        pool_size: Sizes = (2, 2),
        strides: Sizes | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_data_format(data_format)
        self.pool_size = per_axis(pool_size, 2, "pool_size")
        self.strides = self.pool_size if strides is None else per_axis(strides, 2, "strides")
        self.padding = checked_padding(padding)


class MaxPooling2D(_Pooling2D):
    """Maximum of each window.

    Args:
        pool_size: an integer, or one per spatial axis.
        strides: the same; `pool_size` by default.
        padding: "valid" or "same"; padding never wins.
        data_format: only "channels_last".
        **kwargs: see `Layer`.

    >>> import numpy as np
    >>> import unifw as uf
    >>> uf.layers.MaxPooling2D()(np.ones((1, 6, 6, 3), np.float32)).shape
    (1, 3, 3, 3)
    """

    def call(self, inputs: Tensor) -> Tensor:
        """Apply the layer to (batch, height, width, channels)."""
        return nn.max_pool(inputs, self.pool_size, strides=self.strides, padding=self.padding)


class AveragePooling2D(_Pooling2D):
    """Mean of each window, over what is not padding.

    Args:
        pool_size: an integer, or one per spatial axis.
        strides: the same; `pool_size` by default.
        padding: "valid" or "same".
        data_format: only "channels_last".
        **kwargs: see `Layer`.
    """

    def __init__(
        self,
        pool_size: Sizes,
        strides: Sizes | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, **kwargs)

    def call(self, inputs: Tensor) -> Tensor:
        """Apply the layer to (batch, height, width, channels)."""
        return nn.average_pool(inputs, self.pool_size, strides=self.strides, padding=self.padding)


class _GlobalPooling2D(Layer):
    input_rank: ClassVar[int | None] = 4
    input_layout: ClassVar[str] = _LAYOUT

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_data_format(data_format)
        self.keepdims = keepdims


class GlobalAveragePooling2D(_GlobalPooling2D):
    """Mean over height and width: (batch, channels).

    Args:
        data_format: only "channels_last".
        keepdims: keep both axes with size 1.
        **kwargs: see `Layer`.
    """

    def call(self, inputs: Tensor) -> Tensor:
        """Apply the layer to (batch, height, width, channels)."""
        return ops.mean(inputs, axis=(1, 2), keepdims=self.keepdims)


class GlobalMaxPooling2D(_GlobalPooling2D):
    """Maximum over height and width: (batch, channels).

    Args:
        data_format: only "channels_last".
        keepdims: keep both axes with size 1.
        **kwargs: see `Layer`.
    """

    def call(self, inputs: Tensor) -> Tensor:
        """Apply the layer to (batch, height, width, channels)."""
        return ops.max(inputs, axis=(1, 2), keepdims=self.keepdims)
