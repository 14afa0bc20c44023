"""What a layer is: variables by path, lazy building, state as one tree, errors that say what to write instead."""

from __future__ import annotations

import numpy as np
import pytest

import unifw as uf
from unifw import layers
from unifw.errors import (
    ArgumentError,
    MixedBackendsError,
    ShapeError,
    StateError,
)

X = np.ones((4, 3), np.float32)


class Counter(layers.Layer):
    """Counts its calls, as a user would write it."""

    def build(self, input_shape):
        self.total = self.add_weight(shape=(), initializer="zeros", trainable=False, name="total")

    def call(self, x):
        self.total.assign_add(1.0)
        return x * self.total


class Net(uf.Model):
    def __init__(self):
        super().__init__()
        self.body = uf.Sequential([layers.Dense(5, activation="relu"), layers.Dropout(0.5)])
        self.heads = {"a": layers.Dense(2), "b": layers.Dense(1)}

    def call(self, x, training=False):
        x = self.body(x, training=training)
        return {name: head(x) for name, head in self.heads.items()}


def test_variables_are_named_by_path_in_the_order_of_attributes(backend):
    net = Net()
    net(X)
    assert [each.path for each in net.variables] == [
        "body/0/kernel",
        "body/0/bias",
        "heads/a/kernel",
        "heads/a/bias",
        "heads/b/kernel",
        "heads/b/bias",
    ]


def test_a_shared_layer_appears_once(backend):
    shared = layers.Dense(3)
    model = uf.Sequential([shared, shared])
    model(X)
    assert [each.path for each in model.variables] == ["0/kernel", "0/bias"]


class Child(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(2)
        self.parent = None

    def call(self, x):
        return self.dense(x)


class Parent(uf.Model):
    """Its child points back to it."""

    def __init__(self):
        super().__init__()
        self.child = Child()
        self.child.parent = self

    def call(self, x):
        return self.child(x)


def test_a_layer_may_point_back_to_the_one_that_holds_it(backend, tmp_path):
    model = Parent()
    model.compile("sgd", "mse")
    model.fit(X, X[:, :2], verbose=0)
    assert [each.path for each in model.variables] == ["child/dense/kernel", "child/dense/bias"]
    model.trainable = False
    assert not model.child.dense.trainable
    assert model.trainable_variables == []
    model.trainable = True
    assert len(model.trainable_variables) == 2
    model.summary(print_fn=lambda text: None)
    model.save(tmp_path / "m.safetensors")
    again = uf.load(tmp_path / "m.safetensors", custom_objects={"Parent": Parent})
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


@pytest.mark.parametrize("name", ["training_key", "history", "input_spec", "built", "save", "fit", "_name"])
@pytest.mark.parametrize("wrap", [lambda layer: layer, lambda layer: [layer], lambda layer: {"a": (layer,)}])
def test_a_layer_under_a_name_of_the_framework_is_refused(name, wrap):
    model = Parent()
    with pytest.raises(ArgumentError, match=f"'{name}' is the framework's own"):
        setattr(model, name, wrap(layers.Dense(2)))
    if name == "built":
        setattr(model, name, True)  # it is about what would not be found, not about the name


@pytest.mark.parametrize("name", ["layers", "variables", "weights", "loss", "optimizer", "metrics_names", "backend"])
def test_a_property_that_cannot_be_set_says_so(name):
    with pytest.raises(ArgumentError, match=rf"'{name}'.* Choose another name"):
        setattr(Parent(), name, [1.0])


def test_a_class_may_define_a_name_of_the_framework_itself(backend):
    class Own(uf.Model):
        def __init__(self):
            super().__init__()
            self.layers = [layers.Dense(2)]

        @property
        def layers(self):
            return self.blocks

        @layers.setter
        def layers(self, value):
            self.blocks = value

        def call(self, x):
            return self.layers[0](x)

    model = Own()
    model(X)
    assert [each.path for each in model.variables] == ["blocks/0/kernel", "blocks/0/bias"]


def test_forgetting_super_init_is_forgiven(backend):
    class Forgetful(layers.Layer):
        def __init__(self):
            self.inner = layers.Dense(2)

        def call(self, x):
            return self.inner(x)

    assert Forgetful()(X).shape == (4, 2)


def test_state_round_trip_and_strictness(backend):
    layer = layers.Dense(2)
    with pytest.raises(StateError, match="not built"):
        uf.state(layer)
    layer.build((None, 3))
    state = uf.state(layer)
    uf.set_state(layer, {path: value * 0 + 1 for path, value in state.items()})
    np.testing.assert_array_equal(layer.get_weights()[0], np.ones((3, 2)))
    with pytest.raises(StateError, match="missing 'bias'; extra 'gamma'"):
        uf.set_state(layer, {"kernel": state["kernel"], "gamma": state["bias"]})
    with pytest.raises(ShapeError, match="'bias'"):
        uf.set_state(layer, {**state, "bias": np.zeros(5, np.float32)})
    np.testing.assert_array_equal(layer.get_weights()[0], np.ones((3, 2)))


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (lambda: np.zeros(5, np.float32), ShapeError),
        (lambda: uf.asarray(np.zeros(2, np.float32), backend="numpy"), MixedBackendsError),
    ],
)
def test_set_weights_sets_all_or_nothing(bad, error):
    with uf.use_backend("jax"):
        layer = layers.Dense(2)
        layer.build((None, 3))
        before = layer.get_weights()
        with pytest.raises(error, match="'bias'"):
            layer.set_weights([np.ones((3, 2), np.float32), bad()])
        np.testing.assert_array_equal(layer.get_weights()[0], before[0])


