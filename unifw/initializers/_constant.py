"""Initial values that are not random."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from unifw.initializers._initializer import Initializer


@final
class Zeros(Initializer):
    """Zeros.

    >>> import numpy as np
    >>> np.asarray(Zeros()((2,)))
    array([0., 0.], dtype=float32)
    """

    def sample(self, key: np.ndarray[Any, Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """Return zeros."""
        del key
        return np.zeros(shape, np.float32)


@final
class Ones(Initializer):
    """Ones."""

    def sample(self, key: np.ndarray[Any, Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """Return ones."""
        del key
        return np.ones(shape, np.float32)


@final
class Constant(Initializer):
    """One value everywhere.

    Args:
        value: a number, or an array-like that broadcasts to the variable's shape.
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def sample(self, key: np.ndarray[Any, Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """Return the value, broadcast."""
        del key
        return np.broadcast_to(np.asarray(self.value), shape)

    def get_config(self) -> dict[str, Any]:
        """Return the value as plain numbers."""
        return {"value": np.asarray(self.value).tolist()}
