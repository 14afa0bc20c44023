"""Learning rate schedules, with the names of `keras.optimizers.schedules`."""

from unifw.optimizers._schedules import CosineDecay, ExponentialDecay, LearningRateSchedule, PiecewiseConstantDecay

__all__ = ["CosineDecay", "ExponentialDecay", "LearningRateSchedule", "PiecewiseConstantDecay"]
