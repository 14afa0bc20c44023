"""Activation functions by name, with the arguments and defaults of `keras.activations`."""

from unifw.activations._functions import (
    elu,
    exponential,
    gelu,
    leaky_relu,
    linear,
    log_softmax,
    relu,
    relu6,
    sigmoid,
    silu,
    softmax,
    softplus,
    softsign,
    tanh,
)
from unifw.activations._lookup import Activation, get, serialize

__all__ = [
    "Activation",
    "elu",
    "exponential",
    "gelu",
    "get",
    "leaky_relu",
    "linear",
    "log_softmax",
    "relu",
    "relu6",
    "serialize",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "tanh",
]
