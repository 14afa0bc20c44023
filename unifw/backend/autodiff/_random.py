"""Random numbers have no gradient: the inner backend draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw.backend.autodiff._over_inner import OverInner


class ConstantRandom(OverInner):
    """Everything integer goes to the inner backend as it is."""

    def threefry2x32(self, key: Any, high: Any, low: Any) -> tuple[Any, Any]:
        """See `Random.threefry2x32`."""
        return self.inner.threefry2x32(key, high, low)

    def random_fold_in(self, key: Any, data: Any) -> Any:
        """See `Random.random_fold_in`."""
        return self.inner.random_fold_in(key, data)

    def random_split(self, key: Any, count: int) -> Any:
        """See `Random.random_split`."""
        return self.inner.random_split(key, count)

    def random_bits(self, key: Any, shape: Sequence[int]) -> Any:
        """See `Random.random_bits`."""
        return self.inner.random_bits(key, shape)

    def random_uniform(self, key: Any, shape: Sequence[int]) -> Any:
        """See `Random.random_uniform`."""
        return self.inner.random_uniform(key, shape)

    def random_permutation(self, key: Any, size: int) -> Any:
        """See `Random.random_permutation`."""
        return self.inner.random_permutation(key, size)

    def one_hot(self, indices: Any, num_classes: int, dtype: Any) -> Any:
        """See `Special.one_hot`."""
        return self.inner.one_hot(indices, num_classes, dtype)
