"""What `fit`, `predict` and a call take as data: arrays of any library, whatever backend the model is on."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
import tensorflow as tf
import torch

import unifw as uf
from unifw import layers
from unifw.errors import ArgumentError, MixedBackendsError

X = np.random.default_rng(0).standard_normal((6, 3)).astype(np.float32)
Y = X[:, :2]


class Frame:
    """A table of a library nobody here knows, which offers itself as an array."""

    def __init__(self, values):
        self.values, self.shape = values, values.shape

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)


FOREIGN = {
    "torch": torch.tensor,
    "torch with gradients": lambda x: torch.tensor(x, requires_grad=True),
    "torch bfloat16": lambda x: torch.tensor(x).to(torch.bfloat16),
    "jax": jnp.asarray,
    "tensorflow": tf.constant,
    "tensorflow variable": tf.Variable,
    "frame": Frame,
}


class Sum(uf.Model):
    """Takes a list of two inputs."""

    def __init__(self):
        super().__init__()
        self.head = layers.Dense(2)

    def call(self, inputs):
        first, second = inputs
        return self.head(first + second)


def compiled(model):
    uf.utils.set_random_seed(0)
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("library", FOREIGN)
def test_fit_takes_the_arrays_of_any_library(backend, library):
    foreign = FOREIGN[library]
    rounded = np.asarray(torch.tensor(X).to(torch.bfloat16).to(torch.float32)) if "bfloat16" in library else X
    expected = compiled(uf.Sequential([layers.Dense(2)])).fit(rounded, Y, verbose=0).history["loss"]
    found = compiled(uf.Sequential([layers.Dense(2)])).fit(foreign(X), Y, verbose=0).history["loss"]
    np.testing.assert_allclose(found, expected, rtol=1e-2 if "bfloat16" in library else 1e-6)


@pytest.mark.parametrize("library", ["torch", "torch with gradients", "jax", "tensorflow", "frame"])
def test_a_list_of_foreign_arrays_is_several_inputs(backend, library):
    foreign = FOREIGN[library]
    expected = compiled(Sum()).fit([X, 2 * X], Y, verbose=0).history["loss"]
    found = compiled(Sum()).fit([foreign(X), foreign(2 * X)], foreign(Y), verbose=0).history["loss"]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    batches = [([foreign(X), foreign(2 * X)], foreign(Y))]
    found = compiled(Sum()).fit((each for each in batches), verbose=0).history["loss"]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_lists_of_numbers_and_of_scalars_are_one_array(backend):
    model = compiled(uf.Sequential([layers.Dense(1)]))
    expected = model.predict(X)
    np.testing.assert_allclose(model.predict(X.tolist()), expected, rtol=1e-6)
    np.testing.assert_allclose(model.predict([list(row) for row in X]), expected, rtol=1e-6)
    model.fit(X, [np.float32(each) for each in Y[:, 0]], verbose=0)


def test_ragged_lists_say_so(backend):
    with pytest.raises(ArgumentError, match="equal lengths"):
        uf.Sequential([layers.Dense(1)]).predict([[1.0, 2.0], [3.0]])


@pytest.mark.parametrize("make", [lambda: layers.Dense(2), layers.BatchNormalization, layers.Flatten, Sum])
def test_a_new_layer_goes_where_the_array_it_is_called_on_is(backend, make):
    x = torch.tensor(X)
    layer = make()
    assert layer([x, x] if make is Sum else x).backend.name == "torch"


def test_an_array_of_another_framework_is_a_tensor_of_another_backend():
    with uf.use_backend("jax"):
        model = uf.Sequential([uf.Input((3,)), layers.Dense(2)])
        with pytest.raises(MixedBackendsError, match=r"unifw\.asarray\(x, backend='jax'\)"):
            model(torch.tensor(X))
        expected = np.asarray(model(X))
        np.testing.assert_allclose(np.asarray(model(uf.asarray(torch.tensor(X), backend="jax"))), expected, rtol=1e-6)
        np.testing.assert_allclose(np.asarray(model(Frame(X))), expected, rtol=1e-6)


class Native(layers.Layer):
    """Uses the framework's own functions, which take no shapes in place of arrays."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, x):
        return uf.asarray(self.function(x.native))


NATIVE = {"torch": torch.sin, "jax": jnp.sin, "tensorflow": tf.sin, "numpy": np.sin}


def test_a_layer_of_native_functions_is_built_by_running_it(backend):
    model = uf.Sequential([uf.Input((3,)), layers.Dense(2), Native(NATIVE[backend.name])])
    assert [each.shape for each in model.variables] == [(3, 2), (2,)]
    np.testing.assert_allclose(model.predict(X), np.sin(np.asarray(model.layers[0](X))), rtol=1e-5)
    lines = []
    model.summary(print_fn=lines.append)
    assert "(None, 2)" in lines[0]


def test_a_mistake_in_a_layer_is_still_told_as_it_is(backend):
    class Wrong(layers.Layer):
        def call(self, x):
            raise LookupError("my mistake")

    with pytest.raises(LookupError, match="my mistake") as caught:
        uf.Sequential([uf.Input((3,)), Wrong()])
    assert caught.value.__context__ is None


def test_predict_on_batch_takes_lists(backend):
    model = uf.Sequential([layers.Dense(2)])
    assert model.predict_on_batch([[1.0, 2.0, 3.0]]).shape == (1, 2)


def test_the_summary_of_layers_that_know_their_parent_ends():
    class Child(layers.Layer):
        def __init__(self, parent):
            super().__init__()
            self.parent = parent
            self.dense = layers.Dense(2)

        def call(self, x):
            return self.dense(x)

    class Parent(uf.Model):
        def __init__(self):
            super().__init__()
            self.child = Child(self)

        def call(self, x):
            return self.child(x)

    model = Parent()
    model.build((None, 3))
    lines = []
    model.summary(print_fn=lines.append, expand_nested=True)
    assert "Total parameters: 8" in lines[0]
