"""`Variable`: a tensor with a name that a layer owns and training may change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, final

import numpy as np

from unifw import dtypes
from unifw.errors import MixedBackendsError, ShapeError, StateError
from unifw.layers._context import LOCAL
from unifw.tensor import Tensor, asarray
from unifw.tensor._strict import check_conversion
from unifw.transforms import inside_transform

if TYPE_CHECKING:
    from unifw.backend import Backend
    from unifw.layers._layer import Layer


@final
class Variable:
    """A named tensor that belongs to a layer; made by `Layer.add_weight`.

    It works wherever a tensor does. Inside `functional_call` (so inside every training step) reading and assigning
    mean the state that was passed in; the object itself stays as it is.

    Attributes:
        name: the name given to `add_weight`.
        path: where it was found below the model that was built, such as "body/0/kernel".
        shape: fixed.
        dtype: fixed.
        trainable: whether training changes it.
        is_parameter: whether it was made trainable, whatever was frozen since.
        is_seed: whether it only counts random draws: part of the state, but not of `Layer.weights`, as in Keras.
    """

    __slots__ = (
        "_initialize",
        "_owner",
        "_value",
        "dtype",
        "is_parameter",
        "is_seed",
        "name",
        "path",
        "shape",
        "trainable",
    )

    def __init__(
        self,
        owner: Layer,
        initialize: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]],
        *,
        name: str,
        shape: tuple[int, ...],
        dtype: dtypes.DType,
        trainable: bool,
        is_parameter: bool,
    ) -> None:
        self._owner = owner
        self._initialize = initialize
        self._value: Tensor | None = None
        self.name = name
        self.path = name
        self.shape = shape
        self.dtype = dtype
        self.trainable = trainable
        self.is_parameter = is_parameter
        self.is_seed = False

    @property
    def value(self) -> Tensor:
        """The current tensor: of the state passed to `functional_call`, or the variable's own."""
        context = LOCAL.context
        if context is not None and context.values is not None:
            value = context.values.get(id(self))
            if value is not None:
                return value
        if self._value is None:
            if inside_transform():
                raise StateError(
                    f"Variable {self.path!r} has no value yet, and none can be made inside a transform (grad, jit). "
                    "Build the model before: call it once, or model.build(input_shape)."
                )
            from unifw.layers._walk import initialize

            root = self._owner if context is None else context.root
            initialize(root, None if context is None else context.backend)
            if self._value is None:  # the layer that runs is not an attribute of the one that was called
                initialize(self._owner, None if context is None else context.backend)
        assert self._value is not None
        return self._value

    @property
    def is_initialized(self) -> bool:
        """Whether the first value has been drawn."""
        return self._value is not None

    @property
    def backend(self) -> Backend:
        """The backend its value is on."""
        return self.value.backend

    def draw(self, key: np.ndarray[Any, Any], backend: Backend) -> None:
        """Give the variable its first value, drawn on the host."""
        self._value = asarray(self._initialize(key), dtype=self.dtype, backend=backend)

    def replace(self, value: Tensor) -> None:
        """Set the variable's own value, unchecked: for training loops, which have checked it."""
        self._value = value

    def assign(self, value: Any) -> Tensor:
        """Set the value.

        Args:
            value: a tensor of the variable's backend, or anything `unifw.asarray` takes; converted to the dtype.

        Returns:
            The new value.

        Raises:
            ShapeError: if the shape is another.
            MixedBackendsError: for a tensor of another backend.
        """
        tensor = self.converted(value)
        context = LOCAL.context
        if context is not None and context.values is not None:
            context.values[id(self)] = tensor
            return tensor
        if inside_transform():
            raise StateError(
                f"Variable {self.path!r} was assigned inside a transform (grad, jit), whose values do not outlive it. "
                "Call the layer through unifw.functional_call(layer, state, …) there; it returns the new state."
            )
        self._value = tensor
        return tensor

    def converted(self, value: Any) -> Tensor:
        """Return what `assign` would set, without setting it; raises what `assign` raises."""
        if isinstance(value, Variable):
            value = value.value
        has_dtype = hasattr(value, "dtype")  # Python's numbers have none to lose
        if not isinstance(value, Tensor):
            value = asarray(np.asarray(value) if isinstance(value, list | tuple) else value, backend=self.value.backend)
        if value.shape != self.shape:
            raise ShapeError(f"Variable {self.path!r} has shape {self.shape}; it was assigned shape {value.shape}.")
        context = LOCAL.context
        if (context is None or context.values is None) and not inside_transform():
            own = self.value.backend
            if value.backend is not own:
                raise MixedBackendsError(
                    f"Variable {self.path!r} is on backend {own.name!r} and was assigned a tensor of backend "
                    f"{value.backend.name!r}. Write value.to_backend({own.name!r}), or move the model with "
                    "to_backend()."
                )
        if has_dtype:
            check_conversion(f"Variable {self.path!r}", "what it is assigned", value.dtype, self.dtype)
        tensor: Tensor = value if value.dtype == self.dtype else value.astype(self.dtype)
        return tensor

    def assign_add(self, value: Any) -> Tensor:
        """Add to the value; see `assign`."""
        return self.assign(self.value + value)

    def assign_sub(self, value: Any) -> Tensor:
        """Subtract from the value; see `assign`."""
        return self.assign(self.value - value)

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return the value on the host."""
        return np.asarray(self.value)

    def __unifw_tensor__(self) -> Tensor:
        return self.value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return self.value.__array__(dtype, copy)

    def __getitem__(self, key: Any) -> Tensor:
        return self.value[key]

    def __len__(self) -> int:
        return len(self.value)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<Variable {self.path!r}, shape={self.shape}, dtype={self.dtype.name}, trainable={self.trainable}>"

    # --- operators, assigned below: those of the tensor -----------------------------------------------------------

    __add__: Callable[[Variable, Any], Tensor]
    __radd__: Callable[[Variable, Any], Tensor]
    __sub__: Callable[[Variable, Any], Tensor]
    __rsub__: Callable[[Variable, Any], Tensor]
    __mul__: Callable[[Variable, Any], Tensor]
    __rmul__: Callable[[Variable, Any], Tensor]
    __truediv__: Callable[[Variable, Any], Tensor]
    __rtruediv__: Callable[[Variable, Any], Tensor]
    __floordiv__: Callable[[Variable, Any], Tensor]
    __mod__: Callable[[Variable, Any], Tensor]
    __pow__: Callable[[Variable, Any], Tensor]
    __rpow__: Callable[[Variable, Any], Tensor]
    __matmul__: Callable[[Variable, Any], Tensor]
    __rmatmul__: Callable[[Variable, Any], Tensor]
    __lt__: Callable[[Variable, Any], Tensor]
    __le__: Callable[[Variable, Any], Tensor]
    __gt__: Callable[[Variable, Any], Tensor]
    __ge__: Callable[[Variable, Any], Tensor]
    __neg__: Callable[[Variable], Tensor]
    __abs__: Callable[[Variable], Tensor]


def _binary(name: str) -> Callable[[Variable, Any], Any]:
    def operator(self: Variable, other: Any) -> Any:
        return getattr(self.value, name)(other.value if other.__class__ is Variable else other)

    operator.__name__ = name
    return operator


def _unary(name: str) -> Callable[[Variable], Any]:
    def operator(self: Variable) -> Any:
        return getattr(self.value, name)()

    operator.__name__ = name
    return operator


for _name in "add radd sub rsub mul rmul truediv rtruediv floordiv mod pow rpow matmul rmatmul lt le gt ge".split():
    setattr(Variable, f"__{_name}__", _binary(f"__{_name}__"))
for _name in ("neg", "abs"):
    setattr(Variable, f"__{_name}__", _unary(f"__{_name}__"))
