"""Moments and normalisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw.errors import ShapeError
from unifw.nn._operands import check_broadcast, floating
from unifw.tensor import Tensor
from unifw.tensor._arguments import number
from unifw.tensor._manipulation import normalize_axes
from unifw.tensor._operands import as_tensor

Axis = int | Sequence[int]


def moments(x: Any, axes: Axis, keepdims: bool = False) -> tuple[Tensor, Tensor]:
    """Mean and biased variance along axes, as `keras.ops.moments`.

    >>> import unifw as uf
    >>> mean, variance = uf.nn.moments(uf.asarray([1.0, 3.0]), axes=0)
    >>> mean.item(), variance.item()
    (2.0, 1.0)
    """
    backend, (array,) = floating("moments", x)
    mean, variance = backend.moments(array, normalize_axes(axes, len(backend.shape_of(array)), "moments"), keepdims)
    return Tensor(mean, backend), Tensor(variance, backend)


def normalize(
    x: Any, mean: Any, variance: Any, scale: Any | None = None, offset: Any | None = None, epsilon: float = 1e-3
) -> Tensor:
    """``(x - mean) / sqrt(variance + epsilon) * scale + offset``; every operand broadcasts against `x`.

    >>> import unifw as uf
    >>> uf.nn.normalize(uf.asarray([3.0]), 1.0, 4.0, epsilon=0.0).tolist()
    [1.0]
    """
    x = as_tensor(x)
    check_broadcast("normalize", x.shape, mean=mean, variance=variance, scale=scale, offset=offset)
    epsilon = number(epsilon, "normalize", "epsilon")
    backend, (array, center, spread, gamma, beta) = floating("normalize", x, mean, variance, scale, offset)
    return Tensor(backend.normalize(array, center, spread, gamma, beta, epsilon), backend)


def batch_norm(
    x: Any, scale: Any | None = None, offset: Any | None = None, epsilon: float = 1e-3
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalise by the batch's own moments over all axes but the last (Ioffe and Szegedy, arXiv:1502.03167).

    Args:
        x: (*batch and spatial, channels).
        scale: (channels,) or None for 1.
        offset: (channels,) or None for 0.
        epsilon: added to the variance.

    Returns:
        The normalised tensor, the batch mean (channels,), the biased batch variance (channels,).

    >>> import unifw as uf
    >>> normalized, mean, variance = uf.nn.batch_norm(uf.asarray([[1.0], [3.0]]), epsilon=0.0)
    >>> normalized.tolist(), mean.tolist(), variance.tolist()
    ([[-1.0], [1.0]], [2.0], [1.0])
    """
    x = as_tensor(x)
    if not x.ndim:
        raise ShapeError(f"batch_norm() needs x as (batch, …, channels), got shape {x.shape}. Insert axes in front.")
    check_broadcast("batch_norm", x.shape[-1:], scale=scale, offset=offset)
    epsilon = number(epsilon, "batch_norm", "epsilon")
    backend, (array, gamma, beta) = floating("batch_norm", x, scale, offset)
    result, mean, variance = backend.batch_norm(array, gamma, beta, epsilon)
    return Tensor(result, backend), Tensor(mean, backend), Tensor(variance, backend)


def layer_norm(
    x: Any, scale: Any | None = None, offset: Any | None = None, epsilon: float = 1e-3, axis: Axis = -1
) -> Tensor:
    """Normalise each example along axes (Ba et al., arXiv:1607.06450); scale and offset broadcast.

    The default epsilon is Keras'; torch has 1e-5.

    >>> import unifw as uf
    >>> uf.nn.layer_norm(uf.asarray([[1.0, 3.0]]), epsilon=0.0).tolist()
    [[-1.0, 1.0]]
    """
    x = as_tensor(x)
    check_broadcast("layer_norm", x.shape, scale=scale, offset=offset)
    epsilon = number(epsilon, "layer_norm", "epsilon")
    backend, (array, gamma, beta) = floating("layer_norm", x, scale, offset)
    axes = normalize_axes(axis, len(backend.shape_of(array)), "layer_norm")
    return Tensor(backend.layer_norm(array, gamma, beta, epsilon, axes), backend)
