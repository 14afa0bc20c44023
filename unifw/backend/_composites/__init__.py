"""Operations written once over `xp`: a backend gets them all, and overrides one only for speed."""

from unifw.backend._composites._activations import Activations
from unifw.backend._composites._attention import Attention
from unifw.backend._composites._base import composite
from unifw.backend._composites._convolution import Convolution
from unifw.backend._composites._gradients import Gradients
from unifw.backend._composites._indexing import Indexing, Reduction, neutral_element
from unifw.backend._composites._losses import Losses
from unifw.backend._composites._normalization import Normalization
from unifw.backend._composites._optimizers import Optimizers
from unifw.backend._composites._random import Random
from unifw.backend._composites._special import Special

__all__ = [
    "Activations",
    "Attention",
    "Convolution",
    "Gradients",
    "Indexing",
    "Losses",
    "Normalization",
    "Optimizers",
    "Random",
    "Reduction",
    "Special",
    "composite",
    "neutral_element",
]