def test_functional_call_is_pure(backend):
    layer = Counter()
    layer(X)
    state = uf.state(layer)
    outputs, new = uf.functional_call(layer, state, X)
    assert float(new["total"].item()) == 2.0
    assert float(layer.total.value.item()) == 1.0
    assert float(state["total"].item()) == 1.0
    np.testing.assert_array_equal(np.asarray(outputs), 2 * X)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch", "ignore::DeprecationWarning:.*triton.*")
@pytest.mark.parametrize("transform", ["jit", "grad"])
def test_functional_call_works_under_transforms(backend, transform):
    layer = Counter()
    layer(X)

    def run(state):
        outputs, new = uf.functional_call(layer, state, X)
        return uf.sum(outputs), new

    if transform == "jit":
        value, new = uf.jit(run)(uf.state(layer))
    else:
        (value, new), _ = uf.value_and_grad(run, has_aux=True)(uf.state(layer))
    assert float(value.item()) == 24.0
    assert float(new["total"].item()) == 2.0
    assert float(layer.total.value.item()) == 1.0


def test_assigning_to_the_object_under_a_transform_is_an_error(backend):
    layer = Counter()
    layer(X)
    with pytest.raises(StateError, match="functional_call"):
        uf.grad(lambda x: uf.sum(layer(x)))(uf.asarray(X))


def test_an_unbuilt_layer_under_a_transform_is_an_error(backend):
    with pytest.raises(StateError, match="Build the model before"):
        uf.grad(lambda x: uf.sum(layers.Dense(1)(x)))(uf.asarray(X))


def test_training_reaches_the_layers_inside(backend):
    model = uf.Sequential([uf.Sequential([layers.Dropout(0.5)])])
    np.testing.assert_array_equal(np.asarray(model(X)), X)
    uf.utils.set_random_seed(1)
    assert not np.array_equal(np.asarray(model(X, training=True)), X)
    np.testing.assert_array_equal(np.asarray(model(X, training=False)), X)


def test_floats_are_cast_and_integers_are_not(backend):
    layer = layers.Dense(2)
    assert layer(X.astype(np.float64)).dtype == np.float32
    seen = []

    class Look(layers.Layer):
        def call(self, x):
            seen.append(x.dtype)
            return x

    Look()(np.asarray([1, 2]))
    assert seen == [np.dtype("int64")]


def test_frozen_layers(backend):
    model = uf.Sequential([uf.Input((3,)), layers.Dense(2), layers.BatchNormalization()])
    model.layers[0].trainable = False
    assert [each.path for each in model.trainable_variables] == ["1/gamma", "1/beta"]
    model.trainable = True
    assert len(model.trainable_variables) == 4
    assert [each.path for each in model.non_trainable_variables] == ["1/moving_mean", "1/moving_variance"]


def test_another_backend_is_an_error_that_names_the_way_out():
    with uf.use_backend("numpy"):
        layer = layers.Dense(2)
        layer(X)
    with uf.use_backend("jax"):
        x = uf.asarray(X)
    with pytest.raises(MixedBackendsError, match=r"to_backend\('numpy'\)"):
        layer(x)
    np.testing.assert_allclose(np.asarray(layer.to_backend("jax")(x)), np.asarray(layer(X)), rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "x", "error", "words"),
    [
        (lambda: layers.Dense(0), None, ArgumentError, "units must be a positive integer, got 0"),
        (lambda: layers.Dense(2, activation="rellu"), None, ArgumentError, "Did you mean 'relu'"),
        (lambda: layers.Dense(2, kernel_initializer="glorot"), X, ArgumentError, "No initializer is called 'glorot'"),
        (lambda: layers.Dense(2, kernel_regularizer="l2"), None, ArgumentError, "kernel_regularizer of Keras is not"),
        (lambda: layers.Dense(2, unitz=3), None, ArgumentError, "unknown arguments: unitz"),
        (lambda: layers.Dense(2), np.ones(3, np.float32), ShapeError, "at least 2 axes"),
        (lambda: layers.Conv2D(2, 3), X, ShapeError, r"4 axes \(batch, height, width, channels\), got shape \(4, 3\)"),
        (lambda: layers.Conv2D(2, 3, padding="full"), None, ArgumentError, "'valid' or 'same'"),
        (lambda: layers.Conv2D(2, 3, data_format="channels_first"), None, ArgumentError, "moveaxis"),
        (lambda: layers.Dropout(1.5), None, ArgumentError, "probability"),
        (lambda: layers.Reshape((2, 2)), X, ShapeError, "cannot reshape"),
        (lambda: layers.Dense(2, dtype="mixed_float16"), None, ArgumentError, "mixed_float16"),
    ],
)
def test_bad_arguments_say_what_to_write(make, x, error, words):
    with uf.use_backend("numpy"), pytest.raises(error, match=words):
        make()(x)


def test_a_built_layer_refuses_other_sizes(backend):
    layer = layers.Dense(2)
    layer(X)
    with pytest.raises(ShapeError, match="built for inputs with 3 elements along axis -1"):
        layer(np.ones((4, 5), np.float32))


def test_configurations_make_equal_layers():
    layer = layers.Conv2D(3, (2, 3), activation="relu", kernel_initializer=uf.initializers.HeNormal(seed=3), name="c")
    again = layers.Conv2D.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.name == "c"
    assert isinstance(again.kernel_initializer, uf.initializers.HeNormal)
