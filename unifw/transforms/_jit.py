"""Compilation, with the names and meaning of JAX."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, NamedTuple, final

from unifw import config
from unifw.backend import Array, Backend, CompiledFunction
from unifw.errors import ArgumentError, TransformError
from unifw.tensor import Tensor, tree
from unifw.tensor._operands import SCALARS
from unifw.tensor._weak import WIDE, WeakScalar
from unifw.transforms._boundary import inside_transform, split_outputs, transforming, unwrap

Numbers = int | Sequence[int] | None
Names = str | Iterable[str] | None


def jit(
    fun: Callable[..., Any],
    *,
    static_argnums: Numbers = None,
    static_argnames: Names = None,
    donate_argnums: Numbers = None,
    donate_argnames: Names = None,
) -> CompiledByJit:
    """Return a compiled version of a pure function over trees of tensors, as `jax.jit`.

    The function is traced by running it once per structure, shapes, dtypes and static arguments; what it prints or
    changes outside happens then, and only then. Numbers among the arguments are passed to the compiled program, so that
    another number needs no new trace; they promote as Python numbers do. Reading the value of a tensor while the
    function is traced (`if x > 0:`, ``float(x)``) raises `TransformError`, which says what to write instead.

    A backend that does not compile (`capabilities.compilation == "none"`, NumPy) runs the function as it is, each
    time. Inside another transform the function runs inline, as part of what is being traced.

    Args:
        fun: the function.
        static_argnums: positions of hashable arguments that select a separate compilation each.
        static_argnames: names of such arguments. Where only one of the two is given, the other follows from the
            signature of `fun`, so that an argument is static however it is passed.
        donate_argnums: positions of arguments the caller gives up: their memory may be used for the results, and
            their tensors must not be used afterwards.
        donate_argnames: names of such arguments; as for static ones, one of the two is enough.

    Returns:
        A callable with the attribute `trace_count`: how often `fun` was traced, which is how often it was compiled.
        (JAX counts only in the private `_cache_size`.) A count that grows with every call means that a shape or a
        static argument changes each time. On NumPy, where nothing is compiled, it counts the calls.

    Raises:
        TransformError: on call, for an argument that is neither a tensor nor a number nor static.

    >>> import unifw as uf
    >>> double = uf.jit(lambda x: x + x)
    >>> double(uf.asarray([1.0, 2.0])).tolist()
    [2.0, 4.0]
    """
    static = _resolved(fun, _numbers(static_argnums), _names(static_argnames))
    donated = _resolved(fun, _numbers(donate_argnums), _names(donate_argnames))
    if set(static[0]) & set(donated[0]) or static[1] & donated[1]:
        raise ArgumentError(
            f"jit() got arguments that are both static ({static_argnums}, {static_argnames}) and donated "
            f"({donate_argnums}, {donate_argnames}); only tensors can be donated."
        )
    return CompiledByJit(fun, *static, *donated)


def _numbers(numbers: Numbers) -> tuple[int, ...] | None:
    return (numbers,) if isinstance(numbers, int) else None if numbers is None else tuple(numbers)


def _names(names: Names) -> frozenset[str] | None:
    return None if names is None else frozenset({names} if isinstance(names, str) else names)


def _resolved(
    fun: Callable[..., Any], numbers: tuple[int, ...] | None, names: frozenset[str] | None
) -> tuple[tuple[int, ...], frozenset[str]]:
    """Return positions and names of chosen arguments: what is not given follows from the signature, as in JAX."""
    if (numbers is None) == (names is None):
        return numbers or (), names or frozenset()
    try:
        parameters = inspect.signature(fun).parameters.values()
    except (TypeError, ValueError):  # a builtin: it has no signature to look at
        return numbers or (), names or frozenset()
    positional = [each for each in parameters if each.kind in {each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD}]
    if numbers is None:
        chosen = names or frozenset()
        return tuple(index for index, each in enumerate(positional) if each.name in chosen), chosen
    count = len(positional)
    meant = [positional[number] for number in numbers if -count <= number < count]
    return numbers, frozenset(each.name for each in meant if each.kind == each.POSITIONAL_OR_KEYWORD)


class _LastCall(NamedTuple):
    """What a call needs that is like the last one.

    Attributes:
        treedef: the structure of ``(args, kwargs)``.
        flat: how many positional arguments there were if each was a tensor and there were no others, else -1.
        backend: of all tensors.
        strict: whether strict mode was on.
        compiled: the program.
    """

    treedef: tree.TreeDef
    flat: int
    backend: Backend
    strict: bool
    compiled: CompiledFunction


def _leaves_of(treedef: tree.TreeDef, arguments: Any) -> Sequence[Any]:
    """Return the leaves of arguments if these have a known structure, else nothing.

    Flattening up to a known structure costs a tenth of finding one. It would take a subtree for a leaf, but a subtree
    is no tensor.
    """
    try:
        return treedef.flatten_up_to(arguments)
    except (ValueError, TypeError):
        return ()


@final
class CompiledByJit:
    """What `jit` returns: call it like the function it was made from."""

    def __init__(
        self,
        fun: Callable[..., Any],
        static_argnums: tuple[int, ...],
        static_argnames: frozenset[str],
        donate_argnums: tuple[int, ...],
        donate_argnames: frozenset[str],
    ) -> None:
        functools.update_wrapper(self, fun)
        self._fun = fun
        self._static_argnums = static_argnums
        self._static_argnames = static_argnames
        self._donate_argnums = donate_argnums
        self._donate_argnames = donate_argnames
        self._compiled: dict[Hashable, CompiledFunction] = {}
        self._last: _LastCall | None = None
        self.trace_count = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the compiled function, compiling it first for a new combination of structure and static arguments."""
        if inside_transform():
            return self._fun(*args, **kwargs)
        last = self._last
        if last is not None:  # all as in the last call, most often: then nothing is looked up
            treedef, flat, backend, strict, compiled = last
            leaves = args if flat == len(args) and not kwargs else _leaves_of(treedef, (args, kwargs))
            arrays = [leaf.native for leaf in leaves if leaf.__class__ is Tensor and leaf.backend is backend]
            if arrays and len(arrays) == len(leaves) and strict is config.is_strict():
                outputs, rebuild = compiled(arrays)
                return rebuild(outputs, backend)  # type: ignore[operator]
        static: tuple[Any, ...] = ()
        if self._static_argnums or self._static_argnames:
            args, kwargs, static = self._set_aside(args, kwargs)
        leaves, treedef = tree.flatten((args, kwargs))
        backend, arrays = unwrap(leaves, "jit")
        scalars = tuple(index for index, leaf in enumerate(leaves) if type(leaf) in SCALARS)
        for index in scalars:
            arrays[index] = backend.asarray(leaves[index], dtype=WIDE[type(leaves[index])])
        strict = config.is_strict()
        key = (treedef, static, backend, scalars, strict)
        if key not in self._compiled:
            self._compiled[key] = self._compile(backend, treedef, static, scalars, args, kwargs)
        compiled = self._compiled[key]
        outputs, rebuild = compiled(arrays)
        if not static and not scalars:
            is_flat = not kwargs and all(each.__class__ is Tensor for each in args)
            self._last = _LastCall(treedef, len(args) if is_flat else -1, backend, strict, compiled)
        return rebuild(outputs, backend)  # type: ignore[operator]

    def _set_aside(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], tuple[Any, ...]]:
        """Return the arguments with `None` for static ones, and these as one hashable value."""
        positions = {position % len(args) for position in self._static_argnums if -len(args) <= position < len(args)}
        by_position = tuple((position, args[position]) for position in sorted(positions))
        by_name = tuple((name, kwargs[name]) for name in sorted(self._static_argnames & set(kwargs)))
        for name, value in (*by_position, *by_name):
            try:
                hash(value)
            except TypeError as error:
                raise TransformError(
                    f"Static argument {name!r} of {self._fun.__name__}() is a {type(value).__name__}, which is not "
                    f"hashable. Pass a tuple instead of a list, or do not name it static."
                ) from error
        remaining = tuple(None if position in positions else value for position, value in enumerate(args))
        named = {name: value for name, value in kwargs.items() if name not in self._static_argnames}
        kinds = tuple(type(value) for _, value in (*by_position, *by_name))  # 1 == 1.0 == True, but they differ
        return remaining, named, (by_position, by_name, kinds)

    def _compile(
        self,
        backend: Backend,
        treedef: tree.TreeDef,
        static: tuple[Any, ...],
        scalars: tuple[int, ...],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> CompiledFunction:
        def flat(arrays: list[Array], owner: Backend) -> tuple[list[Array], Hashable]:
            self.trace_count += 1
            leaves: list[Any] = [Tensor(array, owner) for array in arrays]
            for index in scalars:
                leaves[index] = WeakScalar(arrays[index], owner)
            positional, named = tree.unflatten(treedef, leaves)
            if static:
                positional = list(positional)
                for position, value in static[0]:
                    positional[position] = value
                named = {**named, **dict(static[1])}
            with transforming(owner):
                outputs = self._fun(*positional, **named)
                return split_outputs(outputs, owner, "jit")

        return backend.jit(flat, donate=self._donated(args, kwargs))

    def _donated(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[int, ...]:
        """Return the flat positions of the leaves of donated arguments."""
        count = len(args)
        positions = {position % count for position in self._donate_argnums if -count <= position < count}
        chosen = [position in positions for position in range(count)]
        names = sorted(kwargs)  # the order in which a dict is flattened
        chosen += [name in self._donate_argnames for name in names]
        indices: list[int] = []
        start = 0
        for argument, donated in zip((*args, *(kwargs[name] for name in names)), chosen, strict=True):
            size = len(tree.leaves(argument))
            if donated:
                indices.extend(range(start, start + size))
            start += size
        return tuple(indices)
