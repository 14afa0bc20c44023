"""Function transforms, with the names and meaning of JAX: `grad`, `value_and_grad`, `jit`."""

from unifw.transforms._boundary import inside_transform
from unifw.transforms._grad import grad, value_and_grad
from unifw.transforms._jit import CompiledByJit, jit

__all__ = ["CompiledByJit", "grad", "inside_transform", "jit", "value_and_grad"]
