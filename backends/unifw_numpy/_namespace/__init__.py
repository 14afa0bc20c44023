"""`NumpyBackend.xp`: NumPy's own functions wherever they mean what the Array API says, on NumPy 1.23 as on 2.x."""

from __future__ import annotations

from unifw_numpy._namespace._arrays import *  # noqa: F403 - the families are this namespace
from unifw_numpy._namespace._elementwise import *  # noqa: F403
from unifw_numpy._namespace._linalg import *  # noqa: F403
from unifw_numpy._namespace._reductions import *  # noqa: F403
