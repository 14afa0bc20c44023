"""Sums of products: NumPy is the oracle for values, JAX for gradients."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import unifw as uf
from unifw.errors import ArgumentError, DTypeError, ShapeError, UnifwError

RNG = np.random.default_rng(0)
CASES = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("kj,ji", (4, 3), (3, 2)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("iii->i", (3, 3, 3)),
    ("iij,jkk->k", (2, 2, 3), (3, 4, 4)),
    ("ij->ji", (2, 3)),
    ("ij->", (2, 3)),
    ("i,j->ij", (2,), (3,)),
    ("ij,ij->ij", (2, 3), (2, 3)),
    ("ij,k->", (2, 3), (4,)),
    (",->", (), ()),
    ("...ij,...jk->...ik", (5, 2, 3), (1, 3, 4)),
    ("...,...->...", (2, 3), (3,)),
    ("b...i,bi->...b", (2, 4, 3), (2, 3)),
    ("i...->...", (2, 3)),
    ("bhqd, bhkd -> bhqk", (2, 3, 4, 5), (2, 3, 6, 5)),
    ("ijk,ilm,njm,nlk,abc->", (2, 3, 4), (2, 5, 6), (7, 3, 6), (7, 5, 4), (2, 2, 2)),
    ("ab,bc,cd->ad", (2, 9), (9, 3), (3, 4)),
    ("ij,jk->ik", (0, 3), (3, 4)),
    ("ij,jk->ik", (2, 0), (0, 4)),
]
IDS = [f"{case[0]}-{index}" for index, case in enumerate(CASES)]


def values_of(x):
    return x.backend.to_numpy(x.native)


def operands(shapes, dtype="float64"):
    return [RNG.integers(-9, 9, shape).astype(dtype) for shape in shapes]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_values_are_those_of_numpy(backend, case):
    arrays = operands(case[1:])
    result = uf.nn.einsum(case[0], *map(uf.asarray, arrays))
    np.testing.assert_allclose(values_of(result), np.einsum(case[0], *arrays), rtol=1e-12)


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "float16", "float32", "complex64"])
def test_dtypes_stay(backend, dtype):
    x = np.asarray([[1, 2], [3, 4]]).astype(dtype)
    result = uf.nn.einsum("ij,jk->ik", uf.asarray(x), uf.asarray(x))
    assert result.dtype.name == dtype
    assert values_of(result).tolist() == [[7, 10], [15, 22]]
    assert uf.nn.einsum("ij->", uf.asarray(x)).dtype.name == dtype


def test_mixed_dtypes_promote(backend):
    assert uf.nn.einsum("i,i->", uf.ones(2, dtype="int8"), uf.ones(2, dtype="float64")).dtype == uf.float64


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_gradients_are_those_of_jax_also_compiled(backend, case):
    if 0 in {size for shape in case[1:] for size in shape}:
        case = ("ij,jk->ik", (2, 3), (3, 4))
    arrays = [RNG.normal(size=shape) for shape in case[1:]]
    expected = jax.grad(lambda xs: jnp.sum(jnp.sin(jnp.einsum(case[0], *xs, precision="highest"))))(arrays)

    def ours(xs):
        return uf.sum(uf.sin(uf.nn.einsum(case[0], *xs)))

    gradient = uf.grad(ours)
    compiled = uf.jit(gradient) if backend.capabilities.compilation == "cheap" else gradient
    for function in (gradient, compiled):
        for result, wanted in zip(function([uf.asarray(each) for each in arrays]), expected, strict=True):
            np.testing.assert_allclose(values_of(result), wanted, rtol=1e-10, atol=1e-12)


def test_mapping_and_second_derivatives(backend):
    x, y = RNG.normal(size=(5, 2, 3)), RNG.normal(size=(3, 4))
    result = uf.vmap(lambda a: uf.nn.einsum("ij,jk->k", a, uf.asarray(y)))(uf.asarray(x))
    np.testing.assert_allclose(values_of(result), np.einsum("bij,jk->bk", x, y), rtol=1e-12)
    hessian = uf.hessian(lambda v: uf.nn.einsum("i,ij,j->", v, uf.asarray(y[:, :3]), v))(uf.asarray(x[0, 0]))
    np.testing.assert_allclose(values_of(hessian), y[:, :3] + y[:, :3].T, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_contraction(data):
    sizes = dict(zip("abcde", data.draw(st.lists(st.integers(1, 3), min_size=5, max_size=5)), strict=True))
    groups = data.draw(st.lists(st.text("abcde", max_size=3), min_size=1, max_size=4))
    letters = sorted(set("".join(groups)))
    output = "".join(data.draw(st.permutations(letters)))[: data.draw(st.integers(0, len(letters)))]
    arrays = [RNG.integers(-3, 3, [sizes[label] for label in group]).astype("float64") for group in groups]
    subscripts = f"{','.join(groups)}->{output}"
    with uf.use_backend("numpy"):
        result = uf.nn.einsum(subscripts, *map(uf.asarray, arrays))
    np.testing.assert_allclose(result.native, np.einsum(subscripts, *arrays), rtol=1e-12)


WRONG = [
    ("ij,jk", [(2, 3)], ShapeError),
    ("i1", [(2, 3)], ArgumentError),
    ("ij->ii", [(2, 3)], ArgumentError),
    ("ij->k", [(2, 3)], ArgumentError),
    ("ij,jk->ik", [(2, 3), (4, 5)], ShapeError),
    ("ijk", [(2, 3)], ShapeError),
    ("i", [(2, 3)], ShapeError),
    ("...i->i", [(2, 3)], ArgumentError),
    ("i->->", [(2,)], ArgumentError),
    ("......i", [(2,)], ArgumentError),
    (3, [(2,)], ArgumentError),
    ("", [], ArgumentError),
]


@pytest.mark.parametrize(("subscripts", "shapes", "error"), WRONG, ids=[f"{case[0]}" for case in WRONG])
def test_misuse_has_one_message_on_all_backends(subscripts, shapes, error):
    messages = set()
    for name in ("numpy", "jax", "torch", "tensorflow"):
        with uf.use_backend(name), pytest.raises(error) as caught:
            uf.nn.einsum(subscripts, *(uf.ones(shape) for shape in shapes))
        messages.add(str(caught.value))
    assert len(messages) == 1
    assert issubclass(error, UnifwError)


def test_booleans_are_refused(backend):
    with pytest.raises(DTypeError, match="got bool"):
        uf.nn.einsum("i->", uf.asarray([True]))
