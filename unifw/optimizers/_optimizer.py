"""What every optimizer is: a pair of pure functions on trees, and an object that keeps their state."""

from __future__ import annotations

import abc
import functools
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from unifw import dtypes
from unifw import tensor as ops
from unifw.backend import Backend
from unifw.errors import ArgumentError, StateError
from unifw.optimizers import _clipping, _weight_decay
from unifw.optimizers._arrays import Arrays, Slots, native, natives, tree_of
from unifw.optimizers._schedules import LearningRateSchedule
from unifw.saving import Configurable
from unifw.tensor import asarray, tree

State: TypeAlias = dict[str, Any]


class Optimizer(Configurable, abc.ABC):
    """Base of all optimizers.

    The pure half, which training compiles, is `init` and `update` over trees of tensors. The stateful half has
    Keras' names: `apply`, `apply_gradients`, `iterations`, `learning_rate`.

    Args:
        learning_rate: a number, or a schedule of the step.
        weight_decay: subtract ``parameter * weight_decay * learning_rate`` before each update; None for none.
        clipnorm: clip each gradient to this norm.
        clipvalue: clip each element of each gradient to plus or minus this.
        global_clipnorm: clip all gradients together to this norm.
        name: for logs.

    Raises:
        ArgumentError: if more than one way of clipping is given.
    """

    slot_names: Sequence[str] = ()
    """Names of the trees like the parameters that the optimizer keeps."""

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
    ) -> None:
        if sum(each is not None for each in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ArgumentError(
                "Only one of clipnorm, clipvalue and global_clipnorm can be given, got "
                f"{clipnorm}, {clipvalue} and {global_clipnorm}."
            )
        if not isinstance(learning_rate, LearningRateSchedule | int | float):
            raise ArgumentError(f"learning_rate must be a number or a LearningRateSchedule, got {learning_rate!r}.")
        self.schedule = learning_rate if isinstance(learning_rate, LearningRateSchedule) else None
        self._initial_rate = 0.0 if isinstance(learning_rate, LearningRateSchedule) else float(learning_rate)
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.name = name or type(self).__name__.lower()
        self.excluded: tuple[str, ...] = ()
        self.state: State | None = None

    # --- pure ----------------------------------------------------------------------------------------------------

    def init(self, parameters: Any) -> State:
        """Return the state before the first update.

        Args:
            parameters: a tree of tensors of one backend.

        Returns:
            ``{"step": int64 scalar, "learning_rate": float32 scalar, "slots": {name: tree like parameters}}``.
        """
        leaves = tree.leaves(parameters)
        backend = leaves[0].backend if leaves else None
        step = asarray(0, dtype=dtypes.int64, backend=backend)
        rate = asarray(self._initial_rate, dtype=dtypes.float32, backend=backend)
        if self.schedule is not None:
            rate = self.schedule(step)
        slots = {name: tree.map(ops.zeros_like, parameters) for name in self.slot_names}
        return {"step": step, "learning_rate": rate, "slots": slots}

    def update(self, gradients: Any, state: State, parameters: Any, *, donated: bool = False) -> tuple[Any, State]:
        """Return new parameters and the new state.

        Args:
            gradients: a tree like `parameters`.
            state: what `init` or the last `update` returned.
            parameters: a tree of tensors.
            donated: the caller gives up parameters and slots: a backend with `capabilities.in_place_updates`
                overwrites them.

        >>> import unifw as uf
        >>> optimizer = uf.optimizers.SGD(0.5)
        >>> parameters = {"w": uf.asarray([1.0])}
        >>> parameters, state = optimizer.update({"w": uf.asarray([1.0])}, optimizer.init(parameters), parameters)
        >>> parameters["w"].tolist()
        [0.5]
        """
        leaves, structure = tree.flatten(parameters)
        if not leaves:
            return parameters, state
        gradient_leaves, gradient_structure = tree.flatten(gradients)
        if gradient_structure != structure:
            raise StateError(
                f"The gradients have another structure than the parameters: {gradient_structure} and {structure}."
            )
        backend = leaves[0].backend
        rate = state["learning_rate"] if self.schedule is None else self.schedule(state["step"])
        updated, slots = _weight_decay.in_groups(
            functools.partial(
                self.step_arrays,
                backend,
                step=native(state["step"], backend),
                learning_rate=native(rate, backend),
                donated=donated,
            ),
            natives(leaves, backend),
            self._clipped(backend, natives(gradient_leaves, backend)),
            {name: natives(tree.leaves(state["slots"][name]), backend) for name in self.slot_names},
            weight_decay=float(self.weight_decay or 0.0),
            decays=_weight_decay.mask(parameters, len(leaves), self.excluded),
        )
        new_state = {
            "step": state["step"] + 1,
            "learning_rate": rate,
            "slots": {name: tree_of(structure, arrays, backend) for name, arrays in slots.items()},
        }
        return tree_of(structure, updated, backend), new_state

    def _clipped(self, backend: Backend, gradients: Arrays) -> Arrays:
        if self.clipnorm:
            return [_clipping.by_norm(backend, each, self.clipnorm) for each in gradients]
        if self.global_clipnorm:
            return _clipping.by_global_norm(backend, gradients, self.global_clipnorm)
        if self.clipvalue:
            return [backend.xp.clip(each, -self.clipvalue, self.clipvalue) for each in gradients]
        return gradients

    @abc.abstractmethod
    def step_arrays(
        self,
        backend: Backend,
        parameters: Arrays,
        gradients: Arrays,
        slots: Slots,
        *,
        step: Any,
        learning_rate: Any,
        weight_decay: float,
        donated: bool,
    ) -> tuple[Arrays, Slots]:
        """Return updated native arrays and slots; `step` and `learning_rate` are native scalars."""

    # --- stateful, with Keras' names -----------------------------------------------------------------------------

    def exclude_from_weight_decay(
        self, var_list: Sequence[Any] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Leave parameters out of weight decay.

        Args:
            var_list: variables, of a built model.
            var_names: words, such as "bias": a parameter whose path contains one of them is left out.
        """
        self.excluded = (*self.excluded, *(each.path for each in var_list or ()), *(var_names or ()))

    def apply(self, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        """Update variables in place by their gradients; the optimizer keeps its state.

        Args:
            gradients: one per variable.
            variables: `unifw.Variable` objects, the same on every call.

        Raises:
            StateError: if the numbers differ.
        """
        if len(gradients) != len(variables):
            raise StateError(f"apply() got {len(gradients)} gradients for {len(variables)} variables.")
        parameters = {variable.path: variable.value for variable in variables}
        if len(parameters) != len(variables):
            parameters = {f"{index}/{each.path}": each.value for index, each in enumerate(variables)}
        if self.state is None:
            self.state = self.init(parameters)
        updated, self.state = self.update(dict(zip(parameters, gradients, strict=True)), self.state, parameters)
        for variable, path in zip(variables, parameters, strict=True):
            variable.assign(updated[path])

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Any]]) -> None:
        """Update variables from pairs of gradient and variable; see `apply`."""
        gradients, variables = zip(*grads_and_vars, strict=True)
        self.apply(gradients, variables)

    @property
    def iterations(self) -> int:
        """The number of updates made."""
        return 0 if self.state is None else int(self.state["step"].item())

    @property
    def learning_rate(self) -> float | LearningRateSchedule:
        """The learning rate: a number (which may be set, without compiling anything anew) or the schedule."""
        if self.schedule is not None:
            return self.schedule
        return self._initial_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        if self.schedule is not None:
            raise StateError(
                f"{type(self).__name__} follows the schedule {type(self.schedule).__name__}; its learning rate cannot "
                "be set. Give a number to the constructor instead."
            )
        self._initial_rate = float(value)
        if self._configuration is not None:
            self._configuration["learning_rate"] = float(value)
        if self.state is not None:
            old = self.state["learning_rate"]
            self.state = {**self.state, "learning_rate": asarray(float(value), dtype=old.dtype, backend=old.backend)}

    @property
    def requested_rate(self) -> float | None:
        """The number given or set last; None with a schedule. Reading it does not wait for the device."""
        return None if self.schedule is not None else self._initial_rate
