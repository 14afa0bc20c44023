"""Functions on tensors beyond the Array API: what layers and losses are made of. Names of `jax.nn` and `keras.ops`."""

from unifw.nn._activations import (
    elu,
    erf,
    gelu,
    leaky_relu,
    log_softmax,
    logsumexp,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
)
from unifw.nn._attention import dot_product_attention
from unifw.nn._convolution import average_pool, conv, max_pool
from unifw.nn._encoding import one_hot
from unifw.nn._losses import sigmoid_cross_entropy, softmax_cross_entropy, sparse_softmax_cross_entropy
from unifw.nn._normalization import batch_norm, layer_norm, moments, normalize
from unifw.tensor import tanh

__all__ = [
    "average_pool",
    "batch_norm",
    "conv",
    "dot_product_attention",
    "elu",
    "erf",
    "gelu",
    "layer_norm",
    "leaky_relu",
    "log_softmax",
    "logsumexp",
    "max_pool",
    "moments",
    "normalize",
    "one_hot",
    "relu",
    "sigmoid",
    "sigmoid_cross_entropy",
    "silu",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "sparse_softmax_cross_entropy",
    "tanh",
]
