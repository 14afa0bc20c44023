"""Losses give what Keras 3 gives, with every reduction and weight."""

from __future__ import annotations

import jax
import keras
import numpy as np
import pytest

import unifw as uf
from unifw import losses
from unifw.errors import ArgumentError, DTypeError, ShapeError

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.standard_normal((6, 4)).astype(np.float32)
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
LABELS = np.asarray([0, 3, 1, 1, 2, 0])
ONE_HOT = np.eye(4, dtype=np.float32)[LABELS]
BITS = RANDOM.integers(0, 2, (6, 4)).astype(np.float32)
CHANCES = RANDOM.random((6, 4)).astype(np.float32)
WEIGHTS = RANDOM.random(6).astype(np.float32)

CASES = {
    "mse": ("MeanSquaredError", {}, BITS, LOGITS),
    "mae": ("MeanAbsoluteError", {}, BITS, LOGITS),
    "mse of columns": ("MeanSquaredError", {}, WEIGHTS, WEIGHTS[:, None] ** 2),
    "binary": ("BinaryCrossentropy", {}, BITS, CHANCES),
    "binary logits smooth": ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, BITS, LOGITS),
    "categorical": ("CategoricalCrossentropy", {}, ONE_HOT, PROBABILITIES),
    "categorical unnormalised": ("CategoricalCrossentropy", {"label_smoothing": 0.2}, ONE_HOT, CHANCES),
    "categorical logits": ("CategoricalCrossentropy", {"from_logits": True}, ONE_HOT, LOGITS),
    "sparse": ("SparseCategoricalCrossentropy", {}, LABELS, PROBABILITIES),
    "sparse logits": ("SparseCategoricalCrossentropy", {"from_logits": True}, LABELS, LOGITS),
    "sparse columns": ("SparseCategoricalCrossentropy", {"from_logits": True}, LABELS[:, None], LOGITS),
    "sparse ignoring": ("SparseCategoricalCrossentropy", {"from_logits": True, "ignore_class": 1}, LABELS, LOGITS),
}


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "none", "mean_with_sample_weight"])
@pytest.mark.parametrize("case", CASES)
def test_value_and_gradient(backend, case, reduction, weighted):
    name, options, y_true, y_pred = CASES[case]
    ours = getattr(losses, name)(**options, reduction=reduction)
    theirs = getattr(keras.losses, name)(**options, reduction=reduction)
    weight = WEIGHTS if weighted else None
    expected, slope = jax.value_and_grad(lambda p: jax.numpy.sum(theirs(y_true, p, sample_weight=weight)))(y_pred)
    value, gradient = uf.value_and_grad(lambda p: uf.sum(ours(y_true, p, sample_weight=weight)))(uf.asarray(y_pred))
    np.testing.assert_allclose(np.asarray(value), expected, rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(np.asarray(gradient), slope, rtol=2e-5, atol=1e-6)
    assert ours(y_true, y_pred, weight).shape == theirs(y_true, y_pred, weight).shape


@pytest.mark.parametrize("name", ["mse", "mean_squared_error", "MeanSquaredError", "MSE"])
def test_names(name):
    assert isinstance(losses.get(name), losses.MeanSquaredError)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: losses.get("mean_squard_error"), ArgumentError, "Did you mean 'mean_squared_error'"),
        (lambda: losses.MeanSquaredError(reduction="average"), ArgumentError, "'sum_over_batch_size'"),
        (
            lambda: losses.SparseCategoricalCrossentropy()(ONE_HOT, PROBABILITIES),
            ShapeError,
            "categorical_crossentropy",
        ),
        (lambda: losses.SparseCategoricalCrossentropy()(LABELS > 1, PROBABILITIES), DTypeError, "integer labels"),
        (lambda: losses.CategoricalCrossentropy()(LABELS, PROBABILITIES), ShapeError, "must agree"),
        (lambda: losses.MeanSquaredError()(BITS, LOGITS, WEIGHTS[:5]), ShapeError, "sample_weight of shape"),
    ],
)
def test_bad_arguments_say_what_to_write(call, error, words):
    with uf.use_backend("numpy"), pytest.raises(error, match=words):
        call()
