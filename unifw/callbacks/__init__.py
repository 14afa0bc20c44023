"""Callbacks, with the names and arguments of `keras.callbacks`."""

from unifw.callbacks._callback import Callback, CallbackList, LambdaCallback, as_list
from unifw.callbacks._history import CSVLogger, History
from unifw.callbacks._monitor import EarlyStopping, ModelCheckpoint
from unifw.callbacks._progress import ProgressBar, resolve_verbose
from unifw.callbacks._rate import LearningRateScheduler

__all__ = [
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgressBar",
    "as_list",
    "resolve_verbose",
]
