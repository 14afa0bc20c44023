"""`Model`: a layer that can be trained, evaluated, saved and summarised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Self

import numpy as np

from unifw import metrics as metrics_module
from unifw import optimizers
from unifw.backend import Backend, get_backend
from unifw.callbacks import Callback, History
from unifw.errors import ArgumentError, StateError
from unifw.layers import Layer, Variable, call_with_values
from unifw.models import _build, _checkpoint, _summary, _training
from unifw.models._compilation import Compilation, CompileMode, resolve_losses, resolve_metrics, total_loss
from unifw.models._steps import Runner, State, Step, Structure, donating, owned_copy
from unifw.tensor import Tensor, asarray, tree
from unifw.tensor.random import fold_in
from unifw.transforms import value_and_grad
from unifw.utils import next_key

_MODEL_ATTRIBUTES: Final = frozenset(
    ("compilation", "history", "stop_training", "training_key", "input_spec", "structure")
)


class Model(Layer):
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

    compilation: Compilation | None
    history: History | None
    stop_training: bool
    training_key: np.ndarray[Any, Any] | None
    input_spec: Any
    structure: Structure | None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Prepare what every model has."""
        model = super().__new__(cls, *args, **kwargs)
        model.compilation = None
        model.history = None
        model.stop_training = False
        model.training_key = None
        model.input_spec = None
        model.structure = None
        return model

    # --- what it is made of --------------------------------------------------------------------------------------

    def tracked_attributes(self) -> Iterator[tuple[str, Any]]:
        """See `Layer.tracked_attributes`."""
        for name, value in super().tracked_attributes():
            if name not in _MODEL_ATTRIBUTES:
                yield name, value

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside the model."""
        return self.sublayers()

    def variables_by_path(self) -> dict[str, Variable]:
        """Return all variables by path, in the order of `variables`."""
        return {variable.path: variable for variable in self.located_variables()}

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

    # --- compile -------------------------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: str | optimizers.Optimizer = "adam",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        *,
        compile: CompileMode = "auto",
    ) -> None:
        """Say how to train and judge the model.

        Args:
            optimizer: a name or an optimizer.
            loss: a name, a `Loss`, a function ``(y_true, y_pred)``, or a list or dict of these, one per output.
            loss_weights: factors of the losses, of the same form.
            metrics: a list of names, metrics or functions; a dict of these by output. "accuracy" is chosen by shapes.
            weighted_metrics: the same, for metrics that take the sample weights into account.
            run_eagerly: the same as ``compile=False``, as in Keras.
            compile: True compiles steps, False runs them eagerly, "auto" compiles where that is cheap
                (`capabilities.compilation`): JAX and TensorFlow. The first compilation on torch takes 15 to 35 seconds
                for small models, which short runs never earn back, so there it must be asked for.

        Raises:
            ArgumentError: for an unknown name, with the closest known one.
        """
        if compile not in (True, False, "auto"):
            raise ArgumentError(f"compile must be True, False or 'auto', got {compile!r}.")
        found, weighted = resolve_metrics(metrics, weighted_metrics)
        self.compilation = Compilation(
            optimizers.get(optimizer),
            resolve_losses(loss),
            loss_weights,
            found,
            weighted,
            False if run_eagerly else compile,
        )
        self.training_key = None

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self.compilation is not None

    @property
    def optimizer(self) -> optimizers.Optimizer:
        """The optimizer given to `compile`."""
        return self.require_compilation().optimizer

    @property
    def loss(self) -> Any:
        """The loss given to `compile`, as an object."""
        return self.require_compilation().loss

    @property
    def metrics_names(self) -> list[str]:
        """The names of the logs: "loss" and the metrics."""
        return ["loss", *self.require_compilation().metrics]

    def require_compilation(self) -> Compilation:
        """Return what `compile` fixed.

        Raises:
            StateError: if it was not called.
        """
        if self.compilation is None:
            raise StateError(f"{self.name} is not compiled. Call {self.name}.compile(optimizer=…, loss=…) first.")
        return self.compilation

    # --- pure steps ----------------------------------------------------------------------------------------------

    def init_train_state(self) -> State:
        """Return the state of training, in memory of its own: one tree of tensors.

        Returns:
            ``{"trainable": {path: tensor}, "non_trainable": …, "optimizer": {"step", "learning_rate", "slots"},
            "metrics": {name: …}, "key": uint32 (2,)}``.

        Raises:
            StateError: if the model is not built or not compiled.
        """
        compilation = self.require_compilation()
        structure = self.structure = Structure(self)
        if not structure.trainable:
            raise StateError(f"{self.name} has no trainable variables, so there is nothing to train.")
        if self.training_key is None:
            self.training_key = next_key()
        backend = self.backend
        trainable = {path: variable.value for path, variable in structure.trainable.items()}
        state = {
            "trainable": trainable,
            "non_trainable": {path: variable.value for path, variable in structure.fixed.items()},
            "optimizer": _training.optimizer_state(compilation.optimizer, trainable),
            "metrics": self.init_metrics(backend),
            "key": asarray(self.training_key, backend=backend),
        }
        owned: State = owned_copy(state)
        return owned

    def make_train_step(self, compile: CompileMode | None = None) -> Step:
        """Return ``step(train_state, batch) -> (train_state, logs)``.

        The step gives up the state it is passed: use the one it returns. Logs are scalar tensors (running means since
        the metrics were initialised); nothing waits for the device.

        Args:
            compile: as for `Model.compile`; what was given there by default.

        >>> import numpy as np
        >>> import unifw as uf
        >>> model = uf.Sequential([uf.Input((2,)), uf.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> state, step = model.init_train_state(), model.make_train_step()
        >>> batch = (uf.ones((4, 2)), uf.zeros((4, 1)))
        >>> state, logs = step(state, batch)
        >>> sorted(logs)
        ['loss']
        """
        return self._runner("train", self.train_step, compile, donate=True)

    def make_test_step(self, compile: CompileMode | None = None) -> Step:
        """Return ``step(test_state, batch) -> (test_state, logs)``; the state holds variables and metrics.

        The step does not give up the state's variables, so they may be those of a training state.
        """
        return self._runner("test", self.test_step, compile, donate=False)

    def make_predict_step(self, compile: CompileMode | None = None) -> Step:
        """Return ``step(variables, x) -> y_pred``, with variables as in a training state."""
        return self._runner("predict", self.predict_step, compile, donate=False)

    def _runner(self, kind: str, function: Step, compile: CompileMode | None, *, donate: bool) -> Step:
        compilation = self.require_compilation()
        backend = self.backend
        compiles = compilation.compiles(backend, compile)
        self.structure = Structure(self)
        key = (kind, backend.name, compiles, self.structure.signature)
        step = compilation.steps.get(key)
        if step is None:
            step = compilation.steps[key] = Runner(function, backend, compile=compiles, donate=donate)
        return step

    def train_step(self, state: State, batch: Any) -> tuple[State, dict[str, Tensor]]:
        """One update, as a pure function: override it for another way of training, once for all backends.

        Args:
            state: see `init_train_state`.
            batch: ``(x, y)`` or ``(x, y, sample_weight)``.

        Returns:
            The new state, and logs (scalar tensors by name).
        """
        x, y, sample_weight = unpack(batch)
        key = self.step_key(state)

        def objective(trainable: dict[str, Tensor]) -> tuple[Tensor, Any]:
            y_pred, non_trainable = self.forward(trainable, state["non_trainable"], x, training=True, key=key)
            return self.compute_loss(x, y, y_pred, sample_weight), (y_pred, non_trainable)

        (loss, (y_pred, non_trainable)), gradients = value_and_grad(objective, has_aux=True)(state["trainable"])
        trainable, optimizer = self.optimizer.update(
            gradients, state["optimizer"], state["trainable"], donated=donating(loss.backend)
        )
        found = self.update_metrics(state["metrics"], loss, x, y, y_pred, sample_weight)
        new = {
            "trainable": trainable,
            "non_trainable": non_trainable,
            "optimizer": optimizer,
            "metrics": found,
            "key": state["key"],
        }
        return new, self.compute_metrics(found)

    def test_step(self, state: State, batch: Any) -> tuple[State, dict[str, Tensor]]:
        """One batch of evaluation, as a pure function; see `train_step`."""
        x, y, sample_weight = unpack(batch)
        y_pred, _ = self.forward(state["trainable"], state["non_trainable"], x, training=False)
        loss = self.compute_loss(x, y, y_pred, sample_weight)
        found = self.update_metrics(state["metrics"], loss, x, y, y_pred, sample_weight)
        return {**state, "metrics": found}, self.compute_metrics(found)

    def predict_step(self, state: State, x: Any) -> Any:
        """One batch of prediction, as a pure function."""
        return self.forward(state["trainable"], state["non_trainable"], x, training=False)[0]

    def step_key(self, state: State) -> Callable[[], Tensor]:
        """Return a function that gives the random key of a step: ``fold_in(key, optimizer step)``, if it is needed."""
        return lambda: fold_in(state["key"], state["optimizer"]["step"])

    def forward(
        self,
        trainable: Mapping[str, Tensor],
        non_trainable: Mapping[str, Tensor],
        x: Any,
        *,
        training: bool,
        key: Tensor | Callable[[], Tensor] | None = None,
    ) -> tuple[Any, dict[str, Tensor]]:
        """Return the outputs for given variables, and the new values of the non-trainable ones."""
        structure = self.structure or Structure(self)
        values = structure.values(dict(trainable), dict(non_trainable))
        outputs = call_with_values(
            self, values, (x,), {"training": training}, key=key, paths=structure.paths, backend=structure.backend
        )
        return outputs, {path: values[id(variable)] for path, variable in structure.fixed.items()}

    def compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Return the scalar to minimise; override it to add terms."""
        del x
        return total_loss(self.require_compilation(), y, y_pred, sample_weight)

    def init_metrics(self, backend: Backend | None = None) -> State:
        """Return the metrics' state before the first batch."""
        found = {name: metric.init(backend) for name, (_, metric) in self.require_compilation().metrics.items()}
        return {"loss": metrics_module.Mean().init(backend), **found}

    def update_metrics(self, state: State, loss: Tensor, x: Any, y: Any, y_pred: Any, sample_weight: Any) -> State:
        """Return the metrics' state after a batch; the loss counts once per example."""
        compilation = self.require_compilation()
        size = float(tree.leaves(x)[0].shape[0])
        mean = state["loss"]
        new: State = {"loss": {"count": mean["count"] + size, "total": mean["total"] + loss.astype("float32") * size}}
        for name, (output, metric) in compilation.metrics.items():
            targets, predictions = (y, y_pred) if output is None else (y[output], y_pred[output])
            weight = sample_weight if name in compilation.weighted_metrics else None
            new[name] = metric.update(state[name], targets, predictions, sample_weight=weight)
        return new

    def compute_metrics(self, state: State) -> dict[str, Tensor]:
        """Return the logs for a metrics' state."""
        mean = state["loss"]
        logs = {"loss": mean["total"] / mean["count"]}
        for name, (_, metric) in self.require_compilation().metrics.items():
            logs[name] = metric.compute(state[name])
        return logs

    # --- training with data --------------------------------------------------------------------------------------

    def fit(  # noqa: PLR0917 - Keras' signature
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Sequence[Callback] | None = None,
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
        return _training.fit(
            self,
            _training.FitArguments(
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
        callbacks: Sequence[Callback] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Return loss and metrics on data: a number, a list in the order of `metrics_names`, or a dict.

        Arguments as for `fit`; `steps` limits the batches.
        """
        del verbose
        logs = _training.evaluate(self, x, y, batch_size, sample_weight, steps, callbacks or ())
        if return_dict:
            return logs
        values = list(logs.values())
        return values[0] if len(values) == 1 else values

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        steps: int | None = None,
        callbacks: Sequence[Callback] | None = None,
    ) -> Any:
        """Return the outputs for all examples as NumPy arrays, batch by batch; the model need not be compiled."""
        del verbose
        return _training.predict(self, x, batch_size, steps, callbacks or ())

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Make one update with one batch, and return loss and metrics of it."""
        return _listed(_training.train_on_batch(self, x, y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Return loss and metrics on one batch."""
        return _listed(_training.test_on_batch(self, x, y, sample_weight), return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch as NumPy arrays."""
        return _training.predict(self, x, len(tree.leaves(x)[0]), None, ())

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


def unpack(batch: Any) -> tuple[Any, Any, Any]:
    """Return ``(x, y, sample_weight)`` from a batch of one to three parts."""
    if not isinstance(batch, tuple | list):
        return batch, None, None
    if not 1 <= len(batch) <= 3:
        raise ArgumentError(f"A batch is (x,), (x, y) or (x, y, sample_weight), got {len(batch)} parts.")
    x, y, sample_weight = (*batch, None, None)[:3]
    return x, y, sample_weight


def _listed(logs: dict[str, float], return_dict: bool) -> Any:
    if return_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
