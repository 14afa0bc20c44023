"""`jax.numpy` as the interface wants it; it is an Array API namespace already, but for names it spells otherwise."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import jax.numpy as jnp

Array = Any


def _take(x: Array, indices: Array, *, axis: int) -> Array:
    return jnp.take(x, indices, axis=axis, mode="clip")


def _take_along_axis(x: Array, indices: Array, *, axis: int) -> Array:
    return jnp.take_along_axis(x, indices, axis=axis, mode="clip")


def _tensordot(x1: Array, x2: Array, *, axes: Any) -> Array:
    return jnp.tensordot(x1, x2, axes=axes)


namespace = SimpleNamespace(
    **{
        name: getattr(jnp, name)
        for name in (
            "abs acos acosh add all any arange argmax argmin argsort asin asinh atan atan2 atanh bitwise_and "
            "bitwise_invert bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor broadcast_to ceil concat "
            "cos cosh cumulative_sum divide equal exp expand_dims expm1 eye finfo flip floor floor_divide full "
            "full_like greater greater_equal isfinite isinf isnan less less_equal linspace log log10 log1p log2 "
            "logaddexp logical_and logical_not logical_or logical_xor matmul matrix_transpose max maximum mean min "
            "minimum moveaxis multiply negative not_equal ones ones_like permute_dims pow prod reciprocal remainder "
            "repeat reshape roll round sign sin sinh sort sqrt square squeeze stack std subtract sum tan tanh tile "
            "tril triu trunc var vecdot where zeros zeros_like"
        ).split()
    },
    take=_take,
    take_along_axis=_take_along_axis,
    tensordot=_tensordot,
)
