"""Initial values of variables, with the names, defaults and formulas of `keras.initializers`.

Values are drawn on the host from the one random stream, so that every backend starts from the same weights, bit for
bit.
"""

from unifw.initializers._constant import Constant, Ones, Zeros
from unifw.initializers._initializer import Initializer
from unifw.initializers._lookup import get
from unifw.initializers._random import RandomNormal, RandomUniform, TruncatedNormal
from unifw.initializers._scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "get",
]
