"""Training, evaluation and prediction steps as pure functions, eager or compiled."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, final

from unifw.backend import Backend, use_backend
from unifw.errors import StateError
from unifw.layers import Variable, path_map
from unifw.tensor import Tensor, tree
from unifw.transforms import inside_transform, jit

if TYPE_CHECKING:
    from unifw.models._trainer import Trainer

State: TypeAlias = dict[str, Any]
Step: TypeAlias = Callable[[Any, Any], Any]


class _Donation(threading.local):
    active = False


_donation = _Donation()


def donating(backend: Backend) -> bool:
    """Return whether the running eager step may overwrite the state it was given."""
    return _donation.active and backend.capabilities.in_place_updates and not inside_transform()


@final
class Structure:
    """The variables of a model, found once per run: walking the layers in every eager step would cost too much."""

    def __init__(self, model: Trainer) -> None:
        if not model.built:
            raise StateError(
                f"{model.name} is not built, so it has no state to train. Call it on data, or "
                f"{model.name}.build(input_shape), first; fit() does so itself."
            )
        found = model.variables_by_path()
        self.trainable: dict[str, Variable] = {path: each for path, each in found.items() if each.trainable}
        self.fixed: dict[str, Variable] = {path: each for path, each in found.items() if not each.trainable}
        self.paths = path_map(model)
        self.backend = model.backend
        self.signature = tuple((path, id(each), each.trainable) for path, each in found.items())

    def current(self) -> State:
        """Return the variables' own values by path, as in a training state."""
        return {
            "trainable": {path: variable.value for path, variable in self.trainable.items()},
            "non_trainable": {path: variable.value for path, variable in self.fixed.items()},
        }

    def write_back(self, state: State) -> None:
        """Give the variables the values of a training state."""
        for part, variables in (("trainable", self.trainable), ("non_trainable", self.fixed)):
            for path, variable in variables.items():
                variable.replace(state[part][path])

    def values(self, trainable: dict[str, Tensor], fixed: dict[str, Tensor]) -> dict[int, Tensor]:
        """Return the state by ``id(variable)``."""
        values = {id(variable): trainable[path] for path, variable in self.trainable.items()}
        for path, variable in self.fixed.items():
            values[id(variable)] = fixed[path]
        return values


def owned_copy(value: Any) -> Any:
    """Return a tree of tensors in memory of its own, which a step may then take over."""
    return tree.map(lambda each: Tensor(each.backend.copy(each.native), each.backend), value)


@final
class Runner:
    """A step that is compiled for the shapes it is asked for most, and eager otherwise.

    Where compiling is costly, only the first combination of shapes is compiled: the last, smaller batch of an epoch
    runs eagerly instead of waiting for a second compilation.

    Args:
        function: ``(state, batch)``, pure.
        backend: where it runs.
        compile: whether to compile at all.
        donate: whether the state is given up by the caller.
    """

    def __init__(self, function: Step, backend: Backend, *, compile: bool, donate: bool) -> None:
        self._function = function
        self._backend = backend
        self._donate = donate
        self._compiled = jit(function, donate_argnums=0 if donate else ()) if compile else None
        self._one_shape = backend.capabilities.compilation == "costly"
        self._shapes: Any = None

    def __call__(self, state: Any, batch: Any) -> Any:
        """Run the step."""
        if self._compiled is not None:
            if not self._one_shape:
                return self._compiled(state, batch)
            shapes = [each.shape for each in tree.leaves(batch)]
            if self._shapes is None:
                self._shapes = shapes
            if shapes == self._shapes:
                return self._compiled(state, batch)
        if inside_transform():
            return self._function(state, batch)
        previous, _donation.active = _donation.active, self._donate
        try:
            with use_backend(self._backend):
                return self._function(state, batch)
        finally:
            _donation.active = previous
