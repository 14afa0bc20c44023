"""Layers that act only in training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw import tensor as ops
from unifw.backend import Backend
from unifw.errors import ArgumentError, ShapeError
from unifw.layers._layer import Layer
from unifw.layers._variable import Variable
from unifw.tensor import Tensor, random


class Dropout(Layer):
    """In training, zero each element with probability `rate` and scale the rest by ``1 / (1 - rate)``.

    The mask is ``uniform < 1 - rate`` of the layer's key (see `Layer.next_key`): bit-equal on every backend. With a
    seed, the key of the n-th mask is ``fold_in(key(seed), n)``, whatever the global seed; n is a variable of the layer,
    so it is part of the state, goes on after loading, and advances under compilation.

    Args:
        rate: probability to drop, in [0, 1].
        noise_shape: shape of the mask, one entry per axis of the input: 1 drops along that axis together, None means
            the input's size.
        seed: makes the sequence of masks independent of the global seed; each call draws another one, as in Keras.
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
        if not isinstance(rate, int | float) or not 0 <= rate <= 1:
            raise ArgumentError(f"rate must be a probability between 0 and 1, got {rate!r}.")
        self.rate = rate
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
        self.seed = seed
        self.seed_count: Variable | None = None
        if seed is not None:
            self.seed_count = self.add_weight((), "zeros", dtype="int64", trainable=False, name="seed_count")
            self.seed_count.is_seed = True

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Drop elements if `training`, else return the input."""
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            return ops.zeros_like(inputs)
        keep = 1.0 - self.rate
        mask = random.bernoulli(self._key(inputs.backend), keep, self._mask_shape(inputs.shape))
        return ops.where(mask, inputs * (1.0 / keep), ops.zeros_like(inputs))

    def _key(self, backend: Backend) -> Tensor:
        """Return the key of the next mask."""
        if self.seed is None or self.seed_count is None:
            return self.next_key()
        count = self.seed_count.value
        self.seed_count.assign(count + 1)
        return random.fold_in(random.key(self.seed, backend=backend), count)

    def _mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        if self.noise_shape is None:
            return shape
        sizes = tuple(size if given is None else given for given, size in zip(self.noise_shape, shape, strict=False))
        if len(self.noise_shape) != len(shape) or any(
            each not in (1, size) for each, size in zip(sizes, shape, strict=True)
        ):
            raise ShapeError(
                f"{self.name}: noise_shape={self.noise_shape} does not fit an input of shape {shape}. Give one "
                f"entry per axis, each 1, None or the input's size."
            )
        return sizes
