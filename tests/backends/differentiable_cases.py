"""Every differentiable function of the interface, once: what to call, and on what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from unifw import dtypes


class Case(NamedTuple):
    """A function of a backend and some float64 arrays, and the arrays it is differentiated at."""

    call: Callable[..., Any]
    inputs: tuple[np.ndarray, ...]


def arrays(*shapes: tuple[int, ...], low: float = -2.0, high: float = 2.0) -> tuple[np.ndarray, ...]:
    generator = np.random.default_rng(7)
    return tuple(generator.uniform(low, high, shape) for shape in shapes)


def _unary(name: str, low: float = -2.0, high: float = 2.0) -> Case:
    return Case(lambda b, x: getattr(b.xp, name)(x), arrays((3, 4), low=low, high=high))


def _binary(name: str, low: float = 0.3, high: float = 2.0) -> Case:
    return Case(lambda b, x, y: getattr(b.xp, name)(x, y), arrays((3, 4), (2, 1, 4), low=low, high=high))


def _xp(call: Callable[..., Any], *shapes: tuple[int, ...], low: float = -2.0, high: float = 2.0) -> Case:
    return Case(lambda b, *x: call(b.xp, *x), arrays(*shapes, low=low, high=high))


def _integers(b: Any, *values: Any) -> Any:
    return b.asarray(np.array(values, np.int64))


SAME, VALID = ((1, 1), (1, 1)), ((0, 0), (0, 0))

ELEMENTWISE: dict[str, Case] = {
    **{
        name: _unary(name)
        for name in ("abs", "asinh", "atan", "cos", "cosh", "exp", "expm1", "negative", "sin", "sinh", "square", "tanh")
    },
    **{name: _unary(name, -0.9, 0.9) for name in ("acos", "asin", "atanh", "tan")},
    **{name: _unary(name, 0.3, 3.0) for name in ("log", "log10", "log1p", "log2", "reciprocal", "sqrt")},
    "acosh": _unary("acosh", 1.2, 3.0),
    **{
        name: _binary(name)
        for name in (
            "add", "atan2", "copysign", "divide", "hypot", "logaddexp", "maximum", "minimum", "multiply", "pow",
            "remainder", "subtract",
        )
    },
    **{
        f"{name} with a scalar second": Case(
            lambda b, x, name=name: getattr(b.xp, name)(x, 1.7), arrays((3, 4), low=0.2)
        )
        for name in ("add", "divide", "maximum", "minimum", "multiply", "pow", "subtract", "remainder", "atan2")
    },
    **{
        f"{name} with a scalar first": Case(
            lambda b, x, name=name: getattr(b.xp, name)(1.7, x), arrays((3, 4), low=0.2)
        )
        for name in ("add", "divide", "maximum", "minimum", "multiply", "pow", "subtract", "remainder", "atan2")
    },
    "multiply by itself": _xp(lambda xp, x: xp.multiply(x, x), (3, 4)),
    "where": _xp(lambda xp, x, y: xp.where(xp.greater(x, 0), x, y), (3, 4), (4,)),
    "where with a scalar": _xp(lambda xp, x: xp.where(xp.greater(x, 0), x, 0.0), (3, 4)),
    "clip": _xp(lambda xp, x: xp.clip(x, -1.0, 0.5), (3, 4)),
    "clip without a maximum": _xp(lambda xp, x: xp.clip(x, 0.0, None), (3, 4)),
    "what rounds is constant": _xp(lambda xp, x: xp.add(xp.floor(x), xp.multiply(x, xp.sign(x))), (3, 4)),
}  # fmt: skip

MANIPULATION: dict[str, Case] = {
    "broadcast_to": _xp(lambda xp, x: xp.broadcast_to(x, (2, 3, 4)), (3, 1)),
    "concat": _xp(lambda xp, x, y: xp.concat([x, y, x], axis=1), (3, 2), (3, 4)),
    "concat flat": _xp(lambda xp, x, y: xp.concat([x, y], axis=None), (3, 2), (4,)),
    "expand_dims": _xp(lambda xp, x: xp.expand_dims(x, axis=-2), (3, 4)),
    "flip": _xp(lambda xp, x: xp.flip(x, axis=(0, 2)), (2, 3, 4)),
    "moveaxis": _xp(lambda xp, x: xp.moveaxis(x, 0, -1), (2, 3, 4)),
    "permute_dims": _xp(lambda xp, x: xp.permute_dims(x, (2, 0, 1)), (2, 3, 4)),
    "repeat": _xp(lambda xp, x: xp.repeat(x, 3, axis=1), (2, 3)),
    "repeat flat": _xp(lambda xp, x: xp.repeat(x, 2), (2, 3)),
    "reshape": _xp(lambda xp, x: xp.reshape(x, (-1, 2)), (3, 4)),
    "roll": _xp(lambda xp, x: xp.roll(x, (1, -2), axis=(0, 1)), (3, 4)),
    "roll flat": _xp(lambda xp, x: xp.roll(x, 2), (3, 4)),
    "squeeze": _xp(lambda xp, x: xp.squeeze(x, axis=(0, 2)), (1, 3, 1)),
    "stack": _xp(lambda xp, x, y: xp.stack([x, y, x], axis=-1), (3, 4), (3, 4)),
    "tile": _xp(lambda xp, x: xp.tile(x, (2, 1, 3)), (2, 3)),
    "tril": _xp(lambda xp, x: xp.tril(x, k=-1), (4, 4)),
    "triu": _xp(lambda xp, x: xp.triu(x, k=1), (2, 3, 4)),
    "index integer": _xp(lambda _, x: x[1], (3, 4)),
    "index negative": _xp(lambda _, x: x[..., -1], (3, 4)),
    "index step": _xp(lambda _, x: x[:, 1:7:2, None], (2, 8)),
    "index step from the end": _xp(lambda _, x: x[0, ..., 3:-1:3, :], (2, 2, 12, 3)),
    "index empty": _xp(lambda _, x: x[2:2], (3, 4)),
}

REDUCTIONS: dict[str, Case] = {
    f"{name} over {axis}{' kept' if keepdims else ''}": Case(
        lambda b, x, name=name, axis=axis, keepdims=keepdims: getattr(b.xp, name)(x, axis=axis, keepdims=keepdims),
        arrays((2, 3, 4)),
    )
    for name in ("max", "mean", "min", "prod", "std", "sum", "var")
    for axis in (None, 1, (0, -1))
    for keepdims in (False, True)
} | {
    "var with correction": _xp(lambda xp, x: xp.var(x, axis=0, correction=1), (3, 4)),
    "std with correction": _xp(lambda xp, x: xp.std(x, axis=-1, correction=1), (3, 4)),
    "prod with a zero": Case(lambda b, x: b.xp.prod(x, axis=1), (np.array([[1.0, 0.0, 3.0], [2.0, 5.0, 7.0]]),)),
    "prod with two zeros": Case(lambda b, x: b.xp.prod(x), (np.array([1.5, 0.0, 3.0, 0.0]),)),
    "cumulative_prod": _xp(lambda xp, x: xp.cumulative_prod(x, axis=1), (3, 5)),
    "cumulative_prod with the first": _xp(lambda xp, x: xp.cumulative_prod(x, axis=0, include_initial=True), (3, 4)),
    "cumulative_sum": _xp(lambda xp, x: xp.cumulative_sum(x, axis=1), (3, 4)),
    "cumulative_sum with initial": _xp(lambda xp, x: xp.cumulative_sum(x, axis=0, include_initial=True), (3, 4)),
}

LINEAR: dict[str, Case] = {
    f"matmul {first} {second}": Case(lambda b, x, y: b.xp.matmul(x, y), arrays(first, second))
    for first, second in (
        ((3, 4), (4, 2)),
        ((4,), (4, 2)),
        ((3, 4), (4,)),
        ((4,), (4,)),
        ((5, 3, 4), (4, 2)),
        ((3, 4), (5, 4, 2)),
        ((5, 3, 4), (4,)),
        ((4,), (5, 4, 2)),
        ((2, 1, 3, 4), (5, 4, 2)),
    )
} | {
    "matrix_transpose": _xp(lambda xp, x: xp.matrix_transpose(x), (2, 3, 4)),
    "tensordot by number": _xp(lambda xp, x, y: xp.tensordot(x, y, axes=2), (2, 3, 4), (3, 4, 5)),
    "tensordot by axes": _xp(lambda xp, x, y: xp.tensordot(x, y, axes=((2, 0), (0, 3))), (2, 3, 4), (4, 5, 6, 2)),
    "vecdot": _xp(lambda xp, x, y: xp.vecdot(x, y), (2, 3, 4), (3, 4)),
    "vecdot along another axis": _xp(lambda xp, x, y: xp.vecdot(x, y, axis=-2), (2, 3, 4), (3, 4)),
}

INDEXING: dict[str, Case] = {
    "take": Case(lambda b, x: b.xp.take(x, _integers(b, 0, 2, 2, 1, 2), axis=1), arrays((2, 3, 4))),
    "take with a matrix": Case(lambda b, x: b.xp.take(x, _integers(b, [0, 2], [2, 2]), axis=0), arrays((3, 4))),
    "take nothing": Case(lambda b, x: b.xp.take(x, b.asarray(range(0)), axis=0), arrays((3, 4))),
    "take_along_axis": Case(
        lambda b, x: b.xp.take_along_axis(x, _integers(b, [0, 2, 2], [1, 1, 0]), axis=1), arrays((2, 4))
    ),
    "take_along_axis, one": Case(lambda b, x: b.xp.take_along_axis(x, _integers(b, [3], [1]), axis=-1), arrays((2, 4))),
    "sort": _xp(lambda xp, x: xp.sort(x, axis=0), (4, 3)),
    "sort descending": _xp(lambda xp, x: xp.sort(x, axis=-1, descending=True), (4, 3)),
}

COMPOSITES: dict[str, Case] = {
    "relu": Case(lambda b, x: b.relu(x), arrays((3, 4))),
    "sigmoid": Case(lambda b, x: b.sigmoid(x), arrays((3, 4))),
    "silu": Case(lambda b, x: b.silu(x), arrays((3, 4))),
    "softplus": Case(lambda b, x: b.softplus(x), arrays((3, 4))),
    "gelu": Case(lambda b, x: b.gelu(x, False), arrays((3, 4))),
    "gelu by tanh": Case(lambda b, x: b.gelu(x, True), arrays((3, 4))),
    "elu": Case(lambda b, x: b.elu(x, 0.7), arrays((3, 4))),
    "leaky_relu": Case(lambda b, x: b.leaky_relu(x, 0.2), arrays((3, 4))),
    "softmax": Case(lambda b, x: b.softmax(x, -1), arrays((3, 4))),
    "softmax along the first axis": Case(lambda b, x: b.softmax(x, 0), arrays((3, 4))),
    "log_softmax": Case(lambda b, x: b.log_softmax(x, 1), arrays((3, 4))),
    "erf": Case(lambda b, x: b.erf(x), arrays((3, 4), low=-5.0, high=5.0)),
    "erfinv": Case(lambda b, x: b.erfinv(x), arrays((3, 4), low=-0.9, high=0.9)),
    "logsumexp": Case(lambda b, x: b.logsumexp(x, 1, False), arrays((3, 4))),
    "logsumexp of all": Case(lambda b, x: b.logsumexp(x, None, True), arrays((3, 4))),
    "get_slice": Case(lambda b, x: b.get_slice(x, (slice(0, 2), None, 1)), arrays((3, 4))),
    "pad": Case(lambda b, x: b.pad(x, [(1, 0), (0, 2)], 3.0), arrays((3, 4))),
    "attention": Case(
        lambda b, q, k, v: b.dot_product_attention(q, k, v, None, 0.5, False), arrays((2, 3, 2, 4), *[(2, 5, 2, 4)] * 2)
    ),
    "causal attention": Case(
        lambda b, q, k, v: b.dot_product_attention(q, k, v, None, 0.5, True), arrays(*[(1, 4, 2, 3)] * 3)
    ),
    "moments": Case(lambda b, x: b.xp.concat(list(b.moments(x, (0, 2), False)), axis=0), arrays((2, 3, 4))),
    "moments kept": Case(lambda b, x: b.xp.concat(list(b.moments(x, (1,), True)), axis=1), arrays((2, 3))),
    "normalize": Case(
        lambda b, x, m, v, s, o: b.normalize(x, m, v, s, o, 1e-3), arrays((3, 4), *[(4,)] * 4, low=0.5, high=2.0)
    ),
    "batch_norm": Case(lambda b, x, s, o: b.batch_norm(x, s, o, 1e-3)[0], arrays((3, 2, 4), (4,), (4,))),
    "batch_norm's moments": Case(lambda b, x: b.xp.stack(list(b.batch_norm(x, None, None, 1e-3)[1:])), arrays((5, 4))),
    "layer_norm": Case(lambda b, x, s, o: b.layer_norm(x, s, o, 1e-3, (-1,)), arrays((3, 2, 4), (4,), (4,))),
    "layer_norm over two axes": Case(lambda b, x: b.layer_norm(x, None, None, 1e-3, (1, 2)), arrays((3, 2, 4))),
    "softmax_cross_entropy": Case(lambda b, x, t: b.softmax_cross_entropy(x, t), arrays((3, 4), (3, 4))),
    "sparse_softmax_cross_entropy": Case(
        lambda b, x: b.sparse_softmax_cross_entropy(x, _integers(b, 3, 0, 0)), arrays((3, 4))
    ),
    "sigmoid_cross_entropy": Case(lambda b, x, t: b.sigmoid_cross_entropy(x, t), arrays((3, 4), (3, 4))),
    "conv": Case(lambda b, x, k: b.conv(x, k, (1, 1), SAME, (1, 1)), arrays((2, 5, 4, 2), (3, 3, 2, 3))),
    "conv strided, one-sided padding": Case(
        lambda b, x, k: b.conv(x, k, (2, 1), ((0, 1), (1, 2)), (1, 1)), arrays((2, 6, 4, 2), (3, 2, 2, 3))
    ),
    "conv dilated": Case(lambda b, x, k: b.conv(x, k, (1, 2), VALID, (2, 1)), arrays((1, 7, 6, 2), (3, 2, 2, 3))),
    "conv grouped": Case(lambda b, x, k: b.conv(x, k, (2, 1), SAME, (1, 1)), arrays((2, 5, 4, 4), (3, 3, 2, 6))),
    "conv depthwise": Case(lambda b, x, k: b.conv(x, k, (1, 1), SAME, (1, 1)), arrays((2, 5, 4, 3), (3, 3, 1, 3))),
    "conv 1x1": Case(lambda b, x, k: b.conv(x, k, (1, 1), VALID, (1, 1)), arrays((2, 3, 3, 2), (1, 1, 2, 4))),
    "conv in one dimension": Case(lambda b, x, k: b.conv(x, k, (3,), ((2, 0),), (2,)), arrays((2, 11, 2), (3, 2, 3))),
    "conv in three dimensions": Case(
        lambda b, x, k: b.conv(x, k, (1, 1, 1), ((0, 0),) * 3, (1, 1, 1)), arrays((1, 3, 4, 3, 2), (2, 2, 2, 2, 2))
    ),
    "conv whose stride leaves a rest": Case(
        lambda b, x, k: b.conv(x, k, (3, 3), VALID, (1, 1)), arrays((1, 6, 7, 1), (2, 2, 1, 2))
    ),
    "max_pool": Case(lambda b, x: b.max_pool(x, (2, 2), (2, 2), VALID), arrays((2, 5, 4, 3))),
    "max_pool overlapping, padded": Case(lambda b, x: b.max_pool(x, (3, 2), (2, 1), SAME), arrays((2, 5, 4, 3))),
    "average_pool": Case(lambda b, x: b.average_pool(x, (2, 2), (2, 2), VALID), arrays((2, 5, 4, 3))),
    "average_pool overlapping, padded": Case(
        lambda b, x: b.average_pool(x, (3, 2), (2, 1), SAME), arrays((2, 5, 4, 3))
    ),
    "conv_input_gradient": Case(
        lambda b, g, k: b.conv_input_gradient(g, k, (2, 5, 4, 2), (2, 1), SAME, (1, 1)),
        arrays((2, 3, 4, 3), (3, 3, 2, 3)),
    ),
    "conv_kernel_gradient": Case(
        lambda b, x, g: b.conv_kernel_gradient(x, g, (3, 3, 2, 3), (2, 1), SAME, (1, 1)),
        arrays((2, 5, 4, 2), (2, 3, 4, 3)),
    ),
    "max_pool_gradient": Case(
        lambda b, g: b.max_pool_gradient(*_pooled(b), g, (2, 2), (2, 2), VALID), arrays((2, 2, 2, 3))
    ),
    "average_pool_gradient": Case(
        lambda b, g: b.average_pool_gradient(g, (2, 5, 4, 3), (3, 2), (2, 1), SAME), arrays((2, 3, 5, 3))
    ),
    "scatter_slice": Case(lambda b, v: b.scatter_slice(v, (0, slice(1, 7, 2), None), (2, 8, 3)), arrays((3, 1, 3))),
    "index_add": Case(lambda b, x, u: b.index_add(x, _integers(b, 1, 0, 1), u, 1), arrays((2, 3), (2, 3))),
    "set_slice": Case(lambda b, x, v: b.set_slice(x, (0, slice(1, 7, 2), None), v), arrays((2, 8, 3), (3, 1, 3))),
    "index_set": Case(lambda b, x, u: b.index_set(x, _integers(b, 2, 0), u), arrays((3, 4), (2, 4))),
    "scatter_add": Case(
        lambda b, x, u: b.scatter_add(x, _integers(b, [1, 0, 1], [2, 2, 2]), u, 1), arrays((2, 3), (2, 3))
    ),
    "astype": Case(lambda b, x: b.astype(x, dtypes.float64), arrays((3, 4))),
    "stop_gradient": Case(lambda b, x: b.xp.multiply(b.stop_gradient(x), x), arrays((3, 4))),
}


def _pooled(b: Any) -> tuple[Any, Any]:
    (x,) = arrays((2, 5, 4, 3))
    x = b.asarray(x)
    return x, b.max_pool(x, (2, 2), (2, 2), VALID)


CASES: dict[str, Case] = ELEMENTWISE | MANIPULATION | REDUCTIONS | LINEAR | INDEXING | COMPOSITES


def weighted(b: Any, result: Any) -> Any:
    """A scalar that every element of a result enters with another weight."""
    shape = b.shape_of(result)
    weights = np.cos(np.arange(np.prod(shape, dtype=int), dtype=np.float64)).reshape(shape)
    return b.xp.sum(b.xp.multiply(result, b.asarray(weights)))
