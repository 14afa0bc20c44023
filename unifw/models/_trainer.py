"""`Trainer`: what a model is trained with, and its steps as pure functions of one state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, Self

import numpy as np

from unifw import metrics as metrics_module
from unifw import optimizers
from unifw.backend import Backend
from unifw.errors import ArgumentError, StateError
from unifw.layers import Layer, Variable, call_with_values
from unifw.models._compilation import (
    Compilation,
    CompileMode,
    output_of,
    resolve_loss_weights,
    resolve_losses,
    resolve_metrics,
    resolve_mode,
    total_loss,
)
from unifw.models._data import unpack
from unifw.models._fingerprint import fingerprint
from unifw.models._steps import Runner, State, Step, Structure, donating, owned_copy
from unifw.tensor import Tensor, asarray, tree
from unifw.tensor.random import fold_in
from unifw.transforms import value_and_grad
from unifw.utils import next_key


class Trainer(Layer):
    """The half of `Model` that knows no data sets: `compile`, and the steps of training, evaluation and prediction.

    A step is a pure function of a state and one batch, so it can be compiled, and a subclass writes another one once
    for all backends. `Model` adds the loops.
    """

    untracked_attributes: ClassVar[frozenset[str]] = Layer.untracked_attributes | {
        "_structure",
        "compilation",
        "training_key",
    }

    compilation: Compilation | None
    _structure: Structure | None
    training_key: np.ndarray[Any, Any] | None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Prepare what every trainer has."""
        trainer = super().__new__(cls, *args, **kwargs)
        trainer.compilation = None
        trainer._structure = None
        trainer.training_key = None
        return trainer

    def variables_by_path(self) -> dict[str, Variable]:
        """Return all variables by path, in the order of `variables`."""
        return {variable.path: variable for variable in self.located_variables()}

    # --- compile -------------------------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: str | optimizers.Optimizer = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: CompileMode = "auto",
        auto_scale_loss: bool = True,
        *,
        compile: CompileMode = "auto",
    ) -> None:
        """Say how to train and judge the model.

        Args:
            optimizer: a name or an optimizer.
            loss: a name, a `Loss`, a function ``(y_true, y_pred)``, or a list or dict of these, one per output (None
                for an output without). One loss alone is that of each output.
            loss_weights: factors of the losses, of the same form.
            metrics: a list of names, metrics or functions. With several outputs, a dict of these by output, or a list
                with one of these for each output. "accuracy" is chosen by shapes.
            weighted_metrics: the same, for metrics that take the sample weights into account.
            run_eagerly: the same as ``compile=False``, as in Keras.
            steps_per_execution: only 1: each step is one call of the framework.
            jit_compile: Keras' name for `compile`, with the same values and meaning; give one of the two. (In Keras it
                chooses XLA; here, how a step is compiled is the backend's affair.)
            auto_scale_loss: here because Keras has it, for float16 policies, which are not here.
            compile: True compiles steps, False runs them eagerly, "auto" compiles where that is cheap
                (`capabilities.compilation`): JAX and TensorFlow. The first compilation on torch takes 15 to 35 seconds
                for small models, which short runs never earn back, so there it must be asked for.

        Raises:
            ArgumentError: for an unknown name, with the closest known one; for loss weights or metrics that do not
                fit the losses; for `compile`, `jit_compile` and `run_eagerly` that contradict each other.
        """
        del auto_scale_loss
        if steps_per_execution != 1:
            raise ArgumentError(
                f"compile() got steps_per_execution={steps_per_execution!r}; only 1 is supported. Leave it out: the "
                "results are the same without."
            )
        mode = resolve_mode(compile, jit_compile, run_eagerly)
        objects = resolve_losses(loss)
        found, weighted = resolve_metrics(metrics, weighted_metrics, objects)
        self.compilation = Compilation(
            optimizers.get(optimizer),
            objects,
            resolve_loss_weights(loss_weights, objects),
            found,
            weighted,
            mode,
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
        self.require_compilation()
        return self.train_state_for(Structure(self))

    def train_state_for(self, structure: Structure) -> State:
        """See `init_train_state`; for variables that have been found already."""
        compilation = self.require_compilation()
        compilation.optimizer.locate(structure.trainable)
        if not structure.trainable:
            raise StateError(f"{self.name} has no trainable variables, so there is nothing to train.")
        if self.training_key is None:
            self.training_key = next_key()
        backend = structure.backend
        current = structure.current()
        state = {
            **current,
            "optimizer": compilation.optimizer.state_for(current["trainable"], structure.trainable, self),
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
        return self.step_for("train", compile)

    def make_test_step(self, compile: CompileMode | None = None) -> Step:
        """Return ``step(test_state, batch) -> (test_state, logs)``; the state holds variables and metrics.

        The step does not give up the state's variables, so they may be those of a training state.
        """
        return self.step_for("test", compile)

    def make_predict_step(self, compile: CompileMode | None = None) -> Step:
        """Return ``step(variables, x) -> y_pred``, with variables as in a training state."""
        return self.step_for("predict", compile)

    def step_for(
        self,
        kind: Literal["train", "test", "predict"],
        compile: CompileMode | None = None,
        structure: Structure | None = None,
    ) -> Step:
        """Return a step of a kind, made anew only if what it depends on has changed; see `make_train_step`."""
        compilation = self.require_compilation()
        structure = structure or Structure(self)
        backend = structure.backend
        compiles = compilation.compiles(backend, compile)
        compilation.optimizer.locate(structure.trainable)
        key = (kind, backend.name, compiles, structure.signature, fingerprint(self, compilation))
        step = compilation.steps.get(key)
        if step is None:
            function = self.with_structure(structure, getattr(self, f"{kind}_step"))
            step = compilation.steps[key] = Runner(function, backend, compile=compiles, donate=kind == "train")
        return step

    def with_structure(self, structure: Structure, step: Step) -> Step:
        """Return a step whose `forward` does not look for the variables again."""

        def function(state: Any, batch: Any) -> Any:
            previous, self._structure = self._structure, structure
            try:
                return step(state, batch)
            finally:
                self._structure = previous

        return function

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
        # Before the update, which may overwrite the state: if a metric fails, the state is still whole.
        found = self.update_metrics(state["metrics"], loss, x, y, y_pred, sample_weight)
        logs = self.compute_metrics(found)
        trainable, optimizer = self.optimizer.update(
            gradients, state["optimizer"], state["trainable"], donated=donating(loss.backend)
        )
        new = {
            "trainable": trainable,
            "non_trainable": non_trainable,
            "optimizer": optimizer,
            "metrics": found,
            "key": state["key"],
        }
        return new, logs

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
        structure = self._structure or Structure(self)
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
            if output is None:
                targets, predictions = y, y_pred
                if not isinstance(y_pred, Tensor):
                    raise ArgumentError(
                        f"The metric {name!r} needs to know its output: the model returns a {type(y_pred).__name__} of "
                        f"{len(y_pred)}. Give metrics as a dict by output, or a list with a list for each output."
                    )
            else:
                targets = output_of(y, output, "y")
                predictions = output_of(y_pred, output, "The model's result")
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
