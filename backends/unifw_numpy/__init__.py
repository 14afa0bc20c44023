"""The NumPy backend of unifw, found through the entry-point group `unifw.backends`."""

from __future__ import annotations

from unifw_numpy._backend import NumpyBackend

__all__ = ["NumpyBackend"]
