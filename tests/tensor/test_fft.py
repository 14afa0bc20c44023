"""`unifw.fft` against NumPy, on every backend: values, dtypes, sizes, normalisation, nothing, bad input."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import unifw as uf
from unifw.errors import ArgumentError, DTypeError, ShapeError, UnsupportedError

DTYPES = ("float32", "float64", "complex64", "complex128")
TOLERANCE = {"float32": 2e-5, "complex64": 2e-5, "float64": 1e-12, "complex128": 1e-12}
NORMS = ("backward", "ortho", "forward")
ONE_AXIS = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
SEVERAL_AXES = ("fftn", "ifftn", "rfftn", "irfftn")
OF_REAL = ("rfft", "ihfft", "rfftn")


def values(shape, dtype="float64", seed=0):
    random = np.random.default_rng(seed)
    array = random.standard_normal(shape)
    if dtype.startswith("complex"):
        array = array + 1j * random.standard_normal(shape)
    return array.astype(dtype)


def takes(name, dtype):
    return not (name in OF_REAL and dtype.startswith("complex"))


def close(actual, expected):
    assert isinstance(actual, uf.Tensor)
    assert (actual.shape, actual.dtype) == (expected.shape, expected.dtype)
    tolerance = TOLERANCE[expected.dtype.name]
    np.testing.assert_allclose(np.asarray(actual), expected, rtol=tolerance, atol=10 * tolerance)


def test_it_can_be_imported_and_is_the_whole_extension():
    import unifw.fft

    assert unifw.fft is uf.fft
    assert set(uf.fft.__all__) == {*ONE_AXIS, *SEVERAL_AXES, "fftfreq", "rfftfreq", "fftshift", "ifftshift"}


@pytest.mark.parametrize("options", [{}, {"axis": 0}, {"n": 4, "axis": 1}, {"n": 9}, {"n": 5, "axis": -2}], ids=str)
@pytest.mark.parametrize(("name", "dtype"), [(n, d) for n in ONE_AXIS for d in DTYPES if takes(n, d)])
def test_one_axis(backend, name, dtype, options):
    x = values((2, 6, 5), dtype)
    for norm in NORMS:
        found = getattr(uf.fft, name)(uf.asarray(x), norm=norm, **options)
        close(found, getattr(np.fft, name)(x, norm=norm, **options))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"axes": (0,)},
        {"axes": (2, 0)},
        {"axes": (-1, 1, 0, 2)},
        {"axes": (0, 1), "s": (4, 3)},
        {"axes": (1, 3), "s": (7, -1)},
    ],
    ids=str,
)
@pytest.mark.parametrize(("name", "dtype"), [(n, d) for n in SEVERAL_AXES for d in DTYPES if takes(n, d)])
def test_several_axes(backend, name, dtype, options):
    x = values((2, 3, 4, 5), dtype)
    expected = dict(options)
    if "s" in options and name == "irfftn":  # -1 is the whole axis: NumPy means the halved one, we the result's
        expected["s"] = tuple(8 if size == -1 else size for size in options["s"])
    for norm in NORMS:
        found = getattr(uf.fft, name)(uf.asarray(x), norm=norm, **options)
        close(found, getattr(np.fft, name)(x, norm=norm, **expected))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 12])
def test_transforms_undo_each_other(backend, size):
    x = values((3, size))
    tensor = uf.asarray(x)
    np.testing.assert_allclose(np.asarray(uf.fft.irfft(uf.fft.rfft(tensor), n=size)), x, atol=1e-12)
    np.testing.assert_allclose(np.asarray(uf.fft.hfft(uf.fft.ihfft(tensor), n=size)), x, atol=1e-12)
    np.testing.assert_allclose(np.asarray(uf.fft.ifft(uf.fft.fft(tensor))), x, atol=1e-12)
    np.testing.assert_allclose(np.asarray(uf.fft.irfftn(uf.fft.rfftn(tensor), s=(3, size), axes=(0, 1))), x, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_transformed_in_single_precision(backend, dtype):
    x = uf.asarray(values((2, 6)), dtype=dtype)
    close(uf.fft.fft(x), np.fft.fft(np.asarray(x).astype(np.float32)))
    close(uf.fft.rfftn(x), np.fft.rfftn(np.asarray(x).astype(np.float32)))
    assert uf.fft.irfft(x).dtype == uf.float32


@pytest.mark.parametrize("dtype", [None, "float32", "float64"])
@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_frequencies(backend, n, dtype):
    kind = dtype or "float32"
    close(uf.fft.fftfreq(n, d=0.3, dtype=dtype), np.fft.fftfreq(n, d=0.3).astype(kind))
    close(uf.fft.rfftfreq(n, d=0.3, dtype=dtype), np.fft.rfftfreq(n, d=0.3).astype(kind))
    assert uf.fft.fftfreq(n, device="cpu").backend is backend


@pytest.mark.parametrize("dtype", ["int64", "float32", "complex64"])
@pytest.mark.parametrize("axes", [None, 0, -1, (0, 2)], ids=str)
@pytest.mark.parametrize("name", ["fftshift", "ifftshift"])
def test_shifts(backend, name, axes, dtype):
    x = np.arange(60).reshape(3, 4, 5).astype(dtype)
    found = getattr(uf.fft, name)(uf.asarray(x), axes=axes)
    np.testing.assert_array_equal(np.asarray(found), getattr(np.fft, name)(x, axes=axes), strict=True)


@pytest.mark.parametrize("name", [*ONE_AXIS, *SEVERAL_AXES])
def test_nothing_is_transformed_to_nothing(backend, name):
    x = np.zeros((0, 4), "float32" if name in OF_REAL else "complex64")
    options = {"axes": (1,)} if name in SEVERAL_AXES else {}
    close(getattr(uf.fft, name)(uf.asarray(x), **options), getattr(np.fft, name)(x, **options))


def test_an_empty_axis_is_filled_up_with_zeros(backend):
    found = uf.fft.fft(uf.zeros((2, 0), dtype="float64"), n=3)
    np.testing.assert_array_equal(np.asarray(found), np.zeros((2, 3), complex), strict=True)


BAD = {
    "integers": (lambda: uf.fft.fft(uf.asarray([1, 2])), DTypeError, r"fft\(\) got int64"),
    "complex": (lambda: uf.fft.rfft(uf.asarray([1j, 2])), DTypeError, r"rfft\(\) got complex64"),
    "axis": (lambda: uf.fft.fft(uf.ones(3), axis=1), ShapeError, "axis=1"),
    "scalar": (lambda: uf.fft.fftn(uf.asarray(1.0)), ShapeError, "at least one axis"),
    "norm": (lambda: uf.fft.ifft(uf.ones(3), norm="both"), ArgumentError, "norm='both'"),
    "norm of hfft": (lambda: uf.fft.hfft(uf.ones(3), norm="both"), ArgumentError, r"hfft\(\) got norm='both'"),
    "size": (lambda: uf.fft.fft(uf.ones(3), n=0), ShapeError, "at least 1 element, got 0 along axis 0"),
    "empty axis": (lambda: uf.fft.rfft(uf.ones((2, 0))), ShapeError, "at least 1 element, got 0 along axis 1"),
    "one element": (lambda: uf.fft.irfft(uf.ones(1)), ShapeError, "at least 1 element, got 0"),
    "sizes without axes": (lambda: uf.fft.fftn(uf.ones((2, 2)), s=(2, 2)), ArgumentError, "without axes"),
    "too few sizes": (lambda: uf.fft.fftn(uf.ones((2, 2)), s=(2,), axes=(0, 1)), ArgumentError, "1 sizes for 2 axes"),
    "an axis twice": (lambda: uf.fft.fftn(uf.ones((2, 2)), axes=(0, -2)), ArgumentError, "same axis twice"),
    "no samples": (lambda: uf.fft.fftfreq(0), ArgumentError, "at least 1"),
    "frequencies of integers": (lambda: uf.fft.rfftfreq(4, dtype="int64"), DTypeError, "int64"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_with_the_same_words_everywhere(backend, name):
    call, kind, message = BAD[name]
    with pytest.raises(kind, match=message) as caught:
        call()
    with uf.use_backend("numpy"), pytest.raises(kind) as again:
        call()
    assert str(caught.value) == str(again.value)


@pytest.mark.filterwarnings("ignore:Torchinductor does not support code generation for complex")
def test_compiled_transforms_give_the_same(backend):
    def transform(x):
        return uf.fft.fftn(x), uf.fft.irfft(uf.fft.rfft(x), n=x.shape[-1]), uf.fft.fftshift(x)

    x = uf.asarray(values((3, 5)), dtype="float32")
    for found, expected in zip(uf.jit(transform)(x), transform(x), strict=True):
        np.testing.assert_allclose(np.asarray(found), np.asarray(expected), atol=1e-5)


def _loss(xp, x):
    spectrum = xp.fft.rfft(x, norm="ortho")
    return xp.sum(xp.abs(spectrum) ** 2 * xp.asarray(np.linspace(1.0, 2.0, 4)))


@pytest.mark.parametrize("name", ["jax", "torch", "tensorflow"])
def test_gradients_are_those_of_jax(name):
    x = values((2, 6))
    with jax.enable_x64(True):
        expected = jax.grad(lambda x: _loss(jnp, x))(jnp.asarray(x))
    with uf.use_backend(name):
        found = uf.grad(lambda x: _loss(uf, x))(uf.asarray(x))
    np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-9, atol=1e-12)


def test_the_tape_says_that_it_does_not_differentiate_transforms():
    with uf.use_backend("numpy"), pytest.raises(UnsupportedError, match=r"no derivative of fft\.rfftn"):
        uf.grad(lambda x: _loss(uf, x))(uf.asarray(values((2, 6))))


def test_shapes_without_values_are_those_of_values():
    from unifw.backend.abstract import AbstractBackend

    abstract = AbstractBackend()
    x = values((2, 6, 5), "float32")
    shapeless = uf.Tensor(abstract.asarray(x), abstract)
    for name in (*ONE_AXIS, *SEVERAL_AXES):
        found = getattr(uf.fft, name)(shapeless)
        expected = getattr(uf.fft, name)(uf.asarray(x, backend="numpy"))
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype), name
    assert abstract.flops > 0
