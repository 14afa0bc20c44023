"""The shape of what comes in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from unifw import config, dtypes
from unifw.errors import ArgumentError
from unifw.layers._layer import Layer
from unifw.tensor import Tensor


class InputLayer(Layer):
    """Says what a model takes; computes nothing.

    Args:
        shape: without the batch; None for sizes that vary.
        batch_size: fixed size of the batch, or None.
        dtype: of the input; `unifw.config.floatx()` by default.
        batch_shape: shape with the batch, instead of `shape` and `batch_size`.
        name: for `summary`.
    """

    def __init__(
        self,
        shape: Sequence[int | None] | None = None,
        batch_size: int | None = None,
        dtype: dtypes.DTypeLike | None = None,
        batch_shape: Sequence[int | None] | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        if (shape is None) == (batch_shape is None):
            raise ArgumentError(f"Give either shape or batch_shape, got shape={shape!r}, batch_shape={batch_shape!r}.")
        if shape is not None and isinstance(shape, int):
            raise ArgumentError(f"shape is a tuple of sizes without the batch, got {shape}. Write Input(({shape},)).")
        given = shape if batch_shape is None else batch_shape
        if not isinstance(given, list | tuple) or any(
            each is not None and (not isinstance(each, int | np.integer) or each < 0) for each in given
        ):
            raise ArgumentError(
                f"{'shape' if batch_shape is None else 'batch_shape'} must be sizes, or None for those that vary, got "
                f"{given!r}. Write Input((28, 28)), without the batch."
            )
        self.batch_shape: tuple[int | None, ...] = tuple(given) if shape is None else (batch_size, *given)
        self.input_dtype = None if dtype is None else dtypes.as_dtype(dtype)
        self.built = True

    @property
    def spec_dtype(self) -> str:
        """The name of the input's dtype."""
        return config.floatx() if self.input_dtype is None else self.input_dtype.name

    def call(self, inputs: Tensor) -> Tensor:
        """Return the input."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        dtype = None if self.input_dtype is None else self.input_dtype.name
        return {"batch_shape": self.batch_shape, "dtype": dtype, "name": self.name}


def Input(  # noqa: N802 - Keras' name
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: dtypes.DTypeLike | None = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
) -> InputLayer:
    """Return the first entry of a `Sequential`: the shape of its input.

    Args:
        shape: without the batch; None for sizes that vary.
        batch_size: fixed size of the batch, or None.
        dtype: of the input.
        batch_shape: shape with the batch, instead of `shape` and `batch_size`.
        name: for `summary`.

    >>> import unifw as uf
    >>> model = uf.Sequential([uf.Input((784,)), uf.layers.Dense(10)])
    >>> model.count_params()
    7850
    """
    return InputLayer(shape, batch_size, dtype, batch_shape, name)
