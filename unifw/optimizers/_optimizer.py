"""What every optimizer is: a pair of pure functions on trees, and an object that keeps their state."""

from __future__ import annotations

import abc
import functools
import re
import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from unifw import config, dtypes
from unifw import tensor as ops
from unifw.backend import Backend
from unifw.errors import ArgumentError, StateError
from unifw.optimizers import _clipping, _weight_decay
from unifw.optimizers._arrays import (
    Arrays,
    Slots,
    check_dtypes,
    check_shapes,
    check_structure,
    native,
    natives,
    tree_of,
)
from unifw.optimizers._schedules import LearningRateSchedule
from unifw.saving import Configurable
from unifw.tensor import asarray, tree

State: TypeAlias = dict[str, Any]

_NOT_YET: Final = {
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}
"""Options of Keras that are not here, with the values that ask for nothing."""


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
        **kwargs: nothing; here to say so of what Keras has.

    Raises:
        ArgumentError: if more than one way of clipping is given, or for an option that is not supported.
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
        **kwargs: Any,
    ) -> None:
        _refuse(type(self).__name__, kwargs)
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
        self.excluded_words: tuple[str, ...] = ()
        self.excluded_paths: frozenset[str] = frozenset()
        self._excluded_variables: tuple[Any, ...] = ()
        self.state: State | None = None
        self.variables_by_path: dict[str, Any] | None = None
        self._owner: weakref.ref[Any] | None = None

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

        Raises:
            StateError: if the structure of gradients or slots is not that of the parameters.
            ShapeError: if a gradient or slot has not the shape of its parameter; nothing is overwritten then.

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
        check_structure("gradients", gradient_structure, structure)
        backend = leaves[0].backend
        arrays = natives(leaves, backend)
        gradient_arrays = natives(gradient_leaves, backend)
        check_shapes("gradient", gradient_arrays, arrays)
        if config.is_strict():
            check_dtypes(gradient_arrays, arrays, backend)
        old_slots: Slots = {}
        for name in self.slot_names:
            slot_leaves, slot_structure = tree.flatten(state["slots"][name])
            check_structure(f"slots {name!r} of {type(self).__name__}", slot_structure, structure)
            old_slots[name] = natives(slot_leaves, backend)
            check_shapes(f"slot {name!r}", old_slots[name], arrays)
        rate = state["learning_rate"] if self.schedule is None else self.schedule(state["step"])
        updated, slots = _weight_decay.in_groups(
            functools.partial(
                self.step_arrays,
                backend,
                step=native(state["step"], backend),
                learning_rate=native(rate, backend),
                donated=donated,
            ),
            arrays,
            self._clipped(backend, gradient_arrays),
            old_slots,
            weight_decay=float(self.weight_decay or 0.0),
            decays=_weight_decay.mask(parameters, len(leaves), self.excluded_words, self.excluded_paths),
        )
        new_state = {
            "step": state["step"] + 1,
            "learning_rate": rate,
            "slots": {name: tree_of(structure, each, backend) for name, each in slots.items()},
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
        """Leave parameters out of weight decay; compiled steps notice it.

        Args:
            var_list: variables of a built model: these, wherever a model around them puts them.
            var_names: words, such as "bias": a parameter is left out if a word is found in its name, the last part of
                its path (searched as a regular expression, as in Keras), or is one of the parts before ("head").

        Raises:
            ArgumentError: for something else than variables, or a word that is no regular expression.
        """
        for variable in var_list or ():
            if not hasattr(variable, "path"):
                raise ArgumentError(f"var_list takes variables, got {variable!r}. Give words as var_names.")
        for word in var_names or ():
            try:
                re.compile(word)
            except re.error as error:
                raise ArgumentError(f"{word!r} in var_names is not a regular expression: {error}.") from error
        self._excluded_variables = (*self._excluded_variables, *(var_list or ()))
        self.excluded_paths |= {each.path for each in var_list or ()}
        self.excluded_words = (*self.excluded_words, *(var_names or ()))

    def locate(self, variables: Mapping[str, Any]) -> None:
        """Take note of the paths that a model, or `apply`, has for variables, which decide what does not decay."""
        if self._excluded_variables:
            excluded = {id(each) for each in self._excluded_variables}
            self.excluded_paths = frozenset(path for path, each in variables.items() if id(each) in excluded)

    def keep(self, state: State, variables: Mapping[str, Any], owner: Any) -> None:
        """Keep a state, and whose it is.

        Args:
            state: as from `update`, with slots by path.
            variables: the variables the slots belong to, by the same paths.
            owner: the model that was trained.
        """
        self.state = state
        self.variables_by_path = dict(variables)
        self._owner = weakref.ref(owner)

    def state_for(self, parameters: Mapping[str, Any], variables: Mapping[str, Any], owner: Any) -> State:
        """Return the state to train a model with: the kept slots of its variables, and fresh ones for others.

        Args:
            parameters: tensors by path.
            variables: the variables they belong to, by the same paths.
            owner: the model.

        Raises:
            StateError: if the kept state is another model's, which shares no variable with this one.
        """
        fresh = self.init(parameters)
        own, places = self.state, self.variables_by_path
        if own is None:
            return fresh
        if places is None:  # the state came from a file
            old_paths = {path: path for path in parameters}
        else:
            by_identity = {id(each): path for path, each in places.items()}
            old_paths = {path: by_identity[id(each)] for path, each in variables.items() if id(each) in by_identity}
            if not old_paths and (self._owner is None or self._owner() is not owner):
                named = ", ".join(list(places)[:3])
                raise StateError(
                    f"This {type(self).__name__} has already trained other variables ({named}, …) for "
                    f"{self.iterations} steps, none of which is in {owner.name}. Make a new optimizer for each model."
                )
        slots: dict[str, Any] = {}
        for name, values in fresh["slots"].items():
            kept = own["slots"].get(name, {})
            slots[name] = {path: _fitting(kept.get(old_paths.get(path)), each) for path, each in values.items()}
        return {"step": own["step"], "learning_rate": own["learning_rate"], "slots": slots}

    def apply(self, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        """Update variables in place by their gradients; the optimizer keeps its state.

        Args:
            gradients: one per variable.
            variables: `unifw.layers.Variable` objects: those of the first call, or some of them.

        Raises:
            StateError: if the numbers differ, or for a variable that the first call did not name.
        """
        if len(gradients) != len(variables):
            raise StateError(f"apply() got {len(gradients)} gradients for {len(variables)} variables.")
        if self.variables_by_path is None:
            self.variables_by_path = _paths(variables)
        paths = {id(each): path for path, each in self.variables_by_path.items()}
        for variable in variables:
            if id(variable) not in paths:
                raise StateError(
                    f"Unknown variable {variable!r}: this {type(self).__name__} has been used for other variables. "
                    "Make a new optimizer."
                )
        self.locate(self.variables_by_path)
        parameters = {paths[id(each)]: each.value for each in variables}
        if self.state is None:
            self.state = self.init({path: each.value for path, each in self.variables_by_path.items()})
        kept = self.state["slots"]
        state = {**self.state, "slots": {name: {path: kept[name][path] for path in parameters} for name in kept}}
        updated, state = self.update(dict(zip(parameters, gradients, strict=True)), state, parameters)
        self.state = {**state, "slots": {name: {**kept[name], **state["slots"][name]} for name in kept}}
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
        """The learning rate: a number (which may be set, without compiling anything anew) or the schedule.

        A number can be replaced by a schedule, but not a schedule by a number, as in Keras.
        """
        if self.schedule is not None:
            return self.schedule
        return self._initial_rate

    @learning_rate.setter
    def learning_rate(self, value: float | LearningRateSchedule) -> None:
        if isinstance(value, LearningRateSchedule):
            self.schedule = value
            if self._configuration is not None:
                self._configuration["learning_rate"] = value
            return
        if isinstance(value, bool) or not hasattr(value, "__float__"):
            raise ArgumentError(f"learning_rate must be a number or a LearningRateSchedule, got {value!r}.")
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


def _refuse(optimizer: str, kwargs: Mapping[str, Any]) -> None:
    """Raise for keyword arguments nobody took; those of Keras that are not here say so, unless they ask for nothing."""
    if unknown := [name for name in kwargs if name not in _NOT_YET]:
        raise ArgumentError(f"{optimizer} got unknown arguments: {', '.join(unknown)}.")
    if wanted := [name for name, value in kwargs.items() if value != _NOT_YET[name]]:
        raise ArgumentError(f"{optimizer}: {', '.join(wanted)} of Keras is not supported here. Leave it out.")


def _paths(variables: Iterable[Any]) -> dict[str, Any]:
    """Return variables by path, numbered where two have the same."""
    listed = list(variables)
    by_path = {each.path: each for each in listed}
    return by_path if len(by_path) == len(listed) else {f"{i}/{each.path}": each for i, each in enumerate(listed)}


def _fitting(slot: Any, fresh: Any) -> Any:
    """Return a kept slot if it has the shape and dtype of a fresh one."""
    return slot if slot is not None and slot.shape == fresh.shape and slot.dtype == fresh.dtype else fresh
