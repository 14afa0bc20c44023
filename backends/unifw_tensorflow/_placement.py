"""Where operations run: where their operands are, as on torch and in JAX.

TensorFlow runs an eager operation on its default device, the first accelerator, and copies the operands there. Where
there is one device nothing is to be done, and nothing is: a backend asks for `follow_operands` where there are several.
In a graph nothing is placed: it runs as a whole where it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, final

from unifw.backend import Backend
from unifw_tensorflow import _devices
from unifw_tensorflow._import import tf

if TYPE_CHECKING:
    from unifw.backend import ArrayFunction, CompiledFunction, PairFunction, Pullback

# Members that compute and are no composites; but for those that return functions.
_COMPUTING: Final = ("astype", "copy", "custom_vjp", "jvp", "stop_gradient", "value_and_grad", "vmap")


def follow_operands(backend: Any) -> None:
    """Let every call of a backend that computes run where its first operand is."""
    backend.xp = _PlacedNamespace(backend.xp)
    composites = [name for name in dir(Backend) if getattr(getattr(Backend, name), "__composite__", False)]
    for name in {*_COMPUTING, *composites}:
        setattr(backend, name, placed(getattr(backend, name)))
    function_for, vjp, jit = backend.function_for, backend.vjp, backend.jit

    def placed_vjp(function: PairFunction, arrays: Sequence[Any]) -> tuple[list[Any], list[Any], Pullback]:
        outputs, auxiliaries, pullback = placed(vjp)(function, arrays)
        return outputs, auxiliaries, placed(pullback)

    def placed_jit(function: ArrayFunction, *, donate: Sequence[int] = ()) -> CompiledFunction:
        programs: dict[str | None, CompiledFunction] = {}  # the operations of a graph name the device it was traced for

        def compiled(arrays: list[Any]) -> Any:
            device = _device_of(arrays)
            program = programs.get(device) or programs.setdefault(device, jit(function, donate=donate))
            with _on(device):
                return program(arrays)

        return compiled

    backend.function_for = lambda name, dtype: placed(function_for(name, dtype))
    backend.vjp = placed_vjp
    backend.jit = placed_jit


def placed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that runs where its first operand is."""

    @wraps(function)
    def run(*arguments: Any, **options: Any) -> Any:
        with _on(_device_of((*arguments, *options.values()))):
            return function(*arguments, **options)

    return run


def _on(device: str | None) -> AbstractContextManager[Any]:
    return nullcontext() if device is None else tf.device(device)


def _device_of(operands: Iterable[Any]) -> str | None:
    """Return TensorFlow's name of the device of the first array, unless it is the default one."""
    if not tf.executing_eagerly():
        return None
    first = next(_arrays(operands), None)
    if first is None or _devices.device_of(first) == _devices.devices()[0]:
        return None
    return str(first.device)


def _arrays(operands: Iterable[Any]) -> Iterator[Any]:
    for each in operands:
        if isinstance(each, tf.Tensor):
            yield each
        elif isinstance(each, (list, tuple)):
            yield from _arrays(each)


@final
class _PlacedNamespace:
    """A namespace whose functions run where their first operand is."""

    def __init__(self, namespace: Any) -> None:
        self._namespace = namespace

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._namespace, name)
        if name in {"linalg", "fft"}:
            member = _PlacedNamespace(member)
        elif callable(member) and not isinstance(member, type):
            member = placed(member)
        setattr(self, name, member)
        return member
