"""Examples of linear algebra and Fourier transforms."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

import unifw as uf
from unifw.testing._functions._example import (
    ANY,
    COMPLEX,
    CUBE,
    OTHER,
    SQUARE,
    VECTOR,
    FunctionExample,
    plain,
)

LINALG: Final = "Linear algebra"
FFT: Final = "Fourier transforms"
_GENERAL: Final = SQUARE + np.triu(np.full((3, 3), 0.75, np.float32), 1)
_UP_TO_A_FACTOR: Final = ("linalg.eig", "linalg.eigh", "linalg.eigvals", "linalg.qr", "linalg.svd")


def linear_algebra() -> tuple[FunctionExample, ...]:
    """Return the examples of `unifw.linalg`, products included."""

    def of(name: str, call: Any, *arrays: Any) -> FunctionExample:
        return FunctionExample(name, LINALG, call, arrays)

    found = (
        *plain(LINALG, "matmul linalg.matmul", ANY, CUBE[0]),
        *plain(LINALG, "vecdot linalg.vecdot linalg.cross", ANY, OTHER),
        of("tensordot", lambda x, y: uf.tensordot(x, y, axes=1), ANY, CUBE[0]),
        of("linalg.tensordot", lambda x, y: uf.linalg.tensordot(x, y, axes=1), ANY, CUBE[0]),
        *plain(LINALG, "linalg.outer", VECTOR, VECTOR),
        *plain(LINALG, "linalg.matrix_transpose linalg.vector_norm linalg.matrix_norm", ANY),
        *plain(LINALG, "linalg.diagonal linalg.trace linalg.cholesky linalg.eigh linalg.eigvalsh", SQUARE),
        *plain(LINALG, "linalg.det linalg.eig linalg.eigvals linalg.inv linalg.slogdet", _GENERAL),
        *plain(LINALG, "linalg.qr linalg.svd linalg.svdvals linalg.pinv linalg.matrix_rank", _GENERAL),
        of("linalg.matrix_power", lambda x: uf.linalg.matrix_power(x, 3), _GENERAL),
        *plain(LINALG, "linalg.solve", _GENERAL, SQUARE),
    )
    return tuple(each._replace(unique=each.name not in _UP_TO_A_FACTOR) for each in found)


def fourier() -> tuple[FunctionExample, ...]:
    """Return the examples of `unifw.fft`."""
    return (
        *plain(FFT, "fft.fft fft.ifft fft.fftn fft.ifftn fft.hfft fft.irfft fft.irfftn", COMPLEX),
        *plain(FFT, "fft.rfft fft.rfftn fft.ihfft fft.fftshift fft.ifftshift", ANY),
        FunctionExample("fft.fftfreq", FFT, lambda: uf.fft.fftfreq(5)),
        FunctionExample("fft.rfftfreq", FFT, lambda: uf.fft.rfftfreq(5)),
    )
