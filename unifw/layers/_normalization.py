"""Normalisations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw import dtypes, nn
from unifw import tensor as ops
from unifw.errors import ArgumentError
from unifw.layers._core import known_size
from unifw.layers._layer import Layer
from unifw.layers._variable import Variable
from unifw.tensor import Tensor
from unifw.tensor._arguments import number
from unifw.tensor._strict import check_conversion


class BatchNormalization(Layer):
    """Normalise each channel: by the batch's mean and variance in training, by moving averages otherwise.

    ``moving = moving * momentum + batch * (1 - momentum)``, with the biased batch variance (torch takes the unbiased
    one, and names ``1 - momentum`` momentum). A frozen layer (``trainable = False``) uses its moving averages.

    Args:
        axis: the channels.
        momentum: of the moving averages.
        epsilon: added to the variance.
        center: whether there is an offset `beta`.
        scale: whether there is a factor `gamma`.
        beta_initializer: of `beta`.
        gamma_initializer: of `gamma`.
        moving_mean_initializer: of `moving_mean`.
        moving_variance_initializer: of `moving_variance`.
        **kwargs: see `Layer`.

    >>> import numpy as np
    >>> import unifw as uf
    >>> uf.layers.BatchNormalization()(np.ones((2, 3), np.float32)).shape
    (2, 3)
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(axis, int):
            raise ArgumentError(f"axis must be an integer, got {axis!r}.")
        self.axis = axis
        self.momentum = float(number(momentum, "BatchNormalization", "momentum"))
        self.epsilon = float(number(epsilon, "BatchNormalization", "epsilon"))
        self.center = center
        self.scale = scale
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer
        self.gamma: Variable | None = None
        self.beta: Variable | None = None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make `gamma`, `beta`, `moving_mean` and `moving_variance`, each (channels,)."""
        shape = (known_size(self, input_shape, self.axis),)
        if self.scale:
            self.gamma = self.add_weight(shape, self.gamma_initializer, name="gamma")
        if self.center:
            self.beta = self.add_weight(shape, self.beta_initializer, name="beta")
        self.moving_mean = self.add_weight(shape, self.moving_mean_initializer, name="moving_mean", trainable=False)
        self.moving_variance = self.add_weight(
            shape, self.moving_variance_initializer, name="moving_variance", trainable=False
        )

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Normalise; half precision is computed in float32, as in Keras."""
        dtype = dtypes.promote(inputs.dtype, dtypes.float32)
        check_conversion(self.name, "its input", inputs.dtype, dtype)
        inputs = inputs if inputs.dtype == dtype else inputs.astype(dtype)
        last = self.axis in (-1, len(inputs.shape) - 1)
        if not last:
            inputs = ops.moveaxis(inputs, self.axis, -1)
        scale = None if self.gamma is None else self.gamma.value.astype(dtype)
        offset = None if self.beta is None else self.beta.value.astype(dtype)
        if training and self.trainable:
            result, mean, variance = nn.batch_norm(inputs, scale, offset, self.epsilon)
            for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
                mixed = moving.value * self.momentum + ops.stop_gradient(batch) * (1.0 - self.momentum)
                moving.assign(mixed.astype(moving.dtype))
        else:
            mean, variance = self.moving_mean.value.astype(dtype), self.moving_variance.value.astype(dtype)
            result = nn.normalize(inputs, mean, variance, scale, offset, self.epsilon)
        if not last:
            result = ops.moveaxis(result, -1, self.axis)
        return result if result.dtype == self.dtype_object else result.astype(self.dtype_object)


class LayerNormalization(Layer):
    """Normalise each example along `axis`.

    Args:
        axis: an axis, or several; sorted, as Keras does, so that their order has no meaning.
        epsilon: added to the variance.
        center: whether there is an offset `beta`.
        scale: whether there is a factor `gamma`.
        beta_initializer: of `beta`.
        gamma_initializer: of `gamma`.
        **kwargs: see `Layer`.
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis = (axis,) if isinstance(axis, int) else tuple(axis)
        if not self.axis or not all(isinstance(each, int) for each in self.axis):
            raise ArgumentError(f"axis must be an integer or several, got {axis!r}. Write axis=-1.")
        self.axis = tuple(sorted(self.axis))  # as Keras: the shape of `gamma` and `beta` follows
        self.epsilon = float(number(epsilon, "LayerNormalization", "epsilon"))
        self.center = center
        self.scale = scale
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.gamma: Variable | None = None
        self.beta: Variable | None = None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make `gamma` and `beta`, of the sizes of the axes normalised."""
        shape = tuple(known_size(self, input_shape, axis) for axis in self.axis)
        if len({axis % len(input_shape) for axis in self.axis}) < len(self.axis):
            raise ArgumentError(
                f"{self.name}: axis={self.axis} names an axis twice, for inputs of shape {input_shape}."
            )
        if self.scale:
            self.gamma = self.add_weight(shape, self.gamma_initializer, name="gamma")
        if self.center:
            self.beta = self.add_weight(shape, self.beta_initializer, name="beta")

    def call(self, inputs: Tensor) -> Tensor:
        """Normalise; half precision is computed in float32, as in Keras."""
        dtype = dtypes.promote(inputs.dtype, dtypes.float32)
        check_conversion(self.name, "its input", inputs.dtype, dtype)
        inputs = inputs if inputs.dtype == dtype else inputs.astype(dtype)
        scale, offset = (self._broadcast(each, inputs, dtype) for each in (self.gamma, self.beta))
        result = nn.layer_norm(inputs, scale, offset, self.epsilon, self.axis)
        return result if result.dtype == self.dtype_object else result.astype(self.dtype_object)

    def _broadcast(self, variable: Variable | None, x: Tensor, dtype: dtypes.DType) -> Tensor | None:
        """Return a variable with the sizes of its axes where they belong, and 1 elsewhere."""
        if variable is None:
            return None
        value = variable.value if variable.dtype == dtype else variable.value.astype(dtype)
        rank = len(x.shape)
        axes = [axis % rank for axis in self.axis]
        if axes == list(range(rank - len(axes), rank)):
            return value
        shape = [x.shape[axis] if axis in axes else 1 for axis in range(rank)]
        order = sorted(range(len(axes)), key=axes.__getitem__)
        return ops.reshape(ops.permute_dims(value, order), shape)
