"""Linear algebra, under the names of the Array API standard; see `unifw.tensor.linalg`."""

from unifw.tensor import linalg as _family
from unifw.tensor.linalg import *  # noqa: F403 - the family's __all__ is the list

__all__ = _family.__all__
