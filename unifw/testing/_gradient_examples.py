"""What gradients are checked of: calls of `xp`, and points where branches of a composite meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from unifw.testing._expect import HostArray


class XpExample(NamedTuple):
    """A differentiable call of `xp`."""

    label: str
    call: Callable[..., Any]
    arrays: tuple[HostArray, ...]


class Slope(NamedTuple):
    """Points of a composite, and its derivative there."""

    name: str
    arguments: tuple[Any, ...]
    points: list[float]
    slopes: Any

    @property
    def label(self) -> str:
        """Return the test id."""
        return self.name


_ANY: Final = np.asarray([[-2.3, -1.1, -0.4], [0.7, 1.6, 2.9]])
_OTHER: Final = np.asarray([[1.3, -0.6, 2.2], [0.4, -1.9, 0.9]])
_POSITIVE: Final = np.abs(_ANY) + 0.1
_WITHIN_ONE: Final = _ANY / 3.5
_CUBE: Final = np.arange(24.0).reshape(2, 3, 4) * 0.37 % 2.9 - 1.4


def _unary() -> tuple[XpExample, ...]:
    inputs = {
        **dict.fromkeys("abs atan asinh cos cosh exp expm1 negative reciprocal sin sinh square tan tanh".split(), _ANY),
        **dict.fromkeys("log log10 log1p log2 sqrt".split(), _POSITIVE),
        **dict.fromkeys("acos asin atanh".split(), _WITHIN_ONE),
        "acosh": _POSITIVE + 1.2,
    }
    return tuple(
        XpExample(name, lambda xp, x, name=name: getattr(xp, name)(x), (values,)) for name, values in inputs.items()
    )


def _binary() -> tuple[XpExample, ...]:
    names = "add atan2 divide logaddexp maximum minimum multiply subtract".split()
    return tuple(XpExample(name, lambda xp, x, y, name=name: getattr(xp, name)(x, y), (_ANY, _OTHER)) for name in names)


XP_EXAMPLES: Final[tuple[XpExample, ...]] = (
    *_unary(),
    *_binary(),
    XpExample("pow", lambda xp, x, y: xp.pow(x, y), (_POSITIVE, _OTHER)),
    XpExample("pow-scalar", lambda xp, x: xp.pow(x, 3.0), (_ANY,)),
    XpExample("multiply-broadcast", lambda xp, x, y: xp.multiply(x, y), (_ANY[:, :1], _OTHER[0])),
    XpExample("divide-scalar", lambda xp, x: xp.divide(2.0, x), (_ANY,)),
    XpExample("where", lambda xp, x, y: xp.where(xp.greater(x, 0), x, y), (_ANY, _OTHER[:1])),
    XpExample("sum", lambda xp, x: xp.sum(x, axis=(0, -1), keepdims=False), (_CUBE,)),
    XpExample("sum-all", lambda xp, x: xp.sum(xp.square(x), axis=None, keepdims=True), (_ANY,)),
    XpExample("mean", lambda xp, x: xp.mean(x, axis=1, keepdims=True), (_CUBE,)),
    XpExample("var", lambda xp, x: xp.var(x, axis=-1, correction=1.0, keepdims=False), (_CUBE,)),
    XpExample("std", lambda xp, x: xp.std(x, axis=0, correction=0.0, keepdims=False), (_ANY,)),
    XpExample("max", lambda xp, x: xp.max(x, axis=1, keepdims=False), (_ANY,)),
    XpExample("min", lambda xp, x: xp.min(x, axis=None, keepdims=False), (_ANY,)),
    XpExample("prod", lambda xp, x: xp.prod(x, axis=1, keepdims=False), (_ANY,)),
    XpExample("cumulative_sum", lambda xp, x: xp.cumulative_sum(x, axis=1, include_initial=False), (_ANY,)),
    XpExample("broadcast_to", lambda xp, x: xp.broadcast_to(x, (4, 2, 3)), (_ANY[:1],)),
    XpExample("concat", lambda xp, x, y: xp.concat([x, y, x], axis=1), (_ANY, _OTHER)),
    XpExample("concat-first-axis", lambda xp, x, y: xp.concat([x, y], axis=0), (_CUBE, _CUBE[:1])),
    XpExample("expand_dims", lambda xp, x: xp.expand_dims(x, axis=1), (_ANY,)),
    XpExample("flip", lambda xp, x: xp.flip(x, axis=(0,)), (_ANY,)),
    XpExample("moveaxis", lambda xp, x: xp.moveaxis(x, 0, 2), (_CUBE,)),
    XpExample("permute_dims", lambda xp, x: xp.permute_dims(x, (2, 0, 1)), (_CUBE,)),
    XpExample("repeat", lambda xp, x: xp.repeat(x, 2, axis=0), (_ANY,)),
    XpExample("reshape", lambda xp, x: xp.reshape(x, (3, 2)), (_ANY,)),
    XpExample("roll", lambda xp, x: xp.roll(x, 1, axis=1), (_ANY,)),
    XpExample("squeeze", lambda xp, x: xp.squeeze(x, axis=(0,)), (_ANY[:1],)),
    XpExample("stack", lambda xp, x, y: xp.stack([x, y], axis=1), (_ANY, _OTHER)),
    XpExample("tile", lambda xp, x: xp.tile(x, (2, 3)), (_ANY,)),
    XpExample("tril", lambda xp, x: xp.tril(x, k=0), (_CUBE,)),
    XpExample("triu", lambda xp, x: xp.triu(x, k=1), (_ANY,)),
    XpExample("matmul", lambda xp, x, y: xp.matmul(x, y), (_CUBE, _CUBE[0].T.copy())),
    XpExample("matmul-vector", lambda xp, x, y: xp.matmul(x, y), (_ANY, _OTHER[0])),
    XpExample("matrix_transpose", lambda xp, x: xp.matrix_transpose(x), (_CUBE,)),
    XpExample("tensordot", lambda xp, x, y: xp.tensordot(x, y, axes=((0, 1), (0, 1))), (_CUBE, _ANY)),
    XpExample("vecdot", lambda xp, x, y: xp.vecdot(x, y, axis=-1), (_ANY, _OTHER)),
    XpExample("take", lambda xp, x, i: xp.take(x, i, axis=1), (_ANY, np.asarray([2, 0, 0]))),
    XpExample("take-rows", lambda xp, x, i: xp.take(x, i, axis=0), (_ANY, np.asarray([[1, 0], [1, 1]]))),
    XpExample(
        "take_along_axis",
        lambda xp, x, i: xp.take_along_axis(x, i, axis=1),
        (_ANY, np.asarray([[2, 0, 0], [1, 1, 1]])),
    ),
    XpExample("sort", lambda xp, x: xp.sort(x, axis=-1, descending=True, stable=True), (_OTHER,)),
    XpExample("stack-first-axis", lambda xp, x, y: xp.stack([x, y], axis=0), (_CUBE, _CUBE)),
    XpExample("index", lambda _, x: x[..., 1], (_ANY,)),
    XpExample("slice", lambda _, x: x[:, 0:3:2], (_ANY,)),
    XpExample("new-axis", lambda _, x: x[None, 1, ...], (_ANY,)),
)
_BRANCHES: Final = [-4.0, -0.46875, 0.0, 0.46875, 4.0, 6.0]  # of the approximations in `Special.erf`
SLOPES: Final = (
    Slope("relu", (), [0.0], [0.0]),
    Slope("elu", (0.5,), [0.0], [0.5]),
    Slope("leaky_relu", (0.25,), [0.0], [0.25]),
    Slope("softplus", (), [0.0], [0.5]),
    Slope("sigmoid", (), [0.0], [0.25]),
    Slope("silu", (), [0.0], [0.5]),
    Slope("gelu", (True,), [0.0], [0.5]),
    Slope("gelu", (False,), [0.0], [0.5]),
    Slope("erf", (), _BRANCHES, 2 / np.sqrt(np.pi) * np.exp(-np.square(_BRANCHES))),
)
