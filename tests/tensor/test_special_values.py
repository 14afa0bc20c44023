"""Infinities, NaN and signed zeros in elementwise functions: the special cases of the Array API standard 2025.12.

The tables are the standard's lists, line by line (`array_api_stubs/_2025_12/elementwise_functions.py`), for functions
that some framework has otherwise. NumPy is a second oracle where it agrees with them.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import unifw as uf

INF, NAN, PI = math.inf, math.nan, math.pi
ZEROS = (0.0, -0.0)
NONZERO = (1.5, -2.5)
FINITE = ZEROS + NONZERO
POSITIVE = (0.5, 1.5, 2.5, 4.0)  # on either side of the quarter turns
BOTH = (INF, -INF)
OPEN = "either sign of "  # of a value whose sign the standard leaves open

# One line per special case: real parts, imaginary parts, and the result's parts, given or computed from (a, b).
EXP = [
    (ZEROS, 0.0, 1.0, 0.0),
    (FINITE, INF, NAN, NAN),
    (FINITE, NAN, NAN, NAN),
    (INF, 0.0, INF, 0.0),
    (-INF, (*FINITE, *POSITIVE), lambda a, b: 0 * math.cos(b), lambda a, b: 0 * math.sin(b)),
    (INF, (*NONZERO, *POSITIVE), lambda a, b: INF * math.cos(b), lambda a, b: INF * math.sin(b)),
    (-INF, INF, (OPEN, 0.0), (OPEN, 0.0)),
    (INF, INF, (OPEN, INF), NAN),
    (-INF, NAN, (OPEN, 0.0), (OPEN, 0.0)),
    (INF, NAN, (OPEN, INF), NAN),
    (NAN, 0.0, NAN, 0.0),
    (NAN, (*NONZERO, INF), NAN, NAN),
    (NAN, NAN, NAN, NAN),
]
LOG = [
    (FINITE, INF, INF, PI / 2),
    (FINITE, NAN, NAN, NAN),
    (-INF, POSITIVE, INF, PI),
    (INF, POSITIVE, INF, 0.0),
    (-INF, INF, INF, 3 * PI / 4),
    (INF, INF, INF, PI / 4),
    (BOTH, NAN, INF, NAN),
    (NAN, FINITE, NAN, NAN),
    (NAN, INF, INF, NAN),
    (NAN, NAN, NAN, NAN),
]
COMPLEX = {
    "acos": [
        (ZEROS, 0.0, PI / 2, -0.0),
        (ZEROS, NAN, PI / 2, NAN),
        (FINITE, INF, PI / 2, -INF),
        (NONZERO, NAN, NAN, NAN),
        (-INF, POSITIVE, PI, -INF),
        (INF, POSITIVE, 0.0, -INF),
        (-INF, INF, 3 * PI / 4, -INF),
        (INF, INF, PI / 4, -INF),
        (BOTH, NAN, NAN, (OPEN, INF)),
        (NAN, FINITE, NAN, NAN),
        (NAN, INF, NAN, -INF),
        (NAN, NAN, NAN, NAN),
    ],
    "acosh": [
        (ZEROS, 0.0, 0.0, PI / 2),
        (FINITE, INF, INF, PI / 2),
        (NONZERO, NAN, NAN, NAN),
        (0.0, NAN, NAN, (OPEN, PI / 2)),
        (-INF, POSITIVE, INF, PI),
        (INF, POSITIVE, INF, 0.0),
        (-INF, INF, INF, 3 * PI / 4),
        (INF, INF, INF, PI / 4),
        (BOTH, NAN, INF, NAN),
        (NAN, FINITE, NAN, NAN),
        (NAN, INF, INF, NAN),
        (NAN, NAN, NAN, NAN),
    ],
    "asinh": [
        (0.0, 0.0, 0.0, 0.0),
        (POSITIVE, INF, INF, PI / 2),
        (FINITE, NAN, NAN, NAN),
        (INF, POSITIVE, INF, 0.0),
        (INF, INF, INF, PI / 4),
        (NAN, 0.0, NAN, 0.0),
        (NAN, NONZERO, NAN, NAN),
        (NAN, INF, (OPEN, INF), NAN),
        (NAN, NAN, NAN, NAN),
    ],
    "atanh": [
        (0.0, 0.0, 0.0, 0.0),
        (0.0, NAN, 0.0, NAN),
        (1.0, 0.0, INF, 0.0),
        (POSITIVE, INF, 0.0, PI / 2),
        (NONZERO, NAN, NAN, NAN),
        (INF, POSITIVE, 0.0, PI / 2),
        (INF, INF, 0.0, PI / 2),
        (INF, NAN, 0.0, NAN),
        (NAN, FINITE, NAN, NAN),
        (NAN, INF, (OPEN, 0.0), PI / 2),
        (NAN, NAN, NAN, NAN),
    ],
    "cosh": [
        (0.0, 0.0, 1.0, 0.0),
        (0.0, INF, NAN, (OPEN, 0.0)),
        (0.0, NAN, NAN, (OPEN, 0.0)),
        (NONZERO, INF, NAN, NAN),
        (NONZERO, NAN, NAN, NAN),
        (INF, 0.0, INF, 0.0),
        (INF, (*NONZERO, *POSITIVE), lambda a, b: INF * math.cos(b), lambda a, b: INF * math.sin(b)),
        (INF, INF, (OPEN, INF), NAN),
        (INF, NAN, INF, NAN),
        (NAN, ZEROS, NAN, (OPEN, 0.0)),
        (NAN, NONZERO, NAN, NAN),
        (NAN, NAN, NAN, NAN),
    ],
    "exp": EXP,
    "expm1": [
        (ZEROS, 0.0, 0.0, 0.0),
        (-INF, (*FINITE, *POSITIVE), -1.0, lambda a, b: 0 * math.sin(b)),
        (-INF, INF, -1.0, (OPEN, 0.0)),
        (-INF, NAN, -1.0, (OPEN, 0.0)),
        *(line for line in EXP[1:] if line[0] != -INF),
    ],
    "log": [(-0.0, 0.0, -INF, PI), (0.0, 0.0, -INF, 0.0), *LOG],
    "log1p": [(-1.0, 0.0, -INF, 0.0), *LOG],
    "sign": [
        (ZEROS, ZEROS, 0.0, 0.0),
        (NAN, (*FINITE, INF, NAN), NAN, NAN),
        ((*FINITE, INF, NAN), NAN, NAN, NAN),
        (BOTH, FINITE, NAN, NAN),  # as division: |x| is infinite too
    ],
    "sinh": [
        (0.0, 0.0, 0.0, 0.0),
        (0.0, INF, (OPEN, 0.0), NAN),
        (0.0, NAN, (OPEN, 0.0), NAN),
        (POSITIVE, INF, NAN, NAN),
        (POSITIVE, NAN, NAN, NAN),
        (INF, 0.0, INF, 0.0),
        (INF, POSITIVE, lambda a, b: INF * math.cos(b), lambda a, b: INF * math.sin(b)),
        (INF, INF, (OPEN, INF), NAN),
        (INF, NAN, (OPEN, INF), NAN),
        (NAN, 0.0, NAN, 0.0),
        (NAN, NONZERO, NAN, NAN),
        (NAN, NAN, NAN, NAN),
    ],
    "sqrt": [
        (ZEROS, 0.0, 0.0, 0.0),
        ((*FINITE, *BOTH, NAN), INF, INF, INF),
        (FINITE, NAN, NAN, NAN),
        (-INF, POSITIVE, 0.0, INF),
        (INF, POSITIVE, INF, 0.0),
        (-INF, NAN, NAN, (OPEN, INF)),
        (INF, NAN, INF, NAN),
        (NAN, FINITE, NAN, NAN),
        (NAN, NAN, NAN, NAN),
    ],
    "tanh": [
        (0.0, 0.0, 0.0, 0.0),
        (NONZERO, INF, NAN, NAN),
        (0.0, INF, 0.0, NAN),
        (NONZERO, NAN, NAN, NAN),
        (0.0, NAN, 0.0, NAN),
        (INF, POSITIVE, 1.0, 0.0),
        (INF, INF, 1.0, (OPEN, 0.0)),
        (INF, NAN, 1.0, (OPEN, 0.0)),
        (NAN, 0.0, NAN, 0.0),
        (NAN, NONZERO, NAN, NAN),
        (NAN, NAN, NAN, NAN),
    ],
}
ODD = ("asinh", "atanh", "sinh", "tanh")
PARTS = (0.0, -0.0, 0.3, -0.3, 1.0, -1.0, 2.5, -2.5, INF, -INF, NAN)
PLANE = [complex(a, b) for a, b in itertools.product(PARTS, PARTS)]


def complex_of(real, imaginary, dtype="complex128"):
    """A complex array of parts that may be infinite, which ``a + b * 1j`` would make NaN."""
    result = np.empty(np.shape(real), dtype)
    result.real, result.imag = real, imaginary
    return result


def lines_of(table):
    """Yield (a, b, real, imaginary) for each combination that a line of a table covers."""
    for reals, imaginaries, real, imaginary in table:
        for a, b in itertools.product(np.atleast_1d(reals).tolist(), np.atleast_1d(imaginaries).tolist()):
            yield a, b, *(part(a, b) if callable(part) else part for part in (real, imaginary))


def agrees(actual, expected):
    """Whether a part is that of the standard, zeros with their sign, ordinary numbers to rounding."""
    if isinstance(expected, tuple):
        return agrees(abs(actual), abs(expected[1]))
    if expected == 0:
        return actual == 0 and math.copysign(1, actual) == math.copysign(1, expected)
    return math.isclose(actual, expected, rel_tol=1e-6) or (math.isnan(actual) and math.isnan(expected))


def negated(part):
    return part if isinstance(part, tuple) else -part


def as_tensor(cases, dtype="complex64"):
    return uf.asarray(complex_of([case[0] for case in cases], [case[1] for case in cases], dtype))


def misses(cases, results):
    """Return the cases (a, b, real, imaginary) that differ from the results."""
    return [
        (case, result)
        for case, result in zip(cases, results.tolist(), strict=True)
        if not (agrees(result.real, case[2]) and agrees(result.imag, case[3]))
    ]


def wrong(name, cases, dtype="complex64"):
    """Return the cases that a function gets wrong."""
    cases = list(cases)
    with np.errstate(all="ignore"):
        return misses(cases, getattr(uf, name)(as_tensor(cases, dtype)))


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("name", COMPLEX)
def test_complex_special_values_are_those_of_the_standard(backend, name, dtype):
    assert not wrong(name, lines_of(COMPLEX[name]), dtype)


@pytest.mark.parametrize("name", sorted(set(COMPLEX) - {"sign"}))
def test_of_the_conjugate_comes_the_conjugate(backend, name):
    assert not wrong(name, [(a, -b, x, negated(y)) for a, b, x, y in lines_of(COMPLEX[name])])


@pytest.mark.parametrize("name", ODD)
def test_odd_functions_are_odd(backend, name):
    cases = [(-a, -b, negated(x), negated(y)) for a, b, x, y in lines_of(COMPLEX[name])]
    assert not wrong(name, cases)


@pytest.mark.parametrize(
    ("name", "hyperbolic"), [("sin", "sinh"), ("tan", "tanh"), ("asin", "asinh"), ("atan", "atanh")]
)
def test_circular_functions_are_the_hyperbolic_ones_turned(backend, name, hyperbolic):
    """``f(x) = -1j * g(x * 1j)``: of ``x = b - a * 1j``, whose product with 1j is ``a + b * 1j``."""
    assert not wrong(name, [(b, -a, y, negated(x)) for a, b, x, y in lines_of(COMPLEX[hyperbolic])])


def test_cosine_is_the_hyperbolic_one_turned(backend):
    assert not wrong("cos", [(b, -a, x, y) for a, b, x, y in lines_of(COMPLEX["cosh"])])


@pytest.mark.parametrize(("name", "base"), [("log2", 2), ("log10", 10)])
def test_logarithms_to_a_base_are_parts_of_the_natural_one(backend, name, base):
    def changed(part):
        return part / math.log(base)

    assert not wrong(name, [(a, b, changed(x), changed(y)) for a, b, x, y in lines_of(COMPLEX["log"])])


@pytest.mark.filterwarnings("ignore:Torchinductor does not support code generation for complex operators")
def test_compiled_functions_have_the_same_special_values(backend):
    names = ["expm1", "tanh"] if backend.capabilities.compilation == "costly" else COMPLEX
    cases = {name: list(lines_of(COMPLEX[name])) for name in names}
    with np.errstate(all="ignore"):
        results = uf.jit(lambda tensors: {name: getattr(uf, name)(z) for name, z in tensors.items()})(
            {name: as_tensor(lines) for name, lines in cases.items()}
        )
    assert not {name: found for name in names if (found := misses(cases[name], results[name]))}


@pytest.mark.parametrize("name", sorted({*COMPLEX, "sin", "cos", "tan", "asin", "atan", "log2", "log10"} - {"sign"}))
def test_ordinary_numbers_and_both_sides_of_branch_cuts_are_those_of_numpy(backend, name):
    z = np.asarray([each for each in PLANE if np.isfinite(each)])
    oracle = getattr(np, name.replace("a", "arc", 1) if name.startswith("a") else name)
    with np.errstate(all="ignore"):
        expected, actual = oracle(z), np.asarray(getattr(uf, name)(uf.asarray(z)))
    for part in ("real", "imag"):
        np.testing.assert_allclose(getattr(actual, part), getattr(expected, part), rtol=1e-12, atol=1e-15)


def test_magnitude_is_infinite_beside_nan(backend):
    z = complex_of([INF, -INF, NAN, NAN, 1.0, NAN], [NAN, NAN, INF, -INF, NAN, NAN])
    np.testing.assert_array_equal(np.asarray(uf.abs(uf.asarray(z))), [INF, INF, INF, INF, NAN, NAN])


def test_sign_of_a_negative_zero_is_zero(backend):
    assert [math.copysign(1, each) for each in uf.sign(uf.asarray([0.0, -0.0])).tolist()] == [1, 1]


FLOOR_DIVIDE = [
    (NAN, (1.0, INF, NAN), NAN),
    ((1.0, INF), NAN, NAN),
    (BOTH, BOTH, NAN),
    (ZEROS, ZEROS, NAN),
    (0.0, (2.5, INF), 0.0),
    (-0.0, (2.5, INF), -0.0),
    (0.0, (-2.5, -INF), -0.0),
    (-0.0, (-2.5, -INF), 0.0),
    (1.5, 0.0, INF),
    (1.5, -0.0, -INF),
    (-1.5, 0.0, -INF),
    (-1.5, -0.0, INF),
    (INF, (1.5, 2.5), INF),
    (INF, (-1.5, -2.5), -INF),
    (-INF, (1.5, 2.5), -INF),
    (-INF, (-1.5, -2.5), INF),
    (1.5, INF, 0.0),
    (1.5, -INF, -0.0),
    (-1.5, INF, -0.0),
    (-1.5, -INF, 0.0),
    (7.0, (2.0, -2.0), lambda a, b: a // b),
    (-7.0, (2.0, -2.0), lambda a, b: a // b),
]
REMAINDER = [
    (NAN, (1.0, INF, NAN), NAN),
    ((1.0, INF), NAN, NAN),
    (BOTH, BOTH, NAN),
    ((0.0, -0.0, 1.5, -1.5), ZEROS, NAN),
    (ZEROS, 2.5, 0.0),
    (ZEROS, -2.5, -0.0),
    (BOTH, (1.5, -1.5), NAN),
    (1.5, INF, 1.5),
    (1.5, -INF, -INF),
    (-1.5, INF, INF),
    (-1.5, -INF, -1.5),
    (7.0, (2.0, -2.0, 3.5, -3.5), lambda a, b: a % b),
    (-7.0, (2.0, -2.0, 3.5, -3.5), lambda a, b: a % b),
]
DIVISIONS = {"floor_divide": FLOOR_DIVIDE, "remainder": REMAINDER}


@pytest.mark.parametrize("form", ["arrays", "scalar divisor", "scalar dividend", "compiled"])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("name", DIVISIONS)
def test_division_with_infinities_and_zeros(backend, name, dtype, form):
    function = getattr(uf, name)
    cases = [(a, b, value) for a, b, value, _ in lines_of([(*line, None) for line in DIVISIONS[name]])]
    x, y = (uf.asarray([case[place] for case in cases], dtype=dtype) for place in (0, 1))
    with np.errstate(all="ignore"):
        if form == "arrays":
            results = function(x, y)
        elif form == "compiled":
            results = uf.jit(function)(x, y)
        elif form == "scalar divisor":
            results = uf.stack([function(x[place], b) for place, (_, b, _) in enumerate(cases)])
        else:
            results = uf.stack([function(a, y[place]) for place, (a, _, _) in enumerate(cases)])
    assert results.dtype == dtype
    results = uf.astype(results, "float64").tolist()
    assert not [(*case, each) for case, each in zip(cases, results, strict=True) if not agrees(each, case[2])]


def test_remainders_have_a_derivative_where_they_are_zero(backend):
    """At a multiple the slope is that of the piece to the right: 1 in the dividend, minus the quotient in the other."""
    x, y = uf.asarray([4.0, -4.0, 5.0, -0.0]), uf.asarray([2.0, -2.0, 3.0, -1.5])
    by_x, by_y = uf.grad(lambda x, y: uf.sum(uf.remainder(x, y)), argnums=(0, 1))(x, y)
    assert by_x.tolist() == [1, 1, 1, 1]
    assert by_y.tolist() == [-2, -2, -1, 0]


def test_floor_division_has_derivative_zero(backend):
    x = uf.asarray([INF, 3.0, -2.5])
    with np.errstate(all="ignore"):
        slopes = uf.grad(lambda x: uf.sum(uf.where(uf.isfinite(x), uf.floor_divide(x, 2.0), 0.0) + x))(x)
    assert slopes.tolist() == [1, 1, 1]


@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"], indirect=True)  # NumPy's tape knows real numbers
@pytest.mark.parametrize("name", [name for name in COMPLEX if name != "sign"])
def test_complex_functions_stay_differentiable(backend, name):
    """Along a line through all quadrants, against central differences."""
    direction = uf.asarray(complex_of([0.3, 0.4, -0.5, -0.6], [0.2, -0.7, 0.1, -0.9]))

    def along(t):
        value = getattr(uf, name)(uf.multiply(direction, t))
        return uf.sum(uf.real(value) + 2 * uf.imag(value))

    t = uf.asarray(0.7, dtype="float64")
    step = 1e-6
    slope = (along(t + step) - along(t - step)) / (2 * step)
    assert uf.grad(along)(t).item() == pytest.approx(slope.item(), rel=1e-7)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("name", ["log", "log2", "log10", "log1p", "sqrt"])
def test_complex_numbers_near_the_limits_neither_overflow_nor_vanish(backend, name, dtype):
    power = 37 if dtype == "complex64" else 306
    sizes = 10.0 ** np.linspace(-power, power, 64)
    x = np.concatenate([sizes + 1j * sizes[::-1], -sizes - 0.5j * sizes, sizes * 1j]).astype(dtype)
    expected = getattr(np, name)(x.astype(np.clongdouble)).astype(dtype)
    result = np.asarray(getattr(uf, name)(uf.asarray(x)))
    for ours, theirs in ((result.real, expected.real), (result.imag, expected.imag)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=np.finfo(dtype).eps)
