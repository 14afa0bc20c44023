"""Tensors, the functions of the Array API on them, random numbers and trees."""

from unifw.tensor import random, tree
from unifw.tensor._creation import (
    arange,
    asarray,
    astype,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    stop_gradient,
    tril,
    triu,
    zeros,
    zeros_like,
)
from unifw.tensor._elementwise import *  # noqa: F403 - the family's __all__ is the list
from unifw.tensor._elementwise import __all__ as _elementwise
from unifw.tensor._indexing import argsort, sort, take, take_along_axis
from unifw.tensor._linalg import matmul, tensordot, vecdot
from unifw.tensor._manipulation import (
    broadcast_to,
    concat,
    expand_dims,
    flip,
    matrix_transpose,
    moveaxis,
    permute_dims,
    repeat,
    reshape,
    roll,
    squeeze,
    stack,
    tile,
    unstack,
)
from unifw.tensor._reductions import (
    all,  # noqa: A004 - the standard's names
    any,  # noqa: A004
    argmax,
    argmin,
    cumulative_sum,
    max,  # noqa: A004
    mean,
    min,  # noqa: A004
    prod,
    std,
    sum,  # noqa: A004
    var,
)
from unifw.tensor._synchronize import synchronize
from unifw.tensor._tensor import Tensor

__all__ = [  # noqa: PLE0604 - the elementwise family lists itself
    *_elementwise,
    "Tensor",
    "all",
    "any",
    "arange",
    "argmax",
    "argmin",
    "argsort",
    "asarray",
    "astype",
    "broadcast_to",
    "concat",
    "cumulative_sum",
    "empty",
    "empty_like",
    "expand_dims",
    "eye",
    "flip",
    "full",
    "full_like",
    "linspace",
    "matmul",
    "matrix_transpose",
    "max",
    "mean",
    "min",
    "moveaxis",
    "ones",
    "ones_like",
    "permute_dims",
    "prod",
    "random",
    "repeat",
    "reshape",
    "roll",
    "sort",
    "squeeze",
    "stack",
    "std",
    "stop_gradient",
    "sum",
    "synchronize",
    "take",
    "take_along_axis",
    "tensordot",
    "tile",
    "tree",
    "tril",
    "triu",
    "unstack",
    "var",
    "vecdot",
    "zeros",
    "zeros_like",
]
