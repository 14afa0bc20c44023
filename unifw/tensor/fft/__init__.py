"""Discrete Fourier transforms: the whole extension of the Array API standard 2025.12, as ``unifw.fft``.

float32 (and half precision) is transformed in complex64, float64 in complex128; integers are refused, as the standard
has it.
"""

from unifw.tensor.fft._frequencies import fftfreq, fftshift, ifftshift, rfftfreq
from unifw.tensor.fft._one_axis import fft, hfft, ifft, ihfft, irfft, rfft
from unifw.tensor.fft._several_axes import fftn, ifftn, irfftn, rfftn

__all__ = [
    "fft",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfftn",
    "rfft",
    "rfftfreq",
    "rfftn",
]
