"""`jit`: the whole function as one graph, compiled by Inductor.

The one file with interfaces torch does not promise to keep: `make_fx` (traces below Python, by running), Inductor's
decompositions, its graph passes and `compile_fx_inner`. `tests/backends/test_torch_compile.py` fails loudly when one
moves.

Why not `torch.compile`: its Python tracer cannot take operators of a user's class, it puts guards and wrappers
around every call, and it compiles forward, backward and update as separate graphs. Here they are one, the state is
updated in place inside it, and a call costs a look-up and Inductor's own wrapper.
"""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from unifw.errors import TransformError, UnifwError
from unifw_torch._state import state

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from unifw.backend import ArrayFunction, Backend, CompiledFunction

Key = tuple[Any, ...]


class _Specialisation(NamedTuple):
    """One compiled graph and how to put its results together."""

    run: Callable[[list[Any]], Sequence[Any]]
    sources: tuple[int, ...]  # per result: position in what `run` returns, or ~position of the donated argument
    static: Hashable


class _Trace(NamedTuple):
    graph: Any
    sources: tuple[int, ...]
    static: Hashable


def jit(backend: Backend, function: ArrayFunction, *, donate: Sequence[int] = ()) -> CompiledFunction:
    """See `Backend.jit`."""
    specialisations: dict[Key, _Specialisation] = {}
    lock = threading.RLock()
    donated = frozenset(donate)

    def compiled(arrays: list[Any]) -> tuple[list[Any], Hashable]:
        key = tuple([(array.shape, array.dtype, array.device) for array in arrays])
        arrays = [array if array.is_contiguous() else array.contiguous() for array in arrays]
        if donated and len({array.data_ptr() for array in arrays}) < len(arrays):
            arrays = _without_aliases(arrays)
        found = specialisations.get(key)
        if found is None:
            with lock:
                found = specialisations.get(key)
                if found is None:
                    found = specialisations[key] = _specialise(backend, function, arrays, donated)
        run, sources, static = found
        results = run(list(arrays))  # Inductor empties the list it is given
        return [results[source] if source >= 0 else arrays[~source] for source in sources], static

    return compiled


def _without_aliases(arrays: list[Any]) -> list[Any]:
    """Copy arrays that share memory with an earlier one: writing into a donated one must not change another."""
    seen: set[int] = set()
    result = []
    for array in arrays:
        pointer = array.data_ptr()
        result.append(array.clone() if pointer in seen and pointer else array)
        seen.add(pointer)
    return result


def _specialise(
    backend: Backend, function: ArrayFunction, arrays: list[Any], donated: frozenset[int]
) -> _Specialisation:
    try:
        trace = _trace(backend, function, arrays, donated)
    except UnifwError:
        raise
    except torch._subclasses.fake_tensor.DataDependentOutputException as error:  # noqa: SLF001
        raise TransformError(
            f"The function given to jit needs the value of an array while it is traced ({error}): values do not exist "
            "yet, only shapes and dtypes. Use `where` or `cond` instead of `if`, or call the function without jit."
        ) from error
    try:
        return _compile(trace)
    except Exception as error:
        raise TransformError(_explain(error)) from error


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
    from torch._inductor.decomposition import select_decomp_table
    from torch.fx.experimental.proxy_tensor import make_fx

    sources: tuple[int, ...] = ()
    static: Hashable = None

    def flat(*arguments: Any) -> list[Any]:
        nonlocal sources, static
        inputs = list(arguments)
        results, static = function(list(inputs), backend)
        fresh, sources = _assign(inputs, [_own(result, inputs) for result in results], donated)
        return fresh

    before = state.tracing, state.depth
    state.tracing, state.depth = True, 0
    try:
        with torch.no_grad():
            detached = [array.detach() for array in arrays]
            decompositions = select_decomp_table()
            graph = make_fx(flat, decompositions, tracing_mode="fake", _allow_non_fake_inputs=True)(*detached)
            if any(_mutates(node) for node in graph.graph.nodes):
                graph = _functionalise(graph, decompositions, detached)
    finally:
        state.tracing, state.depth = before
    return _Trace(graph, sources, static)


def _own(result: Any, inputs: list[Any]) -> Any:
    """Return a result in memory of its own: results may be donated to a later call, and inputs overwritten."""
    result = result.detach()
    storage = result.untyped_storage()._cdata  # noqa: SLF001
    if not isinstance(result, torch._subclasses.FakeTensor) or any(  # noqa: SLF001
        storage == each.untyped_storage()._cdata  # noqa: SLF001
        for each in inputs
    ):
        return result.clone(memory_format=torch.contiguous_format)
    return result.contiguous()


def _assign(inputs: list[Any], results: list[Any], donated: frozenset[int]) -> tuple[list[Any], tuple[int, ...]]:
    """Write results into donated inputs of the same shape and dtype, in order; return the others and a plan."""
    free: dict[Key, list[int]] = {}
    for index in sorted(donated):
        each = inputs[index]
        free.setdefault((each.shape, each.dtype, each.device), []).append(index)
    fresh: list[Any] = []
    sources: list[int] = []
    writes: list[tuple[Any, Any]] = []
    seen: set[int] = set()
    for result in results:
        places = free.get((result.shape, result.dtype, result.device))
        if places:
            writes.append((inputs[places[0]], result))
            sources.append(~places.pop(0))
            continue
        storage = result.untyped_storage()._cdata  # noqa: SLF001
        sources.append(len(fresh))
        fresh.append(result.clone() if storage in seen else result)
        seen.add(storage)
    for place, result in writes:
        place.copy_(result)
    return fresh, tuple(sources)


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


def _compile(trace: _Trace) -> _Specialisation:
    from torch._inductor import config
    from torch._inductor.compile_fx import compile_fx_inner
    from torch._inductor.fx_passes.joint_graph import joint_graph_passes
    from torch._inductor.virtualized import V

    placeholders = [node for node in trace.graph.graph.nodes if node.op == "placeholder"]
    examples = [node.meta["val"] for node in placeholders]
    mode = examples[0].fake_mode if examples else torch._subclasses.FakeTensorMode()  # noqa: SLF001
    with torch.no_grad(), V.set_fake_mode(mode), config.patch(fx_graph_cache=True):
        output = compile_fx_inner(joint_graph_passes(trace.graph), examples, is_inference=True)
    # Not `output` itself: its call looks for profilers and caches for longer than a small kernel runs.
    return _Specialisation(output.current_callable, trace.sources, trace.static)
