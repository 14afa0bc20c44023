"""Differentiation by `tf.GradientTape`, compilation by `tf.function`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias, final

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
        with recording():
            value, auxiliaries = function(sources)
    gradients = tape.gradient(value, sources, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return value, auxiliaries, [dense(gradient) for gradient in gradients]


@contextmanager
def recording() -> Iterator[None]:
    """Say that one more of our tapes is recording in this thread."""
    _state.tapes = tapes() + 1
    try:
        yield
    finally:
        _state.tapes -= 1


def tapes() -> int:
    """Return how many of our tapes are recording in this thread."""
    return int(getattr(_state, "tapes", 0))


def differentiating() -> bool:
    """Return whether one of our tapes is recording in this thread, and has not got its rule yet."""
    return tapes() > int(getattr(_state, "rules", 0))


@contextmanager
def forward_rule() -> Iterator[None]:
    """Say that a forward rule of `custom_vjp` runs: the function it may call is differentiated once less there."""
    before = int(getattr(_state, "rules", 0))
    _state.rules = before + 1
    try:
        yield
    finally:
        _state.rules = before


def dense(gradient: Any) -> Any:
    """Add up the rows of a sparse gradient (of `take`)."""
    return tf.convert_to_tensor(gradient) if isinstance(gradient, tf.IndexedSlices) else gradient


def jit(function: Body) -> Body:
    """Compile one program per combination of shapes and dtypes; see `Backend.jit`.

    Each is a traced graph, run by TensorFlow's executor or, compiled once more, by XLA. Which is faster was measured
    on whole training steps (forward, backward, Adam; one pinned thread of a Zen 4 core, graph / XLA, ms per step;
    first call in brackets):

    ==================================================  ====================  =====================
    MLP 784-256-256-10, batch 64                        0.71 (0.1 s)          0.65 (0.9 s)
    MLP 16-32-1, batch 8                                0.064 (0.1 s)         0.068 (0.4 s)
    two transformer blocks of width 64, 8 x 64 tokens   7.7 (0.5 s)           4.6 (2.9 s)
    three convolution blocks, 32 x 32 x 3, batch 32     15.1 (0.5 s)          32.3 (2.6 s)
    ==================================================  ====================  =====================

    So XLA runs every graph without convolution or pooling, with two exceptions that are about the seconds it takes to
    compile. Only the first combination of shapes goes to XLA at once: another one (the last, smaller batch of an
    epoch) is run as a graph, until it has been called `_PATIENCE` times. And a graph of more than `_LARGE` operations
    (an unrolled loop) stays a graph. What XLA cannot compile stays a graph too.

    `value_and_grad` differentiates through a compiled function; a `tf.GradientTape` of the user's own does not.

    Donated arrays are not reused: tensors do not change. New state written by the graph costs no more than variables
    updated in place (0.71 ms against 0.72 ms with `ResourceApplyAdam` and 0.87 ms with assignments, for the first MLP).
    """
    programs: dict[Hashable, _Program] = {}

    def compiled(arrays: Arrays) -> tuple[Arrays, Hashable]:
        if not tf.executing_eagerly():  # inside another trace: one graph, no call
            return function(list(arrays))
        signature = tuple([(tuple(array.shape.as_list()), array.dtype) for array in arrays])
        program = programs.get(signature)
        if program is None:
            program = programs[signature] = _Program(function, arrays, patience=_PATIENCE if programs else 0)
        return program(list(arrays)), program.static

    return compiled


_PATIENCE: Final = 32
_LARGE: Final = 5000
_FASTER_WITHOUT_XLA: Final = ("Conv2D", "Conv3D", "DepthwiseConv2d", "MaxPool", "AvgPool")


@final
class _Program:
    """A function traced for one combination of shapes and dtypes."""

    def __init__(self, function: Body, arrays: Arrays, *, patience: int) -> None:
        static: list[Hashable] = []

        def body(*traced: Any) -> Arrays:
            results, value = function(list(traced))
            static.append(value)
            return [tf.convert_to_tensor(result) for result in results]

        # Without autograph, which would rewrite the user's source; the function runs in Python, once.
        self._specifications = [tf.TensorSpec(array.shape, array.dtype) for array in arrays]
        self._graph = tf.function(body, autograph=False).get_concrete_function(*self._specifications)
        self.static = static[-1]
        self._use(self._graph)
        # Calls until XLA takes over; negative means never.
        self._patience = patience if _worth_xla(self._graph) else -1

    def __call__(self, arguments: Arrays) -> Arrays:
        """Run it."""
        if tapes():  # the concrete function brings its own gradient, the kernel below has none
            return list(self._graph(*arguments))
        if self._patience >= 0:
            self._patience -= 1
            if self._patience < 0:
                return self._change_to_xla(arguments)
        return self._run(arguments)

    def _use(self, concrete: Any) -> None:
        self._concrete = concrete
        self._dtypes = [output.dtype for output in concrete.outputs]
        self._captured = list(concrete.captured_inputs)

    def _run(self, arguments: Arrays) -> Arrays:
        # The public kernel behind a ConcreteFunction: calling it directly saves 8 µs of Python per argument, which is
        # a third of the time of a small training step with its 21 arrays.
        arguments += self._captured
        return list(raw.StatefulPartitionedCall(args=arguments, Tout=self._dtypes, f=self._concrete))

    def _change_to_xla(self, arguments: Arrays) -> Arrays:
        """Compile the traced graph, without tracing the user's function again, and run it."""
        inner = tf.function(self._graph, autograph=False, jit_compile=True)
        outer = tf.function(inner, autograph=False).get_concrete_function(*self._specifications)
        self._use(outer)
        try:
            return self._run(list(arguments))
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError):
            # XLA has no kernel for something; if the fault is the arguments', the graph will say so.
            self._use(self._graph)
            return self._run(arguments)


def _worth_xla(graph_function: Any) -> bool:
    """Return whether XLA is expected to be faster; see `jit`."""
    operations = graph_function.graph.get_operations()
    return len(operations) <= _LARGE and not any(each.type.startswith(_FASTER_WITHOUT_XLA) for each in operations)
