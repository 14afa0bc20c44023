"""Updates by index that return a new tensor: `x.at[key].add(values)`. Names and meaning of JAX."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, final

from unifw import dtypes
from unifw.errors import ArgumentError, DTypeError
from unifw.tensor._arguments import brief
from unifw.tensor._binary import add, divide, maximum, minimum, multiply, pow
from unifw.tensor._choosing import where
from unifw.tensor._creation import ones_like, zeros_like
from unifw.tensor._getitem import getitem
from unifw.tensor._indexing import take
from unifw.tensor._manipulation import broadcast_to, reshape
from unifw.tensor._operands import common_backend
from unifw.tensor._places import check_mode, check_unique, default_fill, mask_of, needs_places, target_of
from unifw.tensor._scattering import check_numeric, index_add, index_extreme, index_multiply, index_set
from unifw.tensor._setitem import assigned, broadcast_values, setitem
from unifw.tensor._tensor import Tensor


@final
class IndexUpdates:
    """What ``x.at`` is: index it with a key, as ``x[key]``."""

    __slots__ = ("_tensor",)

    def __init__(self, tensor: Tensor) -> None:
        self._tensor = tensor

    def __getitem__(self, key: Any) -> IndexUpdate:
        return IndexUpdate(self._tensor, key)


@final
class IndexUpdate:
    """What ``x.at[key]`` is: its methods return a new tensor, and leave `x` as it is.

    Unlike `x[key] += y`, they count a repeated index again: ``x.at[[0, 0]].add(1)`` adds 2 to the first element.

    All methods take:

    - `values`: broadcast to ``x[key]``, of a dtype that the dtype of `x` holds;
    - `mode`, for integers and integer tensors in the key that lie outside their axis, after negative ones were counted
      from the end: "clip" takes the nearest element, "drop" and "fill" ignore them (reading gives `fill_value`).
      By default they are an error, but inside `jit`, where values are not known, the result is not defined; JAX drops
      them. "promise_in_bounds" is the default without its check;
    - `indices_are_sorted` and `unique_indices`: hints, which are not needed here.
    """

    __slots__ = ("_key", "_tensor")

    def __init__(self, tensor: Tensor, key: Any) -> None:
        self._tensor = tensor
        self._key = key

    def get(
        self,
        *,
        indices_are_sorted: bool = False,
        unique_indices: bool = False,
        mode: str | None = None,
        fill_value: float | None = None,
    ) -> Tensor:
        """``x[key]``.

        Args:
            indices_are_sorted: a hint.
            unique_indices: a hint.
            mode: see the class.
            fill_value: for "fill"; by default NaN, or the smallest integer, or the largest unsigned one.

        >>> import unifw as uf
        >>> uf.asarray([1.0, 2.0]).at[uf.asarray([1, 5])].get(mode="fill", fill_value=0.0).tolist()
        [2.0, 0.0]
        """
        del indices_are_sorted, unique_indices
        check_mode(mode)
        if fill_value is not None and mode not in {"fill", "drop"}:
            raise ArgumentError(f"get() got fill_value={fill_value!r} and mode={mode!r}. Write mode='fill' with it.")
        if mode is None or not needs_places(self._tensor, self._key, mode):
            return getitem(self._tensor, self._key)
        x = self._tensor
        fill = default_fill(x.dtype) if fill_value is None else fill_value
        if x.dtype != dtypes.bool:  # where any number is a truth value, as in JAX
            assigned(fill, x)  # raises if the dtype does not hold it
        target = target_of(x, self._key, mode)
        return reshape(take(target.extended(x, fill), target.places, axis=0), target.shape)

    def set(
        self, values: Any, *, indices_are_sorted: bool = False, unique_indices: bool = False, mode: str | None = None
    ) -> Tensor:
        """Replace elements; of a repeated index, any one's value may stay.

        >>> import unifw as uf
        >>> uf.zeros(3).at[1].set(5.0).tolist()
        [0.0, 5.0, 0.0]
        """
        del indices_are_sorted, unique_indices
        check_mode(mode)
        x = self._tensor
        if mode is None or not needs_places(x, self._key, mode):
            result = Tensor(x.native, x.backend)
            setitem(result, self._key, values)
            return result
        return self._updated(index_set, values, mode)

    def add(
        self, values: Any, *, indices_are_sorted: bool = False, unique_indices: bool = False, mode: str | None = None
    ) -> Tensor:
        """Add to elements.

        >>> import unifw as uf
        >>> uf.zeros(2).at[uf.asarray([0, 0])].add(1.0).tolist()
        [2.0, 0.0]
        """
        del indices_are_sorted, unique_indices
        return self._combined(add, index_add, values, mode)

    def subtract(
        self, values: Any, *, indices_are_sorted: bool = False, unique_indices: bool = False, mode: str | None = None
    ) -> Tensor:
        """Subtract from elements.

        >>> import unifw as uf
        >>> uf.zeros(2).at[1].subtract(1.0).tolist()
        [0.0, -1.0]
        """
        given = assigned(values, self._tensor)
        check_numeric(given, "subtract")
        return self.add(zeros_like(given) - given, mode=mode)

    def multiply(
        self, values: Any, *, indices_are_sorted: bool = False, unique_indices: bool = False, mode: str | None = None
    ) -> Tensor:
        """Multiply elements.

        >>> import unifw as uf
        >>> uf.ones(2).at[uf.asarray([0, 0])].multiply(3.0).tolist()
        [9.0, 1.0]
        """
        del indices_are_sorted, unique_indices
        return self._combined(multiply, index_multiply, values, mode)

    def divide(
        self, values: Any, *, indices_are_sorted: bool = False, unique_indices: bool = False, mode: str | None = None
    ) -> Tensor:
        """Divide elements, of floating-point or complex dtype.

        >>> import unifw as uf
        >>> uf.ones(2).at[0].divide(4.0).tolist()
        [0.25, 1.0]
        """
        x = self._tensor
        if dtypes.kind(x.dtype) in {"integer", "bool"}:
            raise DTypeError(f"divide by index gives fractions, got {x.dtype.name}. Convert with unifw.astype first.")
        return divide(x, IndexUpdate(ones_like(x), self._key).multiply(values, mode=mode))

    def power(
        self, values: Any, *, indices_are_sorted: bool = False, unique_indices: bool = False, mode: str | None = None
    ) -> Tensor:
        """Raise elements to powers.

        >>> import unifw as uf
        >>> uf.asarray([3.0, 2.0]).at[0].power(2.0).tolist()
        [9.0, 2.0]
        """
        return pow(self._tensor, IndexUpdate(ones_like(self._tensor), self._key).multiply(values, mode=mode))

    def min(
        self, values: Any, *, indices_are_sorted: bool = False, unique_indices: bool = False, mode: str | None = None
    ) -> Tensor:
        """Take the smaller of elements and values.

        >>> import unifw as uf
        >>> uf.ones(2).at[0].min(0.5).tolist()
        [0.5, 1.0]
        """
        del indices_are_sorted, unique_indices
        return self._combined(minimum, lambda x, at, v: index_extreme(x, at, v, "minimum"), values, mode)

    def max(
        self, values: Any, *, indices_are_sorted: bool = False, unique_indices: bool = False, mode: str | None = None
    ) -> Tensor:
        """Take the larger of elements and values.

        >>> import unifw as uf
        >>> uf.ones(2).at[0].max(0.5).tolist()
        [1.0, 1.0]
        """
        del indices_are_sorted, unique_indices
        return self._combined(maximum, lambda x, at, v: index_extreme(x, at, v, "maximum"), values, mode)

    def apply(
        self,
        func: Callable[[Tensor], Tensor],
        *,
        indices_are_sorted: bool = False,
        unique_indices: bool = False,
        mode: str | None = None,
    ) -> Tensor:
        """Replace elements by a function of them; differentiable, unlike JAX's.

        Args:
            func: elementwise.
            indices_are_sorted: a hint.
            unique_indices: a hint.
            mode: see the class.

        Raises:
            ArgumentError: if an index is repeated, for which JAX would apply the function again.

        >>> import unifw as uf
        >>> uf.asarray([4.0, 9.0]).at[1].apply(uf.sqrt).tolist()
        [4.0, 3.0]
        """
        del indices_are_sorted, unique_indices
        check_mode(mode)
        if not callable(func):
            raise ArgumentError(
                f"apply() got {brief(func)}, where a function is needed. Write x.at[…].apply(unifw.exp)."
            )
        if needs_places(self._tensor, self._key, mode):
            check_unique(target_of(self._tensor, self._key, mode))
        values = func(self.get(mode=mode))
        return self.set(values, mode=mode)

    def _combined(
        self, whole: Callable[..., Tensor], by_index: Callable[..., Tensor], values: Any, mode: Any
    ) -> Tensor:
        """Apply an operation to the elements a key names, which may repeat only where it holds integer tensors."""
        check_mode(mode)
        x = self._tensor
        check_numeric(x, whole.__name__)
        if needs_places(x, self._key, mode):
            return self._updated(by_index, values, mode)
        given = assigned(values, x)
        mask = mask_of(x, self._key)
        if mask is not None and 0 in mask.shape:
            return self.set(given)
        if mask is not None:  # not read, for how many elements it has is not known inside jit
            spread = IndexUpdate(x, self._key).set(given)
            wide = broadcast_to(reshape(mask, (*mask.shape, *(1,) * (x.ndim - mask.ndim))), x.shape)
            return where(wide, whole(x, spread), x)
        return self.set(whole(getitem(x, self._key), given))

    def _updated(self, by_index: Callable[..., Tensor], values: Any, mode: str | None) -> Tensor:
        x = self._tensor
        given = assigned(values, x)
        target = target_of(x, self._key, mode)
        backend = common_backend([x, given, target.places], "index update")
        wide = reshape(Tensor(broadcast_values(given, target.shape, backend), backend), (-1,))
        updated = by_index(target.extended(x, 0), target.places, wide)
        return reshape(updated[: math.prod(x.shape)], x.shape)


def attach() -> None:
    """Give `Tensor` its property `at`."""
    Tensor.at = property(IndexUpdates)  # type: ignore[assignment]
