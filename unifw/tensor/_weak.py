"""Python scalars whose value is not known while a function is traced: JAX's weakly typed values.

``jit(f)(x, 0.1)`` must mean what ``f(x, 0.1)`` means: 0.1 takes the dtype of the tensor it meets. So a scalar argument
enters the trace in the widest dtype of its kind, and is converted where it meets a tensor, as a Python scalar would be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, final

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.tensor._tensor import Tensor

WIDE: Final[dict[type, dtypes.DType]] = {
    bool: dtypes.bool,
    int: dtypes.int64,
    float: dtypes.float64,
    complex: dtypes.complex128,
}
_PYTHON: Final = {dtype: python for python, dtype in WIDE.items()}


@final
class WeakScalar:
    """What `jit` passes for a Python scalar: arithmetic among such scalars is Python's, in 64 bits.

    With a tensor it promotes as a Python scalar does; alone, it becomes a tensor of the default dtype of its kind.
    """

    __slots__ = ("wide",)
    __array_priority__ = 1001
    __hash__ = None  # type: ignore[assignment]  # equality is elementwise

    def __init__(self, array: Array, backend: Backend) -> None:
        self.wide = Tensor(array, backend)

    @property
    def sample(self) -> complex:
        """A Python scalar of the same kind, for promotion."""
        return _PYTHON[self.wide.dtype]()  # type: ignore[no-any-return]

    def __unifw_tensor__(self) -> Tensor:
        return self.wide.astype(dtypes.as_dtype(type(self.sample)))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.__unifw_tensor__(), name)

    def __repr__(self) -> str:
        return f"WeakScalar({self.wide!r})"

    def __bool__(self) -> bool:
        return bool(self.wide)

    def __int__(self) -> int:
        return int(self.wide)

    def __float__(self) -> float:
        return float(self.wide)

    def __complex__(self) -> complex:
        return complex(self.wide)

    def __index__(self) -> int:
        return self.wide.__index__()


def _weak(result: Tensor) -> Tensor | WeakScalar:
    return WeakScalar(result.native, result.backend) if result.dtype in _PYTHON else result


def _operand(value: Any, operator: str) -> Any:
    """Return what stands for a scalar in an operation between scalars; None for anything else."""
    wide = value.wide if type(value) is WeakScalar else value
    dtype = wide.dtype if type(value) is WeakScalar else WIDE.get(type(value))
    if dtype is None:
        return None
    exact = dtypes.float64 if operator == "truediv" and dtypes.kind(dtype) in {"integer", "bool"} else dtype
    if dtypes.kind(dtype) == "bool" and operator not in {"and", "or", "xor", "eq", "ne", "truediv"}:
        exact = dtypes.int64  # as in Python, True + True is 2
    return wide.astype(exact) if type(value) is WeakScalar else _PYTHON[exact](value)


def _binary(operator: str, reflected: bool) -> Callable[[WeakScalar, Any], Any]:
    method = f"__{operator}__"
    mirrored = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}.get(operator)

    def operate(self: WeakScalar, other: Any) -> Any:
        if other.__class__ is Tensor:
            if mirrored is not None:
                return getattr(other, f"__{mirrored}__")(self)
            return getattr(other, method if reflected else f"__r{operator}__")(self)
        mine, theirs = _operand(self, operator), _operand(other, operator)
        if theirs is None:
            return NotImplemented
        if not isinstance(theirs, Tensor):
            theirs = Tensor(self.wide.backend.asarray(theirs, dtype=WIDE[type(theirs)]), self.wide.backend)
        both = dtypes.promote(mine.dtype, theirs.dtype)  # as Python does, also in strict mode
        mine, theirs = mine.astype(both), theirs.astype(both)
        first, second = (theirs, mine) if reflected else (mine, theirs)
        return _weak(getattr(first, method)(second))

    return operate


def _unary(operator: str) -> Callable[[WeakScalar], Any]:
    def operate(self: WeakScalar) -> Any:
        return _weak(getattr(_operand(self, operator), f"__{operator}__")())

    return operate


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "lshift", "rshift"):
    setattr(WeakScalar, f"__{_name}__", _binary(_name, reflected=False))
    setattr(WeakScalar, f"__r{_name}__", _binary(_name, reflected=True))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(WeakScalar, f"__{_name}__", _binary(_name, reflected=False))
for _name in ("neg", "abs", "invert", "pos"):
    setattr(WeakScalar, f"__{_name}__", _unary(_name))
