"""The user's model, as what the profiler does with it: outputs, gradients, a checked training, timed steps.

All of it goes through the public, functional face of models, so that what is measured is what a user gets.
"""

from __future__ import annotations

import hashlib
from typing import Any, final

import numpy as np

import unifw as uf
from unifw import dtypes
from unifw.errors import ProfileError
from unifw.profiler._results import Activity, Mode

Arrays = dict[str, np.ndarray[Any, Any]]


@final
class Subject:
    """A built model with one batch on its device.

    Args:
        model: compiled (in Keras' sense) and built.
        x: inputs.
        y: targets.
        sample_weight: one weight per example, or None.
        mode: whether to run its functions as they are, or through `uf.jit`.
        seed: of the keys that dropout draws from; the same seed draws the same masks on every backend.
    """

    def __init__(
        self,
        model: Any,
        x: np.ndarray[Any, Any],
        y: np.ndarray[Any, Any],
        sample_weight: np.ndarray[Any, Any] | None = None,
        *,
        mode: Mode,
        seed: int,
    ) -> None:
        self._model = model
        self._host_batch = (x, y) if sample_weight is None else (x, y, sample_weight)
        self._batch = tuple(uf.asarray(each) for each in self._host_batch)
        self._seed = seed
        self._mode = mode
        # Kept on the host, and copied for inference: training overwrites the state it is given where it can.
        self._initial = read_state(model)
        self._state = {path: uf.asarray(value) for path, value in self._initial.items()}
        self._step = model.make_train_step(compile=mode == "compiled")
        self._forward = uf.jit(self._infer) if mode == "compiled" else self._infer
        self._train_state: Any = None
        uf.utils.set_random_seed(seed)  # `init_train_state` takes the next key, once: the same one for every variant
        self.prepare("train")

    def _infer(self, state: Any, x: Any) -> Any:
        return uf.functional_call(self._model, state, x, training=False)[0]

    def prepare(self, activity: Activity) -> None:
        """Go back to the initial weights, untimed, before a sample of training.

        Training on one batch for long drives gradients to nothing, and arithmetic on the smallest numbers is slow on
        some backends and not on others: a difference that no user's training has.
        """
        if activity == "train":
            uf.set_state(self._model, self._initial)
            self._train_state = self._model.init_train_state()
            uf.synchronize(self._train_state)

    def train(self, steps: int) -> None:
        """Run training steps from wherever the last call stopped; returns when their results exist."""
        state, logs = self._train_state, None
        for _ in range(steps):
            state, logs = self._step(state, self._batch)
        self._train_state = state
        uf.synchronize((state, logs))

    def train_afresh(self, steps: int) -> None:
        """Train from arrays made here, batch included, as for a peak of memory in which all that training needs counts.

        What it replaces stays alive meanwhile: freeing it would hide as much of what is new.
        """
        replaced = uf.state(self._model), self._train_state, self._batch
        self._batch = tuple(uf.asarray(np.array(each)) for each in self._host_batch)
        self.prepare("train")
        self.train(steps)
        del replaced

    def infer(self, steps: int) -> None:
        """Run the forward pass on the initial weights; returns when its results exist."""
        outputs = None
        for _ in range(steps):
            outputs = self._forward(self._state, self._batch[0])
        uf.synchronize(outputs)

    def run(self, activity: Activity, steps: int) -> None:
        """Train or infer."""
        (self.train if activity == "train" else self.infer)(steps)

    def outputs(self) -> Arrays:
        """Return the outputs of the forward pass, inference mode, by name."""
        return self._outputs(self._state)

    def _outputs(self, state: Any) -> Arrays:
        leaves = uf.tree.leaves(self._forward(state, self._batch[0]))
        return {"output" if len(leaves) == 1 else f"output/{i}": _to_numpy(leaf) for i, leaf in enumerate(leaves)}

    def gradients(self) -> Arrays:
        """Return the gradient of the loss, training mode, by trainable variable."""
        trainable = {variable.path for variable in self._model.trainable_variables}
        variables = {path: value for path, value in self._state.items() if path in trainable}
        rest = {path: value for path, value in self._state.items() if path not in trainable}
        key = uf.random.key(self._seed)

        def gradient(variables: Any, rest: Any, x: Any, y: Any, *sample_weight: Any) -> Any:
            def loss(variables: Any) -> Any:
                outputs, _ = uf.functional_call(self._model, {**rest, **variables}, x, training=True, key=key)
                return self._model.compute_loss(x, y, outputs, *sample_weight)

            return uf.value_and_grad(loss)(variables)[1]

        run = uf.jit(gradient) if self._mode == "compiled" else gradient
        return {f"gradient {path}": _to_numpy(value) for path, value in run(variables, rest, *self._batch).items()}

    def training(self, steps: int) -> Arrays:
        """Return what `steps` training steps from the initial weights do: losses, changes, and outputs after them.

        `change PATH` is what a variable, trainable or not, moved by; `trained output` is the forward pass, inference
        mode, on the state that training left: it reads what training only writes, such as moving statistics.

        Metrics start anew before each step: the logs hold running means, in which an error would fade.
        """
        self.prepare("train")
        losses = []
        for _ in range(steps):
            state = {**self._train_state, "metrics": self._model.init_metrics(self._model.backend)}
            self._train_state, logs = self._step(state, self._batch)
            losses.append(float(_to_numpy(logs["loss"])))
        trained = {**self._train_state["trainable"], **self._train_state["non_trainable"]}
        changes = {
            f"change {path}": _to_numpy(value).astype(np.float64) - self._initial[path].astype(np.float64)
            for path, value in trained.items()
        }
        outputs = {f"trained {name}": value for name, value in self._outputs(trained).items()}
        return {"loss": np.asarray(losses), **changes, **outputs}


