"""Choosing between values, element by element."""

from __future__ import annotations

from typing import Any

from unifw import dtypes
from unifw.backend import Array
from unifw.errors import ArgumentError, DTypeError
from unifw.tensor._binary import maximum, minimum
from unifw.tensor._kinds import resolve
from unifw.tensor._operands import SCALARS, as_tensor, common_backend, explain, lower, unify
from unifw.tensor._tensor import Tensor
from unifw.tensor._unary import positive


def clip(x: Any, /, min: Any = None, max: Any = None) -> Tensor:
    """Return x limited to [min, max]; None leaves a side open.

    Raises:
        ArgumentError: if both limits are scalars and min > max.

    >>> import unifw as uf
    >>> uf.clip(uf.asarray([-1.0, 0.5, 2.0]), 0.0, 1.0).tolist()
    [0.0, 0.5, 1.0]
    """
    if isinstance(min, complex) or isinstance(max, complex):
        raise DTypeError(f"clip() got min={min} and max={max}, but complex numbers have no order. Give real limits.")
    if type(min) in SCALARS and type(max) in SCALARS and min > max:
        raise ArgumentError(f"clip() got min={min} above max={max}: no value lies between. Exchange them.")
    result = positive(x)
    resolve("clip", result.dtype)
    if min is not None:
        result = maximum(result, min)
    return result if max is None else minimum(result, max)


def where(condition: Any, x1: Any, x2: Any, /) -> Tensor:
    """x1 where the condition is true, else x2; all three broadcast.

    Args:
        condition: boolean.
        x1: tensor or Python scalar.
        x2: tensor or Python scalar.

    >>> import unifw as uf
    >>> uf.where(uf.asarray([True, False]), 1.0, 0.0).tolist()
    [1.0, 0.0]
    """
    if condition.__class__ is x1.__class__ is x2.__class__ is Tensor:
        owner = condition.backend
        mask, chosen, other = condition.native, x1.native, x2.native
        if owner is x1.backend is x2.backend and (
            ((of_chosen := chosen.dtype) is (of_other := other.dtype) or of_chosen == of_other)
            and ((of_mask := mask.dtype) is owner.boolean or of_mask == owner.boolean)
        ):
            try:
                return Tensor(owner.bound["where"][of_chosen](mask, chosen, other), owner)
            except Exception:  # noqa: BLE001 - not bound yet, or wrong: what follows says what
                owner.bound["where"][of_chosen] = owner.function_for("where", of_chosen)
    test = as_tensor(condition)
    if type(x1) in SCALARS and type(x2) in SCALARS:
        x1 = as_tensor(x1, test.backend)
    backend, (a, b), dtype = unify("where", x1, x2)
    outer = common_backend([test, Tensor(a if backend.is_array(a) else b, backend)], "where")

    def ready(array: Any) -> Array:
        if not backend.is_array(array):
            return outer.asarray(array, dtype=dtype)
        return lower(Tensor(array, backend), outer)

    if test.dtype != dtypes.bool:
        raise DTypeError(f"where() got a condition of {test.dtype.name}, but takes booleans. Write condition != 0.")
    try:
        return Tensor(outer.xp.where(lower(test, outer), ready(a), ready(b)), outer)
    except Exception as error:
        raise explain("where", (condition, x1, x2), error) from error
