"""Elementwise functions whose complex special values torch has otherwise than the standard."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import torch

from unifw.backend import complete_complex
from unifw_torch import _elementwise
from unifw_torch._compile import constant

if TYPE_CHECKING:
    from collections.abc import Callable

Array = Any

_XP: Final = SimpleNamespace(
    **_elementwise.FUNCTIONS, full_like=torch.full_like, ones_like=torch.ones_like, zeros_like=torch.zeros_like
)


def _acos(x: Array) -> Array:
    """`torch.acos` on the upper half plane, by way of the lower one, where its zeros have the right sign."""
    return torch.conj_physical(torch.acos(torch.conj_physical(x)))


def _expm1(x: Array) -> Array:
    """`torch.expm1`, but 0, not -0, of a real part that is -0."""
    return torch.expm1(x) + 0.0


def _completed(name: str, function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    real: Callable[[Array], Array] = _elementwise.FUNCTIONS[name]
    completed = complete_complex(name, function, xp=_XP, join=torch.complex, stop_gradient=constant)

    def call(x: Array, /) -> Array:
        return completed(x) if x.is_complex() else real(x)

    return call


FUNCTIONS: Final[dict[str, Callable[..., Array]]] = {
    "acos": _completed("acos", _acos),
    "expm1": _completed("expm1", _expm1),
    "log1p": _completed("log1p", torch.log1p),
    "sign": _completed("sign", torch.sgn),
    "tan": _completed("tan", torch.tan),
    "tanh": _completed("tanh", torch.tanh),
}
