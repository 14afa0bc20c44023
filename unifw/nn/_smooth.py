"""Smooth activations, gates and projections. Names of `jax.nn` and `keras.activations`."""

from __future__ import annotations

from typing import Any

import numpy as np

from unifw import dtypes
from unifw.errors import ShapeError
from unifw.nn._activations import elu, sigmoid, softplus
from unifw.nn._piecewise import as_floating
from unifw.tensor import (
    Tensor,
    abs,
    astype,
    cumulative_sum,
    expm1,
    flip,
    maximum,
    mean,
    minimum,
    moveaxis,
    sort,
    sqrt,
    square,
    sum,
    take_along_axis,
    tanh,
    var,
)
from unifw.tensor._arguments import number
from unifw.tensor._manipulation import normalize_axis
from unifw.tensor._scattering import constant

_ALPHA = 1.6732632423543772848170429916717
_SCALE = 1.0507009873554804934193349852946


def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """``max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))`` (Barron, arXiv:1704.07483).

    >>> import unifw as uf
    >>> uf.nn.celu(uf.asarray([0.0, 2.0])).tolist()
    [0.0, 2.0]
    """
    given = as_floating("celu", x)
    return maximum(given, 0.0) + expm1(minimum(given, 0.0) / alpha) * alpha


def selu(x: Any) -> Tensor:
    """``scale * elu(x, alpha)`` with the constants that keep mean and variance (Klambauer et al., arXiv:1706.02515).

    >>> import unifw as uf
    >>> round(uf.nn.selu(uf.asarray(1.0)).item(), 4)
    1.0507
    """
    return elu(x, _ALPHA) * _SCALE


def mish(x: Any) -> Tensor:
    """``x * tanh(softplus(x))`` (Misra, arXiv:1908.08681).

    >>> import unifw as uf
    >>> uf.nn.mish(uf.asarray(0.0)).item()
    0.0
    """
    given = as_floating("mish", x)
    return given * tanh(softplus(given))


def log_sigmoid(x: Any) -> Tensor:
    """``log(sigmoid(x)) = -softplus(-x)``, without overflow.

    >>> import unifw as uf
    >>> round(uf.nn.log_sigmoid(uf.asarray(0.0)).item(), 4)
    -0.6931
    """
    return -softplus(-as_floating("log_sigmoid", x))


def squareplus(x: Any, b: float = 4) -> Tensor:
    """``(x + sqrt(x**2 + b)) / 2`` (Barron, arXiv:2112.11687).

    >>> import unifw as uf
    >>> uf.nn.squareplus(uf.asarray(0.0)).item()
    1.0
    """
    given = as_floating("squareplus", x)
    return (given + sqrt(square(given) + float(number(b, "squareplus", "b")))) * 0.5


def soft_sign(x: Any) -> Tensor:
    """``x / (1 + |x|)``.

    >>> import unifw as uf
    >>> uf.nn.soft_sign(uf.asarray(1.0)).item()
    0.5
    """
    given = as_floating("soft_sign", x)
    return given / (abs(given) + 1.0)


def tanh_shrink(x: Any) -> Tensor:
    """``x - tanh(x)``.

    >>> import unifw as uf
    >>> uf.nn.tanh_shrink(uf.asarray(0.0)).item()
    0.0
    """
    given = as_floating("tanh_shrink", x)
    return given - tanh(given)


def glu(x: Any, axis: int = -1) -> Tensor:
    """``a * sigmoid(b)`` with `a` and `b` the halves of `x` along an axis (Dauphin et al., arXiv:1612.08083).

    Raises:
        ShapeError: if the axis cannot be halved.

    >>> import unifw as uf
    >>> uf.nn.glu(uf.asarray([2.0, 0.0])).tolist()
    [1.0]
    """
    given = as_floating("glu", x)
    place = normalize_axis(axis, given.ndim, "glu")
    size = given.shape[place]
    if size % 2:
        raise ShapeError(
            f"glu() halves axis {axis} of shape {given.shape}, whose size {size} is odd. Pad it, or name another axis."
        )
    before = (slice(None),) * place
    return given[(*before, slice(size // 2))] * sigmoid(given[(*before, slice(size // 2, None))])


def sparsemax(x: Any, axis: int = -1) -> Tensor:
    """The nearest point whose elements along an axis are not negative and add up to 1.

    ``max(x - tau, 0)`` with tau the one number for which that is so (Martins and Astudillo, arXiv:1602.02068). Keras
    3.15 computes another tau where more than one element is left.

    >>> import unifw as uf
    >>> uf.nn.sparsemax(uf.asarray([0.5, 0.0, -3.0])).tolist()
    [0.75, 0.25, 0.0]
    """
    given = as_floating("sparsemax", x)
    place = normalize_axis(axis, given.ndim, "sparsemax")
    rows = moveaxis(given, place, -1)
    ordered = flip(sort(rows, axis=-1), axis=-1)
    totals = cumulative_sum(ordered, axis=-1) - 1.0
    counts = constant(np.arange(1, rows.shape[-1] + 1), given, given.dtype)
    support = sum(astype(ordered * counts > totals, dtypes.int64), axis=-1, keepdims=True)
    tau = take_along_axis(totals, support - 1, axis=-1) / astype(support, given.dtype)
    return moveaxis(maximum(rows - tau, 0.0), -1, place)


def standardize(x: Any, axis: int | tuple[int, ...] = -1, epsilon: float = 1e-5) -> Tensor:
    """``(x - mean) / sqrt(variance + epsilon)`` along axes, as `jax.nn.standardize`.

    >>> import unifw as uf
    >>> uf.nn.standardize(uf.asarray([1.0, 3.0]), epsilon=0.0).tolist()
    [-1.0, 1.0]
    """
    given = as_floating("standardize", x)
    centred = given - mean(given, axis=axis, keepdims=True)
    return centred / sqrt(var(given, axis=axis, keepdims=True) + epsilon)
