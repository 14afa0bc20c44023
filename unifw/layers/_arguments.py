"""The arguments of a layer's constructor, and what is made of them."""

from __future__ import annotations

import inspect
import re
from typing import Any, Final

from unifw import dtypes
from unifw.errors import ArgumentError

_NOT_YET: Final = (
    "regularizer",
    "constraint",
    "lora_rank",
    "lora_alpha",
    "quantization_config",
    "mask_zero",
    "autocast",
    "attention_axes",
    "sliding_window",
    "flash_attention",
    "use_gate",
    "renorm",
    "renorm_clipping",
    "renorm_momentum",
    "synchronized",
    "weights",
)


def variable_dtype(value: dtypes.DTypeLike) -> dtypes.DType:
    """Return the one dtype of a layer's variables and computations.

    Raises:
        ArgumentError: for a policy of two dtypes.
    """
    if isinstance(value, str) and value.startswith("mixed_"):
        raise ArgumentError(
            f"Policy {value!r} is not supported: variables and computations of a layer share one dtype. "
            f"Write dtype='float32' or dtype='bfloat16'."
        )
    return dtypes.as_dtype(value)


def refuse(layer: str, kwargs: dict[str, Any]) -> None:
    """Raise for keyword arguments nobody took; those of Keras that are not here yet say so, unless None or False.

    Raises:
        ArgumentError: for any other.
    """
    unknown = [name for name in kwargs if not name.endswith(_NOT_YET)]
    if unknown:
        raise ArgumentError(f"{layer} got unknown arguments: {', '.join(unknown)}.")
    wanted = [name for name, value in kwargs.items() if value is not None and value is not False]
    if wanted:
        raise ArgumentError(
            f"{layer}: {', '.join(wanted)} of Keras is not supported here. Leave it out, or write a layer of your own."
        )


def takes_keywords(cls: type) -> bool:
    """Return whether the constructor of a class passes keyword arguments on, as to `Layer`'s."""
    return any(each.kind is each.VAR_KEYWORD for each in inspect.signature(_constructor(cls)).parameters.values())


def _constructor(cls: type) -> Any:
    """Return the constructor a class has or inherits."""
    return next(each.__dict__["__init__"] for each in cls.__mro__ if "__init__" in each.__dict__)


def snake_case(name: str) -> str:
    """Return "multi_head_attention" for "MultiHeadAttention"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
