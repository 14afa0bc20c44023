"""Training in strict mode: data in the dtypes of the model trains as always, and data in others raises."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

import unifw as uf
from unifw import layers
from unifw.errors import ImplicitConversionError

EXAMPLES = Path(__file__).parents[2] / "examples"
RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((12, 3)).astype(np.float32)
LABELS = RANDOM.integers(0, 4, 12)
WEIGHTS = np.ones(12, np.float32)


@pytest.fixture(autouse=True)
def strict():
    with uf.config.strict():
        yield


def classifier(**options):
    uf.utils.set_random_seed(0)
    model = uf.Sequential([layers.Dense(8, "relu"), layers.BatchNormalization(), layers.Dropout(0.1), layers.Dense(4)])
    loss = uf.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(**{"optimizer": "adam", "loss": loss, "metrics": ["accuracy"], **options})
    return model


def history(**options):
    model = classifier(**options)
    found = model.fit(X, LABELS, batch_size=5, epochs=2, sample_weight=WEIGHTS, validation_data=(X, LABELS), verbose=0)
    model.evaluate(X, LABELS)
    model.predict(X)
    return found.history


DECAY = uf.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
OPTIMIZERS = {
    "SGD with momentum and a schedule": lambda: uf.optimizers.SGD(DECAY, momentum=0.9, nesterov=True),
    "SGD, clipped": lambda: uf.optimizers.SGD(0.1, clipnorm=1.0),
    "Adam, clipped": lambda: uf.optimizers.Adam(0.1, clipvalue=0.5),
    "AdamW, clipped, with a cosine": lambda: uf.optimizers.AdamW(
        uf.optimizers.schedules.CosineDecay(0.1, 4, warmup_target=0.2, warmup_steps=2), global_clipnorm=1.0
    ),
    "RMSprop with pieces": lambda: uf.optimizers.RMSprop(
        uf.optimizers.schedules.PiecewiseConstantDecay([1], [0.1, 0.01]), momentum=0.5, centered=True
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_trains_as_without_strict_mode(backend, name):
    found = history(optimizer=OPTIMIZERS[name](), compile=False)
    with uf.config.strict(False):
        assert found == history(optimizer=OPTIMIZERS[name](), compile=False)


def test_compiled_steps_need_no_conversion_either(backend):
    assert np.isfinite(history(compile=True)["loss"]).all()


@pytest.mark.parametrize("name", ["digits_mlp", "digits_cnn", "char_gpt"])
def test_the_examples_train(backend, name):
    example = runpy.run_path(str(EXAMPLES / f"{name}.py"))
    model, batch = example["model"], example["batch"]
    first = model.train_on_batch(*batch, return_dict=True)["loss"]
    assert model.train_on_batch(*batch, return_dict=True)["loss"] < first
    model.predict_on_batch(batch[0])


REGRESSION = X[:, :1]
JUDGED = {
    "mse": (REGRESSION, uf.losses.MeanSquaredError(), ["mse", "mae"]),
    "mae": (REGRESSION, uf.losses.MeanAbsoluteError(), ["mse", "mae"]),
    "binary with integers": ((LABELS > 1).astype(np.int64)[:, None], "binary_crossentropy", ["accuracy"]),
    "binary with logits": ((LABELS > 1)[:, None], uf.losses.BinaryCrossentropy(True), [uf.metrics.BinaryAccuracy()]),
    "binary, smoothed": (
        (LABELS > 1).astype(np.float32)[:, None],
        uf.losses.BinaryCrossentropy(label_smoothing=0.1),
        [],
    ),
    "categorical": (
        np.eye(4, dtype=np.float32)[LABELS],
        uf.losses.CategoricalCrossentropy(True, label_smoothing=0.1),
        ["accuracy", uf.metrics.TopKCategoricalAccuracy(2)],
    ),
    "sparse": (
        LABELS,
        uf.losses.SparseCategoricalCrossentropy(True, ignore_class=0),
        ["accuracy", uf.metrics.SparseTopKCategoricalAccuracy(2)],
    ),
}


@pytest.mark.parametrize("name", JUDGED)
def test_every_loss_and_metric_needs_no_conversion(backend, name):
    y, loss, metrics = JUDGED[name]
    activation = "sigmoid" if "binary" in name and "logits" not in name else None
    model = uf.Sequential([layers.Dense(4 if "sparse" in name or "categorical" in name else 1, activation)])
    model.compile("sgd", loss, metrics=metrics, compile=False)
    model.fit(X, y, sample_weight=WEIGHTS, class_weight=None, verbose=0)
    model.fit(iter([(X, y, WEIGHTS)]), verbose=0)


def test_python_numbers_have_no_dtype_to_lose(backend):
    model = uf.Sequential([layers.Dense(1)])
    model.compile("sgd", "mse", compile=False)
    model.fit(X.tolist(), REGRESSION.tolist(), sample_weight=WEIGHTS.tolist(), verbose=0)


def fitted(x=X, y=LABELS, **options):
    model = classifier(compile=False)
    model.build((None, 3))
    model.fit(x, y, verbose=0, **options)


def optimized(dtype):
    parameters = {"w": uf.ones(2)}
    optimizer = uf.optimizers.SGD()
    optimizer.update({"w": uf.ones(2, dtype=dtype)}, optimizer.init(parameters), parameters)


SAID = {
    "the model would convert the data x from float64 to float32, and lose precision or range. Convert it: "
    "x.astype('float32'), or choose unifw.config.set_floatx('float64').": lambda: fitted(X.astype(np.float64)),
    "the model would convert the data x from float64": lambda: fitted(uf.asarray(X, dtype="float64")),
    "convert the data x from float64": lambda: fitted(iter([(X.astype(np.float64), LABELS)]), None),
    "the model would convert the data x from float64 to float": lambda: classifier().predict(X.astype(np.float64)),
    "the model would convert the data y from float64": lambda: fitted(y=LABELS.astype(np.float64)),
    "the model would convert the data sample_weight from float64": lambda: fitted(sample_weight=np.ones(12)),
    "the optimizer would convert the gradient of parameter 0 from float64 to float32": lambda: optimized("float64"),
    "mean_squared_error() would convert y_true from float64": lambda: uf.losses.MeanSquaredError()(
        REGRESSION.astype(np.float64), uf.asarray(REGRESSION)
    ),
    "mean_squared_error would convert sample_weight from float64": lambda: uf.losses.MeanSquaredError()(
        REGRESSION, uf.asarray(REGRESSION), np.ones(12)
    ),
    "sparse_categorical_crossentropy() would convert y_true from float32 to int32": lambda: (
        uf.losses.sparse_categorical_crossentropy(LABELS.astype(np.float32), np.full((12, 4), 0.25, np.float32))
    ),
    "mean_absolute_error() would convert y_true from float64": lambda: uf.metrics.mean_absolute_error(
        REGRESSION.astype(np.float64), uf.asarray(REGRESSION)
    ),
    "sparse_categorical_accuracy() would convert y_true from float32": lambda: uf.metrics.sparse_categorical_accuracy(
        LABELS.astype(np.float32), uf.ones((12, 4))
    ),
}


@pytest.mark.parametrize("said", SAID, ids=lambda said: said[:50])
def test_data_of_another_dtype_is_named_with_the_argument_and_the_line(backend, said):
    with pytest.raises(ImplicitConversionError, match=r"^Strict mode, tests/models/test_strict\.py:\d+: ") as caught:
        SAID[said]()
    assert said in str(caught.value)


def test_float64_data_is_at_home_in_a_float64_model(backend):
    uf.config.set_floatx("float64")
    try:
        fitted(X.astype(np.float64), sample_weight=np.ones(12))
    finally:
        uf.config.set_floatx("float32")
