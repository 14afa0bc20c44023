"""The operators of `Tensor`.

They have a fast path for what loops are made of: two tensors of one backend and one dtype, or a tensor and a Python
scalar of its kind. It looks up a function bound to (operation, dtype) when the pair was first met. Everything else
(promotion, lifting into a transform, errors) goes through `combine`, which is slower and says more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from unifw import config, dtypes
from unifw.errors import DTypeError
from unifw.tensor._arguments import brief
from unifw.tensor._getitem import getitem
from unifw.tensor._kinds import resolve
from unifw.tensor._operands import SCALARS, apply, as_float, combine, explain
from unifw.tensor._setitem import setitem
from unifw.tensor._tensor import Tensor
from unifw.tensor._unary import positive


def _binary_operator(name: str) -> Callable[[Tensor, Any], Any]:
    with_scalar = f"{name} with a Python scalar"

    def operate(self: Tensor, other: Any, /) -> Any:
        backend = self.backend
        x = self.native
        if other.__class__ is Tensor:
            y = other.native
            dtype = x.dtype
            # Nearly always one object, which is asked first: TensorFlow's dtypes take 0.3 µs to compare.
            if backend is other.backend and ((of_y := y.dtype) is dtype or of_y == dtype):
                function = backend.bound[name].get(dtype)
                if function is not None:
                    try:
                        return Tensor(function(x, y), backend)
                    except Exception as error:
                        raise explain(name, (self, other), error) from error
        elif other.__class__ is float or other.__class__ is int:
            function = backend.bound[with_scalar].get(x.dtype)
            if function is not None and not (config.may_be_strict and config.is_strict()):
                try:
                    return Tensor(function(x, float(other)), backend)
                except OverflowError:
                    as_float(other, self.dtype)  # says so
                    raise
            of_self = self.dtype
            is_floating = dtypes.kind(of_self) == "floating" == dtypes.kind(resolve(name, of_self))
            if is_floating and of_self.itemsize > 2 and name != "matmul":  # numbers are rounded to half precision
                backend.bound[with_scalar][x.dtype] = getattr(backend.xp, name)
        if not _is_operand(other):
            return _refused(name, other)
        return combine(name, self, other)

    return operate


def _reflected_operator(name: str) -> Callable[[Tensor, Any], Any]:
    def operate(self: Tensor, other: Any, /) -> Any:
        if not _is_operand(other):
            return _refused(name, other)
        return combine(name, other, self)

    return operate


def _unary_operator(name: str) -> Callable[[Tensor], Tensor]:
    def operate(self: Tensor, /) -> Tensor:
        return apply(name, self)

    return operate


def _is_operand(value: Any) -> bool:
    return (
        isinstance(value, (Tensor, np.ndarray, np.generic, *SCALARS))
        or hasattr(value, "__unifw_tensor__")
        or hasattr(value, "__dlpack__")
    )


_PLAIN: Final = (list, tuple, str, bytes, dict, set, type(None))


def _refused(name: str, value: Any) -> Any:
    """Leave the operator to the other operand, unless that is one of Python's own, which knows nothing of tensors."""
    repeats = name == "multiply" and isinstance(value, (list, tuple, str, bytes))  # [1, 2] * x, as Python's integers
    if not isinstance(value, _PLAIN) or name in ("equal", "not_equal") or repeats:
        return NotImplemented
    hint = "unifw.asarray(...) first" if isinstance(value, (list, tuple)) else "a tensor or a number"
    raise DTypeError(f"{name}() got {brief(value)} beside a tensor. Write {hint}.")


_BINARY: Final = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "pow",
    "matmul": "matmul",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "lshift": "bitwise_left_shift",
    "rshift": "bitwise_right_shift",
}
_COMPARISONS: Final = {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}


def attach() -> None:
    """Give `Tensor` its operators and its indexing."""
    Tensor.__getitem__ = getitem
    Tensor.__setitem__ = setitem
    for operator, name in _BINARY.items():
        setattr(Tensor, f"__{operator}__", _binary_operator(name))
        setattr(Tensor, f"__r{operator}__", _reflected_operator(name))
    for operator, name in _COMPARISONS.items():
        setattr(Tensor, f"__{operator}__", _binary_operator(name))
    for operator, name in {"neg": "negative", "abs": "abs", "invert": "bitwise_invert"}.items():
        setattr(Tensor, f"__{operator}__", _unary_operator(name))
    Tensor.__pos__ = positive
