"""Continuous distributions that are a formula away from uniform, normal or exponential numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from unifw import dtypes
from unifw.tensor._choosing import where
from unifw.tensor._dtypes import finfo
from unifw.tensor._reductions import sum as total
from unifw.tensor._tensor import Tensor
from unifw.tensor._unary import exp, log, sqrt, tan
from unifw.tensor.random._arguments import (
    Shape,
    checked_key,
    drawn_shape,
    floating,
    positive,
    shape_of,
    sizes_of,
    together,
)
from unifw.tensor.random._discrete import rademacher
from unifw.tensor.random._keys import split
from unifw.tensor.random._logarithms import exponential
from unifw.tensor.random._normal import normal
from unifw.tensor.random._uniform import uniform


def _given(name: str, key: Any, dtype: dtypes.DType, *parameters: Any) -> tuple[Tensor, list[Tensor]]:
    """Return the key, where the draw is made, and the parameters there, as tensors of the dtype of the result."""
    backend, native, arrays = together(name, checked_key(key, name), dtype, *parameters)
    tensors = [Tensor(backend.asarray(each, dtype=dtype, device=backend.device_of(native)), backend) for each in arrays]
    return Tensor(native, backend), tensors


def cauchy(key: Any, shape: Shape = (), dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return values of density ``1 / (pi * (1 + x**2))``: ``tan(pi * (u - 1/2))``, as `jax.random.cauchy`.

    Args:
        key: uint32 (2,).
        shape: of the result.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape.

    >>> import unifw as uf
    >>> uf.random.cauchy(uf.random.key(0), (3,)).shape
    (3,)
    """
    wanted = floating(dtype, "cauchy")
    values = uniform(checked_key(key, "cauchy"), shape, wanted, float(finfo(wanted).eps), 1.0)
    return tan((values - 0.5) * float(np.asarray(math.pi, wanted)))


def lognormal(key: Any, sigma: Any = 1.0, shape: Shape | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return ``exp(sigma * normal)``, as `jax.random.lognormal`.

    Args:
        key: uint32 (2,).
        sigma: the standard deviation of the logarithm, a number or a tensor.
        shape: of the result, to which `sigma` broadcasts; by default that of `sigma`.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or a parameter that does not broadcast to it.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.lognormal(uf.random.key(0), 0.5, (8,)) > 0.0))
    True
    """
    wanted = floating(dtype, "lognormal")
    sizes = drawn_shape("lognormal", shape, shape_of(sigma))
    tensor, (scale,) = _given("lognormal", key, wanted, sigma)
    return exp(normal(tensor, sizes, wanted) * scale)


def maxwell(key: Any, shape: Shape = (), dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return lengths of vectors of three standard normal values, as `jax.random.maxwell`.

    Args:
        key: uint32 (2,).
        shape: of the result.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.maxwell(uf.random.key(0), (8,)) > 0.0))
    True
    """
    values = normal(checked_key(key, "maxwell"), (*sizes_of(shape, "maxwell"), 3), floating(dtype, "maxwell"))
    return sqrt(total(values * values, axis=-1))


def double_sided_maxwell(
    key: Any, loc: Any, scale: Any, shape: Shape = (), dtype: dtypes.DTypeLike | None = None
) -> Tensor:
    """Return ``loc + scale * maxwell`` with random signs, as `jax.random.double_sided_maxwell`.

    Args:
        key: uint32 (2,).
        loc: a number or a tensor.
        scale: the same.
        shape: of the draws for each pair of parameters; the shape of these comes behind it (and twice if it is (),
            as in JAX).
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or parameters that do not broadcast.

    >>> import unifw as uf
    >>> uf.random.double_sided_maxwell(uf.random.key(0), 0.0, 1.0, (3,)).shape
    (3,)
    """
    name = "double_sided_maxwell"
    wanted = floating(dtype, name)
    common = drawn_shape(name, None, shape_of(loc), shape_of(scale))
    sizes = (*(sizes_of(shape, name) or common), *common)
    tensor, (center, factor) = _given(name, key, wanted, loc, scale)
    keys = split(tensor)
    result: Tensor = rademacher(keys[1], sizes, wanted) * maxwell(keys[0], sizes, wanted) * factor + center
    return result