def read_state(model: Any) -> Arrays:
    """Return the model's state on the host."""
    return {path: _to_numpy(value) for path, value in uf.state(model).items()}


def write_state(model: Any, arrays: Arrays) -> str:
    """Give the model these values, in its own dtypes; read them back; return the checksum of what was given.

    Raises:
        ProfileError: if the names or shapes are not those of the model.
        ValueError: if what comes back is not what was put in.
    """
    present = read_state(model)
    if set(present) != set(arrays):
        raise ProfileError(
            f"The model has other variables here than in the reference: {sorted(set(present) ^ set(arrays))[:6]}. "
            "The file builds its model differently from run to run, or by backend: let it build the same one always."
        )
    shapes = {path: (value.shape, present[path].shape) for path, value in arrays.items()}
    if changed := [f"{path} {was} there, {now} here" for path, (was, now) in shapes.items() if was != now]:
        raise ProfileError(
            f"The model has other shapes here than in the reference: {'; '.join(changed[:3])}. The file builds its "
            "model differently from run to run: fix what it draws or reads, so that every backend gets the same one."
        )
    wanted = {path: value.astype(present[path].dtype) for path, value in arrays.items()}
    uf.set_state(model, wanted)
    back = read_state(model)
    different = [path for path, value in wanted.items() if back[path].tobytes() != value.tobytes()]
    if different:
        raise ValueError(f"The backend did not keep the initial weights it was given: {different[:6]}.")
    return checksum(arrays)


def checksum(arrays: Arrays) -> str:
    """Return the SHA-256 of names, shapes and values, floats as float32."""
    digest = hashlib.sha256()
    for path in sorted(arrays):
        value = arrays[path]
        value = value.astype(np.float32) if is_floating(value) else value
        digest.update(f"{path} {value.shape} {value.dtype}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()


def is_floating(value: np.ndarray[Any, Any]) -> bool:
    """Return whether an array is of real floating-point numbers, bfloat16 included."""
    return dtypes.is_floating(dtypes.as_dtype(value.dtype))


def _to_numpy(value: Any) -> np.ndarray[Any, Any]:
    return np.array(value)  # a copy: a view would change when the backend reuses the memory
