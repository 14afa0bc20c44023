"""Differentiation by `tf.GradientTape`, compilation by `tf.function`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeAlias

from unifw_tensorflow._import import raw, tf

Arrays: TypeAlias = list[Any]
Body: TypeAlias = Callable[[Arrays], tuple[Arrays, Hashable]]

_state = threading.local()


def value_and_grad(
    function: Callable[[Arrays], tuple[Any, Arrays]], arrays: Sequence[Any]
) -> tuple[Any, Arrays, Arrays]:
    """See `Backend.value_and_grad`."""
    # A tape watches tensors by identity: renamed ones, so that a closure over the same array stays a constant.
    # Named before this tape starts, but recorded by the tapes around it, so that calls nest.
    sources = [raw.Identity(input=array) for array in arrays]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(sources)
        _state.tapes = _tapes() + 1
        try:
            value, auxiliaries = function(sources)
        finally:
            _state.tapes -= 1
    gradients = tape.gradient(value, sources, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return value, auxiliaries, [_dense(gradient) for gradient in gradients]


def _tapes() -> int:
    """Return how many of our tapes are recording in this thread."""
    return int(getattr(_state, "tapes", 0))


def _dense(gradient: Any) -> Any:
    """Add up the rows of a sparse gradient (of `take`)."""
    return tf.convert_to_tensor(gradient) if isinstance(gradient, tf.IndexedSlices) else gradient


def jit(function: Body) -> Body:
    """Trace once per combination of shapes and dtypes, then run the graph; see `Backend.jit` and `_worth_xla`."""
    programs: dict[Hashable, Callable[[Arrays], Arrays]] = {}
    statics: dict[Hashable, Hashable] = {}

    def compiled(arrays: Arrays) -> tuple[Arrays, Hashable]:
        if not tf.executing_eagerly():  # inside another trace: one graph, no call
            return function(list(arrays))
        signature = tuple([(tuple(array.shape.as_list()), array.dtype) for array in arrays])
        program = programs.get(signature)
        if program is None:
            program, statics[signature] = _compile(function, arrays)
            programs[signature] = program
        return program(list(arrays)), statics[signature]

    return compiled


def _compile(function: Body, arrays: Arrays) -> tuple[Callable[[Arrays], Arrays], Hashable]:
    """Trace `function` for arrays like these; return what runs the graph, and the static value."""
    static: list[Hashable] = []

    def body(*traced: Any) -> Arrays:
        results, value = function(list(traced))
        static.append(value)
        return [tf.convert_to_tensor(result) for result in results]

    # Without autograph, which would rewrite the user's source; the function runs in Python, once.
    specifications = [tf.TensorSpec(array.shape, array.dtype) for array in arrays]
    concrete = tf.function(body, autograph=False).get_concrete_function(*specifications)
    value = static[-1]
    if _worth_xla(concrete):
        concrete = _under_xla(concrete, specifications)
    dtypes = [output.dtype for output in concrete.outputs]
    captured = list(concrete.captured_inputs)

    def run(arguments: Arrays) -> Arrays:
        if _tapes():  # the concrete function brings its own gradient, the kernel below has none
            return list(concrete(*arguments))
        # The public kernel behind a ConcreteFunction: calling it directly saves 8 µs of Python per argument, which
        # is a third of the time of a small training step with its 21 arrays.
        return list(raw.StatefulPartitionedCall(args=arguments + captured, Tout=dtypes, f=concrete))

    return run, value


def _under_xla(concrete: Any, specifications: Arrays) -> Any:
    """Compile a traced graph with XLA, without tracing the user's function a second time."""
    inner = tf.function(lambda *traced: concrete(*traced), autograph=False, jit_compile=True)
    outer = tf.function(lambda *traced: inner(*traced), autograph=False)
    return outer.get_concrete_function(*specifications)


def _worth_xla(concrete: Any) -> bool:
    del concrete
    return False
