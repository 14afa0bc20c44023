"""Optimizers, with the names, arguments, defaults and formulas of `keras.optimizers`."""

from unifw.optimizers import schedules
from unifw.optimizers._classes import SGD, Adam, AdamW, get
from unifw.optimizers._optimizer import Optimizer, State

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "State", "get", "schedules"]
