"""`jit`: the whole function as one graph, compiled by Inductor.

The one file with interfaces torch does not promise to keep: `make_fx` (traces below Python, by running), Inductor's
decompositions, its graph passes and `compile_fx_inner`; the compiler's guards; storages, and how many tensors hold one.
`tests/backends/test_torch_compile.py` fails loudly when one moves.

Why not `torch.compile`: its Python tracer cannot take operators of a user's class, it puts guards and wrappers
around every call, and it compiles forward, backward and update as separate graphs. Here they are one, the state is
updated in place inside it, and a call costs a look-up and Inductor's own wrapper.
"""

from __future__ import annotations

import logging
import shutil
import threading
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import torch

from unifw.backend import no_value
from unifw.errors import TransformError, UnifwError
from unifw_torch._state import state


def _is_for_users(record: logging.LogRecord) -> bool:
    """Leave out what torch logs of operations that fail while they are traced: they raise, and unifw says why."""
    return "failed while attempting to run meta" not in record.getMessage()


logging.getLogger("torch._subclasses.fake_tensor").addFilter(_is_for_users)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from unifw.backend import ArrayFunction, Backend, CompiledFunction

Key = tuple[Any, ...]
_UNSIGNED = (torch.uint16, torch.uint32, torch.uint64)


class Program(NamedTuple):
    """A compiled graph."""

    run: Callable[[list[Any]], Sequence[Any]]
    sources: tuple[int, ...]  # per result: position in what `run` returns, or ~position of the donated argument
    static: Hashable
    parts: list[object]  # which the graph calls by number


class _Specialisation(NamedTuple):
    """A compiled graph, and whether arguments are such as it was compiled for."""

    program: Program
    arguments: int
    matches: Callable[..., bool]


class _Trace(NamedTuple):
    graph: Any
    sources: tuple[int, ...]
    static: Hashable
    parts: list[object]


def jit(backend: Backend, function: ArrayFunction, *, donate: Sequence[int] = ()) -> CompiledFunction:
    """See `Backend.jit`."""
    specialisations: dict[Key, _Specialisation] = {}
    lock = threading.RLock()
    donated = frozenset(donate)
    last: _Specialisation | None = None

    def find(arrays: list[Any]) -> _Specialisation:
        key = tuple([(array.shape, array.dtype, array.device) for array in arrays])
        found = specialisations.get(key)
        if found is None:
            with lock:
                found = specialisations.get(key)
                if found is None:
                    if donated:
                        arrays = _own(arrays, donated)
                    program = _specialise(backend, function, arrays, donated)
                    found = specialisations[key] = _Specialisation(program, len(arrays), _guard(arrays))
        return found

    def compiled(arrays: list[Any]) -> tuple[list[Any], Hashable]:
        nonlocal last
        found = last
        if found is None or found.arguments != len(arrays) or not found.matches(*arrays):
            arrays = [array if array.is_contiguous() else array.contiguous() for array in arrays]
            found = last = find(arrays)
        if donated:
            arrays = _own(arrays, donated)
        run, sources, static, _ = found.program
        results = run(list(arrays))  # Inductor empties the list it is given
        return [results[source] if source >= 0 else arrays[~source] for source in sources], static

    return compiled


def _guard(arrays: list[Any]) -> Callable[..., bool]:
    """Return torch's own test for tensors of the same dtypes, devices, shapes and strides: a fifth of a key's time."""
    from torch._C._dynamo.guards import TensorGuards

    sizes: list[Any] = [list(array.shape) for array in arrays]
    strides: list[Any] = [list(array.stride()) for array in arrays]
    return TensorGuards(*arrays, dynamic_dims_sizes=sizes, dynamic_dims_strides=strides).check


_UNSHARED: Final = 2  # uses of a storage that one tensor holds: the tensor's, and the handle by which they are counted


def _own(arrays: list[Any], donated: frozenset[int]) -> list[Any]:
    """Copy donated arrays that share memory with anything alive, be it no argument: a slice, or what it was cut from.

    Sharing is invisible to users, who were promised values; other frameworks copied when the slice was taken.
    """
    if len({array.data_ptr() for array in arrays}) < len(arrays):
        arrays = _without_aliases(arrays)
    uses = torch._C._storage_Use_Count  # noqa: SLF001
    for position in donated:
        if uses(_storage(arrays[position])) > _UNSHARED:
            arrays[position] = arrays[position].clone()
    return arrays


