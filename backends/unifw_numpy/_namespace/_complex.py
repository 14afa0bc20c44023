"""Elementwise functions whose complex special values NumPy has otherwise than the standard."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from unifw.backend import complete_complex
from unifw_numpy._namespace import _elementwise

__all__ = ["expm1", "sign", "tan", "tanh"]

_XP: Final = SimpleNamespace(
    **{name: getattr(_elementwise, name) for name in _elementwise.__all__},
    full_like=np.full_like,
    imag=np.imag,
    ones_like=np.ones_like,
    real=np.real,
    signbit=np.signbit,
    zeros_like=np.zeros_like,
)


def _join(real: Any, imaginary: Any) -> Any:
    result = np.empty(real.shape, np.result_type(real.dtype, np.complex64))
    result.real, result.imag = real, imaginary
    return result[()]  # 0-d: a scalar, as NumPy's functions return


def _expm1(x: Any) -> Any:
    """`numpy.expm1`, but 0, not -0, of a real part that is -0."""
    return np.expm1(x) + x.dtype.type(0)


def _completed(name: str, inside: Callable[[Any], Any] | None = None) -> Callable[[Any], Any]:
    function: Callable[[Any], Any] = getattr(_elementwise, name)
    completed = complete_complex(name, inside or function, xp=_XP, join=_join, stop_gradient=lambda x: x)

    def elementwise(x: Any, /) -> Any:
        if x.dtype.kind != "c" or (np.isfinite(x).all() and x.all()):
            return function(x)
        with np.errstate(invalid="ignore"):
            return completed(x)

    return elementwise


expm1 = _completed("expm1", _expm1)
"""exp(x) - 1; NumPy's alone is NaN at (inf, 0), and elsewhere, and has -0 for -0."""

sign = _completed("sign")
"""x / |x|; NumPy's alone is not NaN at (inf, NaN)."""

tan = _completed("tan")
"""The tangent; NumPy's alone has the sign of C99 for the zero at (y, inf)."""

tanh = _completed("tanh")
"""The hyperbolic tangent; NumPy's alone has the sign of C99 for the zero at (inf, y)."""
