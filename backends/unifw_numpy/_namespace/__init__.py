"""`NumpyBackend.xp`: NumPy's own functions wherever they mean what the Array API says, on NumPy 1.23 as on 2.x."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import array_api_compat.numpy as compat

from unifw_numpy._namespace import _decompositions as linalg
from unifw_numpy._namespace import _fft as fft
from unifw_numpy._namespace._arrays import *  # noqa: F403 - the families are this namespace
from unifw_numpy._namespace._complex import *  # noqa: F403
from unifw_numpy._namespace._elementwise import *  # noqa: F403
from unifw_numpy._namespace._elementwise import OF_ARRAYS
from unifw_numpy._namespace._linalg import *  # noqa: F403
from unifw_numpy._namespace._linalg import HALF, OF_WIDE
from unifw_numpy._namespace._reductions import *  # noqa: F403

__all__ = ["fft", "linalg"]


def without_wrappers(function: Callable[..., Any], dtype: Any) -> Callable[..., Any]:
    """Return what one of these functions calls where all operands are arrays of one dtype."""
    function = OF_ARRAYS.get(function, function)
    return function if dtype in HALF else OF_WIDE.get(function, function)


def __getattr__(name: str) -> Any:
    """Find the rest of the standard where `array_api_compat` has it."""
    return getattr(compat, name)
