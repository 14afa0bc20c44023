"""Optimizers, with the names, arguments, defaults and formulas of `keras.optimizers`."""

from unifw.optimizers import schedules
from unifw.optimizers._adam import Adam, AdamW
from unifw.optimizers._lookup import get
from unifw.optimizers._optimizer import Optimizer, State
from unifw.optimizers._rmsprop import RMSprop
from unifw.optimizers._sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "State", "get", "schedules"]