def _without_aliases(arrays: list[Any]) -> list[Any]:
    """Copy arrays that share memory with an earlier one: writing into a donated one must not change another."""
    seen: set[int] = set()
    result = []
    for array in arrays:
        pointer = array.data_ptr()
        result.append(array.clone() if pointer in seen and pointer else array)
        seen.add(pointer)
    return result


def _specialise(backend: Backend, function: ArrayFunction, arrays: list[Any], donated: frozenset[int]) -> Program:
    try:
        trace = _trace(backend, function, arrays, donated)
    except UnifwError:
        raise
    except _needs_a_value() as error:
        raise no_value() from error
    try:
        return _compile(trace)
    except Exception as error:
        raise TransformError(_explain(error)) from error


def outside_the_trace(array: Any, function: Callable[[Any], Any]) -> Any:
    """Apply a function to the values of a constant while `jit` traces; what is traced has none."""
    from torch.utils._python_dispatch import _disable_current_modes

    if isinstance(array, torch._subclasses.FakeTensor):  # noqa: SLF001
        raise no_value()
    try:
        with _disable_current_modes():
            return function(array)
    except RuntimeError as error:  # a wrapper of torch.func, around what is traced
        raise no_value() from error


def any_of_wrapped(predicate: Any) -> bool:
    """Return whether a boolean scalar holds, for wrappers of torch.func: for any of the slices it stands for.

    Raises:
        TransformError: if it has no value, since `jit` traces.
    """
    wrapped = torch._C._functorch  # noqa: SLF001
    while wrapped.is_functorch_wrapped_tensor(predicate):
        predicate = wrapped.get_unwrapped(predicate)
    if isinstance(predicate, torch._subclasses.FakeTensor):  # noqa: SLF001
        raise no_value()
    with torch._C._DisableFuncTorch():  # noqa: SLF001
        return bool(predicate.any())


def _needs_a_value() -> tuple[type[Exception], ...]:
    """Return what torch raises when a fake tensor is asked for its value."""
    from torch._subclasses.fake_tensor import DataDependentOutputException
    from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode

    return DataDependentOutputException, GuardOnDataDependentSymNode


def _explain(error: Exception) -> str:
    if shutil.which("g++") is None and shutil.which("clang++") is None and shutil.which("cl") is None:
        return (
            f"torch could not compile the function given to jit ({type(error).__name__}): its compiler, Inductor, "
            "needs a C++ compiler and found none. Install g++ (or set CXX), or run without jit."
        )
    first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return (
        f"torch could not compile the function given to jit: {type(error).__name__}: {first_line}. The cause is "
        "chained. Run without jit, or simplify the function until it compiles to find the operation."
    )


# --- tracing -------------------------------------------------------------------------------------------------------


def _trace(backend: Backend, function: ArrayFunction, arrays: list[Any], donated: frozenset[int]) -> _Trace:
    """Run the function once on fake tensors and record every operation below Python, backward passes included."""
    import torch._inductor.lowering  # some decompositions look into it without importing it
    from torch._inductor.decomposition import select_decomp_table
    from torch.fx.experimental.proxy_tensor import make_fx

    sources: tuple[int, ...] = ()
    static: Hashable = None

    def flat(*arguments: Any) -> list[Any]:
        nonlocal sources, static
        inputs = list(arguments)
        results, static = function(list(inputs), backend)
        fresh, sources = _assign(inputs, results, donated)
        return fresh

    before = state.tracing, state.depth, state.kept
    state.tracing, state.depth, state.kept = True, 0, []
    try:
        with torch.no_grad():
            detached = [array.detach() for array in arrays]
            # Forward mode's zero tangents have no memory, which Inductor's kernels would read.
            zeros = {torch.ops.aten._efficientzerotensor.default: torch.zeros}  # noqa: SLF001
            decompositions = {**select_decomp_table(), **zeros}
            graph = make_fx(flat, decompositions, tracing_mode="fake", _allow_non_fake_inputs=True)(*detached)
            if any(_mutates(node) for node in graph.graph.nodes):
                graph = _functionalise(graph, decompositions, detached)
            for node in graph.graph.find_nodes(op="call_function", target=torch.ops.unifw.stop_gradient.default):
                _forget(node)
            graph.graph.eliminate_dead_code()  # questions asked while tracing (`is_same_size`), which have no kernel
            graph.recompile()
        return _Trace(graph, sources, static, state.kept)
    finally:
        state.tracing, state.depth, state.kept = before


