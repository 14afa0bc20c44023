"""`unifw.linalg` against NumPy and JAX, on every backend: values, dtypes, stacks, nothing, bad input, gradients."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import unifw as uf
from unifw.errors import ArgumentError, DTypeError, ShapeError, UnsupportedError
from unifw.tensor import linalg as by_path

DTYPES = ("float32", "float64", "complex64", "complex128")
TOLERANCE = {"float32": 2e-4, "complex64": 2e-4, "float64": 1e-10, "complex128": 1e-10}
REAL = {"complex64": "float32", "complex128": "float64"}
COMPLEX = {"float32": "complex64", "float64": "complex128"}
STACKS = ((), (2,), (2, 3))


def values(shape, dtype="float64", seed=0):
    random = np.random.default_rng(seed)
    array = random.standard_normal(shape)
    if dtype.startswith("complex"):
        array = array + 1j * random.standard_normal(shape)
    return array.astype(dtype)


def adjoint(array):
    return np.conj(np.swapaxes(array, -1, -2))


def positive_definite(shape, dtype="float64"):
    array = values(shape, dtype)
    return (array @ adjoint(array) + 2 * np.eye(shape[-1])).astype(dtype)


def close(actual, expected, dtype):
    assert isinstance(actual, uf.Tensor)
    expected = np.asarray(expected)
    assert actual.shape == expected.shape
    assert actual.dtype.name == dtype
    tolerance = TOLERANCE[dtype]
    np.testing.assert_allclose(np.asarray(actual), expected, rtol=tolerance, atol=tolerance)


def test_it_can_be_imported_and_is_the_whole_extension():
    import unifw.linalg

    standard = {name for name in dir(np.linalg) if not name.startswith("_")} & set(by_path.__all__)
    assert unifw.linalg is uf.linalg
    assert unifw.linalg.solve is by_path.solve
    assert set(uf.linalg.__all__) - {"EigResult", "EighResult", "QRResult", "SVDResult", "SlogdetResult"} == (
        set(
            """cholesky cross det diagonal eig eigh eigvals eigvalsh inv matmul matrix_norm matrix_power matrix_rank
        matrix_transpose outer pinv qr slogdet solve svd svdvals tensordot trace vecdot vector_norm""".split()
        )
    )
    assert len(standard) >= 24
    assert uf.linalg.matmul is uf.matmul


# --- equations, determinants, powers -------------------------------------------------------------------------------


@pytest.mark.parametrize("stack", STACKS, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["det", "inv"])
def test_functions_of_square_matrices(backend, name, dtype, stack):
    x = values((*stack, 3, 3), dtype)
    close(getattr(uf.linalg, name)(uf.asarray(x)), getattr(np.linalg, name)(x), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_slogdet(backend, dtype):
    x = values((4, 3, 3), dtype)
    result = uf.linalg.slogdet(uf.asarray(x))
    expected = np.linalg.slogdet(x)
    close(result.sign, expected.sign, dtype)
    close(result.logabsdet, expected.logabsdet, REAL.get(dtype, dtype))
    sign, logabsdet = result
    assert sign is result.sign
    assert logabsdet is result.logabsdet


def test_slogdet_of_a_singular_matrix(backend):
    sign, logarithm = uf.linalg.slogdet(uf.zeros((2, 2)))
    assert (sign.item(), logarithm.item()) == (0.0, -np.inf)
    assert uf.linalg.det(uf.zeros((2, 2))).item() == 0.0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("stack1", "stack2"), [((), ()), ((2,), (2,)), ((2,), ()), ((), (2,)), ((3, 1), (2,)), ((1,), (3,))], ids=str
)
def test_solve_broadcasts_stacks(backend, dtype, stack1, stack2):
    a, b = values((*stack1, 3, 3), dtype), values((*stack2, 3, 2), dtype, seed=1)
    close(uf.linalg.solve(uf.asarray(a), uf.asarray(b)), np.linalg.solve(a, b), dtype)


@pytest.mark.parametrize("stack", STACKS, ids=str)
def test_solve_takes_one_vector(backend, stack):
    a, b = values((*stack, 3, 3)), values(3, seed=1)
    close(uf.linalg.solve(uf.asarray(a), uf.asarray(b)), np.linalg.solve(a, b[:, None])[..., 0], "float64")


def test_solve_takes_square_right_sides_for_matrices_not_vectors(backend):
    a, b = values((3, 3, 3)), values((3, 3), seed=1)
    close(uf.linalg.solve(uf.asarray(a), uf.asarray(b)), np.linalg.solve(a, np.stack([b] * 3)), "float64")


def test_solve_promotes(backend):
    a, b = values((3, 3), "float32"), values((3, 1), "complex128")
    assert uf.linalg.solve(uf.asarray(a), uf.asarray(b)).dtype == uf.complex128


@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 5), (2, 5, 3)], ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_pinv(backend, dtype, shape):
    x = values(shape, dtype)
    close(uf.linalg.pinv(uf.asarray(x)), np.linalg.pinv(x), dtype)


def test_pinv_and_rank_cut_off_small_singular_values(backend):
    x = np.stack([np.diag([3.0, 2.0, 1e-3]), np.diag([1.0, 0.2, 0.0])])
    tensor = uf.asarray(x)
    assert uf.linalg.matrix_rank(tensor).tolist() == [3, 2]
    assert uf.linalg.matrix_rank(tensor).dtype == uf.int64
    assert uf.linalg.matrix_rank(tensor, rtol=0.01).tolist() == [2, 2]
    each = uf.asarray([1e-6, 0.5], dtype="float64")
    assert uf.linalg.matrix_rank(tensor, rtol=each).tolist() == [3, 1]
    close(uf.linalg.pinv(tensor, rtol=0.01), np.linalg.pinv(x, rtol=0.01), "float64")
    close(uf.linalg.pinv(tensor, rtol=each), np.linalg.pinv(x, rtol=np.asarray([1e-6, 0.5])), "float64")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_rank_is_judged_by_the_precision_of_the_dtype(backend, dtype):
    x = np.outer([1.0, 0.3, 0.7], [0.1, 0.9, 0.4])
    assert uf.linalg.matrix_rank(uf.asarray(x, dtype=dtype)).item() == 1


@pytest.mark.parametrize("n", [-3, -1, 0, 1, 2, 5, 8])
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_matrix_power(backend, dtype, n):
    x = values((2, 3, 3), dtype)
    close(uf.linalg.matrix_power(uf.asarray(x), n), np.linalg.matrix_power(x, n), dtype)


# --- factorisations ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stack", STACKS, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_cholesky(backend, dtype, stack):
    x = positive_definite((*stack, 3, 3), dtype)
    expected = np.linalg.cholesky(x)
    close(uf.linalg.cholesky(uf.asarray(x)), expected, dtype)
    close(uf.linalg.cholesky(uf.asarray(x), upper=True), adjoint(expected), dtype)


@pytest.mark.parametrize("mode", ["reduced", "complete"])
@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 5), (2, 4, 3), (2, 3, 4)], ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_qr(backend, dtype, shape, mode):
    x = values(shape, dtype)
    q, r = result = uf.linalg.qr(uf.asarray(x), mode=mode)
    assert (q is result.Q, r is result.R) == (True, True)
    expected = np.linalg.qr(x, mode=mode)
    assert (q.shape, r.shape) == (expected.Q.shape, expected.R.shape)
    close(q @ r, x, dtype)
    close(
        uf.matmul(uf.asarray(adjoint(np.asarray(q))), q),
        np.broadcast_to(np.eye(q.shape[-1]), (*shape[:-2], *q.shape[-1:] * 2)),
        dtype,
    )
    np.testing.assert_array_equal(np.asarray(r), np.triu(np.asarray(r)))
    close(abs(r), abs(expected.R), REAL.get(dtype, dtype))
    np.testing.assert_allclose(np.imag(np.diagonal(np.asarray(r), axis1=-2, axis2=-1))[..., :2], 0, atol=1e-6)


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 5), (2, 4, 3), (2, 3, 4)], ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_svd(backend, dtype, shape, full):
    x = values(shape, dtype)
    u, s, vh = result = uf.linalg.svd(uf.asarray(x), full_matrices=full)
    assert (u is result.U, s is result.S, vh is result.Vh) == (True, True, True)
    expected = np.linalg.svd(x, full_matrices=full)
    assert (u.shape, vh.shape) == (expected.U.shape, expected.Vh.shape)
    close(s, expected.S, REAL.get(dtype, dtype))
    close(uf.linalg.svdvals(uf.asarray(x)), expected.S, REAL.get(dtype, dtype))
    k = min(shape[-2:])
    again = (np.asarray(u)[..., :k] * np.asarray(s)[..., None, :]) @ np.asarray(vh)[..., :k, :]
    np.testing.assert_allclose(again, x, atol=10 * TOLERANCE[dtype])
    for unitary in (np.asarray(u), adjoint(np.asarray(vh))):
        np.testing.assert_allclose(
            adjoint(unitary) @ unitary,
            np.broadcast_to(np.eye(unitary.shape[-1]), (*shape[:-2], *unitary.shape[-1:] * 2)),
            atol=TOLERANCE[dtype],
        )


@pytest.mark.parametrize("stack", STACKS, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_eigh(backend, dtype, stack):
    x = positive_definite((*stack, 3, 3), dtype)
    w, v = result = uf.linalg.eigh(uf.asarray(x))
    assert (w is result.eigenvalues, v is result.eigenvectors) == (True, True)
    close(w, np.linalg.eigvalsh(x), REAL.get(dtype, dtype))
    close(uf.linalg.eigvalsh(uf.asarray(x)), np.linalg.eigvalsh(x), REAL.get(dtype, dtype))
    assert v.dtype.name == dtype
    vectors = np.asarray(v)
    np.testing.assert_allclose(
        (vectors * np.asarray(w)[..., None, :]) @ adjoint(vectors), x, atol=10 * TOLERANCE[dtype]
    )


def test_both_triangles_of_a_symmetric_matrix_are_read(backend):
    x = positive_definite((3, 3)) + np.triu(values((3, 3), seed=2), 1)
    mean = (x + x.T) / 2
    close(uf.linalg.eigvalsh(uf.asarray(x)), np.linalg.eigvalsh(mean), "float64")
    close(uf.linalg.cholesky(uf.asarray(x)), np.linalg.cholesky(mean), "float64")


@pytest.mark.parametrize("stack", STACKS, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_eig_is_complex(backend, dtype, stack):
    x = values((*stack, 3, 3), dtype)
    w, v = result = uf.linalg.eig(uf.asarray(x))
    assert (w is result.eigenvalues, v is result.eigenvectors) == (True, True)
    wide = COMPLEX.get(dtype, dtype)
    assert (w.dtype.name, v.dtype.name) == (wide, wide)
    assert (w.shape, v.shape) == (x.shape[:-1], x.shape)
    found, vectors = np.asarray(w), np.asarray(v)
    np.testing.assert_allclose(x @ vectors, vectors * found[..., None, :], atol=10 * TOLERANCE[dtype])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=-2), np.ones(found.shape), rtol=1e-4)
    only = np.asarray(uf.linalg.eigvals(uf.asarray(x)))
    assert only.dtype.name == wide
    np.testing.assert_allclose(np.sort_complex(only), np.sort_complex(found), atol=10 * TOLERANCE[dtype])


def test_real_eigenvalues_are_complex_too(backend):
    assert uf.linalg.eigvals(uf.eye(2)).dtype == uf.complex64
    assert uf.linalg.eig(uf.eye(2)).eigenvectors.dtype == uf.complex64


# --- products and parts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "uint16", "uint64", "float32", "bfloat16", "complex64"])
def test_products_of_every_kind(backend, dtype):
    a = uf.asarray([1, 2, 3], dtype=dtype)
    b = uf.asarray([4, 5, 7], dtype=dtype)
    assert uf.linalg.outer(a, b).tolist() == [[4, 5, 7], [8, 10, 14], [12, 15, 21]]
    assert uf.linalg.vecdot(a, b).item() == 35
    expected = np.cross([1, 2, 3], [4, 5, 7])
    if dtype.startswith("u"):
        expected = expected.astype(dtype)
    assert uf.linalg.cross(a, b).tolist() == expected.tolist()
    for result in (uf.linalg.outer(a, b), uf.linalg.vecdot(a, b), uf.linalg.cross(a, b)):
        assert result.dtype.name == dtype


@pytest.mark.parametrize("axis", [-1, -2])
def test_cross_broadcasts(backend, axis):
    a, b = values((4, 3, 3)), values((3, 3), seed=1)
    close(
        uf.linalg.cross(uf.asarray(a), uf.asarray(b), axis=axis),
        np.linalg.cross(a, np.stack([b] * 4), axis=axis),
        "float64",
    )


def test_vecdot_conjugates_its_first_operand(backend):
    a, b = values((2, 3), "complex64"), values((1, 3), "complex64", seed=1)
    close(uf.linalg.vecdot(uf.asarray(a), uf.asarray(b)), np.sum(np.conj(a) * b, -1), "complex64")


@pytest.mark.parametrize("shape", [(3, 4), (4, 3), (2, 3, 3), (0, 3), (2, 3, 0), (1, 1)], ids=str)
@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float32", "complex64"])
def test_diagonals(backend, dtype, shape):
    x = (np.arange(np.prod(shape)) % 7).reshape(shape).astype(dtype)
    for offset in (-5, -3, -2, -1, 0, 1, 2, 4, 7):
        found = uf.linalg.diagonal(uf.asarray(x), offset=offset)
        expected = np.diagonal(x, offset, -2, -1)
        np.testing.assert_array_equal(np.asarray(found), expected)
        assert found.dtype.name == dtype
        if dtype == "bool":
            continue
        found = uf.linalg.trace(uf.asarray(x), offset=offset)
        np.testing.assert_array_equal(np.asarray(found), np.linalg.trace(x, offset=offset))
        wide = {"int8": "int64", "uint64": "uint64"}
        assert found.dtype.name == wide.get(dtype, dtype)


def test_trace_in_another_dtype(backend):
    assert uf.linalg.trace(uf.asarray([[100, 0], [0, 100]], dtype="int8"), dtype="int32").item() == 200
    assert uf.linalg.trace(uf.ones((2, 2)), dtype="float64").dtype == uf.float64


# --- norms ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [2, 1, 0, -1, -2, 3, 0.5, -2.5, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", DTYPES)
def test_vector_norm(backend, dtype, order):
    x = values((2, 3, 4), dtype)
    for axis, keepdims in ((None, False), (0, True), (-1, False), ((0, 2), False), (None, True)):
        found = uf.linalg.vector_norm(uf.asarray(x), axis=axis, ord=order, keepdims=keepdims)
        expected = np.linalg.vector_norm(x, axis=axis, ord=order, keepdims=keepdims)
        close(found, expected, REAL.get(dtype, dtype))


@pytest.mark.parametrize("order", ["fro", "nuc", None, 1, -1, 2, -2, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", DTYPES)
def test_matrix_norm(backend, dtype, order):
    for shape, keepdims in (((3, 3), False), ((2, 3, 4), True), ((2, 4, 3), False)):
        x = values(shape, dtype)
        found = uf.linalg.matrix_norm(uf.asarray(x), ord=order, keepdims=keepdims)
        expected = np.linalg.matrix_norm(x, ord="fro" if order is None else order, keepdims=keepdims)
        close(found, expected, REAL.get(dtype, dtype))


# --- half precision, nothing at all, and what has no result --------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(
    "call",
    [
        lambda xp, x: xp.linalg.inv(x),
        lambda xp, x: xp.linalg.det(x),
        lambda xp, x: xp.linalg.solve(x, x[..., ::-1, :1]),
        lambda xp, x: xp.linalg.slogdet(x)[1],
        lambda xp, x: xp.linalg.eigvalsh(x),
        lambda xp, x: xp.linalg.svdvals(x),
        lambda xp, x: xp.linalg.pinv(x, rtol=1e-3),
        lambda xp, x: xp.linalg.cholesky(x),
        lambda xp, x: xp.linalg.matrix_power(x, 3),
        lambda xp, x: xp.linalg.matrix_norm(x, ord="nuc"),
        lambda xp, x: xp.linalg.vector_norm(x, ord=3, axis=-1),
    ],
    ids=lambda call: call.__code__.co_names[1],
)
def test_half_precision_is_computed_in_float32_and_rounded_once(backend, call, dtype):
    x = uf.asarray(positive_definite((2, 3, 3)), dtype=dtype)
    found = call(uf, x)
    assert found.dtype.name == dtype
    expected = call(np, np.asarray(x).astype(np.float32)).astype(found.dtype)
    unit = 2.0**-10 if dtype == "float16" else 2.0**-7  # float32's own rounding may fall to the other side
    np.testing.assert_allclose(np.asarray(found).astype(np.float32), expected.astype(np.float32), rtol=unit)


def test_eigenvalues_of_half_precision_are_complex64(backend):
    assert uf.linalg.eigvals(uf.eye(2, dtype="float16")).dtype == uf.complex64


EMPTY = {
    "no matrices": (0, 3, 3),
    "no rows": (2, 0, 0),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", EMPTY.values(), ids=EMPTY)
@pytest.mark.parametrize(
    "name", ["cholesky", "det", "inv", "slogdet", "eigh", "eigvalsh", "eigvals", "eig", "qr", "svd", "svdvals", "pinv"]
)
def test_empty_stacks_have_the_shapes_and_dtypes_of_numpy(backend, name, shape, dtype):
    x = np.zeros(shape, dtype)
    found = getattr(uf.linalg, name)(uf.asarray(x))
    expected = getattr(np.linalg, name)(x)
    several = found if isinstance(found, tuple) else (found,)
    for one, other in zip(several, expected if isinstance(expected, tuple) else (expected,), strict=True):
        wide = COMPLEX.get(dtype, dtype) if name in ("eig", "eigvals") else other.dtype.name
        assert (one.shape, one.dtype.name) == (other.shape, wide)
        np.testing.assert_array_equal(np.asarray(one), other)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (2, 0, 3), (0, 2, 3)], ids=str)
def test_empty_matrices_that_are_not_square(backend, shape):
    x = np.zeros(shape)
    for options in ({"full_matrices": True}, {"full_matrices": False}):
        for one, other in zip(uf.linalg.svd(uf.asarray(x), **options), np.linalg.svd(x, **options), strict=True):
            np.testing.assert_array_equal(np.asarray(one), other, strict=True)
    for mode in ("reduced", "complete"):
        for one, other in zip(uf.linalg.qr(uf.asarray(x), mode=mode), np.linalg.qr(x, mode=mode), strict=True):
            np.testing.assert_array_equal(np.asarray(one), other, strict=True)
    assert uf.linalg.pinv(uf.asarray(x)).shape == (*shape[:-2], shape[-1], shape[-2])
    assert uf.linalg.matrix_rank(uf.asarray(x)).tolist() == [0] * 2 if shape[0] == 2 else True
    for order in ("fro", "nuc", 1, 2, np.inf):
        found = uf.linalg.matrix_norm(uf.asarray(x), ord=order)
        np.testing.assert_array_equal(np.asarray(found), np.zeros(shape[:-2]), strict=True)


def test_empty_right_sides_and_systems(backend):
    for a, b, shape in (
        ((3, 3), (3, 0), (3, 0)),
        ((0, 0), (0, 2), (0, 2)),
        ((0, 0), (0,), (0,)),
        ((0, 3, 3), (3,), (0, 3)),
        ((2, 0, 0), (0, 2), (2, 0, 2)),
    ):
        assert uf.linalg.solve(uf.zeros(a), uf.zeros(b)).shape == shape


def test_norms_of_nothing(backend):
    assert uf.linalg.vector_norm(uf.zeros(0)).item() == 0.0
    assert uf.linalg.vector_norm(uf.zeros(0), ord=float("inf")).item() == 0.0
    assert uf.linalg.matrix_power(uf.zeros((0, 2, 2)), 0).shape == (0, 2, 2)


def test_a_singular_matrix_gives_values_that_are_not_finite_and_leaves_the_others(backend):
    good = values((3, 3))
    x = uf.asarray(np.stack([np.zeros((3, 3)), good]))
    for found, expected in (
        (uf.linalg.inv(x), np.linalg.inv(good)),
        (uf.linalg.solve(x, uf.ones(3, dtype="float64")), np.linalg.solve(good, np.ones(3))),
    ):
        assert not np.isfinite(np.asarray(found)[0]).all()
        np.testing.assert_allclose(np.asarray(found)[1], expected)


def test_a_matrix_that_is_not_positive_definite_has_no_factor_and_leaves_the_others(backend):
    good = positive_definite((3, 3))
    found = np.asarray(uf.linalg.cholesky(uf.asarray(np.stack([-good, good]))))
    assert np.isnan(found[0]).any()
    np.testing.assert_array_equal(np.triu(found[0], 1), np.zeros((3, 3)))
    np.testing.assert_allclose(found[1], np.linalg.cholesky(good))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["eigh", "eigvalsh", "eig", "eigvals", "svd", "svdvals", "pinv"])
def test_a_matrix_that_is_not_finite_gives_nan_and_leaves_the_others(backend, name, bad):
    good = positive_definite((3, 3))
    x = np.stack([good, good])
    x[0, 1, 1] = bad
    found = getattr(uf.linalg, name)(uf.asarray(x))
    for each in found if isinstance(found, tuple) else (found,):
        assert np.isnan(np.asarray(each)[0]).all()
        assert np.isfinite(np.asarray(each)[1]).all()


# --- bad input -----------------------------------------------------------------------------------------------------

# ruff: noqa: E501 - one line for each call
BAD = {
    "not square": (lambda: uf.linalg.inv(uf.ones((2, 3))), ShapeError, r"inv\(\) needs square matrices \(\.\.\., n, n\), got shape \(2, 3\)\."),
    "a vector": (lambda: uf.linalg.qr(uf.ones(3)), ShapeError, r"qr\(\) needs matrices \(\.\.\., m, n\), got shape \(3,\)\."),
    "integers": (lambda: uf.linalg.det(uf.asarray([[1, 2], [3, 4]])), DTypeError, r"det\(\) got int64, but takes complex or floating"),
    "booleans": (lambda: uf.linalg.outer(uf.asarray([True]), uf.asarray([True])), DTypeError, r"outer\(\) got bool"),
    "mode": (lambda: uf.linalg.qr(uf.eye(2), mode="full"), ArgumentError, "mode='full'"),
    "order": (lambda: uf.linalg.matrix_norm(uf.eye(2), ord=3), ArgumentError, "ord=3"),
    "order of a vector": (lambda: uf.linalg.vector_norm(uf.ones(2), ord="fro"), ArgumentError, "'fro'"),
    "power": (lambda: uf.linalg.matrix_power(uf.eye(2), 0.5), ArgumentError, "integer n, got 0.5"),
    "right side": (lambda: uf.linalg.solve(uf.eye(3), uf.ones((2, 1))), ShapeError, r"right side of shape \(2, 1\)"),
    "right side of no axes": (lambda: uf.linalg.solve(uf.eye(1), 2.0), ShapeError, r"right side of shape \(\)"),
    "stacks": (lambda: uf.linalg.solve(uf.ones((2, 3, 3)), uf.ones((4, 3, 1))), ShapeError, "do not broadcast"),
    "cross": (lambda: uf.linalg.cross(uf.ones(2), uf.ones(2)), ShapeError, r"cross\(\) needs size 3 along axis -1"),
    "cross of a broadcast axis": (lambda: uf.linalg.cross(uf.ones((2, 3)), uf.ones((2, 1))), ShapeError, "needs size 3"),
    "cross axis": (lambda: uf.linalg.cross(uf.ones((2, 3)), uf.ones(3), axis=1), ShapeError, "it must be from -1 to -1"),
    "outer": (lambda: uf.linalg.outer(uf.ones((2, 2)), uf.ones(2)), ShapeError, "two vectors"),
    "vecdot": (lambda: uf.linalg.vecdot(uf.ones(3), uf.ones(1)), ShapeError, "sizes must be equal"),
    "vecdot axis": (lambda: uf.linalg.vecdot(uf.ones(3), uf.ones(3), axis=2), ShapeError, "axis=2"),
    "tensordot": (lambda: uf.linalg.tensordot(uf.ones((2, 3)), uf.ones((2, 3)), axes=1), ShapeError, r"sizes \[3\] and \[2\]"),
    "tensordot axes": (lambda: uf.linalg.tensordot(uf.ones(3), uf.ones(3), axes=2), ShapeError, "from 0 to 1"),
    "tensordot pairs": (lambda: uf.linalg.tensordot(uf.ones(3), uf.ones(3), axes=((0,), ())), ArgumentError, "Give pairs"),
    "rtol": (lambda: uf.linalg.pinv(uf.eye(2), rtol=uf.asarray([1])), DTypeError, "real floating-point rtol, got int64"),
    "rtol's shape": (lambda: uf.linalg.pinv(uf.eye(2), rtol=uf.ones(3)), ShapeError, r"rtol of shape \(3,\)"),
    "smallest of nothing": (lambda: uf.linalg.matrix_norm(uf.ones((0, 2)), ord=-2), ShapeError, "no elements"),
    "smallest element of nothing": (lambda: uf.linalg.vector_norm(uf.ones(0), ord=-float("inf")), ShapeError, "no elements"),
    "diagonal": (lambda: uf.linalg.diagonal(uf.ones(2)), ShapeError, r"diagonal\(\) needs matrices"),
    "trace": (lambda: uf.linalg.trace(uf.asarray([[True]])), DTypeError, r"trace\(\) got bool"),
    "norm's axis": (lambda: uf.linalg.vector_norm(uf.ones(2), axis=1), ShapeError, "axis=1"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_with_the_same_words_everywhere(backend, name):
    call, kind, message = BAD[name]
    with pytest.raises(kind, match=message) as caught:
        call()
    with uf.use_backend("numpy"), pytest.raises(kind) as again:
        call()
    assert str(caught.value) == str(again.value)


# --- gradients -----------------------------------------------------------------------------------------------------

SQUARE = values((2, 3, 3))
TALL = values((2, 4, 3), seed=1)
WIDE = values((2, 3, 4), seed=2)
POSITIVE = positive_definite((2, 3, 3))


def weighted(xp, result):
    """A sum that every element enters with another weight."""
    weights = np.cos(np.arange(np.prod(result.shape, dtype=int))).reshape(result.shape)
    return xp.sum(result * xp.asarray(weights))


def _scaled(xp, x):
    return x * xp.asarray(np.linspace(0.5, 1.5, 3))


# Signs of vectors are the framework's choice, so the functions are even in them.
GRADIENTS = {
    "cholesky": (lambda xp, x: xp.linalg.cholesky(x), (POSITIVE,)),
    "cholesky upper": (lambda xp, x: xp.linalg.cholesky(x, upper=True), (POSITIVE,)),
    "inv": (lambda xp, x: xp.linalg.inv(x), (SQUARE,)),
    "solve": (lambda xp, a, b: xp.linalg.solve(a, b), (SQUARE, values((2, 3, 2), seed=3))),
    "solve broadcast": (lambda xp, a, b: xp.linalg.solve(a, b), (SQUARE[0], values((2, 3, 2), seed=3))),
    "solve broadcast right": (lambda xp, a, b: xp.linalg.solve(a, b), (SQUARE, values((3, 2), seed=3))),
    "solve a vector": (lambda xp, a, b: xp.linalg.solve(a, b), (SQUARE[0], values(3, seed=3))),
    "det": (lambda xp, x: xp.linalg.det(x), (SQUARE,)),
    "slogdet": (lambda xp, x: xp.linalg.slogdet(x)[1], (SQUARE,)),
    "eigh values": (lambda xp, x: xp.linalg.eigh(x)[0], (POSITIVE,)),
    "eigh vectors": (lambda xp, x: xp.linalg.eigh(x)[1] ** 2, (POSITIVE,)),
    "eigvalsh": (lambda xp, x: xp.linalg.eigvalsh(x), (POSITIVE,)),
    "svd values": (lambda xp, x: xp.linalg.svd(x, full_matrices=False)[1], (TALL,)),
    "svd left, tall": (lambda xp, x: xp.linalg.svd(x, full_matrices=False)[0] ** 2, (TALL,)),
    "svd left, wide": (lambda xp, x: xp.linalg.svd(x, full_matrices=False)[0] ** 2, (WIDE,)),
    "svd right, tall": (lambda xp, x: xp.linalg.svd(x, full_matrices=False)[2] ** 2, (TALL,)),
    "svd right, wide": (lambda xp, x: xp.linalg.svd(x, full_matrices=False)[2] ** 2, (WIDE,)),
    "svd square, full": (lambda xp, x: xp.linalg.svd(x)[0] ** 2, (SQUARE,)),
    "svdvals": (lambda xp, x: xp.linalg.svdvals(x), (WIDE,)),
    "qr Q": (lambda xp, x: xp.linalg.qr(x)[0] ** 2, (TALL,)),
    "qr R": (lambda xp, x: xp.linalg.qr(x)[1] ** 2, (TALL,)),
    "qr square": (lambda xp, x: (xp.linalg.qr(x)[1] * xp.linalg.qr(x)[1]) ** 2, (SQUARE,)),
    "pinv": (lambda xp, x: xp.linalg.pinv(x), (TALL,)),
    "pinv wide": (lambda xp, x: xp.linalg.pinv(x), (WIDE,)),
    "matrix_power": (lambda xp, x: xp.linalg.matrix_power(x, 3), (SQUARE,)),
    "matrix_power negative": (lambda xp, x: xp.linalg.matrix_power(x, -2), (SQUARE,)),
    "matrix_norm": (lambda xp, x: xp.linalg.matrix_norm(x), (TALL,)),
    "matrix_norm nuc": (lambda xp, x: xp.linalg.matrix_norm(x, ord="nuc"), (TALL,)),
    "matrix_norm 2": (lambda xp, x: xp.linalg.matrix_norm(x, ord=2), (TALL,)),
    "matrix_norm 1": (lambda xp, x: xp.linalg.matrix_norm(x, ord=1), (TALL,)),
    "vector_norm": (lambda xp, x: xp.linalg.vector_norm(x, axis=-1), (TALL,)),
    "vector_norm 3": (lambda xp, x: xp.linalg.vector_norm(x, axis=(0, 1), ord=3), (TALL,)),
    "trace": (lambda xp, x: xp.linalg.trace(x, offset=1), (TALL,)),
    "diagonal": (lambda xp, x: xp.linalg.diagonal(x, offset=-1), (TALL,)),
    "outer": (lambda xp, a, b: xp.linalg.outer(a, b), (values(3), values(2))),
    "cross": (lambda xp, a, b: xp.linalg.cross(a, b), (values((2, 3)), values((2, 3), seed=1))),
}


def _by_jax(function, inputs):
    with jax.enable_x64(True):
        arrays = tuple(jnp.asarray(each) for each in inputs)
        return jax.grad(function, argnums=tuple(range(len(inputs))))(*arrays)


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_are_those_of_jax(backend, name):
    call, inputs = GRADIENTS[name]
    expected = _by_jax(lambda *arrays: weighted(jnp, call(jnp, *arrays)), inputs)
    found = uf.grad(lambda *arrays: weighted(uf, call(uf, *arrays)), argnums=tuple(range(len(inputs))))(
        *[uf.asarray(each) for each in inputs]
    )
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(np.asarray(one), other, rtol=1e-7, atol=1e-9)


def test_gradient_of_a_wide_qr_agrees_with_finite_differences(backend):
    from tests.backends.finite_differences import finite_differences

    def loss(xp, x):
        q, r = xp.linalg.qr(x)
        return weighted(xp, q**2) + weighted(xp, r**2)

    expected = finite_differences(lambda arrays: loss(np, arrays[0]), [WIDE[0]])[0]
    np.testing.assert_allclose(np.asarray(uf.grad(lambda x: loss(uf, x))(uf.asarray(WIDE[0]))), expected, atol=1e-6)


def test_gradient_of_the_determinant_of_a_singular_matrix_is_its_cofactors(backend, request):
    if backend.name == "torch":
        reason = "torch.linalg.det's own gradient is 0 at this matrix (measured, torch 2.13)"
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    x = np.asarray([[1.0, 2.0], [2.0, 4.0]])
    found = uf.grad(uf.linalg.det)(uf.asarray(x))
    np.testing.assert_allclose(np.asarray(found), [[4.0, -2.0], [-2.0, 1.0]], atol=1e-12)


@pytest.mark.parametrize("name", ["inv", "det", "solve", "cholesky", "eigvalsh", "qr R", "svd left, tall", "slogdet"])
def test_second_derivatives_are_those_of_jax(backend, name):
    call, inputs = GRADIENTS[name]
    inputs = tuple(each[0] for each in inputs)

    def second(xp, grad):
        def first(x):
            return weighted(xp, call(xp, x, *[xp.asarray(each) for each in inputs[1:]]))

        return grad(lambda x: xp.sum(grad(first)(x) ** 2))

    with jax.enable_x64(True):
        expected = second(jnp, jax.grad)(jnp.asarray(inputs[0]))
    found = second(uf, uf.grad)(uf.asarray(inputs[0]))
    np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-6, atol=1e-8)


def test_the_tape_says_what_it_cannot_differentiate():
    with uf.use_backend("numpy"):
        for call, message in (
            (lambda x: uf.sum(abs(uf.linalg.eigvals(x))), "no derivative of linalg.eigvals"),
            (lambda x: uf.sum(uf.linalg.svd(x[:2])[2]), "full_matrices=False"),
            (lambda x: uf.sum(uf.linalg.qr(x[:, :2], mode="complete")[0]), "mode='reduced'"),
        ):
            with pytest.raises(UnsupportedError, match=message):
                uf.grad(call)(uf.asarray(SQUARE[0]))


# --- compiled ------------------------------------------------------------------------------------------------------


def _everything(x, w):
    definite = x @ x.mT + uf.eye(3)
    u, s, vh = uf.linalg.svd(w, full_matrices=False)
    return {
        "inv": uf.linalg.inv(x),
        "solve": uf.linalg.solve(x, w),
        "singular": uf.linalg.inv(0.0 * x[0]),
        "cholesky": uf.linalg.cholesky(definite),
        "det": uf.linalg.det(x),
        "slogdet": uf.linalg.slogdet(x)[1],
        "eigh": uf.linalg.eigh(definite)[0],
        "svd": (u * s[..., None, :]) @ vh,
        "pinv": uf.linalg.pinv(w),
        "rank": uf.linalg.matrix_rank(w),
        "qr": uf.matmul(*uf.linalg.qr(w)),
        "norm": uf.linalg.matrix_norm(w, ord="nuc"),
        "power": uf.linalg.matrix_power(x, -3),
        "trace": uf.linalg.trace(w),
        "cross": uf.linalg.cross(x, x[:1]),
    }


@pytest.mark.filterwarnings("ignore:Torchinductor does not support code generation for complex")
def test_compiled_functions_give_the_same(backend):
    x, w = uf.asarray(SQUARE, dtype="float32"), uf.asarray(WIDE, dtype="float32")
    eager, compiled = _everything(x, w), uf.jit(_everything)(x, w)
    for name, expected in eager.items():
        found = np.asarray(compiled[name])
        if name == "singular":
            assert not np.isfinite(found).all()
            assert not np.isfinite(np.asarray(expected)).all()
        else:
            np.testing.assert_allclose(found, np.asarray(expected), rtol=1e-4, atol=1e-4, err_msg=name)


def test_shapes_without_values_are_those_of_values():
    from unifw.backend.abstract import AbstractBackend

    abstract = AbstractBackend()
    x, w = uf.asarray(SQUARE, backend="numpy"), uf.asarray(WIDE, backend="numpy")
    shapeless = [uf.Tensor(abstract.asarray(each.native), abstract) for each in (x, w)]
    for name, expected in _everything_linear(x, w).items():
        found = _everything_linear(*shapeless)[name]
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype), name
    assert abstract.flops > 0


def _everything_linear(x, w):
    parts = {
        f"{name} {position}": part
        for name in ("qr", "svd", "eigh", "eig", "slogdet")
        for position, part in enumerate(getattr(uf.linalg, name)(w if name in ("qr", "svd") else x))
    }
    names = ("cholesky", "det", "inv", "eigvals", "eigvalsh")
    return (
        parts
        | {name: getattr(uf.linalg, name)(x) for name in names}
        | {
            "solve": uf.linalg.solve(x, w),
            "pinv": uf.linalg.pinv(w),
            "svdvals": uf.linalg.svdvals(w),
            "rank": uf.linalg.matrix_rank(w),
            "complete": uf.linalg.qr(w.mT, mode="complete")[0],
        }
    )
