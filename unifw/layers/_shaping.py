"""Layers that only change shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from unifw import tensor as ops
from unifw.errors import ShapeError
from unifw.layers._convolution import check_data_format
from unifw.layers._layer import Layer
from unifw.tensor import Tensor
from unifw.tensor._arguments import wholes


class Flatten(Layer):
    """All axes but the batch become one.

    Args:
        data_format: only "channels_last".
        **kwargs: see `Layer`.

    >>> import numpy as np
    >>> import unifw as uf
    >>> uf.layers.Flatten()(np.ones((2, 3, 4), np.float32)).shape
    (2, 12)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_data_format(data_format)

    def call(self, inputs: Tensor) -> Tensor:
        """Return (batch, everything else)."""
        if not inputs.shape:
            raise ShapeError(f"{self.name} (Flatten) needs an input (batch, …), got shape (). Insert an axis in front.")
        batch, *rest = inputs.shape
        return ops.reshape(inputs, (batch, math.prod(rest)))


class Reshape(Layer):
    """Another shape for each example.

    Args:
        target_shape: without the batch; one size may be -1.
        **kwargs: see `Layer`.
    """

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = wholes(target_shape, "Reshape", "target_shape")

    def call(self, inputs: Tensor) -> Tensor:
        """Return (batch, *target_shape)."""
        batch, *rest = inputs.shape
        target = list(self.target_shape)
        size, known = math.prod(rest), math.prod(each for each in target if each != -1)
        if target.count(-1) == 1 and known and size % known == 0:
            target[target.index(-1)] = size // known
        if math.prod(target) != size or -1 in target:
            raise ShapeError(
                f"{self.name} cannot reshape {tuple(rest)} ({size} elements) to "
                f"{self.target_shape}: the sizes must multiply to the same number. One of them may be -1."
            )
        return ops.reshape(inputs, (batch, *target))
