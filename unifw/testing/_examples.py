"""One example or more of every composite: how to call it, and what NumPy says it should give."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from unifw import dtypes
from unifw.backend import Array, Backend
from unifw.testing._expect import HostArray

Call = tuple[tuple[Any, ...], dict[str, Any]]


class CompositeExample(NamedTuple):
    """A call of a composite.

    Attributes:
        label: the test id.
        name: the method of `Backend`.
        arrays: float64 operands (cast to the dtype under test), integers or booleans (taken as they are).
        arguments: from the owner and the arrays to the arguments of the call.
        formula: what NumPy gives for the arrays, or None: then only the default over `xp` is the judge.
        differentiable: whether gradients with respect to the floating-point operands are checked.
        smooth: whether second derivatives are checked too.
        exact: whether results have a dtype and bits of their own (random numbers), whatever dtype is under test.
    """

    label: str
    name: str
    arrays: tuple[HostArray, ...]
    arguments: Callable[[Backend, Sequence[Array]], Call]
    formula: Callable[..., Any] | None = None
    differentiable: bool = True
    smooth: bool = True
    exact: bool = False


def _numbers(*shape: int, seed: int = 0) -> HostArray:
    """Return numbers in (-2, 2), none of them near 0 or another, so that nothing is differentiated at a kink."""
    count = math.prod(shape)
    order = np.random.default_rng(seed).permutation(count)
    return ((order + 0.5) / count * 4 - 2 + (0.03 if count % 2 else 0.0)).reshape(shape)


def _positional(*extra: Any, **options: Any) -> Callable[[Backend, Sequence[Array]], Call]:
    return lambda _owner, arrays: ((*arrays, *extra), options)


# --- formulas in NumPy ------------------------------------------------------------------------------------------------

_erf = np.vectorize(math.erf, otypes=[np.float64])


def _softmax(x: HostArray, axis: int = -1) -> HostArray:
    exponentials = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=axis, keepdims=True))


def _log_softmax(x: HostArray, axis: int = -1) -> HostArray:
    return np.asarray(np.log(_softmax(x, axis)))


def _conv(
    x: HostArray,
    kernel: HostArray,
    strides: Sequence[int],
    padding: Sequence[tuple[int, int]],
    dilation: Sequence[int],
) -> HostArray:
    """Cross-correlation by its definition: one output element at a time."""
    *window, inputs, filters = kernel.shape
    groups = x.shape[-1] // inputs
    x = np.pad(x, [(0, 0), *padding, (0, 0)])
    spatial = [
        (n - gap * (width - 1) - 1) // stride + 1
        for n, width, stride, gap in zip(x.shape[1:-1], window, strides, dilation, strict=True)
    ]
    result = np.zeros((x.shape[0], *spatial, filters))
    for place in np.ndindex(*result.shape):
        batch, *position, channel = place
        group = channel // (filters // groups)
        for tap in np.ndindex(*window):
            source = [p * s + t * d for p, s, t, d in zip(position, strides, tap, dilation, strict=True)]
            pixels = x[(batch, *source)][group * inputs : (group + 1) * inputs]
            result[place] += pixels @ kernel[tap][:, channel]
    return result


def _pool(
    x: HostArray,
    window: Sequence[int],
    strides: Sequence[int],
    padding: Sequence[tuple[int, int]],
    reduce: Callable[..., Any],
) -> HostArray:
    """Reduce each window, padding left out."""
    x = np.pad(x, [(0, 0), *padding, (0, 0)], constant_values=np.nan)
    spatial = [(n - width) // stride + 1 for n, width, stride in zip(x.shape[1:-1], window, strides, strict=True)]
    result = np.zeros((x.shape[0], *spatial, x.shape[-1]))
    for position in np.ndindex(*spatial):
        corner = tuple(slice(p * s, p * s + w) for p, s, w in zip(position, strides, window, strict=True))
        view = x[(slice(None), *corner)]
        result[(slice(None), *position)] = reduce(view, axis=tuple(range(1, x.ndim - 1)))
    return result


def _attention(query: HostArray, key: HostArray, value: HostArray, mask: Any, scale: float, causal: bool) -> HostArray:
    scores = np.einsum("bthd,bshd->bhts", query, key) * scale
    if causal:
        scores = np.where(np.tril(np.ones(scores.shape[-2:], bool)), scores, -np.inf)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    return np.asarray(np.einsum("bhts,bshd->bthd", _softmax(scores), value))


def _normalize(x: HostArray, axis: tuple[int, ...], scale: Any, offset: Any, epsilon: float) -> HostArray:
    mean, variance = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True)
    return np.asarray((x - mean) / np.sqrt(variance + epsilon) * scale + offset)


def _batch_norm(x: HostArray, scale: Any, offset: Any) -> tuple[HostArray, ...]:
    axes = tuple(range(x.ndim - 1))
    return _normalize(x, axes, scale, offset, 1e-3), x.mean(axis=axes), x.var(axis=axes)


def _adam(p: HostArray, g: HostArray, m: HostArray, v: HostArray, rate: float, decay: float) -> tuple[HostArray, ...]:
    """One step of Adam or AdamW at ``step=2``, as Kingma and Ba write it, epsilon placed as Keras does."""
    t, beta_1, beta_2 = 3, 0.9, 0.999
    p = p - p * decay * rate
    m = beta_1 * m + (1 - beta_1) * g
    v = beta_2 * v + (1 - beta_2) * g**2
    alpha = rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
    return p - alpha * m / (np.sqrt(v) + 1e-7), m, v


# --- arguments --------------------------------------------------------------------------------------------------------


def _rate(owner: Backend) -> Array:
    return owner.asarray(0.125, dtype=dtypes.float32)


def _sgd_arguments(momentum: float, nesterov: bool) -> Callable[[Backend, Sequence[Array]], Call]:
    def arguments(owner: Backend, arrays: Sequence[Array]) -> Call:
        velocities = [arrays[2]] if momentum else []
        options = {"learning_rate": _rate(owner), "momentum": momentum, "nesterov": nesterov}
        return ([arrays[0]], [arrays[1]], velocities), options

    return arguments


def _adam_arguments(weight_decay: float) -> Callable[[Backend, Sequence[Array]], Call]:
    def arguments(owner: Backend, arrays: Sequence[Array]) -> Call:
        options = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "weight_decay": weight_decay}
        step = owner.asarray(2, dtype=dtypes.int64)
        return tuple([each] for each in arrays), {"step": step, "learning_rate": _rate(owner), **options}

    return arguments


def _key_first(*extra: Any) -> Callable[[Backend, Sequence[Array]], Call]:
    return lambda owner, _arrays: ((owner.asarray([0, 42], dtype=dtypes.uint32), *extra), {})


# --- the examples -----------------------------------------------------------------------------------------------------

_MATRIX: Final = _numbers(3, 4)
_IMAGE: Final = _numbers(2, 5, 6, 4)
_SIGNAL: Final = _numbers(2, 7, 3)
_WINDOWS: Final[tuple[tuple[str, tuple[int, ...], tuple[int, ...], tuple[tuple[int, int], ...]], ...]] = (
    ("", (2, 2), (2, 2), ((0, 0), (0, 0))),
    ("-overlapping-padded", (3, 2), (2, 1), ((1, 1), (0, 1))),
)
_CONVOLUTIONS: Final = (
    ("", (3, 3, 4, 2), (1, 1), ((0, 0), (0, 0)), (1, 1)),
    ("-strided-padded", (3, 2, 4, 3), (2, 1), ((1, 1), (0, 1)), (1, 1)),
    ("-dilated", (2, 2, 4, 3), (1, 1), ((0, 0), (1, 0)), (2, 3)),
    ("-grouped", (2, 2, 2, 4), (1, 2), ((0, 0), (0, 0)), (1, 1)),
    ("-depthwise", (2, 2, 1, 4), (1, 1), ((0, 1), (0, 1)), (1, 1)),
)
_HEADS: Final = (_numbers(2, 3, 2, 4), _numbers(2, 5, 2, 4, seed=1), _numbers(2, 5, 2, 4, seed=2))
_MASK: Final = np.asarray([[[[True, True, False, True, False]]], [[[False, True, True, True, True]]]])
_KEY: Final = np.asarray([0, 42], np.uint32)


def _elementwise() -> tuple[CompositeExample, ...]:
    return tuple(
        CompositeExample(label, label.split("-")[0], (_MATRIX,), _positional(*extra), formula)
        for label, extra, formula in (
            ("relu", (), lambda x: np.maximum(x, 0)),
            ("sigmoid", (), lambda x: 1 / (1 + np.exp(-x))),
            ("silu", (), lambda x: x / (1 + np.exp(-x))),
            ("softplus", (), lambda x: np.log(1 + np.exp(x))),
            ("gelu-exact", (False,), lambda x: x * (1 + _erf(x / math.sqrt(2))) / 2),
            ("gelu-tanh", (True,), lambda x: x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))),
            ("elu", (0.5,), lambda x: np.where(x > 0, x, 0.5 * (np.exp(x) - 1))),
            ("leaky_relu", (0.25,), lambda x: np.where(x > 0, x, 0.25 * x)),
            ("erf", (), _erf),
            ("softmax", (-1,), _softmax),
            ("softmax-axis-0", (0,), lambda x: _softmax(x, 0)),
            ("log_softmax", (1,), _log_softmax),
            ("logsumexp", (1, False), lambda x: np.log(np.exp(x).sum(axis=1))),
            ("logsumexp-axes", ((0, 1), True), lambda x: np.log(np.exp(x).sum(axis=(0, 1), keepdims=True))),
            ("pad", (((1, 0), (2, 1)), 0.5), lambda x: np.pad(x, ((1, 0), (2, 1)), constant_values=0.5)),
            ("pad-nothing", (((0, 0), (0, 0)), 0.0), lambda x: x),
        )
    )


def _windowed() -> tuple[CompositeExample, ...]:
    convolutions = tuple(
        CompositeExample(
            f"conv{label}",
            "conv",
            (_IMAGE, _numbers(*shape, seed=1)),
            _positional(strides, padding, dilation),
            lambda x, k, s=strides, p=padding, d=dilation: _conv(x, k, s, p, d),
        )
        for label, shape, strides, padding, dilation in _CONVOLUTIONS
    )
    pools = tuple(
        CompositeExample(
            f"{name}{label}",
            name,
            (_IMAGE,),
            _positional(window, strides, padding),
            lambda x, w=window, s=strides, p=padding, r=reduce: _pool(x, w, s, p, r),
        )
        for name, reduce in (("max_pool", np.nanmax), ("average_pool", np.nanmean))
        for label, window, strides, padding in _WINDOWS
    )
    signal = CompositeExample(
        "conv-one-axis",
        "conv",
        (_SIGNAL, _numbers(3, 3, 2, seed=1)),
        _positional((2,), ((1, 1),), (1,)),
        lambda x, k: _conv(x, k, (2,), ((1, 1),), (1,)),
    )
    return (*convolutions, signal, *pools)


def _attentions() -> tuple[CompositeExample, ...]:
    plain = _positional(None, 0.5, False)
    masked = _positional(0.5, False)
    causal = _positional(None, 0.5, True)
    both = _positional(0.5, True)
    square = (_numbers(2, 5, 2, 4, seed=3), *_HEADS[1:])
    visible = np.asarray([[[[True, True, False, True, False]]]])
    name = "dot_product_attention"
    return (
        CompositeExample(f"{name}", name, _HEADS, plain, lambda q, k, v: _attention(q, k, v, None, 0.5, False)),
        CompositeExample(
            f"{name}-masked", name, (*_HEADS, _MASK), masked, lambda q, k, v, m: _attention(q, k, v, m, 0.5, False)
        ),
        CompositeExample(f"{name}-causal", name, square, causal, lambda q, k, v: _attention(q, k, v, None, 0.5, True)),
        CompositeExample(
            f"{name}-both", name, (*square, visible), both, lambda q, k, v, m: _attention(q, k, v, m, 0.5, True)
        ),
    )


def _normalizations() -> tuple[CompositeExample, ...]:
    scale, offset = _numbers(4, seed=4), _numbers(4, seed=5)
    positive = np.abs(_numbers(4, seed=6)) + 0.5
    return (
        CompositeExample(
            "moments", "moments", (_IMAGE,), _positional((0, 2), False), lambda x: (x.mean((0, 2)), x.var((0, 2)))
        ),
        CompositeExample(
            "moments-kept",
            "moments",
            (_MATRIX,),
            _positional((-1,), True),
            lambda x: (x.mean(-1, keepdims=True), x.var(-1, keepdims=True)),
        ),
        CompositeExample(
            "normalize",
            "normalize",
            (_IMAGE, offset, positive, scale, _numbers(4, seed=7)),
            _positional(1e-3),
            lambda x, m, v, s, o: (x - m) / np.sqrt(v + 1e-3) * s + o,
        ),
        CompositeExample(
            "normalize-bare",
            "normalize",
            (_MATRIX, offset, positive),
            _positional(None, None, 1e-3),
            lambda x, m, v: (x - m) / np.sqrt(v + 1e-3),
        ),
        CompositeExample("batch_norm", "batch_norm", (_IMAGE, scale, offset), _positional(1e-3), _batch_norm),
        CompositeExample(
            "batch_norm-bare",
            "batch_norm",
            (_MATRIX,),
            _positional(None, None, 1e-3),
            lambda x: _batch_norm(x, 1.0, 0.0),
        ),
        CompositeExample(
            "layer_norm",
            "layer_norm",
            (_IMAGE, scale, offset),
            _positional(1e-3, (-1,)),
            lambda x, s, o: _normalize(x, (-1,), s, o, 1e-3),
        ),
        CompositeExample(
            "layer_norm-axes",
            "layer_norm",
            (_SIGNAL, _numbers(7, 3, seed=1), _numbers(7, 3, seed=2)),
            _positional(1e-3, (1, 2)),
            lambda x, s, o: _normalize(x, (1, 2), s, o, 1e-3),
        ),
    )


def _losses() -> tuple[CompositeExample, ...]:
    labels = np.asarray([2, 0, 3])
    probabilities = _softmax(_numbers(3, 4, seed=8))
    return (
        CompositeExample(
            "softmax_cross_entropy",
            "softmax_cross_entropy",
            (_MATRIX, probabilities),
            _positional(),
            lambda x, t: -(t * _log_softmax(x)).sum(-1),
        ),
        *(
            CompositeExample(
                f"sparse_softmax_cross_entropy-{dtype}",
                "sparse_softmax_cross_entropy",
                (_MATRIX, labels.astype(dtype)),
                _positional(),
                lambda x, i: -np.take_along_axis(_log_softmax(x), i[:, None].astype(np.int64), -1)[:, 0],
            )
            for dtype in ("int64", "int32")
        ),
        CompositeExample(
            "sparse_softmax_cross_entropy-sequence",
            "sparse_softmax_cross_entropy",
            (_numbers(2, 3, 4), np.asarray([[0, 3, 1], [2, 2, 0]])),
            _positional(),
            lambda x, i: -np.take_along_axis(_log_softmax(x), i[..., None], -1)[..., 0],
        ),
        CompositeExample(
            "sigmoid_cross_entropy",
            "sigmoid_cross_entropy",
            (_MATRIX, probabilities),
            _positional(),
            lambda x, t: -t * np.log(1 / (1 + np.exp(-x))) - (1 - t) * np.log(1 / (1 + np.exp(x))),
        ),
    )


def _updates() -> tuple[CompositeExample, ...]:
    p, g, m = _numbers(3, 4, seed=9), _numbers(3, 4, seed=10), _numbers(3, 4, seed=11)
    v = np.abs(_numbers(3, 4, seed=12))
    rate = 0.125
    sgd, adam = "sgd_update", "adam_update"
    return (
        CompositeExample(sgd, sgd, (p, g), _sgd_arguments(0.0, False), lambda p, g: (p - rate * g,), False),
        CompositeExample(
            "sgd_update-momentum",
            sgd,
            (p, g, m),
            _sgd_arguments(0.9, False),
            lambda p, g, v: (p + 0.9 * v - rate * g, 0.9 * v - rate * g),
            False,
        ),
        CompositeExample(
            "sgd_update-nesterov",
            sgd,
            (p, g, m),
            _sgd_arguments(0.9, True),
            lambda p, g, v: (p + 0.9 * (0.9 * v - rate * g) - rate * g, 0.9 * v - rate * g),
            False,
        ),
        CompositeExample(
            adam, adam, (p, g, m, v), _adam_arguments(0.0), lambda p, g, m, v: _adam(p, g, m, v, rate, 0.0), False
        ),
        CompositeExample(
            "adam_update-decay",
            adam,
            (p, g, m, v),
            _adam_arguments(0.01),
            lambda p, g, m, v: _adam(p, g, m, v, rate, 0.01),
            False,
        ),
    )


def _discrete() -> tuple[CompositeExample, ...]:
    counters = (np.arange(6, dtype=np.uint32), np.arange(6, dtype=np.uint32)[::-1].copy())
    random: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("random_fold_in", ()),
        ("random_split", (3,)),
        ("random_bits", ((2, 3),)),
        ("random_uniform", ((2, 3),)),
        ("random_permutation", (7,)),
    )
    return (
        CompositeExample(
            "one_hot",
            "one_hot",
            (np.asarray([[1, 0], [3, -1]]),),
            _positional(3, dtypes.float32),
            lambda i: np.asarray(i[..., None] == np.arange(3), np.float32),
            False,
            exact=True,
        ),
        CompositeExample(
            "threefry2x32",
            "threefry2x32",
            counters,
            lambda owner, arrays: ((owner.asarray([0, 42], dtype=dtypes.uint32), *arrays), {}),
            None,
            False,
            exact=True,
        ),
        *(
            CompositeExample(
                name,
                name,
                (np.asarray(7),) if name == "random_fold_in" else (),
                (lambda owner, arrays: ((owner.asarray([0, 42], dtype=dtypes.uint32), *arrays), {}))
                if name == "random_fold_in"
                else _key_first(*extra),
                None,
                False,
                exact=True,
            )
            for name, extra in random
        ),
        CompositeExample("random_normal", "random_normal", (), _key_first((2, 3)), None, False, exact=True),
        CompositeExample(
            "random_truncated_normal",
            "random_truncated_normal",
            (),
            _key_first(-2.0, 2.0, (2, 3)),
            None,
            False,
            exact=True,
        ),
    )


def _adjoint(linear: Callable[[HostArray], HostArray], shape: tuple[int, ...], gradient: HostArray) -> HostArray:
    """Return the transpose of a linear function applied to a gradient: one basis vector at a time."""
    result = np.zeros(shape)
    for place in np.ndindex(*shape):
        basis = np.zeros(shape)
        basis[place] = 1.0
        result[place] = (linear(basis) * gradient).sum()
    return result


def _max_pool_gradient(
    x: HostArray, gradient: HostArray, window: Sequence[int], strides: Sequence[int], padding: Any
) -> HostArray:
    """Send each window's gradient to its first maximum, numbering the pixels to see which one that was."""
    numbers = np.arange(float(x.size)).reshape(x.shape)

    def first(view: HostArray, axis: tuple[int, ...]) -> HostArray:
        del axis
        rows = view.reshape(view.shape[0], -1, view.shape[-1])
        values = np.take(x.ravel(), np.nan_to_num(rows).astype(int))
        best = np.argmax(np.where(np.isnan(rows), -np.inf, values), axis=1)
        return np.asarray(np.take_along_axis(rows, best[:, None, :], 1)[:, 0])

    winners = _pool(numbers, window, strides, padding, first).astype(int)
    result = np.zeros(x.size)
    np.add.at(result, winners.ravel(), gradient.ravel())
    return result.reshape(x.shape)


