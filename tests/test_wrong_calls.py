"""Wrong calls fail alike: one error of ours, with one text, on every backend; the text says what to write instead.

The calls stand in `tests/wrong_calls`, one a line. Backends are compared with each other, and texts are asked to name
no framework and to end in advice.
"""

from __future__ import annotations

import math
import re
import types
import warnings

import numpy as np
import pytest

import unifw as uf
from tests.conftest import OURS
from tests.wrong_calls import draws, nn, operands, programs, tensors
from unifw import layers
from unifw.backend import get_backend, missing_framework
from unifw.errors import UnifwError

FUNCTIONS = {name: getattr(operands, name) for name in ("put", "item", "called_twice", "compiled")}
NAMES = {"uf": uf, "np": np, "layers": layers, "nan": math.nan, "inf": math.inf, **FUNCTIONS}
NATIVE = re.compile(
    r"torch\.|jax\.|jaxlib|jnp|\btf\.|Tensorflow|ufunc|MLIR|RuntimeError|InvalidArgument|TypeError:|ValueError:|Traceback"
)
ADVICE = re.compile(
    r"\b(Write|Give|Convert|Leave|Use|must|Take|Insert|Reshape|Pad|Name|Call|Add|Run|Pass|Bring|Present|needs?|Check|"
    r"Choose|Encode|Index|Concatenate|Transpose|Replace|Exchange|Make|Fold|Reduce|Return|takes|Say|Known are|Did you|"
    r"Was a|stands for|has no elements|Only one|is a name|There is no file|holds no|No data)\b"
)


def calls_of(*tables):
    """Yield the calls of modules or of single tables."""
    for table in tables:
        texts = [table] if isinstance(table, str) else [text for name, text in vars(table).items() if name.isupper()]
        for text in texts:
            yield from text.strip().splitlines()


def names_in(code):
    """Yield the names of a compiled call, those of its lambdas too."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from names_in(constant)


def outcome(call, *, transform=lambda function: function):
    """Return the type and the text of the error a call raises on the current backend, without the backend's name."""
    code = compile(call, "call", "eval")
    used = [name for name in dict.fromkeys(names_in(code)) if name in operands.OPERANDS]
    given = [uf.asarray(operands.OPERANDS[name]) for name in used]
    function = transform(lambda *args: eval(code, NAMES | dict(zip(used, args, strict=True))))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return "no error", repr(function(*given))
    except Exception as error:  # noqa: BLE001 - what it is, is what is tested
        text = re.sub(r"'(numpy|torch|jax|tensorflow)'", "'<backend>'", str(error))
        return type(error), re.sub(r"(?<=[a-z])_\d+\b", "", text)  # layers are numbered as they are made


@pytest.fixture(scope="module")
def backends():
    """All of ours that are installed, with the reductions and operators they bind at their first use bound."""
    found = [get_backend(name) for name in OURS if missing_framework(name) is None]
    for each in found:
        with uf.use_backend(each):
            for x in (uf.ones((2, 3)), uf.ones((2, 3), dtype="int64")):
                for axis in (None, 0, 1, -1, -2, (0, 1)):
                    for reduce in (uf.sum, uf.mean, uf.max, uf.min, uf.prod):
                        reduce(x, axis=axis)
                _ = x + x, x + 1, x * 2.0, x == 1, x @ x.mT, -x
    return found


@pytest.mark.parametrize("call", list(calls_of(tensors, nn, draws, programs)))
def test_a_wrong_call_fails_alike_on_every_backend(call, backends):
    outcomes = {}
    for backend in backends:
        with uf.use_backend(backend):
            outcomes[backend.name] = outcome(call)
    kind, text = outcomes["numpy"]
    assert isinstance(kind, type), f"{kind}: {text}"
    assert issubclass(kind, UnifwError), f"{kind.__name__}: {text}"
    assert set(outcomes.values()) == {(kind, text)}
    assert not NATIVE.search(text)
    assert ADVICE.search(text), f"no advice in: {text}"


VALUE_DEPENDENT = re.compile(
    r"Index -?\d+ is outside|is no integer|got q=|to the \d+ elements a mask|an index more than once|repeats|"
    r"names 3 axes"
)


@pytest.mark.parametrize("table", [tensors, nn], ids=["tensors", "nn"])
def test_a_wrong_call_fails_alike_under_jit(table, backends):
    """As it does eagerly, unless it is wrong by its values, which are not known there."""
    compiling = [each for each in backends if each.capabilities.compilation != "none"]
    for call in calls_of(table):
        with uf.use_backend("numpy"):
            expected = outcome(call)
        by_value = VALUE_DEPENDENT.search(expected[1]) is not None
        for backend in compiling:
            if by_value and backend.capabilities.compilation == "costly":
                continue  # what is not wrong there is compiled
            with uf.use_backend(backend):
                found = outcome(call, transform=uf.jit)
            if by_value and found[0] == "no error":
                continue
            assert issubclass(found[0], UnifwError), (call, backend.name, found)
            assert found == expected or (by_value and issubclass(found[0], uf.errors.TransformError)), (call, found)


def test_there_are_several_hundred():
    assert len(list(calls_of(tensors, nn, draws, programs))) > 800
