"""The frequencies that belong to a transform, and their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from unifw import dtypes
from unifw.errors import ArgumentError, DTypeError
from unifw.tensor._arguments import brief
from unifw.tensor._creation import asarray
from unifw.tensor._manipulation import normalize_axes
from unifw.tensor._operands import as_tensor
from unifw.tensor._tensor import Tensor


def fftfreq(n: int, /, *, d: float = 1.0, dtype: dtypes.DTypeLike | None = None, device: str | None = None) -> Tensor:
    """Return the frequencies of `fft`: ``[0, 1, …, (n - 1) // 2, -(n // 2), …, -1] / (n * d)``.

    Args:
        n: the size of the transform.
        d: the distance of two samples.
        dtype: floating-point, None for float32.
        device: where to put it, None for the default.

    Raises:
        ArgumentError: if `n` is less than 1, or `d` is 0.
        DTypeError: if the dtype is not floating-point.

    >>> import unifw as uf
    >>> uf.fft.fftfreq(4).tolist()
    [0.0, 0.25, -0.5, -0.25]
    """
    found = _check("fftfreq", n, d, dtype)
    steps = np.concatenate([np.arange((n - 1) // 2 + 1), np.arange(-(n // 2), 0)])
    return asarray(steps / (n * d), dtype=found, device=device)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: dtypes.DTypeLike | None = None, device: str | None = None) -> Tensor:
    """Return the frequencies of `rfft`: ``[0, 1, …, n // 2] / (n * d)``; arguments as `fftfreq`.

    >>> import unifw as uf
    >>> uf.fft.rfftfreq(4).tolist()
    [0.0, 0.25, 0.5]
    """
    found = _check("rfftfreq", n, d, dtype)
    return asarray(np.arange(n // 2 + 1) / (n * d), dtype=found, device=device)


def _check(name: str, n: int, d: float, dtype: dtypes.DTypeLike | None) -> dtypes.DType:
    if isinstance(n, bool) or not isinstance(n, int) or n < 1 or not isinstance(d, (int, float)) or not d:
        raise ArgumentError(
            f"{name}() needs a size n of at least 1 and a distance d that is not 0, got n={brief(n)}, "
            f"d={brief(d)}. Write n=x.shape[axis]."
        )
    found = dtypes.DEFAULT_FLOAT if dtype is None else dtypes.as_dtype(dtype)
    if not dtypes.is_floating(found):
        raise DTypeError(f"{name}() gives floating-point numbers, not {found.name}. Convert after: unifw.astype.")
    return found


def fftshift(x: Any, /, *, axes: int | Sequence[int] | None = None) -> Tensor:
    """Move the frequency 0 from the front of axes (None: all) to their middle.

    >>> import unifw as uf
    >>> uf.fft.fftshift(uf.fft.fftfreq(4)).tolist()
    [-0.5, -0.25, 0.0, 0.25]
    """
    return _shifted("fftshift", x, axes, 1)


def ifftshift(x: Any, /, *, axes: int | Sequence[int] | None = None) -> Tensor:
    """Undo `fftshift`: they differ where a size is odd.

    >>> import unifw as uf
    >>> uf.fft.ifftshift(uf.asarray([-1.0, 0.0, 1.0])).tolist()
    [0.0, 1.0, -1.0]
    """
    return _shifted("ifftshift", x, axes, -1)


def _shifted(name: str, x: Any, axes: int | Sequence[int] | None, sign: int) -> Tensor:
    x = as_tensor(x)
    array = x.native
    for axis in normalize_axes(axes, x.ndim, name):
        array = x.backend.xp.roll(array, sign * (x.shape[axis] // 2), axis=axis)
    return Tensor(array, x.backend)
