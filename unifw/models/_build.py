"""Building a model from shapes or a batch, and finding output shapes, without computing values where possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from unifw import config, dtypes
from unifw.errors import ArgumentError
from unifw.layers import Recorder, record
from unifw.tensor import Tensor, zeros

if TYPE_CHECKING:
    from unifw.models._model import Model

# Unknown sizes are tried as each of these; output sizes that differ between the two are unknown as well.
_SIZES: Final = ((1, 16), (2, 17))


def build(model: Model, input_shape: Any) -> None:
    """See `Model.build`."""
    spec = spec_from_shape(input_shape, model)
    model.input_spec = spec
    _run(model, spec, *_SIZES[0])


def build_from_batch(model: Model, x: Any) -> None:
    """Build a model for inputs like `x`, a tree of tensors."""
    model.input_spec = spec_from_tensors(x)
    _run(model, model.input_spec, *_SIZES[0])


def spec_from_shape(shape: Any, model: Model) -> Any:
    """Return ``{"shape": …, "dtype": …}`` for a shape, in lists and dicts as the shapes are.

    Raises:
        ArgumentError: if it is not a shape.
    """
    if isinstance(shape, dict) and set(shape) != {"shape", "dtype"}:
        return {name: spec_from_shape(each, model) for name, each in shape.items()}
    if isinstance(shape, dict):
        return {"shape": tuple(shape["shape"]), "dtype": shape["dtype"]}
    if isinstance(shape, list | tuple) and shape and all(isinstance(each, list | tuple | dict) for each in shape):
        return [spec_from_shape(each, model) for each in shape]
    if not isinstance(shape, list | tuple) or not all(each is None or isinstance(each, int) for each in shape):
        raise ArgumentError(f"{model.name}.build() needs a shape such as (None, 784), got {shape!r}.")
    if not shape:
        raise ArgumentError(f"{model.name}.build() got an empty shape; the first size is the batch's.")
    return {"shape": tuple(shape), "dtype": config.floatx()}


def spec_from_tensors(value: Any) -> Any:
    """Return the spec of a tree of tensors, with an unknown batch."""
    if isinstance(value, Tensor):
        return {"shape": (None, *value.shape[1:]), "dtype": value.dtype.name}
    if isinstance(value, dict):
        return {name: spec_from_tensors(each) for name, each in value.items()}
    return [spec_from_tensors(each) for each in value]


def is_leaf(spec: Any) -> bool:
    """Return whether a spec describes one tensor."""
    return isinstance(spec, dict) and set(spec) == {"shape", "dtype"} and isinstance(spec["dtype"], str)


def _placeholder(spec: Any, batch: int, size: int) -> Any:
    if is_leaf(spec):
        first, *rest = spec["shape"]
        shape = (batch if first is None else first, *(size if each is None else each for each in rest))
        return zeros(shape, dtype=dtypes.as_dtype(spec["dtype"]))
    if isinstance(spec, dict):
        return {name: _placeholder(each, batch, size) for name, each in spec.items()}
    return [_placeholder(each, batch, size) for each in spec]


def _run(model: Model, spec: Any, batch: int, size: int) -> Recorder:
    """Call the model on placeholders."""
    return record(model, lambda: _placeholder(spec, batch, size))


def inspect(model: Model) -> tuple[dict[int, Any], dict[int, int]]:
    """Return output shapes and floating-point operations of a forward pass by ``id(layer)``.

    Sizes that depend on unknown ones are None. Operations are per example, and left out if that is not known.
    """
    first, second = (_run(model, model.input_spec, *sizes) for sizes in _SIZES)
    shapes = {
        identity: _merged(shape, second.shapes[identity])
        for identity, shape in first.shapes.items()
        if identity in second.shapes
    }
    return shapes, first.flops if _one_example(model.input_spec) else {}


def _one_example(spec: Any) -> bool:
    """Return whether the first sizes tried mean exactly one example."""
    if is_leaf(spec):
        return spec["shape"][0] is None and None not in spec["shape"][1:]
    return all(map(_one_example, spec.values() if isinstance(spec, dict) else spec))


def _merged(first: Any, second: Any) -> Any:
    if isinstance(first, tuple) and all(isinstance(each, int) for each in first):
        return tuple(a if a == b else None for a, b in zip(first, second, strict=True))
    if isinstance(first, dict):
        return {name: _merged(each, second[name]) for name, each in first.items()}
    if isinstance(first, list | tuple):
        return [_merged(a, b) for a, b in zip(first, second, strict=True)]
    return first
