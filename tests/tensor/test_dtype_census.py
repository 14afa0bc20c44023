"""The dtype census: every elementwise, reducing and creating function on every dtype gives one dtype on all backends.

Where a backend raises, all do: the same class, with the same text. A case is one call; the id of a test says how many
it makes. Keras' backends disagree in 246 of 855 such cases.
"""

from __future__ import annotations

import inspect
import itertools

import numpy as np
import pytest

import unifw as uf
from unifw.backend import missing_framework
from unifw.tensor import _binary, _unary

BACKENDS = ("numpy", "torch", "jax", "tensorflow")
DTYPES = [dtype.name for dtype in uf.dtypes.ALL]
SCALARS = (True, 2, -1, 300, 1.5, 1 + 2j)


def public(module):
    """The functions that a module of one family makes public."""
    names = [
        name for name, each in vars(module).items() if inspect.isfunction(each) and each.__module__ == module.__name__
    ]
    return [name for name in names if name in uf.__all__]


UNARY, BINARY = public(_unary), public(_binary)
REDUCTIONS = (
    "all any max mean min prod sum std var argmax argmin cumulative_sum cumulative_prod count_nonzero diff sort argsort"
).split()
SUMS = ("sum", "prod", "cumulative_sum", "cumulative_prod")


def outcome(call):
    """What comes of a call: the dtype (or dtypes), or the class and text of what it raises."""
    try:
        with np.errstate(all="ignore"):
            result = call()
    except Exception as error:  # noqa: BLE001 - any error is an outcome; that it is the same one is the test
        return type(error).__name__, str(error)
    return result.dtype.name


def census(cases):
    """Run every case on every backend; return the cases in which they disagree, with what each says."""
    outcomes = {}
    for name in BACKENDS:
        if missing_framework(name) is None:
            with uf.use_backend(name):
                outcomes[name] = {label: outcome(call) for label, call in cases.items()}
    reference = outcomes["numpy"]
    return {
        label: said
        for label in cases
        if len({said[label] for said in outcomes.values()}) > 1
        for said in [{name: said[label] for name, said in outcomes.items()}]
    }, reference


def values(dtype):
    """One small tensor of a dtype; no zeros, for TensorFlow's integer division raises on them."""
    return uf.ones((2,), dtype=dtype)


def unary_cases():
    return {
        f"{name}({dtype})": lambda name=name, dtype=dtype: getattr(uf, name)(values(dtype))
        for name, dtype in itertools.product(UNARY, DTYPES)
    }


def binary_cases():
    return {
        f"{name}({first}, {second})": lambda name=name, first=first, second=second: getattr(uf, name)(
            values(first), values(second)
        )
        for name, first, second in itertools.product(BINARY, DTYPES, DTYPES)
    }


def scalar_cases():
    cases = {}
    for name, dtype, scalar in itertools.product(BINARY, DTYPES, SCALARS):
        function = getattr(uf, name)
        cases[f"{name}({dtype}, {scalar})"] = lambda f=function, dtype=dtype, scalar=scalar: f(values(dtype), scalar)
        cases[f"{name}({scalar}, {dtype})"] = lambda f=function, dtype=dtype, scalar=scalar: f(scalar, values(dtype))
    for dtype, scalar in itertools.product(DTYPES, SCALARS):
        cases[f"where({dtype}, {scalar})"] = lambda dtype=dtype, scalar=scalar: uf.where(
            uf.asarray([True, False]), values(dtype), scalar
        )
        cases[f"clip({dtype}, {scalar})"] = lambda dtype=dtype, scalar=scalar: uf.clip(values(dtype), scalar)
    return cases


def reduction_cases():
    cases = {
        f"{name}({dtype})": lambda name=name, dtype=dtype: getattr(uf, name)(values(dtype))
        for name, dtype in itertools.product(REDUCTIONS, DTYPES)
    }
    for name, dtype, wanted in itertools.product(SUMS, DTYPES, DTYPES):
        cases[f"{name}({dtype}, dtype={wanted})"] = lambda name=name, dtype=dtype, wanted=wanted: getattr(uf, name)(
            values(dtype), dtype=wanted
        )
    return cases


