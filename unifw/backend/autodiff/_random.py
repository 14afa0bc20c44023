"""Random numbers have no gradient: the inner backend draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unifw import dtypes
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

    def random_bits(self, key: Any, shape: Sequence[int], dtype: dtypes.DType = dtypes.uint32) -> Any:
        """See `Random.random_bits`."""
        return self.inner.random_bits(key, shape, dtype)

    def random_uniform(
        self,
        key: Any,
        shape: Sequence[int],
        dtype: dtypes.DType = dtypes.float32,
        minval: Any = 0.0,
        maxval: Any = 1.0,
    ) -> Any:
        """See `Random.random_uniform`."""
        return self.inner.random_uniform(key, shape, dtype, minval, maxval)

    def random_normal(self, key: Any, shape: Sequence[int], dtype: dtypes.DType = dtypes.float32) -> Any:
        """See `Random.random_normal`."""
        return self.inner.random_normal(key, shape, dtype)

    def random_truncated_normal(
        self, key: Any, lower: Any, upper: Any, shape: Sequence[int], dtype: dtypes.DType = dtypes.float32
    ) -> Any:
        """See `Random.random_truncated_normal`."""
        return self.inner.random_truncated_normal(key, lower, upper, shape, dtype)

    def random_randint(self, key: Any, shape: Sequence[int], minval: Any, maxval: Any, dtype: dtypes.DType) -> Any:
        """See `Random.random_randint`."""
        return self.inner.random_randint(key, shape, minval, maxval, dtype)

    def random_permutation(self, key: Any, size: int) -> Any:
        """See `Random.random_permutation`."""
        return self.inner.random_permutation(key, size)

    def random_shuffle(self, key: Any, shape: Sequence[int], axis: int) -> Any:
        """See `Random.random_shuffle`."""
        return self.inner.random_shuffle(key, shape, axis)

    def random_exponential(self, key: Any, shape: Sequence[int], dtype: dtypes.DType) -> Any:
        """See `Random.random_exponential`."""
        return self.inner.random_exponential(key, shape, dtype)

    def random_gumbel(self, key: Any, shape: Sequence[int], dtype: dtypes.DType, mode: str) -> Any:
        """See `Random.random_gumbel`."""
        return self.inner.random_gumbel(key, shape, dtype, mode)

    def random_laplace(self, key: Any, shape: Sequence[int], dtype: dtypes.DType) -> Any:
        """See `Random.random_laplace`."""
        return self.inner.random_laplace(key, shape, dtype)

    def random_logistic(self, key: Any, shape: Sequence[int], dtype: dtypes.DType) -> Any:
        """See `Random.random_logistic`."""
        return self.inner.random_logistic(key, shape, dtype)

    def random_gamma(self, key: Any, alpha: Any, log_space: bool) -> Any:
        """See `Random.random_gamma`."""
        return self.inner.random_gamma(key, alpha, log_space)

    def random_poisson(self, key: Any, rate: Any, dtype: dtypes.DType) -> Any:
        """See `Random.random_poisson`."""
        return self.inner.random_poisson(key, rate, dtype)

    def one_hot(self, indices: Any, num_classes: int, dtype: Any) -> Any:
        """See `Special.one_hot`."""
        return self.inner.one_hot(indices, num_classes, dtype)
