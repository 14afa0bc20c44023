"""`Layer`: a function of tensors with variables."""

from __future__ import annotations

import functools
import inspect
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final, Self

import numpy as np

from unifw import config, dtypes
from unifw import tensor as ops
from unifw.backend import Backend, current_backend, get_backend, use_backend
from unifw.errors import ArgumentError, MixedBackendsError, ShapeError, StateError, UnifwError
from unifw.initializers import Initializer
from unifw.initializers import get as get_initializer
from unifw.layers._context import LOCAL, CallContext, opened
from unifw.layers._variable import Variable
from unifw.layers._walk import children, initialize, layer_paths, variables
from unifw.saving import Configurable
from unifw.tensor import Tensor, asarray
from unifw.tensor import random as uf_random
from unifw.transforms import inside_transform
from unifw.utils import next_key

_NOT_YET: Final = (
    "regularizer",
    "constraint",
    "lora_rank",
    "lora_alpha",
    "quantization_config",
    "mask_zero",
    "autocast",
)
_BASE_ATTRIBUTES: Final = frozenset(
    ("_configuration", "_dtype", "_name", "_trainable", "_training_index", "built", "input_shape_argument", "root_key")
)


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

    _accepts_training: ClassVar[bool]
    _training_index: ClassVar[int]
    _input_names: ClassVar[tuple[str, ...]]
    _name_counts: ClassVar[dict[str, int]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Read the signature of `call` once, and wrap `build` so that it knows where it runs."""
        super().__init_subclass__(**kwargs)
        parameters = list(inspect.signature(cls.call).parameters.values())[1:]
        names = [each.name for each in parameters]
        cls._accepts_training = "training" in names or any(each.kind is each.VAR_KEYWORD for each in parameters)
        cls._training_index = names.index("training") if "training" in names else -1
        cls._input_names = tuple(names)
        if "build" in cls.__dict__ and not cls.__dict__.get("builds_by_calling", False):
            cls.build = _tracked_build(cls.__dict__["build"])  # type: ignore[method-assign]

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
        _refuse(type(self).__name__, kwargs)
        self._trainable = bool(trainable)
        self._dtype: dtypes.DType | None = None if dtype is None else _dtype(dtype)
        self._name: str | None = name
        if input_shape is not None:
            self.input_shape_argument = tuple(input_shape)

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
        sizes = (shape,) if isinstance(shape, int) else tuple(shape)
        if any(not isinstance(size, int | np.integer) or size < 0 for size in sizes):
            raise ShapeError(
                f"{self.name}: a variable {name or ''!r} of shape {sizes} cannot be made: every size must be a known, "
                "non-negative integer. Build the layer with the sizes of all axes but the batch."
            )
        chosen = self.dtype_object if dtype is None else dtypes.as_dtype(dtype)
        if initializer is None:
            initializer = "glorot_uniform" if dtypes.is_floating(chosen) else "zeros"
        fixed = tuple(int(size) for size in sizes)
        return Variable(
            self,
            _drawing(initializer, fixed, chosen),
            name=name or "variable",
            shape=fixed,
            dtype=chosen,
            trainable=trainable and self._trainable,
            is_parameter=trainable,
        )

    def tracked_attributes(self) -> Iterator[tuple[str, Any]]:
        """Yield the attributes among which variables and layers are looked for, with the names paths are made of."""
        for name, value in vars(self).items():
            if name not in _BASE_ATTRIBUTES:
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
        """The same as `variables`, as in Keras."""
        return self.variables

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that training changes."""
        return [variable for variable in self.variables if variable.trainable]

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that training does not change by gradients."""
        return [variable for variable in self.variables if not variable.trainable]

    trainable_weights = trainable_variables
    non_trainable_weights = non_trainable_variables

    @property
    def trainable(self) -> bool:
        """Whether training changes the parameters; setting it sets it for every layer below."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for _, child in children(self):
            if isinstance(child, Variable):
                child.trainable = bool(value) and child.is_parameter
            else:
                child.trainable = value

    def count_params(self) -> int:
        """Return the number of values in all variables.

        Raises:
            StateError: if the layer is not built.
        """
        if not self.built:
            raise StateError(
                f"{self.name} is not built, so its parameters are not known. Call it, or build(shape), first."
            )
        return sum(int(np.prod(variable.shape)) for variable in self.variables)

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Return the values of `variables` on the host."""
        return [variable.numpy() for variable in self.variables]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the values of `variables`, in their order.

        Raises:
            StateError: if the number of arrays is another.
            ShapeError: if a shape is another.
        """
        own = self.variables
        if len(own) != len(weights):
            raise StateError(
                f"{self.name} has {len(own)} variables ({', '.join(each.path for each in own) or 'is it built?'}); "
                f"set_weights() got {len(weights)} arrays."
            )
        for variable, value in zip(own, weights, strict=True):
            variable.assign(value)

    # --- what it is ----------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name for people: given, or made from the class' name ("dense", "dense_1")."""
        if self._name is None:
            base = _snake_case(type(self).__name__)
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
        for variable in variables(self).values():
            if variable.is_initialized:
                return variable.backend
        return current_backend()

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
        if not self._trainable and _takes_keywords(type(self)):
            configuration["trainable"] = False
        if "name" in configuration or _takes_keywords(type(self)):
            configuration["name"] = self.name
        if self._dtype is not None and ("dtype" in configuration or _takes_keywords(type(self))):
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
            return self._call_inside(context, args, kwargs)
        backend = self._backend_for(args)
        try:
            # Inside a transform the current backend is the one that traces, and must stay.
            if current_backend() is backend or inside_transform():
                return self._call_outermost(backend, args, kwargs)
            with use_backend(backend):
                return self._call_outermost(backend, args, kwargs)
        except MixedBackendsError as error:
            raise MixedBackendsError(
                f"{error} The model {self.name!r} is on backend {backend.name!r}: move the input with "
                f"x.to_backend({backend.name!r}), or the model with model.to_backend(…)."
            ) from error

    def _call_outermost(self, backend: Backend, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        context = CallContext(self, backend)
        with opened(context):
            outputs = self._call_inside(context, args, kwargs)
        if context.building:
            initialize(self, backend)  # variables that were made but not read
        return outputs

    def _backend_for(self, args: tuple[Any, ...]) -> Backend:
        for variable in variables(self).values():
            if variable.is_initialized:
                return variable.backend
        for each in args:
            # A transform's backend is no place for variables to live.
            if isinstance(each, Tensor) and each.backend is _registered(each.backend.name):
                return each.backend
        return current_backend()

    def _call_inside(self, context: CallContext, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        dtype = self.dtype_object
        args = tuple([_prepared(each, dtype, context.backend) for each in args])
        if kwargs:
            kwargs = {name: _prepared(each, dtype, context.backend) for name, each in kwargs.items()}
        if args and (self.input_rank is not None or self.input_min_rank is not None):
            self._check_rank(args[0])
        outer_training = context.training
        training = kwargs.pop("training", None)
        index = self._training_index
        if training is None:
            training = args[index] if 0 <= index < len(args) else None
            if training is None:
                training = outer_training
        if self._accepts_training and training is not None and not 0 <= index < len(args):
            kwargs["training"] = training
        if not self.built:
            context.building = True
            self.build_for(args, kwargs)
        context.training = training
        recorder = context.recorder
        counted = recorder.backend.flops if recorder is not None and recorder.backend is not None else 0
        try:
            outputs = self.call(*args, **kwargs)
        finally:
            context.training = outer_training
        self.built = True
        if recorder is not None:
            recorder.shapes[id(self)] = ops.tree.map(lambda each: each.shape, outputs)
            if recorder.backend is not None:
                flops = recorder.backend.flops - counted
                recorder.flops[id(self)] = recorder.flops.get(id(self), 0) + flops
        return outputs

    def _check_rank(self, value: Any) -> None:
        if not isinstance(value, Tensor):
            raise ArgumentError(f"{self.name} needs a tensor or array as its first input, got {type(value).__name__}.")
        rank = len(value.shape)
        if self.input_rank is not None and rank != self.input_rank:
            raise ShapeError(
                f"{self.name} ({type(self).__name__}) needs an input with {self.input_rank} axes {self.input_layout}, "
                f"got shape {value.shape}."
            )
        if self.input_min_rank is not None and rank < self.input_min_rank:
            raise ShapeError(
                f"{self.name} ({type(self).__name__}) needs an input with at least {self.input_min_rank} axes "
                f"{self.input_layout}, got shape {value.shape}."
            )

    def build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Call `build` with the shapes of the inputs of a call."""
        if type(self).build is Layer.build:
            return
        names = list(inspect.signature(type(self).build).parameters)[1:]
        given = dict(zip(self._input_names, args, strict=False)) | kwargs
        if len(names) <= 1:
            first = args[0] if args else next((each for each in given.values() if isinstance(each, Tensor)), None)
            self.build(*([_shapes(first)] if names else []))
        else:
            shapes = {
                name: _shapes(given[name.removesuffix("_shape")])
                for name in names
                if given.get(name.removesuffix("_shape")) is not None
            }
            self.build(**shapes)
        self.built = True

    def next_key(self) -> Tensor:
        """Return a random key for this use by this layer: ``fold_in(fold_in(key of the call, crc32(path)), count)``.

        So a dropout mask depends on the step and on where it is used, not on the backend or on compilation.

        Raises:
            StateError: outside of `call`.
        """
        context = LOCAL.context
        if context is None:
            raise StateError(f"{self.name}: next_key() belongs into call(), where the key of the step is known.")
        if context.key is None:
            context.key = asarray(next_key(), backend=context.backend)
        elif callable(context.key):
            context.key = context.key()
        if context.paths is None:
            context.paths = layer_paths(context.root)
        count = context.calls.get(id(self), 0)
        context.calls[id(self)] = count + 1
        path = context.paths.get(id(self), self.name)
        return uf_random.fold_in(uf_random.fold_in(context.key, zlib.crc32(path.encode())), count)


def _tracked_build(build: Any) -> Any:
    """Wrap a `build` method: it marks the layer as built, and the outermost one draws the first values."""

    @functools.wraps(build)
    def tracked(self: Layer, *args: Any, **kwargs: Any) -> None:
        if LOCAL.context is not None:
            build(self, *args, **kwargs)
            self.built = True
            return
        backend = self.backend
        with opened(CallContext(self, backend)):
            build(self, *args, **kwargs)
        self.built = True
        initialize(self, backend)

    return tracked


def _prepared(value: Any, dtype: dtypes.DType, backend: Backend) -> Any:
    """Return an argument of a layer with its arrays as tensors, and its floats in the layer's dtype."""
    if value.__class__ is Tensor:
        own = value.dtype
        return value if own is dtype or own == dtype or not dtypes.is_floating(own) else value.astype(dtype)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Variable):
        return _prepared(value.value, dtype, backend)
    if isinstance(value, np.ndarray):
        return _prepared(asarray(value, backend=backend), dtype, backend)
    if isinstance(value, list | tuple):
        if value and all(isinstance(each, bool | int | float) or _is_numbers(each) for each in value):
            return value
        parts = [_prepared(each, dtype, backend) for each in value]
        return parts if isinstance(value, list) else tuple(parts)
    if isinstance(value, dict):
        return {key: _prepared(each, dtype, backend) for key, each in value.items()}
    if backend.is_array(value):
        return _prepared(Tensor(value, backend), dtype, backend)
    return value


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, bool | int | float) for each in value)