def trace_part(function: Callable[..., list[Any]], inputs: Sequence[Key]) -> tuple[Any, list[Any]]:
    """Trace a part of what is being traced: a graph whose last arguments are what it takes from outside, and these.

    Args:
        function: from arrays to a list of arrays.
        inputs: shape, dtype and device of each array.
    """
    from torch.fx.experimental.proxy_tensor import disable_proxy_modes_tracing, make_fx

    with torch.no_grad():
        with disable_proxy_modes_tracing():
            arrays = [torch.empty(shape, dtype=dtype, device=device) for shape, dtype, device in inputs]
        zeros = {torch.ops.aten._efficientzerotensor.default: torch.zeros}  # noqa: SLF001
        graph = make_fx(function, zeros, tracing_mode="fake", _allow_non_fake_inputs=True)(*arrays)
    # The outer function's arrays came in as constants, beside those that are.
    captured: list[Any] = []
    last = (graph.graph.find_nodes(op="placeholder") or [None])[-1]
    for node in graph.graph.find_nodes(op="get_attr"):
        value = getattr(graph, node.target)
        with graph.graph.inserting_after(last) if last else graph.graph.inserting_before():
            last = graph.graph.placeholder(f"captured_{len(captured)}")
        node.replace_all_uses_with(last)
        graph.graph.erase_node(node)
        captured.append(value)
    # `detach` stands wherever torch.autograd kept a value; to derivatives of the graph it would be a constant. What
    # users want constant is a `stop_gradient`.
    for node in graph.graph.find_nodes(op="call_function", target=torch.ops.aten.detach.default):
        _forget(node)
    graph.graph.eliminate_dead_code()
    graph.recompile()
    return graph, captured


def _forget(node: Any) -> None:
    """Remove a node that returns its argument."""
    node.replace_all_uses_with(node.args[0])
    node.graph.erase_node(node)


def compile_part(backend: Backend, function: Callable[[list[Any]], list[Any]], arrays: list[Any]) -> Program:
    """Compile a part for arrays such as these; what it returns shares no memory with its arguments."""
    return _specialise(backend, lambda given, _: (function(given), None), arrays, frozenset())


def _copy(x: Any) -> Any:
    return x.clone(memory_format=torch.contiguous_format)


# Inductor drops a clone it takes for idle, and with it the value from before an argument was overwritten; not this.
_opaque_copy = torch.library.custom_op("unifw::copy", _copy, mutates_args=(), schema="(Tensor x) -> Tensor")
_opaque_copy.register_fake(_copy)


# In parts of a graph, which are differentiated after they were traced; in the graph that is compiled none is left.
_stop_gradient = torch.library.custom_op("unifw::stop_gradient", _copy, mutates_args=(), schema="(Tensor x) -> Tensor")
_stop_gradient.register_fake(_copy)
_stop_gradient.register_autograd(lambda _context, _cotangent: None)


def constant(array: Any) -> Any:
    """Return an array as a constant to differentiation."""
    return _stop_gradient(array) if state.parts else array.detach()


def _storage(array: Any) -> int:
    return array.untyped_storage()._cdata  # type: ignore[no-any-return]  # noqa: SLF001


def _assign(inputs: list[Any], results: list[Any], donated: frozenset[int]) -> tuple[list[Any], tuple[int, ...]]:
    """Write results into donated arguments; return the others and where each result is found.

    A result that is a donated argument, unchanged, stays where it is. The others are written, in order, into donated
    arguments of their shape and dtype. What shares memory with an argument, a constant or an earlier result is copied
    first: a result may be donated to a later call, and an argument be overwritten in this one.
    """
    kept = {index: _kept(result, inputs, donated) for index, result in enumerate(results)}
    taken: set[int] = set()
    free: dict[Key, list[int]] = {}
    for position in sorted(donated - set(kept.values())):
        each = inputs[position]
        free.setdefault((each.shape, each.dtype, each.device), []).append(position)
    occupied = {_storage(each) for each in inputs}
    fresh: list[Any] = []
    sources: list[int] = []
    writes: list[tuple[Any, Any]] = []
    for index, returned in enumerate(results):
        place = kept[index]
        if place is not None and place not in taken:
            taken.add(place)
            sources.append(~place)
            continue
        result = returned.detach()
        if not isinstance(result, torch._subclasses.FakeTensor) or _storage(result) in occupied:  # noqa: SLF001
            result = _opaque_copy(result)
        occupied.add(_storage(result))
        places = free.get((result.shape, result.dtype, result.device))
        if places:
            writes.append((inputs[places[0]], result))
            sources.append(~places.pop(0))
        else:
            sources.append(len(fresh))
            fresh.append(result.contiguous())
    for destination, result in writes:
        destination.copy_(result)
    return fresh, tuple(sources)


