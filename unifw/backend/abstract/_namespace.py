"""`AbstractBackend.xp`."""

from __future__ import annotations

from typing import final

from unifw.backend.abstract._elementwise import Elementwise
from unifw.backend.abstract._manipulation import Creation, Manipulation
from unifw.backend.abstract._reductions import Products, Reductions


@final
class AbstractNamespace(Elementwise, Creation, Manipulation, Reductions, Products):
    """Every function of the interface's namespace, computing shapes and dtypes."""
