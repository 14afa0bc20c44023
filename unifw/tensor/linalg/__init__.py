"""Linear algebra: the whole extension of the Array API standard 2025.12, under its names, as ``unifw.linalg``.

The last two axes are matrices, earlier ones a stack of them. Factorisations, equations and norms take floating-point
and complex dtypes; half precision is computed in float32 and rounded once.
"""

from unifw.tensor._manipulation import matrix_transpose
from unifw.tensor.linalg._decompositions import (
    EighResult,
    EigResult,
    QRResult,
    SVDResult,
    cholesky,
    eig,
    eigh,
    eigvals,
    eigvalsh,
    qr,
    svd,
    svdvals,
)
from unifw.tensor.linalg._norms import matrix_norm, vector_norm
from unifw.tensor.linalg._products import cross, diagonal, matmul, outer, tensordot, trace, vecdot
from unifw.tensor.linalg._solving import SlogdetResult, det, inv, matrix_power, matrix_rank, pinv, slogdet, solve

__all__ = [
    "EigResult",
    "EighResult",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]
