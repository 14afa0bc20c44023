"""Function transforms, with the names and meaning of JAX."""

from unifw.transforms._boundary import inside_transform
from unifw.transforms._checkpoint import checkpoint
from unifw.transforms._control_flow import cond, fori_loop, while_loop
from unifw.transforms._custom_vjp import custom_vjp
from unifw.transforms._grad import grad, value_and_grad
from unifw.transforms._jacobian import hessian, jacfwd, jacrev
from unifw.transforms._jit import CompiledByJit, jit
from unifw.transforms._jvp import jvp
from unifw.transforms._scan import scan
from unifw.transforms._vjp import vjp
from unifw.transforms._vmap import vmap

__all__ = [
    "CompiledByJit",
    "checkpoint",
    "cond",
    "custom_vjp",
    "fori_loop",
    "grad",
    "hessian",
    "inside_transform",
    "jacfwd",
    "jacrev",
    "jit",
    "jvp",
    "scan",
    "value_and_grad",
    "vjp",
    "vmap",
    "while_loop",
]
