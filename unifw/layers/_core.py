"""Fully connected layers, embeddings, and activations as layers."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from unifw import activations, dtypes, nn
from unifw import tensor as ops
from unifw.errors import ArgumentError, DTypeError, ShapeError
from unifw.layers._layer import Layer
from unifw.layers._variable import Variable
from unifw.tensor import Tensor
from unifw.tensor._strict import check_conversion


def positive_integer(value: Any, name: str) -> int:
    """Return `value` if it is a positive integer.

    Raises:
        ArgumentError: otherwise, naming the argument.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value <= 0:
        raise ArgumentError(f"{name} must be a positive integer, got {value!r}.")
    return int(value)


class Dense(Layer):
    """``activation(x @ kernel + bias)`` along the last axis.

    Args:
        units: size of the output's last axis.
        activation: name or function; None is the identity.
        use_bias: whether there is a bias.
        kernel_initializer: of `kernel`, shape (inputs, units).
        bias_initializer: of `bias`, shape (units,).
        **kwargs: see `Layer`.

    >>> import numpy as np
    >>> import unifw as uf
    >>> uf.layers.Dense(4, activation="relu")(np.ones((2, 3), np.float32)).shape
    (2, 4)
    """

    input_min_rank: ClassVar[int | None] = 2
    input_layout: ClassVar[str] = "(batch, …, features)"

    def __init__(
        self,
        units: int,
        activation: str | activations.Activation | None = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = positive_integer(units, "units")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel: Variable | None = None
        self.bias: Variable | None = None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make `kernel` and `bias`."""
        features = known_size(self, input_shape, -1)
        self.kernel = self.add_weight((features, self.units), self.kernel_initializer, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight((self.units,), self.bias_initializer, name="bias")

    def call(self, inputs: Tensor) -> Tensor:
        """Apply the layer to (batch, …, features)."""
        assert self.kernel is not None
        kernel = self.kernel.value
        check_size(self, inputs, -1, self.kernel.shape[0])
        result = ops.matmul(inputs, kernel)
        if self.bias is not None:
            result = result + self.bias.value
        return self.activation(result)


class Embedding(Layer):
    """Rows of a matrix, chosen by integers.

    Args:
        input_dim: number of rows: indices are in [0, input_dim).
        output_dim: size of a row.
        embeddings_initializer: of `embeddings`, shape (input_dim, output_dim).
        **kwargs: see `Layer`.

    >>> import numpy as np
    >>> import unifw as uf
    >>> uf.layers.Embedding(10, 4)(np.array([[1, 2, 3]])).shape
    (1, 3, 4)
    """

    def __init__(self, input_dim: int, output_dim: int, embeddings_initializer: Any = "uniform", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.input_dim = positive_integer(input_dim, "input_dim")
        self.output_dim = positive_integer(output_dim, "output_dim")
        self.embeddings_initializer = embeddings_initializer
        self.embeddings: Variable | None = None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make `embeddings`."""
        del input_shape
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim), self.embeddings_initializer, name="embeddings"
        )

    def call(self, inputs: Tensor) -> Tensor:
        """Return (*inputs.shape, output_dim); floating-point indices are truncated, as in Keras."""
        assert self.embeddings is not None
        inputs = ops.asarray(inputs)
        kind = dtypes.kind(inputs.dtype)
        if kind == "floating":
            check_conversion(self.name, "its indices", inputs.dtype, dtypes.int32)
            inputs = inputs.astype(dtypes.int32)
        elif kind != "integer":
            raise DTypeError(f"{self.name} takes integer indices, got {inputs.dtype.name}.")
        shape = inputs.shape
        rows = ops.take(self.embeddings.value, inputs if len(shape) == 1 else ops.reshape(inputs, (-1,)), axis=0)
        return rows if len(shape) == 1 else ops.reshape(rows, (*shape, self.output_dim))


class Activation(Layer):
    """An activation function as a layer.

    Args:
        activation: name or function.
        **kwargs: see `Layer`.
    """

    def __init__(self, activation: str | activations.Activation, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Tensor) -> Tensor:
        """Apply the function."""
        return self.activation(inputs)


class ReLU(Layer):
    """`unifw.activations.relu` as a layer.

    Args:
        max_value: upper limit, or None.
        negative_slope: slope below the threshold.
        threshold: values below it count as negative.
        **kwargs: see `Layer`.
    """

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.max_value, self.negative_slope, self.threshold = max_value, negative_slope, threshold

    def call(self, inputs: Tensor) -> Tensor:
        """Apply the function."""
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


class Softmax(Layer):
    """``softmax`` along an axis, as a layer.

    Args:
        axis: along which values sum to 1.
        **kwargs: see `Layer`.
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Tensor) -> Tensor:
        """Apply the function."""
        return nn.softmax(inputs, axis=self.axis)


class Rescaling(Layer):
    """``x * scale + offset``.

    Args:
        scale: factor.
        offset: summand.
        **kwargs: see `Layer`.
    """

    def __init__(self, scale: float, offset: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset

    def call(self, inputs: Tensor) -> Tensor:
        """Return the layer's dtype, also for integer inputs such as pixels."""
        return inputs.astype(self.dtype_object) * float(self.scale) + float(self.offset)


def known_size(layer: Layer, shape: tuple[int | None, ...], axis: int) -> int:
    """Return the size of an axis that a layer needs to know to be built.

    Raises:
        ShapeError: if it is not known, or there is no such axis.
    """
    if not -len(shape) <= axis < len(shape):
        raise ShapeError(f"{layer.name} needs axis {axis} of its input, which has shape {tuple(shape)}.")
    size = shape[axis]
    if size is None:
        raise ShapeError(f"{layer.name} needs to know axis {axis} of its input to be built, got shape {tuple(shape)}.")
    return int(size)


def check_size(layer: Layer, x: Tensor, axis: int, size: int) -> None:
    """Raise if an axis of the input is not what the layer was built for.

    Raises:
        ShapeError: with both sizes.
    """
    shape = x.shape
    if shape[axis] != size:
        raise ShapeError(
            f"{layer.name} ({type(layer).__name__}) was built for inputs with {size} elements along axis {axis}, "
            f"got shape {shape}. Reshape the input, or build a new model for it."
        )
