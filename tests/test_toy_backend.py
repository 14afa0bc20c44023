"""A third party's backend, in a distribution of its own, found by its entry point: it passes the kit and trains."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

if importlib.util.find_spec("unifw_toy") is None:
    pytest.skip("the toy backend is not installed: pip install ./tests/toy_backend", allow_module_level=True)

import unifw_toy

import unifw as uf
from unifw import layers
from unifw.backend import installed
from unifw.testing import BackendConformance


class TestToy(BackendConformance):
    backend_name = "toy"


def test_it_is_found_by_its_entry_point():
    assert "toy" in installed()


def test_it_is_as_small_as_the_docs_say():
    assert len(Path(unifw_toy.__file__).read_text().splitlines()) <= 100


def test_it_trains_the_mlp_as_numpy_does():
    """The three-layer network of Keras' examples. NumPy has more of its own (fused kernels, updates in place)."""
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32)
    losses, results = {}, {}
    for name in ("toy", "numpy"):
        with uf.use_backend(name):
            uf.utils.set_random_seed(0)
            model = uf.Sequential(
                [
                    layers.Dense(128, activation="relu"),
                    layers.Dense(64, activation="relu"),
                    layers.Dense(10, activation="softmax"),
                ]
            )
            model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
            history = model.fit(x[:1500], y[:1500], batch_size=50, epochs=8, verbose=0).history
            losses[name] = history["loss"]
            results[name] = (history["accuracy"][-1], *model.evaluate(x[1500:], y[1500:], verbose=0))
    np.testing.assert_allclose(losses["toy"], losses["numpy"], rtol=1e-4)
    np.testing.assert_allclose(results["toy"], results["numpy"], rtol=1e-4)
    assert results["toy"][0] > 0.97  # on what it learned from
    assert results["toy"][2] > 0.88  # on what it never saw


def test_recorded_and_plain_arrays_meet_in_one_expression():
    """Operators look functions up by native dtype, which must be of one kind on the tape and beside it."""

    def f(x):
        made_inside = uf.ones((2,)) * 2.0 + uf.ones((2,))
        return uf.sum((x * 0.5 + x) * made_inside * 2.0)

    with uf.use_backend("toy"):
        assert uf.grad(f)(uf.ones(2)).tolist() == [9.0, 9.0]
