"""The random stream: Threefry-2x32 in JAX's partitionable layout. `jax.random` is the oracle.

What is made of bits by exact arithmetic is equal bit for bit on every backend; what goes through a logarithm or the
inverse error function agrees to a few units in the last place.
"""

from __future__ import annotations

from unifw.backend._composites._random._gamma import Gammas
from unifw.backend._composites._random._integers import Integers
from unifw.backend._composites._random._logarithms import Logarithms
from unifw.backend._composites._random._poisson import Poissons


class Random(Gammas, Poissons, Logarithms, Integers):
    """All draws of the interface; a key is uint32 of shape (2,), as `jax.random.key_data` shows it."""


__all__ = ["Random"]
