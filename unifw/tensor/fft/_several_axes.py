"""Discrete Fourier transforms along several axes: one after the other along each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw.errors import ArgumentError
from unifw.tensor._arguments import brief
from unifw.tensor._tensor import Tensor
from unifw.tensor.fft._judging import Norm, transform


def fftn(
    x: Any, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> Tensor:
    """Transform along several axes.

    Args:
        x: complex, or floating-point.
        s: how many elements to transform along each of `axes`: they are cut, or filled up with zeros; -1, or None for
            all, for the size of the axis.
        axes: None for all; needed if `s` is given.
        norm: where to divide by the sizes; see `fft`.

    Returns:
        Complex, with sizes `s` along the axes.

    Raises:
        ShapeError: if there is no such axis, or a size is less than 1.
        DTypeError: for integers and booleans.
        ArgumentError: for sizes without axes, an axis given twice, or another `norm`.

    >>> import unifw as uf
    >>> uf.fft.fftn(uf.ones((2, 2))).tolist()
    [[(4+0j), 0j], [0j, 0j]]
    """
    return transform("fftn", "fftn", x, _check("fftn", s, axes), axes, norm)


def ifftn(
    x: Any, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> Tensor:
    """Undo `fftn`, whose arguments it has.

    >>> import unifw as uf
    >>> uf.fft.ifftn(uf.asarray([[4 + 0j, 0j], [0j, 0j]])).shape
    (2, 2)
    """
    return transform("ifftn", "ifftn", x, _check("ifftn", s, axes), axes, norm)


def rfftn(
    x: Any, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> Tensor:
    """Transform real numbers along several axes; along the last of them as `rfft`, so that its size is halved.

    >>> import unifw as uf
    >>> uf.fft.rfftn(uf.ones((4, 4))).shape
    (4, 3)
    """
    return transform("rfftn", "rfftn", x, _check("rfftn", s, axes), axes, norm)


def irfftn(
    x: Any, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> Tensor:
    """Undo `rfftn`: `s` are the sizes of the result; the last of the axes gets ``2 * (size - 1)`` without it.

    >>> import unifw as uf
    >>> uf.fft.irfftn(uf.fft.rfftn(uf.ones((4, 4)))).shape
    (4, 4)
    """
    return transform("irfftn", "irfftn", x, _check("irfftn", s, axes), axes, norm)


def _check(name: str, s: Sequence[int] | None, axes: Sequence[int] | None) -> Sequence[int] | None:
    if s is not None and axes is None:
        raise ArgumentError(f"{name}() got sizes s={brief(s)} without axes. Say which axes they are for.")
    return s
