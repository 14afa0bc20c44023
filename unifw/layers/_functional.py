"""State as one named tree, and layers as pure functions of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from unifw.backend import Backend, current_backend, use_backend
from unifw.backend.abstract import AbstractBackend
from unifw.errors import ShapeError, StateError
from unifw.layers._context import LOCAL, CallContext, Recorder, opened
from unifw.layers._layer import Layer
from unifw.layers._variable import Variable
from unifw.layers._walk import initialize, layer_paths, variables
from unifw.tensor import Tensor, asarray
from unifw.tensor._strict import check_conversion
from unifw.transforms import inside_transform


def state(layer: Layer) -> dict[str, Tensor]:
    """Return the values of all variables of a built layer by path: one flat tree.

    Raises:
        StateError: if the layer is not built.

    >>> import unifw as uf
    >>> layer = uf.layers.Dense(2)
    >>> layer.build((None, 3))
    >>> {path: value.shape for path, value in uf.state(layer).items()}
    {'kernel': (3, 2), 'bias': (2,)}
    """
    return {path: variable.value for path, variable in _built_variables(layer).items()}


def set_state(layer: Layer, state: Mapping[str, Any]) -> None:
    """Set the values of all variables of a built layer.

    Args:
        layer: the layer.
        state: exactly the paths of `unifw.state(layer)`; tensors of any backend, or arrays.

    Raises:
        StateError: for missing or extra paths, all of them named.
        ShapeError: for another shape; nothing is set then.
    """
    own = _built_variables(layer)
    _check_paths(layer, own, state)
    new = {}
    for path, variable in own.items():
        value = state[path]
        if isinstance(value, Tensor):
            value = value.to_backend(variable.backend)
        tensor = asarray(value, backend=variable.backend)
        if tensor.shape != variable.shape:
            raise ShapeError(f"Variable {path!r} has shape {variable.shape}; the state has {tensor.shape}.")
        check_conversion(f"Variable {path!r}", "its value in the state", tensor.dtype, variable.dtype)
        new[path] = tensor.astype(variable.dtype)
    for path, variable in own.items():
        variable.assign(new[path])


def functional_call(
    layer: Layer, state: Mapping[str, Any], *args: Any, key: Tensor | np.ndarray[Any, Any] | None = None, **kwargs: Any
) -> tuple[Any, dict[str, Tensor]]:
    """Call a built layer as a pure function of its state: the layer itself is neither read nor changed.

    Args:
        layer: the layer.
        state: exactly the paths of `unifw.state(layer)`.
        *args: as for calling the layer.
        key: random key for dropout; without one, the default stream gives one (not what you want inside `jit`).
        **kwargs: as for calling the layer.

    Returns:
        The outputs, and the new state: what `call` assigned, and the rest as it was.

    Raises:
        StateError: if the layer is not built, or for missing or extra paths.

    >>> import numpy as np
    >>> import unifw as uf
    >>> layer = uf.layers.BatchNormalization()
    >>> x = np.ones((4, 2), np.float32)
    >>> y = layer(x)
    >>> y, new = uf.functional_call(layer, uf.state(layer), x, training=True)
    >>> np.asarray(layer.moving_mean).tolist(), [round(v, 3) for v in new["moving_mean"].tolist()]
    ([0.0, 0.0], [0.01, 0.01])
    """
    own = _built_variables(layer)
    _check_paths(layer, own, state)
    values = {id(variable): _as_tensor(state[path], variable) for path, variable in own.items()}
    outputs = call_with_values(layer, values, args, kwargs, key=key)
    return outputs, {path: values[id(variable)] for path, variable in own.items()}


def call_with_values(
    layer: Layer,
    values: dict[int, Tensor],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    key: Tensor | np.ndarray[Any, Any] | Callable[[], Tensor] | None = None,
    paths: dict[int, str] | None = None,
    backend: Backend | None = None,
) -> Any:
    """Call a layer on values by ``id(variable)``, which assignments update: `functional_call` for training loops.

    A loop passes `paths` and `backend`, because finding them walks all layers.
    """
    outer = LOCAL.context
    if outer is not None:
        backend = outer.backend
    elif backend is None:
        backend = layer.backend
    if isinstance(key, np.ndarray):
        key = asarray(key, backend=backend)
    if outer is not None and outer.values is not None:
        values_seen = values  # a call inside a call: what this layer does not own is still the outer state's
        for identity, value in outer.values.items():
            values_seen.setdefault(identity, value)
    context = CallContext(layer, backend, values=values, key=key, paths=paths)
    # Inside a transform the current backend is the one that traces, and must stay.
    if outer is None and backend is not current_backend() and not inside_transform():
        with use_backend(backend), opened(context):
            return layer(*args, **kwargs)
    with opened(context):
        return layer(*args, **kwargs)


def record(layer: Layer, make_input: Callable[[], Any]) -> Recorder:
    """Call a layer once for its shapes alone, building what is not built, and return what was found.

    Shapes and dtypes flow through the abstract backend, so nothing is computed. A layer that insists on values or on
    a framework's own arrays (`x.native`) fails there, in whatever way; it is called on its real backend instead.

    Args:
        layer: the layer.
        make_input: returns the input, made on the current backend.
    """
    backend = layer.backend if layer.built else current_backend()
    recorder = _recorded_for_shapes(layer, make_input, backend)
    if recorder is None:
        recorder = _recorded(layer, make_input, backend, Recorder(None), backend)
    initialize(layer, backend)
    return recorder


def _recorded_for_shapes(layer: Layer, make_input: Callable[[], Any], backend: Backend) -> Recorder | None:
    """Return what the abstract backend finds out, or None if the layer cannot run there."""
    abstract = AbstractBackend()
    try:
        return _recorded(layer, make_input, backend, Recorder(abstract), abstract)
    except Exception:  # noqa: BLE001 - a mistake of the user's appears again on the real backend
        return None


def _recorded(
    layer: Layer, make_input: Callable[[], Any], home: Backend, recorder: Recorder, runs: Backend
) -> Recorder:
    # Assignments go to a scratch state: a shape is nothing a variable could hold.
    with use_backend(runs), opened(CallContext(layer, home, values={}, recorder=recorder)):
        layer(make_input())
    return recorder


def path_map(layer: Layer) -> dict[int, str]:
    """Return the paths that keys are derived from, by ``id(layer)``."""
    return layer_paths(layer)


def _built_variables(layer: Layer) -> dict[str, Variable]:
    if not layer.built:
        raise StateError(
            f"{layer.name} is not built, so it has no state yet. Call it on data, or "
            f"{layer.name}.build(input_shape), first."
        )
    return variables(layer)


def _as_tensor(value: Any, variable: Variable) -> Tensor:
    tensor = value if isinstance(value, Tensor) else asarray(value, backend=variable.backend)
    if tensor.shape != variable.shape:
        raise ShapeError(f"Variable {variable.path!r} has shape {variable.shape}; the state has {tensor.shape}.")
    return tensor


def _check_paths(layer: Layer, own: Mapping[str, Variable], state: Mapping[str, Any]) -> None:
    missing, extra = sorted(set(own) - set(state)), sorted(set(state) - set(own))
    if missing or extra:
        parts = [
            f"{word} {', '.join(map(repr, paths))}" for word, paths in (("missing", missing), ("extra", extra)) if paths
        ]
        raise StateError(f"The state does not fit {layer.name}: {'; '.join(parts)}. Start from unifw.state(layer).")
