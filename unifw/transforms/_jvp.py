"""Forward mode: Jacobian-vector products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from unifw.errors import TransformError
from unifw.tensor import Tensor, tree
from unifw.transforms._boundary import check_differentiable, unwrap, wrap
from unifw.transforms._linear import Differentiated, matching_leaves, matching_tensors


def jvp(fun: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """Run a function, and return its results and their change in a direction, as `jax.jvp`.

    JAX and torch compute both in one pass (dual numbers). TensorFlow, NumPy and other backends of the tape transpose
    reverse mode: the pullback is linear in its cotangents, and pulling tangents back through it pushes them forward.
    The result is the same; it costs about the memory and twice the time of a gradient.

    Args:
        fun: a function of `primals`, which returns a tree of tensors.
        primals: a tuple or list of trees of floating-point tensors.
        tangents: the same structure and shapes.
        has_aux: whether `fun` returns ``(outputs, auxiliary)``.

    Returns:
        ``(outputs, output tangents)``, or ``(outputs, output tangents, auxiliary)``. Results that are not
        floating-point have tangents of zero.

    Raises:
        DTypeError: if a primal is not floating-point.
        TransformError, ShapeError: if the tangents do not fit the primals.

    >>> import unifw as uf
    >>> value, change = uf.jvp(lambda x: x**2.0, (uf.asarray([1.0, 3.0]),), (uf.asarray([1.0, 0.5]),))
    >>> change.tolist()
    [2.0, 3.0]
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise TransformError(
            f"jvp() needs primals and tangents as tuples, one entry per argument of the function, got "
            f"{type(primals).__name__} and {type(tangents).__name__}. Write jvp(f, (x,), (t,))."
        )
    leaves, treedef = tree.flatten(tuple(primals))
    check_differentiable(leaves, "jvp")
    backend, arrays = unwrap(leaves, "jvp")
    directions = matching_leaves(tuple(tangents), treedef, "jvp()", "tangents")
    check_differentiable(directions, "jvp")
    tensors = matching_tensors(directions, wrap(arrays, backend), "jvp()", "tangents")
    owner, natives = unwrap([*wrap(arrays, backend), *tensors], "jvp")

    def run(traced: list[Tensor]) -> Any:
        return fun(*tree.unflatten(treedef, traced))

    function = Differentiated(run, "jvp", has_aux=has_aux)
    floating, auxiliary, changes = owner.jvp(function, natives[: len(arrays)], natives[len(arrays) :])
    outputs, extra = function.outputs(floating, auxiliary, owner)
    derivative = function.tangents(changes, auxiliary, owner)
    return (outputs, derivative, extra) if has_aux else (outputs, derivative)
