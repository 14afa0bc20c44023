"""Compilation, with the names and meaning of JAX."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, cast, final

from unifw.backend import Array, Backend, CompiledFunction
from unifw.errors import ArgumentError, TransformError
from unifw.tensor import Tensor, tree
from unifw.transforms._boundary import inside_transform, join_outputs, split_outputs, transforming, unwrap, wrap


def jit(
    fun: Callable[..., Any],
    *,
    static_argnums: int | Sequence[int] = (),
    static_argnames: str | Iterable[str] = (),
    donate_argnums: int | Sequence[int] = (),
) -> CompiledByJit:
    """Return a compiled version of a pure function over trees of tensors, as `jax.jit`.

    The function is traced by running it once per structure, shapes, dtypes and static arguments; what it prints or
    changes outside happens then, and only then. Numbers among the arguments become scalar tensors (int64, float32).
    A backend that does not compile (`capabilities.compilation == "none"`, NumPy) runs the function as it is. Inside
    another transform the function runs inline, as part of what is being traced.

    Args:
        fun: the function.
        static_argnums: positions of hashable arguments that select a separate compilation each.
        static_argnames: the same for keyword arguments.
        donate_argnums: positions of arguments the caller gives up: their memory may be used for the results, and
            their tensors must not be used afterwards.

    Returns:
        A callable with the attribute `trace_count`, the number of times `fun` was traced.

    Raises:
        TransformError: on call, for an argument that is neither a tensor nor a number nor static.

    >>> import unifw as uf
    >>> double = uf.jit(lambda x: x + x)
    >>> double(uf.asarray([1.0, 2.0])).tolist()
    [2.0, 4.0]
    """
    return CompiledByJit(fun, _integers(static_argnums), _names(static_argnames), _integers(donate_argnums))


def _integers(numbers: int | Sequence[int]) -> tuple[int, ...]:
    return (numbers,) if isinstance(numbers, int) else tuple(numbers)


def _names(names: str | Iterable[str]) -> frozenset[str]:
    return frozenset({names} if isinstance(names, str) else names)


@final
class CompiledByJit:
    """What `jit` returns: call it like the function it was made from."""

    def __init__(
        self,
        fun: Callable[..., Any],
        static_argnums: tuple[int, ...],
        static_argnames: frozenset[str],
        donate_argnums: tuple[int, ...],
    ) -> None:
        if set(static_argnums) & set(donate_argnums):
            raise ArgumentError(
                f"jit() got arguments that are both static ({static_argnums}) and donated ({donate_argnums}); "
                f"only tensors can be donated."
            )
        functools.update_wrapper(self, fun)
        self._fun = fun
        self._static_argnums = static_argnums
        self._static_argnames = static_argnames
        self._donate_argnums = donate_argnums
        self._compiled: dict[Hashable, CompiledFunction] = {}
        self._last_structure: tree.TreeDef | None = None
        self.trace_count = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the compiled function, compiling it first for a new combination of structure and static arguments."""
        if inside_transform():
            return self._fun(*args, **kwargs)
        static: tuple[Any, ...] = ()
        if self._static_argnums or self._static_argnames:
            args, kwargs, static = self._set_aside(args, kwargs)
        backend, arrays, treedef = self._flatten((args, kwargs))
        key = (treedef, static, backend)
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = self._compile(backend, treedef, static, args)
        outputs, structure = compiled(arrays)
        return join_outputs(outputs, backend, structure)  # type: ignore[arg-type]

    def _flatten(self, arguments: tuple[Any, ...]) -> tuple[Backend, list[Array], tree.TreeDef]:
        """Return backend, arrays and structure; quickly where all is as in the last call.

        Flattening up to a known structure costs a tenth of finding one. It would take a subtree for a leaf, but a
        subtree is no tensor.
        """
        treedef = self._last_structure
        if treedef is not None:
            try:
                leaves: list[Any] = treedef.flatten_up_to(cast("Any", arguments))
            except (ValueError, TypeError):
                leaves = []
            if leaves and leaves[0].__class__ is Tensor:
                backend: Backend = leaves[0].backend
                arrays = [leaf.native for leaf in leaves if leaf.__class__ is Tensor and leaf.backend is backend]
                if len(arrays) == len(leaves):
                    return backend, arrays, treedef
        leaves, self._last_structure = tree.flatten(arguments)
        return (*unwrap(leaves, "jit"), self._last_structure)

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
        return remaining, named, (by_position, by_name)

    def _compile(
        self, backend: Backend, treedef: tree.TreeDef, static: tuple[Any, ...], args: tuple[Any, ...]
    ) -> CompiledFunction:
        def flat(arrays: list[Array], owner: Backend) -> tuple[list[Array], Hashable]:
            self.trace_count += 1
            positional, named = tree.unflatten(treedef, wrap(arrays, owner))
            if static:
                positional = list(positional)
                for position, value in static[0]:
                    positional[position] = value
                named = {**named, **dict(static[1])}
            with transforming(owner):
                outputs = self._fun(*positional, **named)
                return split_outputs(outputs, owner, "jit")

        return backend.jit(flat, donate=self._donated(args))

    def _donated(self, args: tuple[Any, ...]) -> tuple[int, ...]:
        """Return the flat positions of the leaves of donated arguments."""
        donated = {position % len(args) for position in self._donate_argnums} if args else set()
        indices: list[int] = []
        start = 0
        for position, argument in enumerate(args):
            count = len(tree.leaves(argument))
            if position in donated:
                indices.extend(range(start, start + count))
            start += count
        return tuple(indices)
