"""The conformance kit finds a backend that is wrong in one thing: NumPy's, with one member replaced at a time."""

from __future__ import annotations

import numpy as np
import pytest

import unifw.backend._registry as registry
from unifw.backend import Backend, get_backend
from unifw.testing import scorecard

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestAssertRewriteWarning")
RIGHT = type(get_backend("numpy"))


class Namespace:
    """NumPy's namespace with one function replaced."""

    def __init__(self, **functions):
        vars(self).update(functions)

    def __getattr__(self, name):
        return getattr(RIGHT.xp, name)


def with_function(name, function):
    """Return the members of a backend whose namespace has one function replaced."""
    return {"xp": Namespace(**{name: function}), "function_for": lambda self, name, dtype: getattr(self.xp, name)}


def last_of_equals(x, *, axis=None, keepdims=False):
    if axis is None:
        return np.asarray(x.size - 1 - np.argmax(np.ravel(x)[::-1]))
    return x.shape[axis] - 1 - np.argmax(np.flip(x, axis), axis=axis, keepdims=keepdims)


def astype(self, array, dtype):
    with np.errstate(invalid="ignore"):
        return array.astype(dtype)


def conv(self, x, kernel, strides, padding, dilation):
    return RIGHT.conv(self, x, kernel, strides, [pads[::-1] for pads in padding], dilation)


def max_pool(self, x, window, strides, padding):
    padded = np.pad(x, [(0, 0), *padding, (0, 0)])
    return RIGHT.max_pool(self, padded, window, strides, [(0, 0)] * len(padding))


def average_pool(self, x, window, strides, padding):
    padded = np.pad(x, [(0, 0), *padding, (0, 0)])
    return RIGHT.average_pool(self, padded, window, strides, [(0, 0)] * len(padding))


def softmax(self, x, axis):
    with np.errstate(over="ignore", invalid="ignore"):
        exponentials = np.exp(x)
        return exponentials / exponentials.sum(axis=axis, keepdims=True)


def index_add(self, x, indices, updates, axis):
    result = np.array(x)
    key = (slice(None),) * axis
    result[*key, indices] = result[*key, indices] + updates
    return result


def while_loop(self, condition, body, arrays):
    return body(RIGHT.while_loop(self, condition, body, arrays), self)


def cond(self, predicate, true_function, false_function, arrays):
    return RIGHT.cond(self, predicate, false_function, true_function, arrays)


def scan(self, function, carry, xs, length, reverse):
    return RIGHT.scan(self, function, carry, xs, length, False)


def vmap(self, function, arrays, axes, size):
    return RIGHT.vmap(self, function, arrays, [None if axis is None else 0 for axis in axes], size)


def jvp(self, function, arrays, tangents):
    outputs, auxiliary, changes = RIGHT.jvp(self, function, arrays, tangents)
    return outputs, auxiliary, [change * 2 for change in changes]


def vjp(self, function, arrays):
    outputs, auxiliary, pullback = RIGHT.vjp(self, function, arrays)
    return outputs, auxiliary, lambda cotangents: [self.xp.abs(each) for each in pullback(cotangents)]


def value_and_grad_twice(self, function, arrays):
    function(list(arrays), self)
    return RIGHT.value_and_grad(self, function, arrays)


def layer_norm(self, x, scale, offset, epsilon, axis):
    return RIGHT.layer_norm(self, x, scale, offset, epsilon * epsilon, axis)


def attention(self, query, key, value, mask, scale, is_causal):
    return RIGHT.dot_product_attention(self, query, key, value, mask, 1.0, is_causal)


def sigmoid(self, x):
    return RIGHT.sigmoid(self, x) + np.asarray(np.random.default_rng().normal(size=x.shape) * 1e-7, x.dtype)


def jit_for_one_shape(self, function, *, donate=()):
    kept = {}

    def compiled(arrays):
        if "results" not in kept:
            kept["results"] = function(arrays, self)
        return kept["results"]

    return compiled


def set_slice(self, x, key, values):
    x.flags.writeable = True
    x[key] = values
    return x


BROKEN = {
    "exp off by a thousandth": ("test_unary", with_function("exp", lambda x: np.exp(x) * 1.001)),
    "round half away from zero": (
        "test_unary or rounding",
        with_function("round", lambda x: np.trunc(x + np.copysign(0.5, x)).astype(x.dtype)),
    ),
    "remainder with the sign of the dividend": ("rounding or test_binary", with_function("remainder", np.fmod)),
    "argmax of the last of equals": ("test_finding", with_function("argmax", last_of_equals)),
    "variance over n - 1": (
        "test_averaging",
        with_function(
            "var", lambda x, *, axis=None, correction=0.0, keepdims=False: np.var(x, axis, ddof=1, keepdims=keepdims)
        ),
    ),
    "sort that is not stable upwards": (
        "argsort or ordering or finding",
        with_function(
            "argsort",
            lambda x, *, axis=-1, descending=False, stable=True: np.flip(np.argsort(np.flip(x, axis), axis=axis), axis),
        ),
    ),
    "casts that wrap": ("astype", {"astype": astype}),
    "device that is not there": ("device", {"device_of": lambda self, array: "cuda:0"}),
    "arrays that can be written to from outside": ("written_through", {"to_numpy": lambda self, array: array}),
    "padding that is swapped": ("formula and conv or override and conv", {"conv": conv}),
    "maximum of padding": ("formula and max_pool or override and max_pool", {"max_pool": max_pool}),
    "average of padding": ("formula and average_pool or override and average_pool", {"average_pool": average_pool}),
    "softmax that overflows": ("softmax or extreme", {"softmax": softmax}),
    "repeated indices added once": ("index_add", {"index_add": index_add}),
    "assignment in place": ("set_slice", {"set_slice": set_slice}),
    "gelu approximated": ("gelu", {"gelu": lambda self, x, approximate: RIGHT.gelu(self, x, True)}),
    "epsilon squared": ("layer_norm", {"layer_norm": layer_norm}),
    "attention without its scale": ("dot_product_attention", {"dot_product_attention": attention}),
    "one step too many": ("control_flow", {"while_loop": while_loop}),
    "branches exchanged": ("control_flow", {"cond": cond}),
    "scan that never goes backwards": ("control_flow", {"scan": scan}),
    "vmap over the first axis only": ("test_vmap", {"vmap": vmap}),
    "tangents twice as long": ("both_modes or contract", {"jvp": jvp}),
    "cotangents without sign": ("both_modes or contract", {"vjp": vjp}),
    "function run twice": ("test_contract", {"value_and_grad": value_and_grad_twice}),
    "results that differ from call to call": ("test_function or same", {"sigmoid": sigmoid}),
    "jit that knows one shape": ("test_jit", {"jit": jit_for_one_shape}),
    "uniforms that reach one": (
        "uniform",
        {"random_uniform": lambda self, key, shape, dtype: 1 - Backend.random_uniform(self, key, shape, dtype)},
    ),
    "split that repeats the key": (
        "split",
        {"random_split": lambda self, key, count: np.broadcast_to(key, (count, *key.shape)).copy()},
    ),
    "version that is not stated": ("version", {"interface_version": 0}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_is_found(name, monkeypatch):
    selection, members = BROKEN[name]
    broken = type("Broken", (RIGHT,), {"interface_version": 1, **members})
    monkeypatch.setitem(registry._loaded, "numpy", broken())
    scores = scorecard("numpy", "-k", selection, "-x")
    assert sum(counts["failed"] for counts in scores.values()), scores
