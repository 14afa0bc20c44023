"""Discrete Fourier transforms, under the names of the Array API standard; see `unifw.tensor.fft`."""

from unifw.tensor import fft as _family
from unifw.tensor.fft import *  # noqa: F403 - the family's __all__ is the list

__all__ = _family.__all__
