"""The abstract backend: arrays of shape and dtype only. It serves `summary()`, lazy building and operation counts."""

from unifw.backend.abstract._arrays import AbstractArray
from unifw.backend.abstract._backend import AbstractBackend

__all__ = ["AbstractArray", "AbstractBackend"]
