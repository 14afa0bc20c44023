"""Changing the size of images, and of anything else with axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import numpy as np

from unifw import dtypes
from unifw.errors import ArgumentError, DTypeError, ShapeError
from unifw.tensor import Tensor, asarray, moveaxis, take, tensordot
from unifw.tensor._arguments import wholes
from unifw.tensor._operands import as_tensor

ResizeMethod = Literal[
    "nearest", "linear", "bilinear", "trilinear", "cubic", "bicubic", "tricubic", "lanczos3", "lanczos5"
]
"""How `resize` weighs neighbours."""


def resize(image: Any, shape: Sequence[int], method: ResizeMethod, antialias: bool = True) -> Tensor:
    """Scale the axes of a tensor to new sizes, as `jax.image.resize`.

    Each axis whose size changes is multiplied by a matrix of weights; samples lie in the middle of their pixels
    (half-pixel centres), and weights of samples outside the image are given to the others.

    Args:
        image: any number of axes, floating-point (integers only with "nearest").
        shape: the new size of each axis; those that keep theirs are not touched.
        method: "nearest"; "linear" (also called "bilinear" and "trilinear"); "cubic" ("bicubic", "tricubic": Keys,
            a = -0.5); "lanczos3" or "lanczos5".
        antialias: whether to widen the kernel where an axis becomes smaller, so that every sample counts.

    Raises:
        ArgumentError: for another method.
        ShapeError: for another number of axes, or empty ones.
        DTypeError: for integers and another method than "nearest".

    >>> import unifw as uf
    >>> uf.nn.resize(uf.asarray([0.0, 1.0]), (4,), "linear").tolist()
    [0.0, 0.25, 0.75, 1.0]
    """
    given = as_tensor(image)
    sizes = wholes(shape, "resize", "shape")
    if method != "nearest" and method not in _KERNELS:
        raise ArgumentError(f"resize() got method={method!r}. Write 'nearest' or one of {', '.join(_KERNELS)}.")
    if len(sizes) != given.ndim or min((*sizes, *given.shape), default=1) < 1:
        raise ShapeError(
            f"resize() got shape {sizes} for a tensor of shape {given.shape}. Write a positive size for each axis."
        )
    if method != "nearest" and dtypes.kind(given.dtype) != "floating":
        raise DTypeError(
            f"resize() weighs elements with method={method!r}, got {given.dtype.name}. Convert with unifw.astype(x, "
            f"'float32'), or write method='nearest'."
        )
    for axis, (before, after) in enumerate(zip(given.shape, sizes, strict=True)):
        if before == after:
            continue
        if method == "nearest":
            places = np.floor((np.arange(after) + 0.5) * np.float64(before / after)).astype(np.int64)
            given = take(given, asarray(places, backend=given.backend), axis=axis)
        else:
            weights = _weights(before, after, method, antialias=antialias).astype(given.dtype)
            product = tensordot(given, asarray(weights, backend=given.backend), axes=((axis,), (0,)))
            given = moveaxis(product, -1, axis)
    return given


def _weights(before: int, after: int, method: str, *, antialias: bool) -> np.ndarray[Any, Any]:
    """Return what each sample (rows) counts in each result (columns), as `jax.image.scale_and_translate` has it."""
    scale = before / after
    width = max(scale, 1.0) if antialias else 1.0
    centres = (np.arange(after) + 0.5) * scale - 0.5
    distances = np.abs(centres[None, :] - np.arange(before)[:, None]) / width
    weights = _KERNELS[method](distances)
    total = weights.sum(axis=0, keepdims=True)
    weights = np.where(np.abs(total) > 1000 * np.finfo(np.float32).eps, weights / np.where(total == 0, 1, total), 0)
    inside = (centres >= -0.5) & (centres <= before - 0.5)
    return np.where(inside[None, :], weights, 0)


def _triangle(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(np.maximum(0, 1 - x))


def _keys(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """R. Keys, "Cubic convolution interpolation for digital image processing", 1981, with a = -0.5."""
    near = ((1.5 * x - 2.5) * x) * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x >= 2, 0, np.where(x >= 1, far, near))


def _lanczos(radius: float, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    value = np.sinc(x) * np.sinc(x / radius)
    return np.where(x > radius, 0, value)


_KERNELS: Final[dict[str, Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]]]] = {
    "linear": _triangle,
    "bilinear": _triangle,
    "trilinear": _triangle,
    "cubic": _keys,
    "bicubic": _keys,
    "tricubic": _keys,
    "lanczos3": lambda x: _lanczos(3.0, x),
    "lanczos5": lambda x: _lanczos(5.0, x),
}
