"""What a callback is, and several of them as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, final

from unifw.errors import ArgumentError

Logs: TypeAlias = Mapping[str, float]

BATCH_HOOKS = tuple(f"on_{mode}_batch_{when}" for mode in ("train", "test", "predict") for when in ("begin", "end"))


class Callback:
    """Is told what training does; override the methods of interest.

    During `fit` the model's variables are brought up to date at the end of each epoch, and around each batch if a
    callback overrides ``on_train_batch_begin`` or ``on_train_batch_end`` (which costs a copy and a synchronisation per
    batch). Logs are Python numbers.

    Attributes:
        model: the model that is trained.
        params: ``{"verbose": int, "epochs": int, "steps": int | None}``.
    """

    model: Any = None
    params: Mapping[str, Any] = {}

    def set_model(self, model: Any) -> None:
        """Take the model."""
        self.model = model

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Take the parameters of the run."""
        self.params = params

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """After the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Before an epoch, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """After an epoch and its validation."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a training step."""

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a training step."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Before evaluation."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """After evaluation."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before an evaluation step."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After an evaluation step."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Before prediction."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """After prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a prediction step."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a prediction step."""


@final
class LambdaCallback(Callback):
    """A callback from functions.

    Args:
        on_epoch_begin: called as ``f(epoch, logs)``.
        on_epoch_end: called as ``f(epoch, logs)``.
        on_train_begin: called as ``f(logs)``.
        on_train_end: called as ``f(logs)``.
        on_train_batch_begin: called as ``f(batch, logs)``.
        on_train_batch_end: called as ``f(batch, logs)``.
    """

    def __init__(
        self,
        on_epoch_begin: Callable[[int, Logs | None], Any] | None = None,
        on_epoch_end: Callable[[int, Logs | None], Any] | None = None,
        on_train_begin: Callable[[Logs | None], Any] | None = None,
        on_train_end: Callable[[Logs | None], Any] | None = None,
        on_train_batch_begin: Callable[[int, Logs | None], Any] | None = None,
        on_train_batch_end: Callable[[int, Logs | None], Any] | None = None,
    ) -> None:
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }
        for name, function in given.items():
            if function is not None:
                setattr(self, name, function)


def as_list(callbacks: Callback | Sequence[Callback] | None) -> list[Any]:
    """Return what users pass as `callbacks`, one or several of them, as a list."""
    if callbacks is None:
        return []
    return list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]


@final
class CallbackList:
    """Several callbacks, told in order; hooks nobody overrides cost nothing."""

    def __init__(self, callbacks: Callback | Sequence[Callback] | None, model: Any, params: Mapping[str, Any]) -> None:
        self.callbacks = as_list(callbacks)
        for callback in self.callbacks:
            if not isinstance(callback, Callback):
                raise ArgumentError(
                    f"callbacks must be instances of unifw.callbacks.Callback, got {callback!r}. "
                    "Did you forget to call the class?"
                )
            callback.set_model(model)
            callback.set_params(params)
        self._batch_hooks = {hook: [each for each in self.callbacks if _overrides(each, hook)] for hook in BATCH_HOOKS}

    def wants(self, hook: str) -> bool:
        """Return whether any callback overrides a batch hook."""
        return bool(self._batch_hooks[hook])

    def tell(self, event: str, logs: Logs | None = None) -> None:
        """Call ``on_…(logs)`` on all."""
        for callback in self.callbacks:
            getattr(callback, event)(logs)

    def tell_epoch(self, event: str, epoch: int, logs: Logs | None = None) -> None:
        """Call ``on_epoch_…(epoch, logs)`` on all."""
        for callback in self.callbacks:
            getattr(callback, event)(epoch, logs)

    def tell_batch(self, hook: str, batch: int, logs: Logs | None = None) -> None:
        """Call a batch hook on those that override it."""
        for callback in self._batch_hooks[hook]:
            getattr(callback, hook)(batch, logs)


def _overrides(callback: Callback, hook: str) -> bool:
    return hook in vars(callback) or getattr(type(callback), hook) is not getattr(Callback, hook)
