"""Dropout: whose masks they are, that they change from step to step, and that a seed alone fixes their sequence."""

from __future__ import annotations

import jax
import keras
import numpy as np
import pytest

import unifw as uf
from unifw import layers
from unifw.backend import installed
from unifw.errors import ShapeError

X = np.ones((4, 8), np.float32)


def masks(layer, number):
    return [np.asarray(layer(X, training=True)) != 0 for _ in range(number)]


class Watch(layers.Layer):
    """Remembers what came by in training, in a variable, so that it can be seen in a compiled step too."""

    def build(self, input_shape):
        self.seen = self.add_weight((4, 8), "zeros", trainable=False, name="seen")

    def call(self, x, training=False):
        if training:
            self.seen.assign(uf.where(x == 0, 0.0, 1.0))
        return x


def trained_masks(seed, epochs, global_seed=0, model=None):
    """The mask of the last step of each epoch of one step."""
    uf.utils.set_random_seed(global_seed)
    if model is None:
        model = uf.Sequential([uf.Input((8,)), layers.Dropout(0.5, seed=seed), Watch(), layers.Dense(1)])
        model.compile("sgd", "mse")
    seen = []
    for _ in range(epochs):
        model.fit(X, np.ones((4, 1), np.float32), verbose=0)
        seen.append(model.layers[1].seen.numpy())
    return model, seen


def test_a_seeded_dropout_drops_other_elements_in_each_call_as_keras_does(backend):
    theirs = keras.layers.Dropout(0.5, seed=3)
    assert not np.array_equal(theirs(X, training=True), theirs(X, training=True))
    first, second = masks(layers.Dropout(0.5, seed=3), 2)
    assert not np.array_equal(first, second)


def test_the_nth_mask_is_that_of_the_folded_key(backend):
    with jax.threefry_partitionable(True):
        for number, ours in enumerate(masks(layers.Dropout(0.25, seed=3), 3)):
            expected = jax.random.bernoulli(jax.random.fold_in(jax.random.key(3), number), np.float32(0.75), X.shape)
            np.testing.assert_array_equal(ours, expected)


def test_the_seed_alone_fixes_the_masks_of_fit_on_every_backend(backend):
    _, seen = trained_masks(3, 3)
    assert not np.array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[1], seen[2])
    for ours, others in zip(seen, trained_masks(3, 3, global_seed=1)[1], strict=True):
        np.testing.assert_array_equal(ours, others)
    with uf.use_backend("numpy"):
        for ours, others in zip(seen, trained_masks(3, 3)[1], strict=True):
            np.testing.assert_array_equal(ours, others)
    assert not np.array_equal(seen[0], trained_masks(4, 1)[1][0])


@pytest.mark.parametrize("target", installed())
def test_the_sequence_goes_on_after_loading(target, tmp_path):
    with uf.use_backend("numpy"):
        _, expected = trained_masks(3, 3)
        model, _ = trained_masks(3, 2)
        model.save(tmp_path / "m.safetensors")
    again = uf.load(tmp_path / "m.safetensors", backend=target, custom_objects={"Watch": Watch})
    np.testing.assert_array_equal(trained_masks(3, 1, model=again)[1][0], expected[2])


def test_the_counter_is_a_variable_but_no_weight_as_in_keras(backend):
    ours, theirs = (
        each.Sequential([keras_input, layer.Dense(2), layer.Dropout(0.5, seed=1)])
        for each, keras_input, layer in ((uf, uf.Input((3,)), layers), (keras, keras.Input((3,)), keras.layers))
    )
    for name in ("variables", "non_trainable_variables", "weights", "non_trainable_weights"):
        assert len(getattr(ours, name)) == len(getattr(theirs, name)), name
    assert ours.count_params() == theirs.count_params()
    ours.set_weights([np.asarray(each.value) for each in theirs.weights])


def test_a_dropout_used_in_training_only_has_its_counter_from_the_start(backend):
    class Net(uf.Model):
        def __init__(self):
            super().__init__()
            self.attention = layers.MultiHeadAttention(1, 2, dropout=0.5, seed=2)
            self.drop = layers.Dropout(0.5, seed=1)
            self.head = layers.Dense(1)

        def call(self, x, training=False):
            x = self.attention(x, x)
            return self.head(self.drop(x) if training else x)

    model = Net()
    model.build((None, 3, 4))
    model.compile("sgd", "mse")
    model.fit(np.ones((2, 3, 4), np.float32), np.ones((2, 3, 1), np.float32), epochs=2, verbose=0)
    assert [each.numpy() for each in model.variables if each.is_seed] == [2, 2]


@pytest.mark.parametrize("noise_shape", [(None, 1), (4, 1), (1, None)])
def test_a_noise_shape_drops_together(backend, noise_shape):
    kept = masks(layers.Dropout(0.5, noise_shape=noise_shape, seed=0), 1)[0]
    axis = noise_shape.index(1)
    np.testing.assert_array_equal(kept, np.broadcast_to(kept.take([0], axis=axis), kept.shape))
    assert 0 < kept.mean() < 1


@pytest.mark.parametrize("noise_shape", [(4,), (4, 8, 1), (3, 1)])
def test_a_noise_shape_that_does_not_fit_says_so(backend, noise_shape):
    with pytest.raises(ShapeError, match=r"noise_shape=.* does not fit an input of shape \(4, 8\)"):
        layers.Dropout(0.5, noise_shape=noise_shape)(X, training=True)