def creation_cases():
    shaped = {
        "zeros": lambda dtype: uf.zeros((2,), dtype=dtype),
        "ones": lambda dtype: uf.ones((2,), dtype=dtype),
        "empty": lambda dtype: uf.empty((2,), dtype=dtype),
        "eye": lambda dtype: uf.eye(2, dtype=dtype),
        "arange": lambda dtype: uf.arange(3, dtype=dtype),
        "linspace": lambda dtype: uf.linspace(0, 1, 3, dtype=dtype),
    }
    cases = {
        f"{name}(dtype={dtype})": lambda call=call, dtype=dtype: call(dtype)
        for (name, call), dtype in itertools.product(shaped.items(), [None, *DTYPES])
    }
    for dtype, scalar in itertools.product([None, *DTYPES], SCALARS):
        cases[f"full({scalar}, dtype={dtype})"] = lambda dtype=dtype, scalar=scalar: uf.full((2,), scalar, dtype=dtype)
        cases[f"asarray({scalar}, dtype={dtype})"] = lambda dtype=dtype, scalar=scalar: uf.asarray(scalar, dtype=dtype)
        cases[f"asarray([{scalar}], dtype={dtype})"] = lambda dtype=dtype, scalar=scalar: uf.asarray(
            [scalar], dtype=dtype
        )
    for name, dtype in itertools.product(("zeros_like", "ones_like", "empty_like", "tril", "triu"), DTYPES):
        cases[f"{name}({dtype})"] = lambda name=name, dtype=dtype: getattr(uf, name)(uf.ones((2, 2), dtype=dtype))
    for dtype, scalar in itertools.product(DTYPES, SCALARS):
        cases[f"full_like({dtype}, {scalar})"] = lambda dtype=dtype, scalar=scalar: uf.full_like(values(dtype), scalar)
    for first, second in itertools.product((0, 0.5, 1j), (2, 2.5, 2j)):
        cases[f"arange({first}, {second})"] = lambda first=first, second=second: uf.arange(first, second)
        cases[f"linspace({first}, {second})"] = lambda first=first, second=second: uf.linspace(first, second, 3)
    for first, second in itertools.product(DTYPES, DTYPES):
        cases[f"astype({first}, {second})"] = lambda first=first, second=second: uf.astype(values(first), second)
    return cases


def operator_cases():
    """The same through operators, where native arrays would take over if they could."""
    operators = {
        "+": lambda x, y: x + y,
        "-": lambda x, y: x - y,
        "*": lambda x, y: x * y,
        "/": lambda x, y: x / y,
        "//": lambda x, y: x // y,
        "%": lambda x, y: x % y,
        "**": lambda x, y: x**y,
        "@": lambda x, y: x @ y,
        "&": lambda x, y: x & y,
        "<<": lambda x, y: x << y,
        "<": lambda x, y: x < y,
        "==": lambda x, y: x == y,
    }
    return {
        f"{first} {symbol} {second}": lambda operate=operate, first=first, second=second: operate(
            values(first), values(second)
        )
        for (symbol, operate), first, second in itertools.product(operators.items(), DTYPES, DTYPES)
    }


FAMILIES = {
    "unary": unary_cases(),
    "binary": binary_cases(),
    "scalars": scalar_cases(),
    "operators": operator_cases(),
    "reductions": reduction_cases(),
    "creation": creation_cases(),
}


@pytest.mark.parametrize(
    "family", [pytest.param(name, id=f"{name}-{len(cases)}-cases") for name, cases in FAMILIES.items()]
)
def test_backends_agree_on_every_dtype(family):
    disagreements, said = census(FAMILIES[family])
    shown = dict(itertools.islice(disagreements.items(), 10))
    assert not disagreements, f"{len(disagreements)} of {len(said)} cases of {family}, such as {shown}"
    results = [each for each in said.values() if isinstance(each, str)]
    assert len(results) > len(said) / 4  # a census in which all raised alike would say nothing


def test_the_families_are_whole():
    """Every public function that the standard calls elementwise is counted, and a new one will be."""
    assert len(UNARY) >= 37
    assert len(BINARY) >= 28
