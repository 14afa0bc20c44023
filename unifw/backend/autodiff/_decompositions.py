"""Derivatives of factorisations, determinants and inverses of real matrices; `xp.linalg` and `xp.fft` of the tape.

Formulas: M. B. Giles, "An extended collection of matrix derivative results for forward and reverse mode algorithmic
differentiation" (2008); for QR, S. F. Walter et al. (2012); for singular values, J. Townsend (2016). Each rule is
written over the inner backend, so that a tape over a tape gives second derivatives. `g` is the gradient of a result,
``x'`` the transpose of x.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from unifw.backend.autodiff._recorder import Function, Recorder
from unifw.errors import UnsupportedError


class LinearAlgebra:
    """``xp.linalg`` of one tape: real matrices; of complex ones, constants only."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._xp = recorder.xp
        self._inner = recorder.xp.linalg
        for name in ("eig", "eigvals"):
            function = constants_only(recorder, f"linalg.{name}", getattr(self._inner, name, None))
            setattr(self, name, function)

    def _values(self, *operands: Any) -> Any:
        """Return the values of operands."""
        values = [self._recorder.value(each) for each in operands]
        return values if len(values) > 1 else values[0]

    def _transposed(self, x: Any) -> Any:
        return self._xp.matrix_transpose(x)

    def _product(self, *factors: Any) -> Any:
        first, *rest = factors
        for each in rest:
            first = self._xp.matmul(first, each)
        return first

    def _columns(self, x: Any) -> Any:
        """Return vectors (..., n) as (..., 1, n): to scale columns by."""
        return self._xp.expand_dims(x, axis=-2)

    def _scalars(self, x: Any) -> Any:
        """Return numbers (...) as (..., 1, 1): to scale matrices by."""
        return self._xp.expand_dims(self._xp.expand_dims(x, axis=-1), axis=-1)

    def _eye(self, x: Any) -> Any:
        """Return the identity of the last size of x."""
        inner = self._recorder.inner
        return self._xp.eye(inner.shape_of(x)[-1], dtype=inner.native_dtype(inner.dtype_of(x)))

    def _inverse_differences(self, x: Any) -> Any:
        """Return ``1 / (x[j] - x[i])`` at (i, j), and 0 where that is not defined."""
        xp = self._xp
        differences = xp.subtract(xp.expand_dims(x, axis=-2), xp.expand_dims(x, axis=-1))
        equal = xp.equal(differences, 0.0)
        return xp.where(equal, 0.0, xp.reciprocal(xp.where(equal, xp.ones_like(differences), differences)))

    # --- equations -------------------------------------------------------------------------------------------------

    def inv(self, x: Any) -> Any:
        """``-y' g y'``."""
        y = self._inner.inv(self._values(x))

        def pull(g: Any) -> Any:
            back = self._transposed(y)
            return self._xp.negative(self._product(back, g, back))

        return self._recorder.record(y, (x, pull))

    def solve(self, x1: Any, x2: Any) -> Any:
        """With h the solution of ``x1' h = g``: h for the right side, ``-h y'`` for the matrix."""
        a, b = self._values(x1, x2)
        y = self._inner.solve(a, b)

        def right(g: Any) -> Any:
            return self._inner.solve(self._transposed(a), g)

        def left(g: Any) -> Any:
            return self._recorder.unbroadcast(self._xp.negative(self._product(right(g), self._transposed(y))), a)

        return self._recorder.record(y, (x1, left), (x2, lambda g: self._recorder.unbroadcast(right(g), b)))

    def det(self, x: Any) -> Any:
        """The cofactors: ``det * inv(x)'``, or by singular values if a determinant is 0."""
        a = self._values(x)
        y = self._inner.det(a)

        def pull(g: Any) -> Any:
            return self._xp.multiply(self._scalars(g), self._cofactors(a, y))

        return self._recorder.record(y, (x, pull))

    def _cofactors(self, a: Any, y: Any) -> Any:
        inner, xp = self._recorder.inner, self._xp
        if (inner.to_numpy(inner.stop_gradient(y)) != 0).all():
            return xp.multiply(self._scalars(y), self._transposed(self._inner.inv(a)))
        u, s, vh = self._inner.svd(a, full_matrices=False)
        # The products of all singular values but one: ones on the diagonal of a matrix of rows s leave it out.
        others = xp.where(
            xp.equal(self._eye(a), 1.0), xp.ones_like(a), xp.broadcast_to(self._columns(s), inner.shape_of(a))
        )
        sign = xp.multiply(self._inner.det(u), self._inner.det(vh))
        scale = xp.multiply(xp.prod(others, axis=-1), xp.expand_dims(sign, axis=-1))
        return self._product(xp.multiply(u, self._columns(scale)), vh)

    def slogdet(self, x: Any) -> tuple[Any, Any]:
        """``inv(x)'`` for the logarithm; the sign is constant."""
        a = self._values(x)
        sign, logarithm = self._inner.slogdet(a)

        def pull(g: Any) -> Any:
            return self._xp.multiply(self._scalars(g), self._transposed(self._inner.inv(a)))

        return sign, self._recorder.record(logarithm, (x, pull))

    def pinv(self, x: Any, *, rtol: Any) -> Any:
        """For constant rank: ``-y' g y' + (1 - x y) g' y y' + y' y g' (1 - y x)``."""
        a, tolerance = self._values(x, rtol)
        y = self._inner.pinv(a, rtol=tolerance)

        def pull(g: Any) -> Any:
            xp, t, product = self._xp, self._transposed, self._product
            back, gt = t(y), t(g)
            left = product(gt, y, back)
            right = product(back, y, gt)
            left = xp.subtract(left, product(a, y, left))
            right = xp.subtract(right, product(right, y, a))
            return xp.subtract(xp.add(left, right), product(back, g, back))

        return self._recorder.record(y, (x, pull))

    # --- factorisations --------------------------------------------------------------------------------------------

    def cholesky(self, x: Any) -> Any:
        """``inv(L)' phi(L' g) inv(L)``, phi being the lower triangle with half of the diagonal; its symmetric part."""
        lower = self._inner.cholesky(self._values(x))

        def pull(g: Any) -> Any:
            xp, t = self._xp, self._transposed
            triangle = xp.tril(self._product(t(lower), g))
            half = xp.multiply(triangle, xp.subtract(1.0, xp.multiply(self._eye(lower), 0.5)))
            both = xp.multiply(xp.add(half, t(half)), 0.5)
            back = self._inner.solve(t(lower), both)
            return t(self._inner.solve(t(lower), t(back)))

        return self._recorder.record(lower, (x, pull))

    def qr(self, x: Any, *, mode: str) -> tuple[Any, Any]:
        """With ``m = R g_R' - g_Q' Q``: ``(g_Q + Q copyltu(m)) inv(R)'``, copyltu mirroring the lower triangle."""
        a = self._values(x)
        shape = self._recorder.inner.shape_of(a)
        q, r = self._inner.qr(a, mode=mode)
        if type(x) is self._recorder.node and mode == "complete" and shape[-2] != shape[-1]:
            raise UnsupportedError(
                f"The gradient tape has no derivative of a complete QR factorisation of shape {shape}: the columns of "
                "Q beyond the matrix's are arbitrary. Write mode='reduced'."
            )

        def pull(m: Any, direct: Any) -> Any:
            xp, t = self._xp, self._transposed
            mirrored = xp.add(xp.tril(m), t(xp.tril(m, k=-1)))
            total = self._product(q, mirrored)
            total = total if direct is None else xp.add(direct, total)
            return t(self._inner.solve(r, t(total)))

        def from_q(g: Any) -> Any:
            return pull(self._xp.negative(self._product(self._transposed(g), q)), g)

        def from_r(g: Any) -> Any:
            return pull(self._product(r, self._transposed(g)), None)

        record = self._recorder.record
        return record(q, (x, from_q)), record(r, (x, from_r))

    def eigh(self, x: Any) -> tuple[Any, Any]:
        """``V diag(g) V'`` for the values, ``V (F * (V' g)) V'`` for the vectors, F of the differences of values."""
        values, vectors = self._inner.eigh(self._values(x))
        back = self._transposed(vectors)

        def from_values(g: Any) -> Any:
            return self._product(self._xp.multiply(vectors, self._columns(g)), back)

        def from_vectors(g: Any) -> Any:
            turned = self._xp.multiply(self._product(back, g), self._inverse_differences(values))
            return self._product(vectors, turned, back)

        record = self._recorder.record
        return record(values, (x, from_values)), record(vectors, (x, from_vectors))

    def eigvalsh(self, x: Any) -> Any:
        """See `eigh`."""
        return self.eigh(x)[0] if type(x) is self._recorder.node else self._inner.eigvalsh(x)

    def svd(self, x: Any, *, full_matrices: bool) -> tuple[Any, Any, Any]:
        """``U diag(g) Vh`` for S; for U and Vh with differences of squares of S, and what they do not span."""
        a = self._values(x)
        shape = self._recorder.inner.shape_of(a)
        u, s, vh = self._inner.svd(a, full_matrices=full_matrices)
        if type(x) is not self._recorder.node:
            return u, s, vh
        if full_matrices and shape[-2] != shape[-1]:
            raise UnsupportedError(
                f"The gradient tape has no derivative of singular vectors beyond the min(m, n) of shape {shape}: they "
                "are arbitrary. Write full_matrices=False."
            )
        xp, product, columns = self._xp, self._product, self._columns
        ut, v = self._transposed(u), self._transposed(vh)

        def from_s(g: Any) -> Any:
            return product(xp.multiply(u, columns(g)), vh)

        def turned(basis_t: Any, g: Any) -> Any:
            part = product(basis_t, g)
            return xp.multiply(xp.subtract(part, self._transposed(part)), self._inverse_differences(xp.square(s)))

        def from_u(g: Any) -> Any:
            inside = product(u, xp.multiply(turned(ut, g), columns(s)))
            scaled = xp.divide(g, columns(s))
            outside = xp.subtract(scaled, product(u, ut, scaled))
            return product(xp.add(inside, outside), vh)

        def from_vh(g: Any) -> Any:
            gv = self._transposed(g)
            inside = product(v, xp.multiply(turned(vh, gv), columns(s)))
            scaled = xp.divide(gv, columns(s))
            outside = xp.subtract(scaled, product(v, vh, scaled))
            return self._transposed(product(xp.add(inside, outside), ut))

        record = self._recorder.record
        return record(u, (x, from_u)), record(s, (x, from_s)), record(vh, (x, from_vh))

    def svdvals(self, x: Any) -> Any:
        """See `svd`."""
        return self.svd(x, full_matrices=False)[1] if type(x) is self._recorder.node else self._inner.svdvals(x)


def fourier(recorder: Recorder) -> SimpleNamespace:
    """Return ``xp.fft`` of one tape: of constants only, for the results are complex."""
    inner = recorder.xp.fft
    names = ("fftn", "ifftn", "rfftn", "irfftn")
    return SimpleNamespace(**{name: constants_only(recorder, f"fft.{name}", getattr(inner, name)) for name in names})


def constants_only(recorder: Recorder, name: str, function: Any) -> Function:
    """Return a function that refuses recorded operands."""

    def apply(*arguments: Any, **options: Any) -> Any:
        if any(type(each) is recorder.node for each in (*arguments, *options.values())):
            raise UnsupportedError(
                f"The gradient tape has no derivative of {name}: it does not differentiate complex numbers. Use "
                "stop_gradient on the operands, or another backend."
            )
        return function(*arguments, **options)

    return apply
