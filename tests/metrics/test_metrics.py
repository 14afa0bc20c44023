"""Metrics give what Keras 3 gives over several batches, as objects and as pure functions."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import unifw as uf
from unifw import metrics
from unifw.errors import ArgumentError

RANDOM = np.random.default_rng(0)
SCORES = RANDOM.random((2, 8, 6)).astype(np.float32)
LABELS = RANDOM.integers(0, 6, (2, 8))
ONE_HOT = np.eye(6, dtype=np.float32)[LABELS]
CHANCES = RANDOM.random((2, 8, 1)).astype(np.float32)
BITS = RANDOM.integers(0, 2, (2, 8))
WEIGHTS = RANDOM.random((2, 8)).astype(np.float32)

CASES = {
    "accuracy": ("Accuracy", {}, LABELS, LABELS[:, ::-1].astype(np.float32)),
    "binary": ("BinaryAccuracy", {"threshold": 0.4}, BITS, CHANCES),
    "categorical": ("CategoricalAccuracy", {}, ONE_HOT, SCORES),
    "sparse": ("SparseCategoricalAccuracy", {}, LABELS, SCORES),
    "sparse columns": ("SparseCategoricalAccuracy", {}, LABELS[..., None], SCORES),
    "top 2": ("TopKCategoricalAccuracy", {"k": 2}, ONE_HOT, SCORES),
    "sparse top 2": ("SparseTopKCategoricalAccuracy", {"k": 2}, LABELS, SCORES),
    "mse": ("MeanSquaredError", {}, ONE_HOT, SCORES),
    "mae": ("MeanAbsoluteError", {}, ONE_HOT, SCORES),
}


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("case", CASES)
def test_over_two_batches(backend, case, weighted):
    name, options, y_true, y_pred = CASES[case]
    ours, theirs = getattr(metrics, name)(**options), getattr(keras.metrics, name)(**options)
    state = ours.init()
    for batch in range(2):
        weight = WEIGHTS[batch] if weighted else None
        ours.update_state(y_true[batch], uf.asarray(y_pred[batch]), sample_weight=weight)
        state = ours.update(state, y_true[batch], y_pred[batch], sample_weight=weight)
        theirs.update_state(y_true[batch], y_pred[batch], sample_weight=weight)
    np.testing.assert_allclose(np.asarray(ours.result()), theirs.result(), rtol=1e-5)
    np.testing.assert_allclose(np.asarray(ours.compute(state)), theirs.result(), rtol=1e-5)
    ours.reset_state()
    assert ours.result().item() == 0.0


@pytest.mark.parametrize("name", ["Mean", "Sum"])
def test_reductions(backend, name):
    ours, theirs = getattr(metrics, name)(), getattr(keras.metrics, name)()
    for values, weight in ((SCORES[0], None), (SCORES[1], WEIGHTS[1]), (np.float32(3.0), None)):
        ours.update_state(values, sample_weight=weight)
        theirs.update_state(values, sample_weight=weight)
    np.testing.assert_allclose(np.asarray(ours.result()), theirs.result(), rtol=1e-5)


def test_unknown_names_have_suggestions():
    with pytest.raises(ArgumentError, match="Did you mean 'binary_accuracy'"):
        metrics.get("binary_acuracy")
