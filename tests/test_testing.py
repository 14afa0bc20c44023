"""The conformance kit itself: it finds what is wrong, and known failures are strict."""

from __future__ import annotations

import json
from types import ModuleType

import numpy as np
import pytest

import unifw as uf
import unifw.backend._registry as registry
from unifw import transforms
from unifw.backend import Backend, composites, get_backend, installed
from unifw.testing import record, scorecard, support_matrix
from unifw.testing._examples import EXAMPLES
from unifw.testing._functions import FUNCTIONS

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestAssertRewriteWarning")


@pytest.fixture
def wrong(monkeypatch):
    """Run the kit on NumPy with some members replaced."""
    kind = type(get_backend("numpy"))

    def run(*options, **members):
        with_name = type("Wrong", (kind,), {"interface_version": 1, **members}) if members else kind
        monkeypatch.setitem(registry._loaded, "numpy", with_name())
        return scorecard("numpy", *options)

    return run


def failures(scores):
    return {block: counts["failed"] for block, counts in scores.items() if counts["failed"]}


def test_a_right_backend_has_no_failures(wrong):
    scores = wrong("-k", "Composites or formula or random or Identity or convention")
    assert scores["Composites"]["passed"] > 100
    assert failures(scores) == {}


def test_an_override_that_changes_the_meaning_is_found(wrong):
    scores = wrong("-k", "formula or override", silu=lambda self, x: self.xp.multiply(x, 0.5))
    assert failures(scores)["Composites"] >= 3
    assert failures(scores)["Gradients"] >= 1


def test_a_gradient_that_is_wrong_is_found(wrong):
    right = type(get_backend("numpy")).value_and_grad

    def value_and_grad(self, function, arrays):
        value, auxiliary, gradients = right(self, function, arrays)
        return value, auxiliary, [self.xp.abs(gradient) for gradient in gradients]

    assert failures(wrong("-k", "gradient_of_composite and softplus", value_and_grad=value_and_grad)) == {
        "Gradients": 1
    }


def test_a_random_stream_that_is_off_by_a_bit_is_found(wrong):
    def bits(self, key, shape):
        return self.xp.bitwise_xor(Backend.random_bits(self, key, shape), np.uint32(1))

    assert failures(wrong("-k", "bits", random_bits=bits))["Randomness"] == 1


def test_a_known_failure_is_expected_to_fail(wrong):
    members = {"silu": lambda self, x: self.xp.multiply(x, 0.5), "known_failures": {"silu": "a bug, with a link"}}
    scores = wrong("-k", "formula and silu", **members)
    assert scores["Composites"]["xfailed"] == 4
    assert failures(scores) == {}


def test_a_known_failure_that_passes_is_an_error(wrong):
    scores = wrong("-k", "formula and silu", known_failures={"silu": "fixed long ago, with a link"})
    assert failures(scores) == {"Composites": 4}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_an_override_that_is_wrong_in_one_dtype_is_found(wrong, dtype):
    right = type(get_backend("numpy")).silu

    def silu(self, x):
        return self.xp.multiply(x, 0.5) if x.dtype == dtype else right(self, x)

    assert failures(wrong("-k", "override_is_default and silu", silu=silu)) == {"Composites": 1}


def test_a_known_failure_that_names_no_test_is_found(wrong):
    members = {"silu": lambda self, x: self.xp.multiply(x, 0.5)}
    only = ("-k", "known_failures")
    assert failures(wrong(*only, known_failures={"formula[silo": "mistyped, with a link"}, **members)) == {
        "Identity": 1
    }
    assert failures(wrong(*only, known_failures={"formula[silu": "a bug, with a link"}, **members)) == {}


@pytest.mark.parametrize(
    "figures",
    [{"peak": 0, "current": 0}, {"peak": 2**30, "current": 0}, {"peak": 2**33, "current": 2**33}],
    ids=["nothing", "a-peak-that-stays", "constants"],
)
def test_memory_figures_that_count_nothing_are_found(wrong, figures):
    scores = wrong("-k", "memory_stats_count", memory_stats=lambda self, device: figures)
    assert failures(scores) == {"Identity": 1}


def test_memory_in_kibibytes_is_found(wrong):
    right = type(get_backend("numpy")).memory_stats

    def memory_stats(self, device):
        return {name: value // 1024 for name, value in right(self, device).items()}

    assert failures(wrong("-k", "memory_stats_count", memory_stats=memory_stats)) == {"Identity": 1}
    assert failures(wrong("-k", "memory_stats_count")) == {}


def test_a_jit_that_writes_into_what_shares_memory_is_found(wrong):
    def jit(self, function, *, donate=()):
        def compiled(arrays):
            results, static = function(arrays, self)
            for position, result in zip(donate, results, strict=False):
                if np.shape(arrays[position]) == np.shape(result):
                    arrays[position][...] = result
                    results[0] = arrays[position]
            return results, static

        return compiled

    assert failures(wrong("-k", "jit and donated", jit=jit)) == {"Compilation": 1}


def test_every_composite_has_an_example():
    assert {example.name for example in EXAMPLES} == set(composites())


def test_every_public_function_has_an_example():
    """The kit compiles and maps each, and the support matrix lists it."""
    modules = {
        "": uf.tensor,
        "linalg.": uf.linalg,
        "fft.": uf.fft,
        "nn.": uf.nn,
        "random.": uf.random,
        "=": transforms,
    }
    public = {
        (prefix + name).removeprefix("=")
        for prefix, module in modules.items()
        for name in module.__all__
        if not isinstance(getattr(module, name), (type, ModuleType)) or name in ("jit", "custom_vjp")
    }
    about_dtypes = "__array_namespace_info__ broadcast_shapes can_cast finfo iinfo isdtype result_type".split()
    without = {*about_dtypes, "inside_transform", "synchronize"}  # they compute nothing
    named = {each.name for each in FUNCTIONS if not each.name.startswith("x")}  # indexing
    assert named == public - without


def test_what_operations_call_is_recorded_as_it_is(pytestconfig):
    found = json.loads((pytestconfig.rootpath / "unifw" / "backend" / "_operations.json").read_text())
    assert record() == found, "run: python docs/make_support_matrix.py"


def test_the_support_matrix_in_the_docs_is_up_to_date(pytestconfig):
    ours = ["torch", "tensorflow", "jax", "numpy"]
    missing = sorted(set(ours) - set(installed()))
    if missing:
        pytest.skip(f"the matrix has a column for each backend; not installed: {', '.join(missing)}")
    page = (pytestconfig.rootpath / "docs" / "support-matrix.md").read_text()
    assert support_matrix(ours) in page, "run: python docs/make_support_matrix.py"
