"""`Model`: a layer that can be trained, evaluated, saved and summarised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from unifw.backend import Backend, get_backend
from unifw.callbacks import Callback, History
from unifw.layers import Layer
from unifw.models import _build, _checkpoint, _evaluation, _fit, _summary
from unifw.models._arrays import host_arrays
from unifw.models._trainer import Trainer
from unifw.tensor import tree


class Model(Trainer):
    """Base of all models: write the layers in ``__init__`` and the computation in `call`, as in `keras.Model`.

    >>> import numpy as np
    >>> import unifw as uf
    >>> class Net(uf.Model):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.head = uf.layers.Dense(1)
    ...     def call(self, x):
    ...         return self.head(x)
    >>> model = Net()
    >>> model.compile(optimizer="sgd", loss="mse")
    >>> x = np.arange(8, dtype=np.float32).reshape(8, 1) / 8
    >>> history = model.fit(x, 2 * x, epochs=20, verbose=0)
    >>> history.history["loss"][-1] < history.history["loss"][0]
    True
    """

    builds_by_calling: ClassVar[bool] = True
    untracked_attributes: ClassVar[frozenset[str]] = Trainer.untracked_attributes | {
        "history",
        "input_spec",
        "stop_training",
    }

    history: History | None
    stop_training: bool
    input_spec: Any

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Prepare what every model has."""
        model = super().__new__(cls, *args, **kwargs)
        model.history = None
        model.stop_training = False
        model.input_spec = None
        return model

    # --- what it is made of --------------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside the model."""
        return self.sublayers()

    def build(self, input_shape: Any) -> None:
        """Make all variables for inputs of a shape, without data.

        Args:
            input_shape: shape of the input with the batch, whose size may be None; a list or dict of shapes for a
                model whose first argument is a list or dict.

        >>> import unifw as uf
        >>> model = uf.Sequential([uf.layers.Dense(2)])
        >>> model.build((None, 3))
        >>> model.count_params()
        8
        """
        _build.build(self, input_shape)

    def build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Remember what the inputs look like; the layers inside are built when `call` reaches them."""
        if self.input_spec is None and args:
            self.input_spec = _build.spec_from_tensors(args[0])
        if type(self).build is not Model.build:
            super().build_for(args, kwargs)

    def summary(
        self,
        line_length: int | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
    ) -> None:
        """Print layers, output shapes and numbers of parameters.

        Args:
            line_length: width of the table.
            print_fn: called with the text instead of printing it.
            expand_nested: whether to show the layers inside layers.
        """
        text = _summary.summary(self, line_length, expand_nested)
        (print_fn or print)(text)

    def to_backend(self, backend: str | Backend) -> Self:
        """Move variables and the optimizer's state to another backend, and return the model."""
        super().to_backend(backend)
        target = get_backend(backend) if isinstance(backend, str) else backend
        if self.compilation is not None:
            optimizer = self.compilation.optimizer
            if optimizer.state is not None:
                optimizer.state = tree.map(lambda each: each.to_backend(target), optimizer.state)
            self.compilation.steps.clear()
        return self

    # --- training with data --------------------------------------------------------------------------------------

    def fit(  # noqa: PLR0917 - Keras' signature
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Callback | Sequence[Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int = 1,
    ) -> History:
        """Train the model.

        Args:
            x: inputs: an array, or a list or dict of arrays; or an iterable of ``(x, y)`` or ``(x, y, sample_weight)``
                batches: a generator, a `torch.utils.data.DataLoader`, a `tf.data.Dataset`, ….
            y: targets, when `x` is arrays.
            batch_size: examples per step, 32 by default.
            epochs: the epoch to end with, counted from 0.
            verbose: 0 silent, 1 a bar, 2 one line per epoch; "auto" is 1 on a terminal and 0 elsewhere.
            callbacks: told what happens.
            validation_split: the fraction at the end of the arrays that is set aside to judge the model.
            validation_data: ``(x, y)`` or ``(x, y, sample_weight)`` to judge the model, or an iterable of batches.
            shuffle: draw a new order for each epoch, the same on every backend; iterables keep theirs.
            class_weight: factor of the loss by class.
            sample_weight: factor of the loss by example.
            initial_epoch: the epoch to begin with, to resume.
            steps_per_epoch: batches per epoch, for iterables.
            validation_steps: batches of validation, for iterables.
            validation_batch_size: examples per step of validation; `batch_size` by default.
            validation_freq: validate every so many epochs.

        Returns:
            The logs of all epochs: ``history.history["loss"]``.

        Raises:
            StateError: if the model is not compiled.
            ShapeError: if lengths or shapes do not fit.
        """
        return _fit.fit(
            self,
            _fit.FitArguments(
                x,
                y,
                batch_size,
                epochs,
                verbose,
                callbacks or (),
                validation_split,
                validation_data,
                shuffle,
                class_weight,
                sample_weight,
                initial_epoch,
                steps_per_epoch,
                validation_steps,
                validation_batch_size,
                validation_freq,
            ),
        )

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Callback | Sequence[Callback] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Return loss and metrics on data: a number, a list in the order of `metrics_names`, or a dict.

        Arguments as for `fit`; `steps` limits the batches.
        """
        del verbose
        logs = _evaluation.evaluate(self, x, y, batch_size, sample_weight, steps, callbacks or ())
        return _listed(logs, return_dict)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        steps: int | None = None,
        callbacks: Callback | Sequence[Callback] | None = None,
    ) -> Any:
        """Return the outputs for all examples as NumPy arrays, batch by batch; the model need not be compiled."""
        del verbose
        return _evaluation.predict(self, x, batch_size, steps, callbacks or ())

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Make one update with one batch, and return loss and metrics of it."""
        return _listed(_evaluation.train_on_batch(self, x, y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Return loss and metrics on one batch."""
        return _listed(_evaluation.test_on_batch(self, x, y, sample_weight), return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch as NumPy arrays."""
        data = host_arrays(x)
        return _evaluation.predict(self, data, len(tree.leaves(data)[0]), None, ())

    # --- files ---------------------------------------------------------------------------------------------------

    def save(self, filepath: str | Path, overwrite: bool = True) -> None:
        """Write everything needed to continue on any backend to one file.

        The file is in the safetensors format: variables, optimizer slots, step and keys; its metadata hold the
        configuration as JSON and a checksum. Nothing is pickled. The file appears complete or not at all.

        Args:
            filepath: the file; ".safetensors" is a good ending.
            overwrite: False raises if the file exists.

        Raises:
            CheckpointError: if the configuration cannot be described as data, or the file exists.
            StateError: if the model is not built.
        """
        _checkpoint.save(self, Path(filepath), overwrite=overwrite)

    def save_weights(self, filepath: str | Path, overwrite: bool = True) -> None:
        """Write the variables alone to a safetensors file."""
        _checkpoint.save_weights(self, Path(filepath), overwrite=overwrite)

    def load_weights(self, filepath: str | Path) -> None:
        """Set the variables from a file of `save_weights` or `save`; paths and shapes must fit exactly."""
        _checkpoint.load_weights(self, Path(filepath))


def _listed(logs: dict[str, float], return_dict: bool) -> Any:
    if return_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
