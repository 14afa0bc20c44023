"""`xp.fft`: NumPy's transforms over several axes, in the precision of the argument on NumPy 1 too."""

from __future__ import annotations

from array_api_compat.numpy.fft import fftn, ifftn, irfftn, rfftn

__all__ = ["fftn", "ifftn", "irfftn", "rfftn"]
