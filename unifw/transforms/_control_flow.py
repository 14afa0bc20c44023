"""Branches and loops whose course may depend on values that are not known while a function is traced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.errors import TransformError
from unifw.tensor import arange, tree
from unifw.tensor._operands import as_tensor
from unifw.transforms._boundary import call, flatten_results, unwrap, wrap
from unifw.transforms._carry import Carry, scalar_predicate, settled
from unifw.transforms._scan import scan


def cond(pred: Any, true_fun: Callable[..., Any], false_fun: Callable[..., Any], *operands: Any) -> Any:
    """Return ``true_fun(*operands)`` or ``false_fun(*operands)``, as `jax.lax.cond`; both are differentiable.

    Eagerly one branch runs, but on JAX, which compiles both. Under `jit` both are put into the graph, and one runs.
    Under `vmap`, where each slice has a predicate of its own, both run and `where` selects, NumPy excepted; so they do
    in forward mode under `jit` on torch. Where both run, a NaN in the gradient of the branch not taken spreads, as with
    `unifw.where`.

    Args:
        pred: a boolean scalar.
        true_fun: a function of the operands.
        false_fun: another, which returns the same structure, shapes and dtypes.
        *operands: trees of tensors.

    Raises:
        TransformError: if `pred` is not a boolean scalar, or the branches' results differ (where both are traced).

    >>> import unifw as uf
    >>> x = uf.asarray(-2.0)
    >>> uf.cond(x > 0, lambda x: x, lambda x: -x, x).item()
    2.0
    """
    leaves, treedef = tree.flatten(operands)
    backend, (predicate, *arrays) = unwrap([pred, *leaves], "cond")
    predicate = scalar_predicate(wrap([predicate], backend)[0], backend, "cond")
    found: dict[str, Any] = {}

    def branch(name: str, function: Callable[..., Any]) -> Callable[[list[Array], Backend], list[Array]]:
        def run(given: list[Array], owner: Backend) -> list[Array]:
            outputs = call(function, owner, *tree.unflatten(treedef, wrap(given, owner)))
            results, structure = flatten_results(outputs, owner, "cond")
            found[name] = structure, [(owner.shape_of(each), owner.dtype_of(each)) for each in results]
            _check_alike(found)
            return results

        return run

    results = backend.cond(predicate, branch("true_fun", true_fun), branch("false_fun", false_fun), arrays)
    return tree.unflatten(next(iter(found.values()))[0], wrap(results, backend))


def _check_alike(found: dict[str, Any]) -> None:
    if len(found) == 2 and found["true_fun"] != found["false_fun"]:
        described = " and ".join(
            f"{name} {structure} of {', '.join(f'{dtype.name}{list(shape)}' for shape, dtype in types)}"
            for name, (structure, types) in sorted(found.items(), reverse=True)
        )
        raise TransformError(f"The branches of cond() must return the same structure, shapes and dtypes: {described}.")


def while_loop(cond_fun: Callable[[Any], Any], body_fun: Callable[[Any], Any], init_val: Any) -> Any:
    """Apply ``val = body_fun(val)`` while ``cond_fun(val)`` holds, as `jax.lax.while_loop`.

    Eagerly a Python loop, except on JAX; under `jit` a compiled one. Under `vmap` it lasts as long as any slice wants,
    and the others stay as they are. Reverse-mode derivatives exist where the loop is Python's, and on TensorFlow; JAX
    has none, and torch none under `jit`, since the number of steps is not known: use `fori_loop` or `scan`.

    Args:
        cond_fun: from the state to a boolean scalar.
        body_fun: from the state to the next one, of the same structure, shapes and dtypes.
        init_val: the initial state, a tree of tensors and Python scalars.

    Raises:
        TransformError: if the state or the condition does not fit.
        UnsupportedError: on torch under `jit`, inside `vmap` or forward mode, or for its reverse-mode derivative.

    >>> import unifw as uf
    >>> uf.while_loop(lambda x: x < 100.0, lambda x: x * 2.0, uf.asarray(3.0)).item()
    192.0
    """

    def attempt(init: Any) -> Any:
        carry = Carry(init, "while_loop")
        backend, arrays = unwrap(carry.leaves, "while_loop")
        carry.fix(arrays, backend)

        def condition(state: list[Array], owner: Backend) -> Array:
            return scalar_predicate(call(cond_fun, owner, carry.seen(state, owner)), owner, "while_loop")

        def body(state: list[Array], owner: Backend) -> list[Array]:
            return carry.arrays(call(body_fun, owner, carry.seen(state, owner)), owner)

        return carry.tree(backend.while_loop(condition, body, arrays), backend)

    return settled(init_val, attempt)


def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """Apply ``val = body_fun(i, val)`` for i from `lower` to `upper` - 1, as `jax.lax.fori_loop`.

    With Python integers as bounds it is a `scan`: it compiles on every backend and is differentiable as often as you
    like.
    With a traced bound it is a `while_loop`, and has that function's limits.

    Args:
        lower: a Python integer, or an integer scalar tensor.
        upper: the same; no step is made if it is not above `lower`.
        body_fun: from the index (a tensor, int64) and the state to the next state.
        init_val: the initial state, a tree of tensors and Python scalars.

    >>> import unifw as uf
    >>> uf.fori_loop(0, 5, lambda i, total: total + i, 0).item()
    10
    """
    if isinstance(lower, int) and isinstance(upper, int):
        return _counted(lower, upper, body_fun, init_val)
    first, last = as_tensor(lower), as_tensor(upper)
    for bound in (first, last):
        if bound.shape != () or dtypes.kind(bound.dtype) != "integer":
            raise TransformError(
                f"fori_loop() needs integer scalars as bounds, got shape {bound.shape} and dtype {bound.dtype.name}."
            )
    start = first.astype("int64")

    def step(state: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        index, end, value = state
        return index + 1, end, body_fun(index, value)

    return while_loop(lambda state: state[0] < state[1], step, (start, last.astype("int64"), init_val))[2]


def _counted(lower: int, upper: int, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    length = max(0, upper - lower)
    leaves = [leaf for leaf in tree.leaves(init_val) if hasattr(leaf, "backend")]
    indices = arange(lower, lower + length, dtype="int64")
    if leaves:
        indices = indices.to_backend(leaves[0].backend) if indices.backend is not leaves[0].backend else indices
    return scan(lambda value, index: (body_fun(index, value), None), init_val, indices, length=length)[0]
