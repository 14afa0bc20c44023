"""`Layer`: a function of tensors with variables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from unifw import config, dtypes
from unifw.backend import Backend, current_backend, get_backend
from unifw.errors import StateError
from unifw.layers._arguments import refuse, snake_case, takes_keywords, variable_dtype
from unifw.layers._attributes import explained, refuse_layers, reserved_names
from unifw.layers._building import build_from_inputs, drawing, known_sizes, tracked_build
from unifw.layers._call import CallSignature, call_inside, call_outermost, call_signature, draw_key, initialized_backend
from unifw.layers._context import LOCAL
from unifw.layers._variable import Variable
from unifw.layers._walk import children, holds_layers, variables, walk
from unifw.saving import Configurable
from unifw.tensor import Tensor


class Layer(Configurable):
    """Base of all layers and models, as `keras.layers.Layer`.

    A subclass writes `call`, and `build` if it has variables of its own. Layers and variables are found by walking
    the attributes (also lists, tuples and dicts of layers), so nothing needs to be registered.

    Args:
        trainable: whether training changes the layer's parameters.
        dtype: of its variables, and what float inputs are cast to; `unifw.config.floatx()` by default.
        name: for `summary`; made from the class' name by default.

    >>> import numpy as np
    >>> import unifw as uf
    >>> class Scale(uf.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")
    ...     def call(self, x):
    ...         return x * self.factor
    >>> layer = Scale()
    >>> layer(np.ones((2, 3), np.float32)).shape
    (2, 3)
    >>> [variable.path for variable in layer.variables]
    ['factor']
    """

    built: bool
    root_key: np.ndarray[Any, Any] | None
    input_shape_argument: tuple[int | None, ...] | None

    input_rank: ClassVar[int | None] = None
    """The number of axes the first input must have, batch included; None accepts any."""

    input_min_rank: ClassVar[int | None] = None
    """The least number of axes of the first input, batch included."""

    input_layout: ClassVar[str] = ""
    """What the axes mean, for messages: "(batch, height, width, channels)"."""

    builds_by_calling: ClassVar[bool] = False
    """Whether `build`, where it stands in the same class, calls the layer rather than adding weights (`Model`)."""

    untracked_attributes: ClassVar[frozenset[str]] = frozenset(
        ("_configuration", "_dtype", "_name", "_trainable", "built", "input_shape_argument", "root_key")
    )
    """What every layer has that is neither a layer nor a variable, so need not be looked at."""

    _call_signature: ClassVar[CallSignature]
    _reserved_names: ClassVar[frozenset[str]] = frozenset()
    _name_counts: ClassVar[dict[str, int]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Read the signature of `call` and the reserved names once, and wrap `build` so that it knows where it runs."""
        super().__init_subclass__(**kwargs)
        cls._call_signature = call_signature(cls.call)
        cls._reserved_names = reserved_names(cls, cls.untracked_attributes, Layer.untracked_attributes)
        if "build" in cls.__dict__ and not cls.__dict__.get("builds_by_calling", False):
            cls.build = tracked_build(cls.__dict__["build"])  # type: ignore[method-assign]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Prepare the attributes every layer has, so that a subclass may forget ``super().__init__()``."""
        layer = super().__new__(cls, *args, **kwargs)
        layer.built = False
        layer.root_key = None
        layer.input_shape_argument = None
        layer._trainable = True
        layer._dtype = None
        layer._name = None
        return layer

    def __init__(
        self,
        *,
        trainable: bool = True,
        dtype: dtypes.DTypeLike | None = None,
        name: str | None = None,
        input_shape: Sequence[int | None] | None = None,
        **kwargs: Any,
    ) -> None:
        if "input_dim" in kwargs:
            input_shape = (kwargs.pop("input_dim"),)
        refuse(type(self).__name__, kwargs)
        self._trainable = bool(trainable)
        self._dtype: dtypes.DType | None = None if dtype is None else variable_dtype(dtype)
        self._name: str | None = name
        if input_shape is not None:
            self.input_shape_argument = tuple(input_shape)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute.

        Raises:
            ArgumentError: for a layer or variable under a name of the framework, and for a property nobody can set.
        """
        if name in self._reserved_names and holds_layers(value):
            raise refuse_layers(type(self), name)
        try:
            super().__setattr__(name, value)
        except AttributeError as error:
            raise explained(type(self), name, error) from None

    # --- what a subclass writes ----------------------------------------------------------------------------------

    def build(self, *args: Any, **kwargs: Any) -> None:
        """Make the layer's variables with `add_weight`; runs once, before the first call.

        A subclass writes ``build(self, input_shape)`` with the shape of the first input, batch included (None where it
        is not known). A layer of several inputs names them instead: ``build(self, query_shape, value_shape)`` for
        ``call(self, query, value)``.
        """

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs: tensors, or a tree of them."""
        raise StateError(
            f"{type(self).__name__} has no call() method. Define what the layer computes in call(self, x)."
        )

    # --- variables -----------------------------------------------------------------------------------------------

    def add_weight(
        self,
        shape: Sequence[int] | int = (),
        initializer: Any = None,
        dtype: dtypes.DTypeLike | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> Variable:
        """Return a new variable; assign it to an attribute, which is how it is found and named.

        Args:
            shape: of the variable; every size must be known.
            initializer: a name, an `Initializer`, or a function ``(shape, dtype)``; "glorot_uniform" for floats by
                default, zeros otherwise.
            dtype: the layer's by default.
            trainable: False for statistics and counters.
            name: only for messages; the path comes from the attribute.

        Raises:
            ShapeError: if a size is unknown or negative.
        """
        sizes = known_sizes(self, name, shape)
        chosen = self.dtype_object if dtype is None else dtypes.as_dtype(dtype)
        if initializer is None:
            initializer = "glorot_uniform" if dtypes.is_floating(chosen) else "zeros"
        return Variable(
            self,
            drawing(initializer, sizes, chosen),
            name=name or "variable",
            shape=sizes,
            dtype=chosen,
            trainable=trainable and self._trainable,
            is_parameter=trainable,
        )

    def tracked_attributes(self) -> Iterator[tuple[str, Any]]:
        """Yield the attributes among which variables and layers are looked for, with the names paths are made of."""
        untracked = self.untracked_attributes
        for name, value in vars(self).items():
            if name not in untracked:
                yield name, value

    def sublayers(self) -> list[Layer]:
        """Return the layers directly inside this one."""
        return [child for _, child in children(self) if not isinstance(child, Variable)]

    def located_variables(self) -> list[Variable]:
        """Return `variables`, with their paths counted from this layer."""
        found = variables(self)
        for path, variable in found.items():
            variable.path = path
        return list(found.values())

    @property
    def variables(self) -> list[Variable]:
        """All variables below this layer, each once, in the order their attributes were set."""
        return list(variables(self).values())

    @property
    def weights(self) -> list[Variable]:
        """`variables` without the counters of random draws (`Dropout(seed=…)`), as in Keras."""
        return [variable for variable in self.variables if not variable.is_seed]

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that training changes."""
        return [variable for variable in self.variables if variable.trainable]

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that training does not change by gradients."""
        return [variable for variable in self.variables if not variable.trainable]

    trainable_weights = trainable_variables

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """`non_trainable_variables` without the counters of random draws, as in Keras."""
        return [variable for variable in self.weights if not variable.trainable]

    @property
    def trainable(self) -> bool:
        """Whether training changes the parameters; setting it sets it for every layer below."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for _, item in walk(self):  # each once: layers may point back to one that holds them
            if isinstance(item, Variable):
                item.trainable = bool(value) and item.is_parameter
            else:
                item._trainable = bool(value)  # noqa: SLF001 - the setter would walk again

    def count_params(self) -> int:
        """Return the number of values in `weights`.

        Raises:
            StateError: if the layer is not built.
        """
        if not self.built:
            raise StateError(
                f"{self.name} is not built, so its parameters are not known. Call it, or build(shape), first."
            )
        return sum(int(np.prod(variable.shape)) for variable in self.weights)

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Return the values of `weights` on the host."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the values of `weights`, in their order: all of them, or none if there is an error.

        Raises:
            StateError: if the number of arrays is another.
            ShapeError: if a shape is another.
            MixedBackendsError: for a tensor of another backend.
        """
        own = self.weights
        if len(own) != len(weights):
            raise StateError(
                f"{self.name} has {len(own)} weights ({', '.join(each.path for each in own) or 'is it built?'}); "
                f"set_weights() got {len(weights)} arrays."
            )
        tensors = [variable.converted(value) for variable, value in zip(own, weights, strict=True)]
        for variable, tensor in zip(own, tensors, strict=True):
            variable.assign(tensor)

    # --- what it is ----------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name for people: given, or made from the class' name ("dense", "dense_1")."""
        if self._name is None:
            base = snake_case(type(self).__name__)
            count = Layer._name_counts.get(base, 0)
            Layer._name_counts[base] = count + 1
            self._name = f"{base}_{count}" if count else base
        return self._name

    @property
    def dtype_object(self) -> dtypes.DType:
        """The dtype of variables and computations, as a dtype object."""
        if self._dtype is None:
            self._dtype = dtypes.as_dtype(config.floatx())
        return self._dtype

    @property
    def dtype(self) -> str:
        """The name of the dtype of variables and computations."""
        return self.dtype_object.name

    @property
    def backend(self) -> Backend:
        """The backend of the layer's variables; the current one while there are none."""
        return initialized_backend(self) or current_backend()

    def to_backend(self, backend: str | Backend) -> Self:
        """Move all variables to another backend and return the layer.

        >>> import unifw as uf
        >>> layer = uf.layers.Dense(2)
        >>> layer.build((None, 3))
        >>> layer.to_backend("numpy").backend.name
        'numpy'
        """
        target = get_backend(backend) if isinstance(backend, str) else backend
        for variable in self.variables:
            if variable.is_initialized:
                variable.replace(variable.value.to_backend(target))
        return self

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, see `Configurable.get_config`."""
        configuration = super().get_config()
        if not self._trainable and takes_keywords(type(self)):
            configuration["trainable"] = False
        if "name" in configuration or takes_keywords(type(self)):
            configuration["name"] = self.name
        if self._dtype is not None and ("dtype" in configuration or takes_keywords(type(self))):
            configuration["dtype"] = self.dtype
        return configuration

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name!r}, built={self.built}>"

    # --- running -------------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Build the layer if need be and return what `call` returns.

        NumPy arrays become tensors of the layer's backend; floating-point inputs are cast to the layer's dtype.
        `training` is passed on to the layers inside, unless they are given another value.
        """
        context = LOCAL.context
        if context is not None:
            return call_inside(self, self._call_signature, context, args, kwargs)
        return call_outermost(self, self._call_signature, args, kwargs)

    def build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Call `build` with the shapes of the inputs of a call."""
        if type(self).build is not Layer.build:
            build_from_inputs(self, args, dict(zip(self._call_signature.names, args, strict=False)) | kwargs)
            self.built = True

    def next_key(self) -> Tensor:
        """Return a random key for this use by this layer: ``fold_in(fold_in(key of the call, crc32(path)), count)``.

        So a dropout mask depends on the step and on where it is used, not on the backend or on compilation.

        Raises:
            StateError: outside of `call`.
        """
        return draw_key(self)


Layer._call_signature = call_signature(Layer.call)  # noqa: SLF001 - `__init_subclass__` is for subclasses alone
