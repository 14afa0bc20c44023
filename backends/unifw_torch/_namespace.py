"""`xp`: the Array-API-shaped namespace, put together from the families."""

from __future__ import annotations

from types import SimpleNamespace

from unifw_torch import (
    _complex,
    _creation,
    _decompositions,
    _elementwise,
    _fft,
    _linear_algebra,
    _manipulation,
    _reductions,
)


def namespace() -> SimpleNamespace:
    """Return the namespace: plain attributes, so that a look-up costs as little as on a module."""
    return SimpleNamespace(
        **(_elementwise.FUNCTIONS | _complex.FUNCTIONS),
        **_creation.FUNCTIONS,
        **_manipulation.FUNCTIONS,
        **_reductions.FUNCTIONS,
        **_linear_algebra.FUNCTIONS,
        fft=_fft.fft,
        linalg=_decompositions.linalg,
    )
