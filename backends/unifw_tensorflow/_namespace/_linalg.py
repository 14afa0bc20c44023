"""`xp.linalg`: TensorFlow's factorisations. What fails is NaN in its place, where TensorFlow raises."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, Final

from unifw_tensorflow._import import raw, tf
from unifw_tensorflow._namespace._elementwise import multiply
from unifw_tensorflow._namespace._logic import greater, where
from unifw_tensorflow._namespace._manipulation import broadcast_to, expand_dims


def _cholesky(x: Any) -> Any:
    # The kernel leaves the upper triangle as it finds it in memory where the factorisation fails.
    return tf.linalg.band_part(tf.linalg.cholesky(x), -1, 0)


def _qr(x: Any, *, mode: str) -> tuple[Any, Any]:
    if not x.dtype.is_complex or not x.shape.num_elements():
        return tf.linalg.qr(x, full_matrices=mode == "complete")  # type: ignore[no-any-return]
    # Eigen squares complex elements, and those near the largest number overflow; the factor belongs to R.
    largest = tf.reduce_max(tf.maximum(tf.abs(tf.math.real(x)), tf.abs(tf.math.imag(x))), axis=(-2, -1), keepdims=True)
    scale = tf.where(tf.logical_and(largest > 0, tf.math.is_finite(largest)), largest, tf.ones_like(largest))
    scale = tf.stop_gradient(scale)
    small = tf.complex(tf.math.real(x) / scale, tf.math.imag(x) / scale)
    q, r = tf.linalg.qr(small, full_matrices=mode == "complete")
    # Part by part: a product of complex numbers makes NaN of an infinite part.
    return q, tf.complex(tf.math.real(r) * scale, tf.math.imag(r) * scale)


def _svd(x: Any, *, full_matrices: bool) -> tuple[Any, Any, Any]:
    s, u, v = tf.linalg.svd(x, full_matrices=full_matrices)
    return u, s, tf.linalg.adjoint(v)


def _svdvals(x: Any) -> Any:
    # Without vectors the gradient has no formula in TensorFlow that holds under every order of axes.
    return tf.linalg.svd(x, full_matrices=False)[0]


def _eigh(x: Any) -> tuple[Any, Any]:
    values, vectors = tf.linalg.eigh(x)
    return _real(values), vectors


def _eigvalsh(x: Any) -> Any:
    return _real(tf.linalg.eigvalsh(x))


def _real(x: Any) -> Any:
    return tf.math.real(x) if x.dtype.is_complex else x


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _det(x: Any) -> tuple[Any, Any]:
    """The determinants; TensorFlow's own gradient inverts the matrix, which raises if there is no inverse."""
    result = tf.linalg.det(x)

    def gradient(upstream: Any) -> Any:
        some_singular = tf.reduce_any(tf.equal(result, 0))
        cofactors = tf.cond(some_singular, lambda: _cofactors(x), lambda: _scalars(result) * _transposed(_inv(x)))
        return _scalars(upstream) * tf.math.conj(cofactors)

    return result, gradient


def _cofactors(x: Any) -> Any:
    """``det(U) * det(Vh) * conj(U) @ diag(products of all S but one) @ conj(Vh)``."""
    s, u, v = tf.linalg.svd(x, full_matrices=False)
    others = where(tf.eye(x.shape[-1], dtype=tf.bool), 1.0, s[..., tf.newaxis, :])
    sign = tf.linalg.det(u) * tf.linalg.det(tf.linalg.adjoint(v))
    scale = sign[..., tf.newaxis] * tf.cast(tf.reduce_prod(others, axis=-1), x.dtype)
    return raw.BatchMatMulV2(x=tf.math.conj(u) * scale[..., tf.newaxis, :], y=_transposed(v))


def _transposed(x: Any) -> Any:
    return tf.linalg.matrix_transpose(x)


def _scalars(x: Any) -> Any:
    return x[..., tf.newaxis, tf.newaxis]


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _slogdet(x: Any) -> tuple[Any, Any]:
    """The signs, which are constant, and logarithms; TensorFlow's own gradient raises if there is no inverse."""
    sign, logarithm = tf.linalg.slogdet(x)

    def gradient(_: Any, upstream: Any) -> Any:
        return _scalars(tf.cast(upstream, x.dtype)) * tf.math.conj(_transposed(_inv(x)))

    return (sign, _real(logarithm)), gradient


def _singular(x: Any) -> Any:
    """Return which matrices TensorFlow would not invert, as (..., 1, 1): its kernel judges as that of `slogdet`."""
    sign, _ = tf.linalg.slogdet(tf.stop_gradient(x))
    return raw.LogicalNot(x=greater(tf.abs(sign), 0))[..., tf.newaxis, tf.newaxis]


def _inv(x: Any) -> Any:
    singular = _singular(x)
    return where(singular, math.nan, tf.linalg.inv(where(singular, _identity(x), x)))


def _solve(x1: Any, x2: Any) -> Any:
    singular = _singular(x1)
    batch = tf.broadcast_static_shape(x1.shape[:-2], x2.shape[:-2])
    x1 = broadcast_to(where(singular, _identity(x1), x1), [*batch, *x1.shape[-2:]])
    x2 = broadcast_to(x2, [*batch, *x2.shape[-2:]])
    return where(singular, math.nan, tf.linalg.solve(x1, x2))


def _identity(x: Any) -> Any:
    return tf.eye(x.shape[-1], dtype=x.dtype)


def _pinv(x: Any, *, rtol: Any) -> Any:
    """``V @ diag(1 / S) @ adjoint(U)``, without the singular values up to `rtol` times the largest."""
    s, u, v = tf.linalg.svd(x, full_matrices=False)
    large = greater(s, multiply(s[..., :1], expand_dims(rtol, axis=-1)))
    inverse = where(large, raw.Reciprocal(x=where(large, s, 1.0)), 0.0)
    scaled = raw.Mul(x=v, y=tf.cast(inverse[..., tf.newaxis, :], v.dtype))
    return raw.BatchMatMulV2(x=scaled, y=tf.linalg.adjoint(u))


linalg: Final = SimpleNamespace(
    cholesky=_cholesky,
    det=_det,
    eig=tf.linalg.eig,
    eigh=_eigh,
    eigvals=tf.linalg.eigvals,
    eigvalsh=_eigvalsh,
    inv=_inv,
    pinv=_pinv,
    qr=_qr,
    slogdet=_slogdet,
    solve=_solve,
    svd=_svd,
    svdvals=_svdvals,
)
