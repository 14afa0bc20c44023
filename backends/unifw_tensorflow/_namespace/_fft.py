"""`xp.fft`: TensorFlow transforms the last axis; the others are moved there one after the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, Final

from unifw_tensorflow._import import tf
from unifw_tensorflow._namespace._elementwise import multiply
from unifw_tensorflow._namespace._manipulation import moveaxis


def _along(function: Callable[[Any, int], Any], x: Any, size: int, axis: int, scale: float) -> Any:
    """Transform one axis, and scale."""
    last = x.shape.rank - 1
    result = function(x if axis == last else moveaxis(x, axis, last), size)
    result = result if axis == last else moveaxis(result, last, axis)
    return result if scale == 1 else multiply(result, scale)


def _sized(x: Any, size: int) -> Any:
    """Cut the last axis, or fill it up with zeros."""
    have = x.shape[-1]
    if have >= size:
        return x if have == size else x[..., :size]
    return tf.pad(x, [[0, 0]] * (x.shape.rank - 1) + [[0, size - have]])


def _forward(x: Any, size: int) -> Any:
    return tf.signal.fft(_sized(x, size))


def _inverse(x: Any, size: int) -> Any:
    return tf.signal.ifft(_sized(x, size))


def _forward_of_real(x: Any, size: int) -> Any:
    return tf.signal.rfft(_sized(x, size))


def _inverse_to_real(x: Any, size: int) -> Any:
    return tf.signal.irfft(_sized(x, size // 2 + 1), fft_length=[size])


# The factor on one axis of size n: TensorFlow divides by n in the inverse transform.
_FORWARD_SCALE: Final[dict[str, Callable[[int], float]]] = {
    "backward": lambda _: 1.0,
    "ortho": lambda n: 1 / math.sqrt(n),
    "forward": lambda n: 1 / n,
}
_INVERSE_SCALE: Final[dict[str, Callable[[int], float]]] = {
    "backward": lambda _: 1.0,
    "ortho": math.sqrt,
    "forward": float,
}


def _fftn(x: Any, *, s: Sequence[int], axes: Sequence[int], norm: str) -> Any:
    for size, axis in zip(s, axes, strict=True):
        x = _along(_forward, x, size, axis, _FORWARD_SCALE[norm](size))
    return x


def _ifftn(x: Any, *, s: Sequence[int], axes: Sequence[int], norm: str) -> Any:
    for size, axis in zip(s, axes, strict=True):
        x = _along(_inverse, x, size, axis, _INVERSE_SCALE[norm](size))
    return x


def _rfftn(x: Any, *, s: Sequence[int], axes: Sequence[int], norm: str) -> Any:
    half = _along(_forward_of_real, x, s[-1], axes[-1], _FORWARD_SCALE[norm](s[-1]))
    return _fftn(half, s=s[:-1], axes=axes[:-1], norm=norm)


def _irfftn(x: Any, *, s: Sequence[int], axes: Sequence[int], norm: str) -> Any:
    half = _ifftn(x, s=s[:-1], axes=axes[:-1], norm=norm)
    return _along(_inverse_to_real, half, s[-1], axes[-1], _INVERSE_SCALE[norm](s[-1]))


fft: Final = SimpleNamespace(fftn=_fftn, ifftn=_ifftn, irfftn=_irfftn, rfftn=_rfftn)
