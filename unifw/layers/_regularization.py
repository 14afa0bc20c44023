"""Layers that act only in training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw import tensor as ops
from unifw.errors import ArgumentError
from unifw.layers._layer import Layer
from unifw.tensor import Tensor, random


class Dropout(Layer):
    """In training, zero each element with probability `rate` and scale the rest by ``1 / (1 - rate)``.

    The mask is ``uniform < 1 - rate`` of the layer's key (see `Layer.next_key`): bit-equal on every backend.

    Args:
        rate: probability to drop, in [0, 1].
        noise_shape: shape of the mask, broadcast against the input; None entries mean the input's size.
        seed: fixes the key instead of the step's; then every call drops the same elements.
        **kwargs: see `Layer`.

    >>> import numpy as np
    >>> import unifw as uf
    >>> uf.layers.Dropout(0.5)(np.ones((2, 2), np.float32)).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """

    def __init__(
        self, rate: float, noise_shape: Sequence[int | None] | None = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate <= 1:
            raise ArgumentError(f"rate must be a probability between 0 and 1, got {rate!r}.")
        self.rate = rate
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
        self.seed = seed

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        """Drop elements if `training`, else return the input."""
        if not training or self.rate == 0:
            return x
        if self.rate == 1:
            return ops.zeros_like(x)
        shape = x.shape
        if self.noise_shape is not None:
            pairs = zip(self.noise_shape, shape, strict=True)
            shape = tuple(size if given is None else given for given, size in pairs)
        key = self.next_key() if self.seed is None else random.key(self.seed, backend=x.backend)
        keep = 1.0 - self.rate
        mask = random.bernoulli(key, keep, shape)
        return ops.where(mask, x * (1.0 / keep), ops.zeros_like(x))
