"""Reverse-mode differentiation for backends that have none: a gradient tape over the interface.

A backend author writes one line::

    def value_and_grad(self, function, arrays):
        return tape_value_and_grad(self, function, arrays)
"""

from unifw.backend.autodiff._nodes import TapeArray
from unifw.backend.autodiff._tape import GradientTape, gradient_tape, tape_value_and_grad

__all__ = ["GradientTape", "TapeArray", "gradient_tape", "tape_value_and_grad"]
