"""Convolutions over one, two or three spatial axes, channels last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from unifw import activations, nn
from unifw.errors import ArgumentError, ShapeError
from unifw.layers._core import check_size, known_size, positive_integer
from unifw.layers._layer import Layer
from unifw.layers._variable import Variable
from unifw.tensor import Tensor

Padding = Literal["valid", "same"]
Sizes = int | Sequence[int]


def per_axis(value: Any, rank: int, name: str) -> tuple[int, ...]:
    """Return one positive integer per spatial axis, from one for all or a sequence.

    Raises:
        ArgumentError: for anything else.
    """
    values = (value,) * rank if isinstance(value, int) else tuple(value) if isinstance(value, Sequence) else ()
    if len(values) != rank or isinstance(value, str):
        raise ArgumentError(f"{name} must be an integer or {rank} integers, got {value!r}.")
    return tuple(positive_integer(each, name) for each in values)


def checked_padding(padding: str) -> Padding:
    """Return the padding in lower case.

    Raises:
        ArgumentError: for an unknown one.
    """
    lower = padding.lower() if isinstance(padding, str) else padding
    if lower == "valid":
        return "valid"
    if lower == "same":
        return "same"
    raise ArgumentError(f"padding must be 'valid' or 'same', got {padding!r}.")


def check_data_format(data_format: str | None) -> None:
    """Raise for channels first.

    Raises:
        ArgumentError: naming the layout to use instead.
    """
    if data_format not in (None, "channels_last"):
        raise ArgumentError(
            f"data_format must be 'channels_last', got {data_format!r}. Move the channels with "
            "unifw.moveaxis(x, 1, -1); backends choose the fastest memory layout themselves."
        )


class _Convolution(Layer):
    """What convolutions of all ranks share."""

    rank: ClassVar[int]

    def __init__(
        self,
        filters: int,
        kernel_size: Sizes,
        strides: Sizes = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Sizes = 1,
        groups: int = 1,
        activation: str | activations.Activation | None = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_data_format(data_format)
        self.filters = positive_integer(filters, "filters")
        self.kernel_size = per_axis(kernel_size, self.rank, "kernel_size")
        self.strides = per_axis(strides, self.rank, "strides")
        self.padding = checked_padding(padding)
        self.dilation_rate = per_axis(dilation_rate, self.rank, "dilation_rate")
        self.groups = positive_integer(groups, "groups")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel: Variable | None = None
        self.bias: Variable | None = None
        if filters % groups:
            raise ArgumentError(f"filters must be divisible by groups, got filters={filters} and groups={groups}.")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ArgumentError(
                f"strides and dilation_rate cannot both be above 1, got {self.strides} and {self.dilation_rate}."
            )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make `kernel`, shape (*kernel_size, channels // groups, filters), and `bias`, shape (filters,)."""
        channels = known_size(self, input_shape, -1)
        if channels % self.groups:
            raise ShapeError(
                f"{self.name}: {channels} channels cannot be divided into {self.groups} groups. Choose groups that "
                f"divide them."
            )
        self.kernel = self.add_weight(
            (*self.kernel_size, channels // self.groups, self.filters), self.kernel_initializer, name="kernel"
        )
        if self.use_bias:
            self.bias = self.add_weight((self.filters,), self.bias_initializer, name="bias")

    def call(self, inputs: Tensor) -> Tensor:
        """Apply the layer to (batch, *spatial, channels)."""
        assert self.kernel is not None
        kernel = self.kernel.value
        check_size(self, inputs, -1, self.kernel.shape[-2] * self.groups)
        result = nn.conv(inputs, kernel, strides=self.strides, padding=self.padding, dilation_rate=self.dilation_rate)
        if self.bias is not None:
            result = result + self.bias.value
        return self.activation(result)


class Conv1D(_Convolution):
    """Convolution over one spatial axis: (batch, steps, channels) to (batch, new steps, filters).

    Arguments as `Conv2D`.
    """

    rank: ClassVar[int] = 1
    input_rank: ClassVar[int | None] = 3
    input_layout: ClassVar[str] = "(batch, steps, channels)"


class Conv2D(_Convolution):
    """Convolution over two spatial axes: (batch, height, width, channels) to (batch, new height, new width, filters).

    Args:
        filters: number of output channels.
        kernel_size: an integer, or one per spatial axis.
        strides: the same; above 1 only if `dilation_rate` is 1.
        padding: "valid" (none), or "same": zeros such that the output has ``ceil(size / stride)``, more of them at
            the end.
        data_format: only "channels_last".
        dilation_rate: distance between the taps.
        groups: the channels are convolved in that many separate groups.
        activation: name or function; None is the identity.
        use_bias: whether there is a bias.
        kernel_initializer: of `kernel`, shape (*kernel_size, channels // groups, filters).
        bias_initializer: of `bias`, shape (filters,).
        **kwargs: see `Layer`.

    >>> import numpy as np
    >>> import unifw as uf
    >>> uf.layers.Conv2D(8, 3, padding="same")(np.ones((1, 6, 6, 3), np.float32)).shape
    (1, 6, 6, 8)
    """

    rank: ClassVar[int] = 2
    input_rank: ClassVar[int | None] = 4
    input_layout: ClassVar[str] = "(batch, height, width, channels)"


class Conv3D(_Convolution):
    """Convolution over three spatial axes: (batch, depth, height, width, channels).

    Arguments as `Conv2D`.
    """

    rank: ClassVar[int] = 3
    input_rank: ClassVar[int | None] = 5
    input_layout: ClassVar[str] = "(batch, depth, height, width, channels)"