def _kept(result: Any, inputs: list[Any], donated: frozenset[int]) -> int | None:
    """Return the donated argument that a result is, whole and in its order, or None."""
    for place in donated:
        each = inputs[place]
        if result is each or (
            _storage(result) == _storage(each)
            and (result.shape, result.stride(), result.dtype) == (each.shape, each.stride(), each.dtype)
            and result.storage_offset() == each.storage_offset()
        ):
            return place
    return None


def _mutates(node: Any) -> bool:
    """Return whether a node overwrites anything but, as `_assign` does at the end, an argument of the graph."""
    schema = getattr(node.target, "_schema", None)
    if schema is None or not schema.is_mutable:
        return False
    return node.target is not torch.ops.aten.copy_.default or node.args[0].op != "placeholder"


def _functionalise(graph: Any, decompositions: Any, arrays: list[Any]) -> Any:
    """Trace the graph again with every mutation but the final writes turned into a new value."""
    from torch.fx.experimental.proxy_tensor import make_fx

    functional = torch.func.functionalize(graph, remove="mutations")
    return make_fx(functional, decompositions, tracing_mode="fake", _allow_non_fake_inputs=True)(*arrays)


# --- compiling -----------------------------------------------------------------------------------------------------


def _compile(trace: _Trace) -> Program:
    from torch._inductor import config
    from torch._inductor.compile_fx import compile_fx_inner
    from torch._inductor.fx_passes.joint_graph import joint_graph_passes
    from torch._inductor.virtualized import V

    placeholders = trace.graph.graph.find_nodes(op="placeholder")
    examples = [node.meta["val"] for node in placeholders]
    mode = examples[0].fake_mode if examples else torch._subclasses.FakeTensorMode()  # noqa: SLF001
    constants = _unsigned_constants_as_arguments(trace.graph, mode)
    examples = [node.meta["val"] for node in trace.graph.graph.find_nodes(op="placeholder")]
    with torch.no_grad(), V.set_fake_mode(mode), config.patch(fx_graph_cache=True):
        graph = _without_returned_arguments(joint_graph_passes(trace.graph))
        output = compile_fx_inner(graph, examples, is_inference=True)
    # Not `output` itself: its call looks for profilers and caches for longer than a small kernel runs.
    call = output.current_callable
    run = (lambda arrays: call(arrays + constants)) if constants else call
    return Program(run, trace.sources, trace.static, trace.parts)


def _unsigned_constants_as_arguments(graph: Any, mode: Any) -> list[Any]:
    """Turn captured uint16, uint32 and uint64 arrays (keys) into arguments of the graph, and return their values.

    Inductor writes small constants into its kernels as choices between numbers, for which it has no promotion rule
    with these dtypes.
    """
    constants: list[Any] = []
    last = (graph.graph.find_nodes(op="placeholder") or [None])[-1]
    for node in graph.graph.find_nodes(op="get_attr"):
        value = getattr(graph, node.target)
        if not isinstance(value, torch.Tensor) or value.dtype not in _UNSIGNED:
            continue
        with graph.graph.inserting_after(last) if last else graph.graph.inserting_before():
            argument = graph.graph.placeholder(f"constant_{len(constants)}")
        argument.meta["val"] = mode.from_tensor(value)
        node.replace_all_uses_with(argument)
        graph.graph.erase_node(node)
        constants.append(value)
        last = argument
    graph.recompile()
    return constants


def _without_returned_arguments(graph: Any) -> Any:
    """Copy results that a simplification (``x + 0``) has turned into an argument: they must not share its memory."""
    (output,) = graph.graph.find_nodes(op="output")
    for node in set(output.args[0]):
        if node.op == "placeholder":
            with graph.graph.inserting_before(output):
                copied = graph.graph.call_function(torch.ops.unifw.copy.default, (node,))
            copied.meta.update(node.meta)
            output.replace_input_with(node, copied)
    graph.recompile()
    return graph
