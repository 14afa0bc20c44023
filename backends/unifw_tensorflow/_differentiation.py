"""`vjp`, `jvp` and `custom_vjp`, by `tf.GradientTape`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from unifw_tensorflow._import import raw, tf
from unifw_tensorflow._transforms import dense, forward_rule, recording

Arrays: TypeAlias = list[Any]
Pair: TypeAlias = Callable[[Arrays], tuple[Arrays, Arrays]]
Pullback: TypeAlias = Callable[[Arrays], Arrays]
_ZERO = tf.UnconnectedGradients.ZERO


def vjp(function: Pair, arrays: Sequence[Any]) -> tuple[Arrays, Arrays, Pullback]:
    """See `Backend.vjp`."""
    sources = [raw.Identity(input=array) for array in arrays]
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(sources)
        with recording():
            outputs, auxiliaries = function(sources)
            outputs = [raw.Identity(input=output) for output in outputs]  # two may be one tensor

    def pullback(cotangents: Arrays) -> Arrays:
        if not outputs:
            return [raw.ZerosLike(x=source) for source in sources]
        gradients = tape.gradient(outputs, sources, output_gradients=list(cotangents), unconnected_gradients=_ZERO)
        return [dense(gradient) for gradient in gradients]

    return outputs, auxiliaries, pullback


def jvp(function: Pair, arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Arrays, Arrays, Arrays]:
    """See `Backend.jvp`: the pullback is linear in the cotangents, and its own pullback is the derivative.

    `tf.autodiff.ForwardAccumulator` would need no second pass, but fails on a `tf.while_loop` that collects values.
    """
    outputs, auxiliaries, pullback = vjp(function, arrays)
    zeros = [raw.ZerosLike(x=output) for output in outputs]
    _, _, transposed = vjp(lambda cotangents: (pullback(cotangents), []), zeros)
    return outputs, auxiliaries, transposed(list(tangents))


def custom_vjp(forward: Pair, backward: Callable[[Arrays, Arrays], Sequence[Any]], arrays: Sequence[Any]) -> Arrays:
    """See `Backend.custom_vjp`.

    The identity on outputs, as a function of outputs, arrays and residuals, whose gradient goes to the arrays only.
    Residuals are arguments, so that differentiating the backward pass goes on through the forward rule.
    """
    with forward_rule():
        outputs, residuals = forward(list(arrays))
    constants = [tf.stop_gradient(output) for output in outputs]
    count, given = len(outputs), len(arrays)

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def identity(*values: Any) -> tuple[Arrays, Callable[..., Arrays]]:
        def pull(*cotangents: Any) -> Arrays:
            gradients = list(backward(list(values[count + given :]), list(cotangents)))
            return [*[None] * count, *gradients, *[None] * len(residuals)]

        return [raw.Identity(input=value) for value in values[:count]], pull

    results = identity(*constants, *arrays, *residuals)
    return list(results) if isinstance(results, (list, tuple)) else [results]
