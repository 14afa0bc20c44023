"""Differentiation for backends that have none: a gradient tape over the interface.

A backend author inherits every transform, ``class MyBackend(TapeTransforms, Backend)``, or calls the functions::

    def value_and_grad(self, function, arrays):
        return tape_value_and_grad(self, function, arrays)
"""

from unifw.backend.autodiff._nodes import TapeArray
from unifw.backend.autodiff._tape import GradientTape
from unifw.backend.autodiff._transforms import (
    TapeTransforms,
    gradient_tape,
    tape_jvp,
    tape_value_and_grad,
    tape_vjp,
)

__all__ = [
    "GradientTape",
    "TapeArray",
    "TapeTransforms",
    "gradient_tape",
    "tape_jvp",
    "tape_value_and_grad",
    "tape_vjp",
]
