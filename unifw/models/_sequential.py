"""`Sequential`: layers one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from unifw.errors import ArgumentError, StateError
from unifw.layers import InputLayer, Layer
from unifw.models._model import Model


class Sequential(Model):
    """Layers one after the other, as `keras.Sequential`.

    Args:
        layers: the layers; the first may be an `Input`, or have an `input_shape`: then the model is built at once.
        trainable: see `Layer`.
        name: see `Layer`.

    >>> import unifw as uf
    >>> model = uf.Sequential([uf.Input((4,)), uf.layers.Dense(3, activation="relu"), uf.layers.Dense(2)])
    >>> [variable.path for variable in model.variables]
    ['0/kernel', '0/bias', '1/kernel', '1/bias']
    """

    untracked_attributes: ClassVar[frozenset[str]] = Model.untracked_attributes | {"_input", "_layers"}

    def __init__(self, layers: Sequence[Layer] | None = None, trainable: bool = True, name: str | None = None) -> None:
        super().__init__(trainable=trainable, name=name)
        self._layers: list[Layer] = []
        self._input: InputLayer | None = None
        if layers is not None and not isinstance(layers, list | tuple):
            raise ArgumentError(f"Sequential takes a list of layers, got {layers!r}. Write Sequential([…]).")
        for layer in layers or ():
            self._append(layer)
        self._build_if_known()
        if not trainable:
            self.trainable = False

    def add(self, layer: Layer) -> None:
        """Append a layer."""
        self._append(layer)
        self.built = False
        self._build_if_known()

    def pop(self) -> Layer:
        """Remove the last layer and return it.

        Raises:
            StateError: if there is none.
        """
        if not self._layers:
            raise StateError(f"{self.name} has no layers to pop.")
        return self._layers.pop()

    def _append(self, layer: Layer) -> None:
        if not isinstance(layer, Layer):
            hint = " Write unifw.layers.Activation(…) around a function." if callable(layer) else ""
            raise ArgumentError(f"Sequential takes layers, got {layer!r}.{hint}")
        if isinstance(layer, InputLayer):
            if self._layers or self._input is not None:
                raise ArgumentError("Input must be the first entry of a Sequential, and there can be only one.")
            self._input = layer
            return
        self._layers.append(layer)

    def _build_if_known(self) -> None:
        if not self._layers:
            return
        first = self._layers[0]
        if self._input is None and first.input_shape_argument is not None:
            self._input = InputLayer(first.input_shape_argument)
        if self._input is not None:
            spec = {"shape": self._input.batch_shape, "dtype": self._input.spec_dtype}
            self.build(spec)
        elif isinstance(first, Model) and first.input_spec is not None:
            self.build(first.input_spec)

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the input."""
        return list(self._layers)

    def tracked_attributes(self) -> Iterator[tuple[str, Any]]:
        """Yield the layers under their numbers, and attributes a subclass adds."""
        for index, layer in enumerate(self._layers):
            yield str(index), layer
        yield from super().tracked_attributes()

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Apply the layers in order; `training` reaches them through the call."""
        del training
        if not self._layers:
            raise StateError(f"{self.name} has no layers. Add some with add().")
        for layer in self._layers:
            inputs = layer(inputs)
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Return the layers' descriptions; a layer that is used twice is described once."""
        from unifw.saving import plain

        layers = [*([self._input] if self._input is not None else []), *self._layers]
        return {"name": self.name, "trainable": self._trainable, "layers": plain(layers)}
