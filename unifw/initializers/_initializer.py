"""What every initializer is."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any

import numpy as np

from unifw import config, dtypes
from unifw.saving import Configurable
from unifw.tensor import Tensor, asarray
from unifw.tensor.random import host
from unifw.utils import next_key


class Initializer(Configurable, abc.ABC):
    """Draws the initial value of a variable.

    A subclass implements `sample`. Layers pass the key that belongs to the variable's path; an initializer with a
    `seed` of its own ignores it, and so gives equal values to equal shapes (as in Keras).
    """

    seed: int | None = None

    @abc.abstractmethod
    def sample(self, key: np.ndarray[Any, Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """Return float32 (or exactly convertible) values on the host.

        Args:
            key: uint32 (2,).
            shape: of the variable.
        """

    def draw(self, key: np.ndarray[Any, Any], shape: Sequence[int], dtype: dtypes.DTypeLike) -> np.ndarray[Any, Any]:
        """Return the values for a variable on the host, in the variable's dtype."""
        key = key if self.seed is None else host.key(self.seed)
        return np.asarray(self.sample(key, tuple(shape))).astype(dtypes.as_dtype(dtype))

    def __call__(self, shape: Sequence[int], dtype: dtypes.DTypeLike | None = None) -> Tensor:
        """Return a tensor of initial values, as Keras' initializers do when called.

        Args:
            shape: of the tensor.
            dtype: `unifw.config.floatx()` by default.

        >>> import unifw as uf
        >>> uf.initializers.Ones()((2,)).shape
        (2,)
        """
        return asarray(self.draw(next_key(), shape, dtype or config.floatx()))