def _shapes(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.shape
    if isinstance(value, dict):
        return {key: _shapes(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shapes(each) for each in value]
    return None


def _registered(name: str) -> Backend | None:
    try:
        return get_backend(name)
    except UnifwError:
        return None


def _drawing(initializer: Any, shape: tuple[int, ...], dtype: dtypes.DType) -> Any:
    """Return the function of a key that draws a variable's first value on the host."""
    if callable(initializer) and not isinstance(initializer, Initializer | type):
        return lambda _key: np.asarray(initializer(shape, dtype=dtype.name))
    chosen = get_initializer(initializer)
    return lambda key: chosen.draw(key, shape, dtype)


def _dtype(value: dtypes.DTypeLike) -> dtypes.DType:
    if isinstance(value, str) and value.startswith("mixed_"):
        raise ArgumentError(
            f"Policy {value!r} is not supported: variables and computations of a layer share one dtype. "
            f"Write dtype='float32' or dtype='bfloat16'."
        )
    return dtypes.as_dtype(value)


def _refuse(layer: str, kwargs: dict[str, Any]) -> None:
    """Raise for keyword arguments nobody took; those of Keras that are not here yet say so."""
    kwargs = {name: value for name, value in kwargs.items() if value is not None}
    if not kwargs:
        return
    names = ", ".join(kwargs)
    if all(name.endswith(_NOT_YET) for name in kwargs):
        raise ArgumentError(
            f"{layer}: {names} of Keras is not supported here. Leave it out, or write a layer of your own."
        )
    raise ArgumentError(f"{layer} got unknown arguments: {names}.")


def _takes_keywords(cls: type) -> bool:
    return any(each.kind is each.VAR_KEYWORD for each in inspect.signature(_constructor(cls)).parameters.values())


def _constructor(cls: type) -> Any:
    """Return the constructor a class has or inherits."""
    return next(each.__dict__["__init__"] for each in cls.__mro__ if "__init__" in each.__dict__)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
