"""Functions on tensors beyond the Array API: what layers and losses are made of. Names of `jax.nn` and `keras.ops`."""

from unifw.nn._activations import (
    elu,
    erf,
    erfinv,
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
from unifw.nn._comparing import allclose, array_equal, isclose, nan_to_num
from unifw.nn._convolution import average_pool, conv, max_pool
from unifw.nn._cumulative import cumprod, cumsum
from unifw.nn._einsum import einsum
from unifw.nn._encoding import one_hot
from unifw.nn._losses import sigmoid_cross_entropy, softmax_cross_entropy, sparse_softmax_cross_entropy
from unifw.nn._normalization import batch_norm, layer_norm, moments, normalize
from unifw.nn._ordering import in_top_k, median, quantile, top_k
from unifw.nn._padding import pad
from unifw.nn._piecewise import (
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    relu6,
    soft_shrink,
    sparse_plus,
    sparse_sigmoid,
    threshold,
)
from unifw.nn._resize import resize
from unifw.nn._scatter import scatter, scatter_update, slice, slice_update
from unifw.nn._segments import bincount, segment_max, segment_min, segment_prod, segment_sum
from unifw.nn._smooth import (
    celu,
    glu,
    log_sigmoid,
    mish,
    selu,
    soft_sign,
    sparsemax,
    squareplus,
    standardize,
    tanh_shrink,
)
from unifw.tensor import tanh

hard_swish = hard_silu
swish = silu

__all__ = [
    "allclose",
    "array_equal",
    "average_pool",
    "batch_norm",
    "bincount",
    "celu",
    "conv",
    "cumprod",
    "cumsum",
    "dot_product_attention",
    "einsum",
    "elu",
    "erf",
    "erfinv",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "in_top_k",
    "isclose",
    "layer_norm",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "logsumexp",
    "max_pool",
    "median",
    "mish",
    "moments",
    "nan_to_num",
    "normalize",
    "one_hot",
    "pad",
    "quantile",
    "relu",
    "relu6",
    "resize",
    "scatter",
    "scatter_update",
    "segment_max",
    "segment_min",
    "segment_prod",
    "segment_sum",
    "selu",
    "sigmoid",
    "sigmoid_cross_entropy",
    "silu",
    "slice",
    "slice_update",
    "soft_shrink",
    "soft_sign",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "sparse_plus",
    "sparse_sigmoid",
    "sparse_softmax_cross_entropy",
    "sparsemax",
    "squareplus",
    "standardize",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
    "top_k",
]
