"""One seed gives the same weights and the same dropout masks on every backend, bit for bit."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import unifw as uf
from unifw import initializers, layers
from unifw.backend import installed


def build_and_drop(name):
    with uf.use_backend(name):
        uf.utils.set_random_seed(7)
        model = uf.Sequential(
            [
                uf.Input((6, 6, 2)),
                layers.Conv2D(4, 3, kernel_initializer="he_normal"),
                layers.Flatten(),
                layers.Dense(8, kernel_initializer="truncated_normal"),
                layers.Dropout(0.4),
                layers.Dropout(0.4),
            ]
        )
        weights = model.get_weights()
        key = uf.random.key(3)
        ones = layers.Dense(8, kernel_initializer="zeros", bias_initializer="ones")
        dropper = uf.Sequential([ones, layers.Dropout(0.4), layers.Dropout(0.4)])
        dropper.build((None, 4))
        masks = [
            np.asarray(uf.functional_call(dropper, uf.state(dropper), np.ones((16, 4)), key=key, training=True)[0])
            for _ in range(2)
        ]
    return weights, masks


@pytest.fixture(scope="module")
def reference():
    return build_and_drop("numpy")


@pytest.mark.parametrize("name", [each for each in installed() if each != "numpy"])
def test_same_seed_same_weights_and_masks(reference, name):
    weights, masks = build_and_drop(name)
    for ours, expected in zip(weights, reference[0], strict=True):
        np.testing.assert_array_equal(ours, expected)
    np.testing.assert_array_equal(masks[0], reference[1][0])


def test_a_key_addresses_a_mask(reference):
    first, second = reference[1]
    np.testing.assert_array_equal(first, second)
    assert 0.1 < np.mean(first != 0) < 0.6  # two masks of 0.6 each, and not the same one twice
    assert {0.0, np.float32(1 / 0.6) * np.float32(1 / 0.6)} == set(np.unique(first))


def test_values_depend_on_the_path_not_on_the_order_of_calls(backend):
    def weights(reverse):
        uf.utils.set_random_seed(0)

        class Two(uf.Model):
            def __init__(self):
                super().__init__()
                self.a, self.b = layers.Dense(2), layers.Dense(2)

            def call(self, x):
                one, other = (self.b, self.a) if reverse else (self.a, self.b)
                return one(x) + other(x)

        model = Two()
        model(np.ones((1, 3), np.float32))
        return {each.path: each.numpy() for each in model.variables}

    first, second = weights(False), weights(True)
    for path, value in first.items():
        np.testing.assert_array_equal(value, second[path])
    assert not np.array_equal(first["a/kernel"], first["b/kernel"])


@pytest.mark.parametrize(
    ("initializer", "oracle"),
    [
        (initializers.GlorotUniform(), jax.nn.initializers.glorot_uniform()),
        (initializers.GlorotNormal(), jax.nn.initializers.glorot_normal()),
        (initializers.HeNormal(), jax.nn.initializers.he_normal()),
        (initializers.LecunNormal(), jax.nn.initializers.lecun_normal()),
        (initializers.HeUniform(), jax.nn.initializers.he_uniform()),
    ],
)
@pytest.mark.parametrize("shape", [(40, 30), (3, 3, 8, 16)])
def test_initializers_against_jax(initializer, oracle, shape):
    key = jax.random.key(5)
    with jax.threefry_partitionable(True):
        expected = oracle(key, shape, np.float32)
    ours = initializer.draw(np.asarray(jax.random.key_data(key)), shape, "float32")
    np.testing.assert_allclose(ours, expected, rtol=2e-5, atol=2e-6)


def test_an_initializer_with_a_seed_ignores_where_it_is(backend):
    model = uf.Sequential(
        [uf.Input((4,)), *(layers.Dense(4, kernel_initializer=initializers.RandomNormal(seed=1)) for _ in range(2))]
    )
    np.testing.assert_array_equal(model.get_weights()[0], model.get_weights()[2])
