"""Names, order and defaults of parameters are Keras', except where a line below says why not."""

from __future__ import annotations

import inspect
import operator

import keras
import pytest

import unifw as uf
from unifw.errors import ArgumentError

# Keras' parameters that are not here. Layers and optimizers refuse them with a message. Losses take the dtype of what
# they are given, and metrics count in float32.
LEFT_OUT = {
    "layers": {
        *("kernel_regularizer", "bias_regularizer", "beta_regularizer", "gamma_regularizer", "embeddings_regularizer"),
        *("kernel_constraint", "bias_constraint", "beta_constraint", "gamma_constraint", "embeddings_constraint"),
        *("activity_regularizer", "autocast", "lora_rank", "lora_alpha", "quantization_config"),
        *("renorm", "renorm_clipping", "renorm_momentum", "synchronized"),
        *("attention_axes", "sliding_window", "flash_attention", "use_gate"),
        *("mask_zero", "weights", "name"),  # `name` is one of **kwargs
        *("sparse", "ragged", "tensor", "input_tensor", "optional"),  # of Input: kinds of tensors that are not here
        *("aggregation", "overwrite_with_gradient", "regularizer", "constraint"),  # of add_weight: distribution, float8
    },
    "losses": {"dtype"},
    "metrics": {"dtype", "from_sorted_ids"},
    "optimizers": {
        *("use_ema", "ema_momentum", "ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps"),
    },
    "optimizers.schedules": set(),
    "callbacks": set(),
    "initializers": {"input_axes", "output_axes"},
    "activations": set(),
}
# Ours that Keras does not name: `input_shape`, which Keras takes among its **kwargs.
ADDED = {"input_shape"}
# The pure half of metrics takes what its subclasses do; `CallbackList` is made by `fit` alone.
OTHERWISE = {"metrics.Metric", "metrics.Mean", "metrics.Sum", "metrics.MeanMetricWrapper", "callbacks.CallbackList"}


def public(namespace):
    ours, theirs = (operator.attrgetter(namespace)(module) for module in (uf, keras))
    for name in ours.__all__:
        if hasattr(theirs, name) and callable(getattr(theirs, name)) and f"{namespace}.{name}" not in OTHERWISE:
            yield name


NAMES = [f"{namespace}.{name}" for namespace in LEFT_OUT for name in public(namespace)]


def parameters(function, left_out):
    """Return names with defaults, without those left out, and without *args and **kwargs."""
    result = []
    for each in inspect.signature(function).parameters.values():
        if each.name in left_out or each.kind in (each.VAR_KEYWORD, each.VAR_POSITIONAL):
            continue
        result.append((each.name, plain(each.default)))
    return result


def plain(default):
    """One number for all axes is what Keras writes once for each."""
    return default[0] if isinstance(default, tuple) and len(set(default)) == 1 else default


@pytest.mark.parametrize("path", NAMES)
def test_parameters_are_those_of_keras(path):
    namespace = path.rpartition(".")[0]
    ours, theirs = (operator.attrgetter(path)(module) for module in (uf, keras))
    if isinstance(ours, type):
        ours, theirs = ours.__init__, theirs.__init__
    left_out = LEFT_OUT[namespace] | ADDED
    if namespace == "optimizers":  # the name has a default here, "adam", which Keras makes of the class
        left_out = left_out | {"name"}
    assert parameters(ours, left_out) == parameters(theirs, left_out)


@pytest.mark.parametrize(
    ("method", "left_out"),
    [
        ("fit", set()),
        ("evaluate", set()),
        ("predict", set()),
        ("train_on_batch", set()),
        ("test_on_batch", set()),
        ("predict_on_batch", set()),
        # how a step is compiled is the backend's affair: the default decides by what compiling costs there
        ("compile", {"jit_compile", "compile"}),
        ("summary", {"positions", "show_trainable", "layer_range"}),
        ("save", {"zipped"}),  # there is one format of files
        ("save_weights", {"max_shard_size"}),
        ("load_weights", {"skip_mismatch"}),  # paths and shapes must fit
        ("count_params", set()),
        ("get_weights", set()),
        ("set_weights", set()),
    ],
)
def test_methods_of_models_are_those_of_keras(method, left_out):
    ours, theirs = (parameters(getattr(module.Model, method), left_out) for module in (uf, keras))
    assert ours == theirs


OF_FUNCTIONS = {  # of `Input` and `add_weight`, which are no layers; and `name`, which every layer takes
    *("sparse", "ragged", "tensor", "input_tensor", "optional"),
    *("aggregation", "overwrite_with_gradient", "regularizer", "constraint", "name"),
}


@pytest.mark.parametrize("name", sorted(LEFT_OUT["layers"] - OF_FUNCTIONS))
def test_what_layers_leave_out_is_refused_by_name(name):
    with pytest.raises(ArgumentError, match=f"{name} of Keras is not supported here"):
        uf.layers.Dense(3, **{name: 1})


@pytest.mark.parametrize("name", sorted(LEFT_OUT["optimizers"]))
def test_what_optimizers_leave_out_is_refused_by_name(name):
    with pytest.raises(ArgumentError, match=f"{name} of Keras is not supported here"):
        uf.optimizers.SGD(**{name: 2})
