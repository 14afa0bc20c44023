"""Activations in pieces: polynomials between corners. Names of `jax.nn` and `keras.activations`, slopes of JAX's."""

from __future__ import annotations

from typing import Any

from unifw.nn._activations import relu
from unifw.nn._operands import floating
from unifw.tensor import Tensor, abs, clip, full_like, logical_and, square, where, zeros_like


def as_floating(name: str, x: Any) -> Tensor:
    """Return an operand as a floating-point tensor."""
    backend, (array,) = floating(name, x)
    return Tensor(array, backend)


def relu6(x: Any) -> Tensor:
    """``min(max(x, 0), 6)``; the derivative is 0 at 0 and at 6.

    >>> import unifw as uf
    >>> uf.nn.relu6(uf.asarray([-1.0, 5.0, 9.0])).tolist()
    [0.0, 5.0, 6.0]
    """
    positive = relu(x)
    return where(positive >= 6.0, full_like(positive, 6.0), positive)


def hard_sigmoid(x: Any) -> Tensor:
    """``relu6(x + 3) / 6``, as in JAX, torch and Keras 3 (Keras 2 had another slope).

    >>> import unifw as uf
    >>> uf.nn.hard_sigmoid(uf.asarray([-4.0, 0.0, 4.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return relu6(as_floating("hard_sigmoid", x) + 3.0) / 6.0


def hard_silu(x: Any) -> Tensor:
    """``x * hard_sigmoid(x)``, also called hard swish (Howard et al., arXiv:1905.02244).

    >>> import unifw as uf
    >>> uf.nn.hard_silu(uf.asarray([-4.0, 4.0])).tolist()
    [-0.0, 4.0]
    """
    given = as_floating("hard_silu", x)
    return given * hard_sigmoid(given)


def hard_tanh(x: Any) -> Tensor:
    """``min(max(x, -1), 1)``; the derivative is 1 at -1 and at 1.

    >>> import unifw as uf
    >>> uf.nn.hard_tanh(uf.asarray([-2.0, 0.5, 2.0])).tolist()
    [-1.0, 0.5, 1.0]
    """
    given = as_floating("hard_tanh", x)
    lower = where(given < -1.0, full_like(given, -1.0), given)
    return where(given > 1.0, full_like(given, 1.0), lower)


def hard_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """``x`` where ``|x| > threshold``, else 0.

    >>> import unifw as uf
    >>> uf.nn.hard_shrink(uf.asarray([-1.0, 0.25, 1.0])).tolist()
    [-1.0, 0.0, 1.0]
    """
    given = as_floating("hard_shrink", x)
    return where(abs(given) > threshold, given, zeros_like(given))


def soft_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """``x`` moved towards 0 by the threshold, and 0 within it.

    >>> import unifw as uf
    >>> uf.nn.soft_shrink(uf.asarray([-1.0, 0.25, 1.0])).tolist()
    [-0.5, 0.0, 0.5]
    """
    given = as_floating("soft_shrink", x)
    below = where(given < -threshold, given + threshold, zeros_like(given))
    return where(given > threshold, given - threshold, below)


def threshold(x: Any, threshold: float, default_value: float) -> Tensor:
    """``x`` above a threshold, else another value.

    >>> import unifw as uf
    >>> uf.nn.threshold(uf.asarray([-1.0, 2.0]), 0.0, 7.0).tolist()
    [7.0, 2.0]
    """
    given = as_floating("threshold", x)
    return where(given > threshold, given, full_like(given, default_value))


def sparse_plus(x: Any) -> Tensor:
    """0 up to -1, ``x`` from 1 on, and ``(x + 1)**2 / 4`` between.

    >>> import unifw as uf
    >>> uf.nn.sparse_plus(uf.asarray([-2.0, 0.0, 2.0])).tolist()
    [0.0, 0.25, 2.0]
    """
    given = as_floating("sparse_plus", x)
    inside = logical_and(given > -1.0, given < 1.0)
    middle = square(where(inside, given, zeros_like(given)) + 1.0) / 4.0
    return where(given <= -1.0, zeros_like(given), where(given >= 1.0, given, middle))


def sparse_sigmoid(x: Any) -> Tensor:
    """0 up to -1, 1 from 1 on, and ``(x + 1) / 2`` between; at the corners the derivative is a quarter, as JAX's.

    >>> import unifw as uf
    >>> uf.nn.sparse_sigmoid(uf.asarray([-2.0, 0.0, 2.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return clip(as_floating("sparse_sigmoid", x) + 1.0, 0.0, 2.0) * 0.5
