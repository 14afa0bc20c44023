"""`xp.fft`: torch's transforms over several axes, which it calls dimensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, Final

import torch

Array = Any


def _over_axes(function: Callable[..., Array]) -> Callable[..., Array]:
    def transform(x: Array, *, s: Sequence[int], axes: Sequence[int], norm: str) -> Array:
        return function(x, s=tuple(s), dim=tuple(axes), norm=norm)

    return transform


fft: Final = SimpleNamespace(
    fftn=_over_axes(torch.fft.fftn),
    ifftn=_over_axes(torch.fft.ifftn),
    irfftn=_over_axes(torch.fft.irfftn),
    rfftn=_over_axes(torch.fft.rfftn),
)