def _added(x: HostArray, places: Any, updates: HostArray) -> HostArray:
    result = x.copy()
    np.add.at(result, places, updates)
    return result


def _adjoints() -> tuple[CompositeExample, ...]:
    """What a gradient tape asks of a backend that has no gradients of its own."""
    strides, padding, dilation = (2, 1), ((1, 0), (0, 1)), (1, 2)
    shape, taps = (1, 4, 5, 2), (2, 2, 2, 3)
    image, kernel = _numbers(*shape), _numbers(*taps, seed=1)
    through = _numbers(*_conv(image, kernel, strides, padding, dilation).shape, seed=2)
    window, steps, pads = (3, 2), (2, 1), ((1, 1), (0, 1))
    pooled = _pool(image, window, steps, pads, np.nanmax)
    back = _numbers(*pooled.shape, seed=3)
    matrix, indices = _numbers(3, 4), np.asarray([[2, 0], [2, 2]])
    return (
        *(
            CompositeExample(
                f"scatter_slice{label}",
                "scatter_slice",
                (_numbers(*np.zeros((4, 5))[key].shape),),
                _positional(key, (4, 5)),
                lambda x, k=key: _set(k, x),
                False,
            )
            for label, key in (
                ("", (slice(1, 3), slice(None))),
                ("-steps", (slice(0, 4, 3), slice(1, 5, 2))),
                ("-integer", (-1, ...)),
                ("-new-axis", (None, slice(None), 2)),
            )
        ),
        CompositeExample(
            "index_add",
            "index_add",
            (matrix, indices, _numbers(2, 2, 4, seed=1)),
            _positional(0),
            _added,
            False,
        ),
        CompositeExample(
            "index_add-axis-1",
            "index_add",
            (matrix, np.asarray([3, 3, 0]), _numbers(3, 3, seed=1)),
            _positional(1),
            lambda x, i, u: _added(x, (slice(None), i), u),
            False,
        ),
        CompositeExample(
            "scatter_add",
            "scatter_add",
            (matrix, np.asarray([[1, 1], [0, 3], [2, 2]]), _numbers(3, 2, seed=1)),
            _positional(1),
            lambda x, i, u: _added(x, (np.arange(3)[:, None], i), u),
            False,
        ),
        CompositeExample(
            "conv_input_gradient",
            "conv_input_gradient",
            (through, kernel),
            _positional(shape, strides, padding, dilation),
            lambda g, k: _adjoint(lambda x: _conv(x, k, strides, padding, dilation), shape, g),
            False,
        ),
        CompositeExample(
            "conv_kernel_gradient",
            "conv_kernel_gradient",
            (image, through),
            _positional(taps, strides, padding, dilation),
            lambda x, g: _adjoint(lambda k: _conv(x, k, strides, padding, dilation), taps, g),
            False,
        ),
        CompositeExample(
            "max_pool_gradient",
            "max_pool_gradient",
            (image, pooled, back),
            _positional(window, steps, pads),
            lambda x, _, g: _max_pool_gradient(x, g, window, steps, pads),
            False,
        ),
        CompositeExample(
            "average_pool_gradient",
            "average_pool_gradient",
            (back,),
            _positional(shape, window, steps, pads),
            lambda g: _adjoint(lambda x: _pool(x, window, steps, pads, np.nanmean), shape, g),
            False,
        ),
    )


def _set(key: Any, values: HostArray) -> HostArray:
    result = np.zeros((4, 5))
    result[key] = values
    return result


EXAMPLES: Final[tuple[CompositeExample, ...]] = (
    *_elementwise(),
    *_windowed(),
    *_attentions(),
    *_normalizations(),
    *_losses(),
    *_updates(),
    *_adjoints(),
    *_discrete(),
)
