"""Discrete Fourier transforms along one axis.

``X[k] = sum(x[j] * exp(-2i * pi * j * k / n))``; the inverse has the other sign, and divides by n. `norm` says where to
divide: ``"backward"`` in the inverse, ``"forward"`` in the forward transform, ``"ortho"`` in both, by the square root.
"""

from __future__ import annotations

from typing import Any

from unifw.tensor._operands import as_tensor
from unifw.tensor._tensor import Tensor
from unifw.tensor.fft._judging import INVERSE_NORM, Norm, check_norm, transform


def fft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """Transform along an axis.

    Args:
        x: complex, or floating-point.
        n: how many elements to transform: the axis is cut, or filled up with zeros. None for its size.
        axis: the axis.
        norm: where to divide by n: see above.

    Returns:
        Complex, with size n along the axis.

    Raises:
        ShapeError: if there is no such axis, or n is less than 1.
        DTypeError: for integers and booleans.
        ArgumentError: for another `norm`.

    >>> import unifw as uf
    >>> uf.fft.fft(uf.asarray([1.0, 0.0, 0.0])).tolist()
    [(1+0j), (1+0j), (1+0j)]
    """
    return transform("fft", "fftn", x, (n,), (axis,), norm)


def ifft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """Undo `fft`, whose arguments it has.

    >>> import unifw as uf
    >>> uf.fft.ifft(uf.asarray([1 + 0j, 1 + 0j])).tolist()
    [(1+0j), 0j]
    """
    return transform("ifft", "ifftn", x, (n,), (axis,), norm)


def rfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """Transform real numbers along an axis; the half that the other half is the conjugate of is left out.

    Args:
        x: floating-point.
        n: how many elements to transform; see `fft`.
        axis: the axis.
        norm: see `fft`.

    Returns:
        Complex, with size ``n // 2 + 1`` along the axis.

    >>> import unifw as uf
    >>> uf.fft.rfft(uf.ones(4)).shape
    (3,)
    """
    return transform("rfft", "rfftn", x, (n,), (axis,), norm)


def irfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """Undo `rfft`.

    Args:
        x: complex: the first half of a transform whose other half is its conjugate.
        n: the size of the result along the axis, None for ``2 * (size - 1)``: give it if that was odd.
        axis: the axis.
        norm: see `fft`.

    Returns:
        Real.

    >>> import unifw as uf
    >>> uf.fft.irfft(uf.asarray([1 + 0j, 1 + 0j]), n=3).tolist()
    [1.0, 0.0, 0.0]
    """
    return transform("irfft", "irfftn", x, (n,), (axis,), norm)


def hfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """Transform the first half of a Hermitian sequence, whose other half is its conjugate: the result is real.

    Args:
        x: complex.
        n: the size of the result along the axis, None for ``2 * (size - 1)``.
        axis: the axis.
        norm: see `fft`.

    >>> import unifw as uf
    >>> uf.fft.hfft(uf.asarray([1 + 0j, 0j])).tolist()
    [1.0, 1.0]
    """
    check_norm("hfft", norm)
    conjugate = _conjugate(as_tensor(x))
    return transform("hfft", "irfftn", conjugate, (n,), (axis,), INVERSE_NORM[norm])


def ihfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """Undo `hfft`: the first half of the inverse transform of real numbers.

    Args:
        x: floating-point.
        n: how many elements to transform; see `fft`.
        axis: the axis.
        norm: see `fft`.

    Returns:
        Complex, with size ``n // 2 + 1`` along the axis.

    >>> import unifw as uf
    >>> uf.fft.ihfft(uf.asarray([1.0, 1.0])).shape
    (2,)
    """
    check_norm("ihfft", norm)
    return _conjugate(transform("ihfft", "rfftn", x, (n,), (axis,), INVERSE_NORM[norm]))


def _conjugate(x: Tensor) -> Tensor:
    return Tensor(x.backend.xp.conj(x.native), x.backend) if x.dtype.kind == "c" else x