def pareto(key: Any, b: Any, shape: Shape | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return values of density ``b / x**(b + 1)`` above 1: ``exp(exponential / b)``, as `jax.random.pareto`.

    Args:
        key: uint32 (2,).
        b: the shape parameter, a number or a tensor, above 0.
        shape: of the result, to which `b` broadcasts; by default that of `b`.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key, or a number that is not above 0.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or a parameter that does not broadcast to it.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.pareto(uf.random.key(0), 3.0, (8,)) >= 1.0))
    True
    """
    wanted = floating(dtype, "pareto")
    positive(b, "b", "pareto")
    sizes = drawn_shape("pareto", shape, shape_of(b))
    tensor, (power,) = _given("pareto", key, wanted, b)
    return exp(exponential(tensor, sizes, wanted) / power)


def rayleigh(key: Any, scale: Any, shape: Shape | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return ``scale * sqrt(-2 * log(u))``, as `jax.random.rayleigh`.

    Args:
        key: uint32 (2,).
        scale: a number or a tensor, above 0.
        shape: of the result, to which `scale` broadcasts; by default that of `scale`.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key, or a number that is not above 0.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or a parameter that does not broadcast to it.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.rayleigh(uf.random.key(0), 2.0, (8,)) > 0.0))
    True
    """
    wanted = floating(dtype, "rayleigh")
    positive(scale, "scale", "rayleigh")
    sizes = drawn_shape("rayleigh", shape, shape_of(scale))
    tensor, (factor,) = _given("rayleigh", key, wanted, scale)
    u = uniform(tensor, sizes, wanted)
    is_zero = u == 0.0  # whose logarithm NumPy warns of
    return where(is_zero, math.inf, factor * sqrt(log(where(is_zero, 1.0, u)) * -2.0))


def triangular(
    key: Any,
    left: Any,
    mode: Any,
    right: Any,
    shape: Shape | None = None,
    dtype: dtypes.DTypeLike | None = None,
) -> Tensor:
    """Return values whose density rises from `left` to `mode` and falls to `right`, as `jax.random.triangular`.

    Args:
        key: uint32 (2,).
        left: a number or a tensor.
        mode: the same, not below `left`.
        right: the same, not below `mode`, and above `left`.
        shape: of the result, to which the parameters broadcast; by default theirs.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or parameters that do not broadcast to it.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.triangular(uf.random.key(0), -1.0, 0.0, 2.0, (8,)) < 2.0))
    True
    """
    name = "triangular"
    wanted = floating(dtype, name)
    sizes = drawn_shape(name, shape, shape_of(left), shape_of(mode), shape_of(right))
    tensor, (least, top, most) = _given(name, key, wanted, left, mode, right)
    u = uniform(tensor, sizes, wanted)
    span = most - least
    rising = least + sqrt(u * span * (top - least))
    falling = most - sqrt((1.0 - u) * span * (most - top))
    return where(u < (top - least) / span, rising, falling)


def wald(key: Any, mean: Any, shape: Shape | None = None, dtype: dtypes.DTypeLike | None = None) -> Tensor:
    """Return values of the inverse Gaussian distribution of scale 1, as `jax.random.wald`.

    Args:
        key: uint32 (2,).
        mean: a number or a tensor, above 0.
        shape: of the result, to which `mean` broadcasts; by default that of `mean`.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key, or a number that is not above 0.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or a parameter that does not broadcast to it.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.wald(uf.random.key(0), 1.0, (8,)) > 0.0))
    True
    """
    wanted = floating(dtype, "wald")
    positive(mean, "mean", "wald")
    sizes = drawn_shape("wald", shape, shape_of(mean))
    tensor, (m,) = _given("wald", key, wanted, mean)
    keys = split(tensor)
    v = normal(keys[0], sizes, wanted)
    z = uniform(keys[1], sizes, wanted)
    y = v * v
    x = m + m * m * y / 2.0 - m / 2.0 * sqrt(4.0 * m * y + m * m * (y * y))
    return where(z <= m / (m + x), x, m * m / x)


def weibull_min(
    key: Any, scale: Any, concentration: Any, shape: Shape = (), dtype: dtypes.DTypeLike | None = None
) -> Tensor:
    """Return ``scale * (-log1p(-u))**(1 / concentration)``, as `jax.random.weibull_min`.

    Args:
        key: uint32 (2,).
        scale: a number or a tensor, above 0.
        concentration: the same.
        shape: of what is drawn; the parameters broadcast with it.
        dtype: float32 (the default), float64, float16 or bfloat16.

    Raises:
        ArgumentError: for what is not one key, or numbers that are not above 0.
        DTypeError: for a dtype that is not floating-point.
        ShapeError: for what is not a shape, or parameters that do not broadcast with it.

    >>> import unifw as uf
    >>> bool(uf.all(uf.random.weibull_min(uf.random.key(0), 1.0, 2.0, (8,)) >= 0.0))
    True
    """
    name = "weibull_min"
    wanted = floating(dtype, name)
    positive(scale, "scale", name)
    positive(concentration, "concentration", name)
    tensor, (factor, power) = _given(name, key, wanted, scale, concentration)
    result: Tensor = exponential(tensor, sizes_of(shape, name), wanted) ** (1.0 / power) * factor
    return result
