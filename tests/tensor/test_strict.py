"""Strict mode: what the standard leaves open raises, with the user's line; the rest is as it is without."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import re
import threading
import warnings

import array_api_strict
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import unifw as uf
from unifw import dtypes
from unifw.backend import missing_framework
from unifw.errors import DTypeError, ImplicitConversionError

NAMES = [dtype.name for dtype in dtypes.ALL]
OF_THE_STANDARD = [name for name in NAMES if name not in ("float16", "bfloat16")]
SCALARS = {"bool": True, "int": 1, "float": 0.5, "complex": 1j}
PAIRS = list(itertools.product(NAMES, NAMES))

# The fixture of a backend only makes it current, which may as well last for all examples.
examples = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def strict():
    with uf.config.strict():
        yield


def tensor(dtype):
    return uf.asarray([1, 0, 1], dtype=dtype)


def outcome(call):
    """The dtype of a result and its bytes; or the class and the text of what is raised."""
    try:
        with np.errstate(all="ignore"):
            result = call()
    except Exception as error:  # noqa: BLE001 - any error is an outcome
        return type(error).__name__, str(error)
    return result.dtype.name, result.backend.to_numpy(result.native).tobytes()


# --- which promotions raise: those that array-api-strict, the standard's own implementation, refuses -----------------


def strict_accepts(call):
    try:
        call()
    except TypeError:
        return False
    return True


@pytest.mark.parametrize("pair", list(itertools.product(OF_THE_STANDARD, OF_THE_STANDARD)), ids="-".join)
def test_a_promotion_is_defined_if_array_api_strict_has_it(pair):
    both = [getattr(array_api_strict, name) for name in pair]
    expected = strict_accepts(lambda: array_api_strict.result_type(*both))
    assert dtypes.has_promotion(*map(np.dtype, pair)) == expected


@pytest.mark.parametrize("scalar", SCALARS.values(), ids=SCALARS)
@pytest.mark.parametrize("dtype", OF_THE_STANDARD)
def test_a_python_scalar_is_defined_if_array_api_strict_takes_it(dtype, scalar):
    x = array_api_strict.asarray([1, 0], dtype=getattr(array_api_strict, dtype))
    assert dtypes.has_scalar_promotion(np.dtype(dtype), type(scalar)) == strict_accepts(lambda: x == scalar)


@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_half_precision_promotes_as_the_other_floats_but_not_with_the_other_half(half):
    defined = {name for name in NAMES if dtypes.has_promotion(dtypes.as_dtype(half), dtypes.as_dtype(name))}
    assert defined == {half, "float32", "float64", "complex64", "complex128"}
    assert [dtypes.has_scalar_promotion(dtypes.as_dtype(half), each) for each in (bool, int, float, complex)] == [
        False,
        True,
        True,
        False,
    ]


BINARY = {
    "add": lambda x, y: x + y,
    "equal": lambda x, y: x == y,
    "maximum": uf.maximum,
    "where": lambda x, y: uf.where(uf.asarray([True, False, True]), x, y),
    "concat": lambda x, y: uf.concat([x, y]),
    "stack": lambda x, y: uf.stack([x, y]),
    "vecdot": uf.vecdot,
    "einsum": lambda x, y: uf.nn.einsum("i,i->i", x, y),
}


def same_or_raises(call, *, is_defined):
    """Whether a call raises in strict mode if it is not defined, and gives what it gives in lenient mode if it is."""
    with uf.config.strict(False):
        lenient = outcome(call)
    found = outcome(call)
    if is_defined or lenient[0].endswith("Error"):
        return found == lenient
    return found[0] == "ImplicitConversionError"


def test_addition_of_every_pair_raises_exactly_if_undefined(backend):
    tensors = {name: tensor(name) for name in NAMES}
    wrong = [
        (first, second)
        for first, second in PAIRS
        if not same_or_raises(
            lambda: tensors[first] + tensors[second],  # noqa: B023
            is_defined=dtypes.has_promotion(tensors[first].dtype, tensors[second].dtype),
        )
    ]
    assert wrong == []


@examples
@given(pair=st.sampled_from(PAIRS), name=st.sampled_from(list(BINARY)), data=st.data())
def test_a_pair_raises_exactly_if_undefined_and_changes_nothing_otherwise(backend, pair, name, data):
    values = st.lists(st.integers(0, 100), min_size=3, max_size=3)
    x, y = (uf.asarray(data.draw(values), dtype=dtype) for dtype in pair)
    assert same_or_raises(lambda: BINARY[name](x, y), is_defined=dtypes.has_promotion(x.dtype, y.dtype))


@examples
@given(
    dtype=st.sampled_from(NAMES),
    scalar=st.one_of(st.booleans(), st.integers(-128, 127), st.floats(-100, 100), st.just(1j)),
    name=st.sampled_from(["mul", "rmul", "add", "rsub", "eq", "lt"]),
)
def test_a_scalar_raises_exactly_if_undefined_and_changes_nothing_otherwise(backend, dtype, scalar, name):
    x = tensor(dtype)
    is_defined = dtypes.has_scalar_promotion(x.dtype, type(scalar))
    assert same_or_raises(lambda: getattr(x, f"__{name}__")(scalar), is_defined=is_defined)


TO_FLOAT = [uf.mean, uf.var, uf.sqrt, uf.exp, uf.nn.relu, uf.nn.softmax, uf.nn.hard_tanh, lambda x: x / x]
KEPT = [uf.abs, uf.sum, uf.prod, uf.max, uf.argmax, uf.cumulative_sum, uf.floor, uf.square, uf.any]


@examples
@given(dtype=st.sampled_from(NAMES), function=st.sampled_from(TO_FLOAT))
def test_integers_and_booleans_become_floats_only_if_asked_to(backend, dtype, function):
    x = tensor(dtype)
    is_defined = dtypes.kind(x.dtype) in ("floating", "complex")
    assert same_or_raises(lambda: function(x), is_defined=is_defined)


@examples
@given(dtype=st.sampled_from(NAMES), function=st.sampled_from(KEPT))
def test_what_the_standard_defines_for_integers_is_not_touched(backend, dtype, function):
    assert same_or_raises(lambda: function(tensor(dtype)), is_defined=True)


# --- that frameworks disagree, as messages say ------------------------------------------------------------------------


def answers(call):
    """The dtypes that the frameworks themselves give, or "error"."""
    found = {}
    for name in ("numpy", "torch", "jax", "tensorflow"):
        if missing_framework(name) is not None:
            pytest.skip(f"{name} is not installed")
        with uf.use_backend(name) as backend:
            try:
                found[name] = backend.dtype_of(call(lambda dtype: tensor(dtype).native)).name
            except Exception:  # noqa: BLE001 - frameworks fail in many ways
                found[name] = "error"
    return found


@pytest.mark.parametrize("pair", [p for p in PAIRS if not dtypes.has_promotion(*map(dtypes.as_dtype, p))], ids="-".join)
def test_frameworks_answer_differently_where_a_pair_raises(pair):
    found = answers(lambda native: native(pair[0]) * native(pair[1]))
    assert len(set(found.values())) > 1, found


UNDEFINED_SCALARS = [
    (name, scalar)
    for name in NAMES
    for scalar in SCALARS.values()
    if (name == "bool" or scalar is not True)  # of that all say the same, and messages do not claim otherwise
    and not dtypes.has_scalar_promotion(dtypes.as_dtype(name), type(scalar))
]


@pytest.mark.parametrize(("dtype", "scalar"), UNDEFINED_SCALARS, ids=str)
def test_frameworks_answer_differently_where_a_scalar_raises(dtype, scalar):
    found = answers(lambda native: native(dtype) * scalar)
    assert len(set(found.values())) > 1, found


@pytest.mark.parametrize("dtype", ["bool", "int8", "int32", "int64", "uint8"])
def test_frameworks_divide_and_average_integers_differently(dtype):
    found = answers(lambda native: native(dtype) / native(dtype))
    assert len(set(found.values())) > 1, found


def test_frameworks_scale_by_what_half_precision_does_not_hold_differently():
    found = {}
    for name in ("numpy", "torch"):
        with uf.use_backend(name) as backend, np.errstate(all="ignore"):
            x = uf.asarray(0.001, dtype="float16").native
            found[name] = bool(np.isfinite(backend.to_numpy(x * 65536.0)))
    assert found == {"numpy": False, "torch": True}


# --- what is said ---------------------------------------------------------------------------------------------------


def test_a_pair_is_named_with_the_line_and_what_to_write(backend):
    x, y = tensor("int64"), tensor("float32")
    with pytest.raises(ImplicitConversionError) as caught:
        x + y
    line = inspect.getsourcelines(test_a_pair_is_named_with_the_line_and_what_to_write)[1] + 3
    assert str(caught.value) == (
        f"Strict mode, tests/tensor/test_strict.py:{line}: add() would promote int64 and float32 to float32, which the "
        "Array API standard leaves open and frameworks answer differently. Convert the int64 one: unifw.astype(x, "
        "'float32')."
    )
    assert isinstance(caught.value, DTypeError)
    assert isinstance(caught.value, TypeError)


SAID = {
    "multiply() would promote int64 and the Python float 0.5 to float32": lambda: tensor("int64") * 0.5,
    "multiply() would promote float32 and the Python bool True to float32, which the Array API standard leaves "
    "open. Write 1.0.": lambda: tensor("float32") * True,
    "add() would promote uint64 and int64 to float32": lambda: tensor("uint64") + tensor("int64"),
    "Convert both: unifw.astype(x, 'float32')": lambda: tensor("float16") + tensor("bfloat16"),
    "mean() would convert its argument from int64 to float32, which frameworks do differently or not at all. "
    "Convert it: unifw.astype(x, 'float32').": lambda: uf.mean(tensor("int64")),
    "divide() would convert its argument from int64 to float32": lambda: tensor("int64") / 2,
    "stack() would promote int64 and float32": lambda: uf.stack([tensor("int64"), tensor("float32")]),
    "asarray() would promote int64 and float32": lambda: uf.asarray([tensor("int64"), tensor("float32")]),
    "asarray() would make the Python number 1e+300 float32": lambda: uf.asarray([1.0, 1e300]),
    "multiply() would make the Python number 65536.0 infinite, for float16 ends before. Convert the tensor: "
    "unifw.astype(x, 'float32').": lambda: tensor("float16") * 65536.0,
    "add() would make the Python number 1e+39 infinite, for float32": lambda: uf.add(tensor("float32"), 1e39),
    "assignment by index would make the Python number 65536 infinite": lambda: tensor("float16").at[0].set(65536),
    "full_like() would turn 0.5 into 0 for int64": lambda: uf.full_like(tensor("int64"), 0.5),
    "full() would turn 2 into True for bool": lambda: uf.full((2,), 2, dtype="bool"),
    "isclose() would promote int64 and float32": lambda: uf.nn.isclose(tensor("int64"), tensor("float32")),
    "normalize() would promote float32 and int64": lambda: uf.nn.normalize(tensor("float32"), tensor("int64"), 1.0),
    "assignment by index would promote float32 and int64": lambda: tensor("float32").at[0].set(tensor("int64")[0]),
    "assignment by index would promote float32 and the Python bool True": lambda: tensor("float32").at[0].add(True),
    "truncated_normal() would convert a parameter from float64 to float32, and lose precision or range": lambda: (
        uf.random.truncated_normal(uf.random.key(0), tensor("float64") - 2.0, 2.0)
    ),
    "choice() would convert p from int64": lambda: uf.random.choice(uf.random.key(0), 3, (), p=tensor("int64")),
    "poisson() would convert a parameter from float64": lambda: uf.random.poisson(uf.random.key(0), tensor("float64")),
    "pinv() would convert rtol from float64": lambda: uf.linalg.pinv(uf.eye(2), rtol=uf.asarray(0.1, dtype="float64")),
    "dot_product_attention() would convert its mask from int64 to bool": lambda: uf.nn.dot_product_attention(
        *[uf.ones((1, 3, 1, 2))] * 3, mask=tensor("int64")
    ),
    "jvp() would convert tangents from float64 to float32": lambda: uf.jvp(
        uf.square, (tensor("float32"),), (tensor("float64"),)
    ),
    "The pullback of vjp() would convert cotangents from float64 to float32": lambda: uf.vjp(
        uf.square, tensor("float32")
    )[1](tensor("float64")),
}


@pytest.mark.parametrize("said", SAID, ids=lambda said: said[:50])
def test_each_conversion_is_named_with_its_dtypes_and_the_line(said, backend):
    with pytest.raises(ImplicitConversionError, match=r"^Strict mode, tests/tensor/test_strict\.py:\d+: ") as caught:
        SAID[said]()
    assert said in str(caught.value)
    with uf.config.strict(False), warnings.catch_warnings(action="ignore"):
        SAID[said]()


def test_a_number_out_of_range_raises_though_another_one_was_multiplied_before(backend):
    x = tensor("float16")
    with uf.config.strict(False), np.errstate(all="ignore"):
        x * 2.0
        x * 2.0
        x * 65536.0
    x * 2.0
    with pytest.raises(ImplicitConversionError, match="infinite, for float16"):
        x * 65536.0


ALLOWED = {
    "Python numbers of the tensor's kind": lambda: tensor("float32") * 2 + 0.5 - tensor("complex64") * 1j,
    "floats of several widths": lambda: tensor("float16") + tensor("float32") + tensor("float64"),
    "floats with complex numbers": lambda: tensor("float32") + tensor("complex64"),
    "integers of several widths": lambda: tensor("int8") + tensor("uint16"),
    "sums of small integers": lambda: uf.sum(tensor("int8")),
    "what is asked for": lambda: uf.astype(tensor("float64"), "int8") + uf.asarray([0.5, 1, 2], dtype="int8"),
    "zeros and ones of any dtype": lambda: uf.ones_like(tensor("bool")) == uf.zeros_like(tensor("bool")),
    "numbers in tensors of their kind": lambda: tensor("float32").at[0].set(1).at[1:].set([2, 3]),
    "what only the tensor holds": lambda: tensor("float64").at[0].set(1e300),
    "infinity": lambda: tensor("float16") + float("inf") + uf.where(tensor("bool"), tensor("float32"), float("nan")),
    "numbers beside tensors": lambda: uf.nn.normalize(tensor("float32"), 0, 1),
    "lists of Python numbers": lambda: uf.asarray([[1, 2.5], [True, 0]]),
    "asking": lambda: tensor("int64").astype(uf.result_type("int64", "float32")),
}


@pytest.mark.parametrize("what", ALLOWED)
def test_not_strict_about(what, backend):
    ALLOWED[what]()


# --- under transforms ------------------------------------------------------------------------------------------------


def traced(x):
    return uf.sum(x * uf.asarray([1, 2, 3]))


TRACED_LINE = inspect.getsourcelines(traced)[1] + 1
TRANSFORMS = {
    "jit": lambda: uf.jit(traced)(tensor("float32")),
    "grad": lambda: uf.grad(traced)(tensor("float32")),
    "jit of grad": lambda: uf.jit(uf.grad(traced))(tensor("float32")),
    "grad of checkpoint": lambda: uf.grad(uf.checkpoint(traced))(tensor("float32")),
    "vmap": lambda: uf.vmap(traced)(uf.ones((2, 3))),
    "scan": lambda: uf.scan(lambda carry, x: (carry, traced(carry * x)), tensor("float32"), uf.ones(2)),
    "cond": lambda: uf.cond(uf.asarray(True), traced, lambda x: x[0], tensor("float32")),
    "jit of cond": lambda: uf.jit(lambda x: uf.cond(x[0] > 0.0, traced, lambda x: x[0], x))(tensor("float32")),
    "tree.map": lambda: uf.tree.map(traced, {"a": tensor("float32")}),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_the_line_is_that_of_the_function_that_is_traced(name, backend):
    with pytest.raises(ImplicitConversionError) as caught:
        TRANSFORMS[name]()
    assert str(caught.value).startswith(
        f"Strict mode, tests/tensor/test_strict.py:{TRACED_LINE}: multiply() would promote float32 and int64 to float32"
    )


def test_a_function_that_was_compiled_leniently_is_traced_again(backend):
    compiled = uf.jit(lambda x, y: x + y)
    with uf.config.strict(False):
        compiled(tensor("int64"), tensor("float32"))
    with pytest.raises(ImplicitConversionError):
        compiled(tensor("int64"), tensor("float32"))


def test_a_number_that_jit_is_given_is_one_of_python(backend):
    assert uf.jit(lambda x, s: x * s)(tensor("float32"), 0.5).dtype == uf.float32
    assert uf.jit(lambda x, n, s: x * (n * s + True))(tensor("float32"), 2, 0.5).tolist() == [2.0, 0.0, 2.0]
    with pytest.raises(ImplicitConversionError, match="promote int64 and a Python float to float32"):
        uf.jit(lambda x, s: x * s)(tensor("int64"), 0.5)


def test_gradients_and_loops_are_free_of_conversions_of_ours(backend):
    def loss(x):
        return uf.mean(uf.nn.softmax(uf.nn.gelu(x) @ x) ** 2) + uf.fori_loop(0, 3, lambda i, s: s * 0.5, x[0, 0])

    x = uf.asarray([[0.5, 1.0], [2.0, 0.25]])
    with uf.config.strict(False):
        lenient = outcome(lambda: uf.jit(uf.grad(loss))(x))
    assert outcome(lambda: uf.jit(uf.grad(loss))(x)) == lenient
    uf.hessian(loss)(x) if backend.name != "torch" else uf.jacrev(loss)(x)


# --- where the setting comes from -----------------------------------------------------------------------------------


def test_a_context_is_one_of_a_thread_and_of_a_task():
    found = []
    thread = threading.Thread(target=lambda: found.append(uf.config.is_strict()))
    thread.start()
    thread.join()
    assert found == [False]

    async def lenient():
        with uf.config.strict(False):
            await asyncio.sleep(0)
            return uf.config.is_strict()

    async def both():
        return await asyncio.gather(lenient(), asyncio.sleep(0, uf.config.is_strict()))

    assert asyncio.run(both()) == [False, True]
    assert uf.config.is_strict()


def test_contexts_nest_and_end_with_an_error():
    with uf.config.strict(False):
        with pytest.raises(ZeroDivisionError), uf.config.strict():
            _ = 1 / 0
        assert not uf.config.is_strict()


PROGRAM = "import unifw as uf; print(uf.config.is_strict())"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", "True"), ("true", "True"), ("YES", "True"), ("on", "True"), ("0", "False"), ("No", "False"), ("", "False")],
)
def test_the_variable_says_yes_or_no(run_python, value, expected):
    assert run_python(PROGRAM, UNIFW_STRICT=value) == expected


def test_the_file_says_so_too_and_a_call_goes_before_it(run_python, tmp_path):
    (tmp_path / "config.toml").write_text("strict = true\n")
    assert run_python(PROGRAM, UNIFW_CONFIG=str(tmp_path / "config.toml")) == "True"
    program = "import unifw as uf; uf.config.set_strict(False); print(uf.config.is_strict())"
    assert run_python(program, UNIFW_CONFIG=str(tmp_path / "config.toml"), UNIFW_STRICT="1") == "False"


def test_another_word_is_an_error_that_says_where_it_stands(run_python):
    program = """
import unifw as uf
try:
    uf.config.is_strict()
except uf.errors.ArgumentError as error:
    print(error)
"""
    assert run_python(program, UNIFW_STRICT="maybe") == (
        "The setting strict says yes or no, got 'maybe' from the environment variable UNIFW_STRICT. Write one of: "
        "1, true, yes, on, 0, false, no, off."
    )


def test_the_variable_makes_a_program_strict_from_its_first_line(run_python, tmp_path):
    (tmp_path / "train.py").write_text("import unifw as uf\n\nuf.asarray([1, 2]) * 0.5\n")
    program = f"""
import os, runpy, unifw as uf
os.chdir({str(tmp_path)!r})
try:
    runpy.run_path({str(tmp_path / "train.py")!r})
except uf.errors.ImplicitConversionError as error:
    print(error)
"""
    said = run_python(program, UNIFW_STRICT="1", UNIFW_BACKEND="numpy")
    assert re.match(r"Strict mode, train\.py:3: multiply\(\) would promote int64 and the Python float 0\.5", said)
