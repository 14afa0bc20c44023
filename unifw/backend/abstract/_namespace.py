"""`AbstractBackend.xp`."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from unifw.backend.abstract._elementwise import Elementwise
from unifw.backend.abstract._linalg import AbstractLinearAlgebra, fourier
from unifw.backend.abstract._manipulation import Creation, Manipulation
from unifw.backend.abstract._reductions import Products, Reductions

if TYPE_CHECKING:
    from unifw.backend.abstract._backend import AbstractBackend


@final
class AbstractNamespace(Elementwise, Creation, Manipulation, Reductions, Products):
    """Every function of the interface's namespace, computing shapes and dtypes."""

    def __init__(self, backend: AbstractBackend) -> None:
        super().__init__(backend)
        self.linalg = AbstractLinearAlgebra(backend)
        self.fft = fourier(backend)
