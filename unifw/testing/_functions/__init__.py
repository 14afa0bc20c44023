"""An example of every function that users call: what the kit compiles and maps, and what the support matrix lists."""

from __future__ import annotations

from typing import Final

from unifw.testing._functions._example import FunctionExample
from unifw.testing._functions._extensions import fourier, linear_algebra
from unifw.testing._functions._nn import networks
from unifw.testing._functions._random import random
from unifw.testing._functions._tensor import tensor
from unifw.testing._functions._transforms import transforms

FUNCTIONS: Final[tuple[FunctionExample, ...]] = (
    *tensor(),
    *linear_algebra(),
    *fourier(),
    *networks(),
    *transforms(),
    *random(),
)

__all__ = ["FUNCTIONS", "FunctionExample"]
