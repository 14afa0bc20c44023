"""Which kinds of dtype each function takes, and what it does with the others.

One table, read in front of every backend, so that all of them fail alike.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from unifw import dtypes
from unifw.errors import DTypeError

Kind = Literal["bool", "integer", "floating", "complex"]

NUMERIC: Final = frozenset({"integer", "floating", "complex"})
REAL: Final = frozenset({"integer", "floating"})
FLOATING: Final = frozenset({"floating", "complex"})
REAL_FLOATING: Final = frozenset({"floating"})
BITS: Final = frozenset({"bool", "integer"})
INTEGER: Final = frozenset({"integer"})
BOOLEAN: Final = frozenset({"bool"})
ANY: Final = frozenset({"bool", "integer", "floating", "complex"})


class Signature(NamedTuple):
    """What a function takes: the kinds, and whether integers and booleans become the default float first."""

    kinds: frozenset[str]
    to_float: bool = False


_FLOAT_FUNCTIONS = (
    "acos acosh asin asinh atan atanh cos cosh exp expm1 log log10 log1p log2 reciprocal sin sinh sqrt tan tanh divide"
).split()
_REAL_FLOAT_FUNCTIONS = "atan2 logaddexp".split()

SIGNATURES: Final[dict[str, Signature]] = {
    **{name: Signature(NUMERIC) for name in "abs add multiply negative positive pow sign square subtract".split()},
    **{name: Signature(REAL) for name in "ceil floor floor_divide maximum minimum remainder round trunc clip".split()},
    **{name: Signature(REAL) for name in "greater greater_equal less less_equal".split()},
    **{name: Signature(FLOATING, to_float=True) for name in _FLOAT_FUNCTIONS},
    **{name: Signature(REAL_FLOATING, to_float=True) for name in _REAL_FLOAT_FUNCTIONS},
    **{name: Signature(BITS) for name in "bitwise_and bitwise_invert bitwise_or bitwise_xor".split()},
    **{name: Signature(INTEGER) for name in "bitwise_left_shift bitwise_right_shift".split()},
    **{name: Signature(BOOLEAN) for name in "logical_and logical_not logical_or logical_xor".split()},
    **{name: Signature(ANY) for name in "equal not_equal where".split()},
    **{name: Signature(NUMERIC) for name in "isfinite isinf isnan matmul tensordot vecdot prod sum".split()},
    **{name: Signature(REAL) for name in "argmax argmin argsort max min sort cumulative_sum".split()},
    **{name: Signature(FLOATING, to_float=True) for name in "mean".split()},
    **{name: Signature(REAL_FLOATING, to_float=True) for name in "std var".split()},
}


def resolve(name: str, dtype: dtypes.DType) -> dtypes.DType:
    """Return the dtype in which a function computes on operands of `dtype`.

    Raises:
        DTypeError: if the function does not take this kind.
    """
    signature = SIGNATURES[name]
    kind = dtypes.kind(dtype)
    if kind in signature.kinds:
        return dtype
    if signature.to_float and kind in ("integer", "bool"):
        return dtypes.DEFAULT_FLOAT
    raise DTypeError(
        f"{name}() got {dtype.name}, but takes {' or '.join(sorted(signature.kinds))} dtypes. "
        f"Convert first: unifw.astype(x, {_suggested(signature.kinds)!r})."
    )


def _suggested(kinds: frozenset[str]) -> str:
    if "floating" in kinds:
        return "float32"
    return "int64" if "integer" in kinds else "bool"
