"""One example or more of every composite: how to call it, and what NumPy says it should give."""

from __future__ import annotations

from typing import Final

from unifw.testing._examples._activations import activations
from unifw.testing._examples._attention import attention
from unifw.testing._examples._example import CompositeExample
from unifw.testing._examples._gradients import gradients
from unifw.testing._examples._indexing import indexing
from unifw.testing._examples._losses import losses
from unifw.testing._examples._normalization import normalization
from unifw.testing._examples._optimizers import optimizers
from unifw.testing._examples._random import random
from unifw.testing._examples._windows import windows

EXAMPLES: Final[tuple[CompositeExample, ...]] = (
    *activations(),
    *windows(),
    *attention(),
    *normalization(),
    *losses(),
    *optimizers(),
    *gradients(),
    *indexing(),
    *random(),
)

__all__ = ["EXAMPLES", "CompositeExample"]
