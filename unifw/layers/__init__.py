"""Layers, with the names, arguments, defaults and formulas of `keras.layers`."""

from unifw.layers._attention import MultiHeadAttention, Projection
from unifw.layers._context import Recorder
from unifw.layers._convolution import Conv1D, Conv2D, Conv3D
from unifw.layers._core import Activation, Dense, Embedding, ReLU, Rescaling, Softmax
from unifw.layers._functional import call_with_values, functional_call, path_map, record, set_state, state
from unifw.layers._input import Input, InputLayer
from unifw.layers._layer import Layer
from unifw.layers._normalization import BatchNormalization, LayerNormalization
from unifw.layers._pooling import AveragePooling2D, GlobalAveragePooling2D, GlobalMaxPooling2D, MaxPooling2D
from unifw.layers._regularization import Dropout
from unifw.layers._shaping import Flatten, Reshape
from unifw.layers._variable import Variable
from unifw.saving import register_serializable

for _class in (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv1D,
    Conv2D,
    Conv3D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    InputLayer,
    LayerNormalization,
    MaxPooling2D,
    MultiHeadAttention,
    Projection,
    ReLU,
    Rescaling,
    Reshape,
    Softmax,
):
    register_serializable("unifw")(_class)

__all__ = [
    "Activation",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv1D",
    "Conv2D",
    "Conv3D",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling2D",
    "Input",
    "InputLayer",
    "Layer",
    "LayerNormalization",
    "MaxPooling2D",
    "MultiHeadAttention",
    "Projection",
    "ReLU",
    "Recorder",
    "Rescaling",
    "Reshape",
    "Softmax",
    "Variable",
    "call_with_values",
    "functional_call",
    "path_map",
    "record",
    "set_state",
    "state",
]
