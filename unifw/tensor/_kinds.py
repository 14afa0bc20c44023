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


def _takes(kinds: frozenset[str], *names: str, to_float: bool = False) -> dict[str, Signature]:
    return dict.fromkeys(names, Signature(kinds, to_float))


# fmt: off
SIGNATURES: Final[dict[str, Signature]] = {
    **_takes(NUMERIC, "abs", "add", "conj", "imag", "isfinite", "isinf", "isnan", "matmul", "cumulative_prod",
             "cumulative_sum", "multiply", "negative", "positive", "pow", "prod",
             "real", "round", "sign", "square", "subtract", "sum", "tensordot", "vecdot"),
    **_takes(REAL, "argmax", "argmin", "argsort", "ceil", "floor", "floor_divide", "greater",
             "clip", "greater_equal", "less", "less_equal", "max", "maximum", "min", "minimum", "remainder",
             "searchsorted", "sort",
             "trunc"),
    **_takes(FLOATING, "acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "divide", "exp",
             "expm1", "log", "log10", "log1p", "log2", "mean", "reciprocal", "sin", "sinh", "sqrt", "tan", "tanh",
             to_float=True),
    **_takes(REAL_FLOATING, "atan2", "copysign", "hypot", "logaddexp", "nextafter", "signbit", "std", "var",
             to_float=True),
    **_takes(BITS, "bitwise_and", "bitwise_invert", "bitwise_or", "bitwise_xor"),
    **_takes(INTEGER, "bitwise_left_shift", "bitwise_right_shift"),
    **_takes(BOOLEAN, "logical_and", "logical_not", "logical_or", "logical_xor"),
    **_takes(ANY, "equal", "not_equal", "where"),
    # unifw.linalg and unifw.fft
    **_takes(NUMERIC, "cross", "outer", "trace"),
    **_takes(FLOATING, "cholesky", "det", "eig", "eigh", "eigvals", "eigvalsh", "inv", "matrix_norm", "matrix_power",
             "matrix_rank", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "vector_norm"),
    **_takes(FLOATING, "fft", "fftn", "hfft", "ifft", "ifftn", "irfft", "irfftn"),
    **_takes(REAL_FLOATING, "ihfft", "rfft", "rfftn"),
    **_takes(ANY, "diagonal"),
}
# fmt: on


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
        f"{_suggestion(kind, signature.kinds)}"
    )


def _suggestion(given: str, kinds: frozenset[str]) -> str:
    if given == "complex":
        return "Take a part first: unifw.real(x), unifw.imag(x) or unifw.abs(x)."
    if kinds == BOOLEAN:
        return "Write x != 0, which is boolean."
    wanted = "int64" if "integer" in kinds and (given == "bool" or "floating" not in kinds) else "float32"
    return f"Convert first: unifw.astype(x, {wanted!r})."
