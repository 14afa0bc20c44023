"""unifw: a model is written once; which framework runs it is decided when it runs; the profiler says which.

The namespace follows the Array API standard 2025.12 for tensors, JAX for transforms, and Keras for layers, models,
losses, metrics, optimizers and callbacks. `UNIFW_BACKEND=jax` (or torch, tensorflow, numpy, …) chooses where new
tensors go.
"""

from unifw import (
    activations,
    backend,
    callbacks,
    config,
    dtypes,
    errors,
    fft,
    initializers,
    layers,
    linalg,
    losses,
    metrics,
    models,
    nn,
    optimizers,
    saving,
    tensor,
    utils,
)
from unifw.backend import current_backend, devices, set_backend, use_backend, use_device
from unifw.dtypes import (
    bfloat16,
    bool,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)
from unifw.layers import Input, Layer, Variable, functional_call, set_state, state
from unifw.models import Model, Sequential, load
from unifw.tensor import *  # noqa: F403 - the family's __all__ is the list
from unifw.transforms import (
    checkpoint,
    cond,
    custom_vjp,
    fori_loop,
    grad,
    hessian,
    jacfwd,
    jacrev,
    jit,
    jvp,
    scan,
    value_and_grad,
    vjp,
    vmap,
    while_loop,
)

__version__ = "0.1.0"
__array_api_version__ = "2025.12"

e = 2.718281828459045
inf = float("inf")
nan = float("nan")
newaxis = None
pi = 3.141592653589793

__all__ = [
    "Input",
    "Layer",
    "Model",
    "Sequential",
    "Variable",
    "activations",
    "backend",
    "bfloat16",
    "bool",
    "callbacks",
    "checkpoint",
    "complex64",
    "complex128",
    "cond",
    "config",
    "current_backend",
    "custom_vjp",
    "devices",
    "dtypes",
    "e",
    "errors",
    "fft",
    "float16",
    "float32",
    "float64",
    "fori_loop",
    "functional_call",
    "grad",
    "hessian",
    "inf",
    "initializers",
    "int8",
    "int16",
    "int32",
    "int64",
    "jacfwd",
    "jacrev",
    "jit",
    "jvp",
    "layers",
    "linalg",
    "load",
    "losses",
    "metrics",
    "models",
    "nan",
    "newaxis",
    "nn",
    "optimizers",
    "pi",
    "saving",
    "scan",
    "set_backend",
    "set_state",
    "state",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "use_backend",
    "use_device",
    "utils",
    "value_and_grad",
    "vjp",
    "vmap",
    "while_loop",
]
__all__ += tensor.__all__
