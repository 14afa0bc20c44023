"""Running a layer: the outermost call finds the backend and opens the context, the ones inside share it."""

from __future__ import annotations

import inspect
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from unifw import tensor as ops
from unifw.backend import Backend, current_backend, get_backend, use_backend
from unifw.errors import ArgumentError, MixedBackendsError, StateError, UnifwError
from unifw.layers._context import LOCAL, CallContext, opened
from unifw.layers._inputs import check_rank, entered, prepared
from unifw.layers._walk import initialize, layer_paths, variables
from unifw.tensor import Tensor, asarray
from unifw.tensor import random as uf_random
from unifw.transforms import inside_transform
from unifw.utils import next_key

if TYPE_CHECKING:
    from unifw.layers._layer import Layer


class CallSignature(NamedTuple):
    """What a layer's `call` takes, read once per class.

    Attributes:
        names: of its arguments.
        accepts_training: whether `training` may be passed.
        training_index: its position, or -1.
    """

    names: tuple[str, ...]
    accepts_training: bool
    training_index: int


def call_signature(call: Any) -> CallSignature:
    """Return the signature of an unbound `call` method."""
    parameters = list(inspect.signature(call).parameters.values())[1:]
    names = tuple(each.name for each in parameters)
    accepts = "training" in names or any(each.kind is each.VAR_KEYWORD for each in parameters)
    return CallSignature(names, accepts, names.index("training") if "training" in names else -1)


def check_call(layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raise unless `call` takes these arguments: asked before the first call, for `build` needs them too.

    Raises:
        ArgumentError: with the signature.
    """
    signature = inspect.signature(layer.call)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise ArgumentError(f"{layer.name} was called with other arguments than {signature} takes: {error}.") from None


def call_outermost(layer: Layer, signature: CallSignature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a layer that no other layer is calling.

    Raises:
        MixedBackendsError: if an input is on another backend than the layer.
    """
    backend = _backend_for(layer, args)
    try:
        # Inside a transform the current backend is the one that traces, and must stay.
        if current_backend() is backend or inside_transform():
            return _call_in_new_context(layer, signature, backend, args, kwargs)
        with use_backend(backend):
            return _call_in_new_context(layer, signature, backend, args, kwargs)
    except MixedBackendsError as error:
        raise MixedBackendsError(
            f"{error} The model {layer.name!r} is on backend {backend.name!r}: move the input with "
            f"x.to_backend({backend.name!r}) (a framework's own array: unifw.asarray(x, backend={backend.name!r})), or "
            "the model with model.to_backend(…)."
        ) from error


def _call_in_new_context(
    layer: Layer, signature: CallSignature, backend: Backend, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    context = CallContext(layer, backend)
    with opened(context):
        outputs = call_inside(layer, signature, context, args, kwargs)
    if context.building:
        initialize(layer, backend)  # variables that were made but not read
    return outputs


def _backend_for(layer: Layer, args: tuple[Any, ...]) -> Backend:
    own = initialized_backend(layer)
    if own is not None:
        return own
    for each in map(entered, ops.tree.leaves(args)):
        # A transform's backend is no place for variables to live.
        if isinstance(each, Tensor) and each.backend is _registered(each.backend.name):
            return each.backend
    return current_backend()


def initialized_backend(layer: Layer) -> Backend | None:
    """Return the backend of the variables below a layer, or None while none has a value."""
    for variable in variables(layer).values():
        if variable.is_initialized:
            return variable.backend
    return None


def _registered(name: str) -> Backend | None:
    try:
        return get_backend(name)
    except UnifwError:
        return None


def call_inside(
    layer: Layer, signature: CallSignature, context: CallContext, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call a layer in an open context: prepare the inputs, pass `training` on, build if need be, and record."""
    dtype = layer.dtype_object
    args = tuple([prepared(each, dtype, context.backend, layer) for each in args])
    if kwargs:
        kwargs = {name: prepared(each, dtype, context.backend, layer) for name, each in kwargs.items()}
    if args and (layer.input_rank is not None or layer.input_min_rank is not None):
        check_rank(layer, args[0])
    outer_training = context.training
    training = kwargs.pop("training", None)
    index = signature.training_index
    if training is None:
        training = args[index] if 0 <= index < len(args) else None
        if training is None:
            training = outer_training
    if signature.accepts_training and training is not None and not 0 <= index < len(args):
        kwargs["training"] = training
    if not layer.built:
        check_call(layer, args, kwargs)
        context.building = True
        layer.build_for(args, kwargs)
    context.training = training
    recorder = context.recorder
    counted = recorder.backend.flops if recorder is not None and recorder.backend is not None else 0
    try:
        outputs = layer.call(*args, **kwargs)
    finally:
        context.training = outer_training
    if not layer.built:
        layer.built = True
    if recorder is not None:
        recorder.shapes[id(layer)] = ops.tree.map(lambda each: each.shape, outputs)
        if recorder.backend is not None:
            flops = recorder.backend.flops - counted
            recorder.flops[id(layer)] = recorder.flops.get(id(layer), 0) + flops
    return outputs


def draw_key(layer: Layer) -> Tensor:
    """Return a random key for this use by a layer, see `Layer.next_key`.

    Raises:
        StateError: outside of `call`.
    """
    context = LOCAL.context
    if context is None:
        raise StateError(f"{layer.name}: next_key() belongs into call(), where the key of the step is known.")
    if context.key is None:
        context.key = asarray(next_key(), backend=context.backend)
    elif callable(context.key):
        context.key = context.key()
    if context.paths is None:
        context.paths = layer_paths(context.root)
    count = context.calls.get(id(layer), 0)
    context.calls[id(layer)] = count + 1
    path = context.paths.get(id(layer), layer.name)
    return uf_random.fold_in(uf_random.fold_in(context.key, zlib.crc32(path.encode())), count)
