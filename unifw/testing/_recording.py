"""What each function asks of a backend, found by running it on one that writes that down.

`python docs/make_support_matrix.py` keeps the answers in `unifw/backend/_operations.json`, from which
`unifw.backend.operations_of` says what a backend can do without running anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias, final

from unifw import dtypes
from unifw.backend import ANSWERED, Backend, composites, get_backend, use_backend
from unifw.tensor import Tensor, asarray, tree
from unifw.testing._composites import evaluate
from unifw.testing._examples import EXAMPLES
from unifw.testing._functions import FUNCTIONS, FunctionExample
from unifw.testing._functions._transforms import TRANSFORMS

Recorded: TypeAlias = dict[str, dict[str, dict[str, list[str]]]]
_REQUIRED: Final = frozenset("asarray astype copy from_dlpack stop_gradient".split())
_UNSEEN: Final = {"x[slices]": "array[key]"}  # of native arrays, which no namespace sees
_EVERYWHERE: Final = frozenset({dtypes.bool, dtypes.int64, dtypes.float32})


@final
class _Log:
    """The names called since the last time it was emptied."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._paused = 0

    def note(self, name: str) -> None:
        if not self._paused or name in ANSWERED:
            self.names.add(name)

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Run what a member of a backend does with others for itself."""
        self._paused += 1
        try:
            yield
        finally:
            self._paused -= 1

    def take(self) -> list[str]:
        names, self.names = sorted(self.names), set()
        return names


@final
class _Namespace:
    """A namespace that writes down what of it is called."""

    def __init__(self, inner: Any, log: _Log, path: str = "xp") -> None:
        self._inner, self._log, self._path = inner, log, path

    def __getattr__(self, name: str) -> Any:
        found, path = getattr(self._inner, name), f"{self._path}.{name}"
        if name in ("linalg", "fft"):
            return _Namespace(found, self._log, path)
        if isinstance(found, type) or not callable(found):
            return found

        def call(*arguments: Any, **options: Any) -> Any:
            self._log.note(path)
            return found(*arguments, **options)

        return call


def _member(name: str, original: Callable[..., Any], log: _Log) -> Callable[..., Any]:
    def call(self: Backend, *arguments: Any, **options: Any) -> Any:
        log.note(name)
        with log.pause():
            return original(self, *arguments, **options)

    return call


def _recording_backend(log: _Log) -> Backend:
    kind = type(get_backend("numpy"))  # always there, and without tracers that could hide a call
    noted = {*ANSWERED, *composites(), *_REQUIRED} - {"get_slice"}  # which is x[key], and native everywhere
    members = {name: _member(name, getattr(kind, name), log) for name in sorted(noted)}
    namespace = _Namespace(get_backend("numpy").xp, log)
    return type("RecordingBackend", (kind,), {"interface_version": 1, "xp": namespace, **members})()  # type: ignore[no-any-return]


def _kept(example: FunctionExample, calls: list[str]) -> list[str]:
    """Return the calls that say what a function is made of: not each constant converted on its way."""
    if example.name in _UNSEEN:
        return [_UNSEEN[example.name]]
    if example.family == TRANSFORMS:
        return [name for name in calls if name in ANSWERED]  # the rest is what the transformed function does
    return [name for name in calls if name not in _REQUIRED or name == example.name]


def record() -> Recorded:
    """Return what every public function, and the default of every composite, calls.

    Returns:
        ``{"functions": {family: {name: calls}}, "composites": {"all": {name: calls}}}``, where calls name functions of
        `xp` ("xp.add", "xp.linalg.svd"), members of `Backend` ("softmax", "vjp") and dtypes that not every backend has
        ("dtype.complex64").
    """
    log = _Log()
    backend = _recording_backend(log)
    functions: dict[str, dict[str, list[str]]] = {}
    with use_backend(backend):
        for example in FUNCTIONS:
            operands = [asarray(array) for array in example.arrays]
            log.take()
            result = example.call(*operands)
            calls = _kept(example, log.take())
            used = {each.dtype for each in (*operands, *tree.leaves(result)) if isinstance(each, Tensor)} - _EVERYWHERE
            functions.setdefault(example.family, {})[example.name] = [*calls, *sorted(f"dtype.{each}" for each in used)]
    defaults: dict[str, set[str]] = {}
    for each in EXAMPLES:
        arrays = [backend.asarray(array) for array in each.arrays]
        log.take()
        evaluate(each, backend, arrays, default=True)
        defaults.setdefault(each.name, set()).update(log.take())
    return {
        "functions": {family: dict(sorted(of.items())) for family, of in functions.items()},
        "composites": {"all": {name: sorted(calls) for name, calls in sorted(defaults.items())}},
    }
