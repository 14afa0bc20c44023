"""Weight decay leaves out exactly what it was told to, as in Keras 3."""

from __future__ import annotations

from collections import OrderedDict

import keras
import numpy as np
import pytest

import unifw as uf
from unifw import layers, optimizers
from unifw.errors import ArgumentError

DECAY = {"learning_rate": 0.5, "weight_decay": 0.5}


def decayed_by(optimizer, parameters):
    """Return, by path, whether an update by gradients of zero shrinks a parameter."""
    zeros = uf.tree.map(uf.zeros_like, parameters)
    updated, _ = optimizer.update(zeros, optimizer.init(parameters), parameters)
    return uf.tree.map(lambda new, old: not np.array_equal(np.asarray(new), np.asarray(old)), updated, parameters)


def deep(module):
    """Twelve layers, so that "1/kernel" is also the end of "11/kernel"."""
    return module.Sequential([module.layers.Dense(2) for _ in range(12)])


def test_variables_are_left_out_one_by_one_as_in_keras(backend):
    ours, theirs = uf.Sequential([layers.Dense(2) for _ in range(12)]), deep(keras)
    for model in (ours, theirs):
        model.build((None, 2))
    x = np.zeros((4, 2), np.float32)
    for model, module in ((ours, uf), (theirs, keras)):
        optimizer = module.optimizers.SGD(**DECAY)
        optimizer.exclude_from_weight_decay(var_list=[model.layers[1].kernel])
        model.set_weights([np.ones(each.shape, np.float32) for each in model.weights])
        model.compile(optimizer, loss="mse")
    for model in (ours, theirs):
        model.layers[11].set_weights([np.zeros((2, 2), np.float32), np.zeros(2, np.float32)])  # no gradients at all
        model.fit(x, x, batch_size=4, verbose=0)
    for found, expected in zip(ours.get_weights(), theirs.weights, strict=True):
        np.testing.assert_allclose(found, np.asarray(expected.value), rtol=1e-6)
    np.testing.assert_array_equal(ours.layers[1].get_weights()[0], 1.0)
    np.testing.assert_array_equal(ours.layers[10].get_weights()[0], 0.75)


def test_variables_are_found_wherever_their_model_stands(backend):
    inner = uf.Sequential([uf.Input((2,)), layers.Dense(2, kernel_initializer="ones")])
    outer = uf.Sequential([uf.Input((2,)), inner])
    x = np.zeros((4, 2), np.float32)
    for model in (inner, outer, inner):
        optimizer = optimizers.SGD(**DECAY)
        optimizer.exclude_from_weight_decay([inner.layers[0].kernel])
        outer.located_variables()
        model.compile(optimizer, "mse")
        model.fit(x, x)
        np.testing.assert_array_equal(inner.layers[0].get_weights()[0], 1.0)


def test_words_are_searched_in_names_and_are_parts_of_paths():
    with uf.use_backend("numpy"):
        parameters = {
            path: uf.ones(2) for path in ("1/kernel", "1/bias", "11/kernel", "norm/gamma", "attention/query_bias")
        }
        optimizer = optimizers.SGD(**DECAY)
        optimizer.exclude_from_weight_decay(var_names=["bias", "norm", "^1"])
        assert decayed_by(optimizer, parameters) == {
            "1/kernel": True,
            "1/bias": False,
            "11/kernel": True,
            "norm/gamma": False,
            "attention/query_bias": False,
        }


@pytest.mark.parametrize(
    "parameters",
    [
        {"first": {"bias": 1, "kernel": 2}, "second": {"kernel": 3}},
        OrderedDict([("kernel", 1), ("bias", 2)]),
        {"layers": [{"kernel": 1}, {"bias": 2}]},
    ],
    ids=["nested", "ordered", "lists"],
)
def test_words_find_leaves_of_any_tree(backend, parameters):
    optimizer = optimizers.AdamW(**DECAY)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    found = decayed_by(optimizer, uf.tree.map(lambda value: uf.full(2, float(value)), parameters))

    def check(node):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(value, bool):
                assert value == (key != "bias")
            else:
                check(value)

    check(found)


def test_a_file_keeps_what_does_not_decay(tmp_path):
    with uf.use_backend("numpy"):
        model = uf.Sequential([uf.Input((2,)), layers.Dense(2), layers.Dense(2)])
        optimizer = optimizers.AdamW(**DECAY)
        optimizer.exclude_from_weight_decay([model.layers[1].kernel], ["bias"])
        model.compile(optimizer, "mse")
        model.save(tmp_path / "m.safetensors")
        again = uf.load(tmp_path / "m.safetensors")
    assert again.optimizer.excluded_paths == {"1/kernel"}
    assert again.optimizer.excluded_words == ("bias",)


@pytest.mark.parametrize(
    ("arguments", "words"), [({"var_list": ["kernel"]}, "var_names"), ({"var_names": ["("]}, "regular expression")]
)
def test_bad_arguments_say_what_to_write(arguments, words):
    with pytest.raises(ArgumentError, match=words):
        optimizers.AdamW().exclude_from_weight_decay(**arguments)
