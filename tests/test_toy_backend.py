"""A third party's backend, in a distribution of its own, found by its entry point: it passes the kit and trains."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

if importlib.util.find_spec("unifw_toy") is None:
    pytest.skip("the toy backend is not installed: pip install ./tests/toy_backend", allow_module_level=True)

import unifw as uf
from unifw import layers
from unifw.backend import installed
from unifw.testing import BackendConformance


class TestToy(BackendConformance):
    backend_name = "toy"


def test_it_is_found_by_its_entry_point():
    assert "toy" in installed()


def test_it_trains_a_small_network_as_numpy_does():
    """The reference has more of its own (fused kernels, updates in place); results agree all the same."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 4)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] > 0).astype(np.int64)
    losses = {}
    for name in ("toy", "numpy"):
        with uf.use_backend(name):
            uf.utils.set_random_seed(0)
            model = uf.Sequential([layers.Dense(16, activation="tanh"), layers.Dense(2)])
            model.compile(
                optimizer=uf.optimizers.Adam(learning_rate=0.05),
                loss=uf.losses.SparseCategoricalCrossentropy(from_logits=True),
                metrics=["accuracy"],
            )
            losses[name] = model.fit(x, y, batch_size=16, epochs=15, verbose=0).history["loss"]
    assert losses["toy"][-1] < 0.5 * losses["toy"][0]
    np.testing.assert_allclose(losses["toy"], losses["numpy"], rtol=1e-4)


def test_recorded_and_plain_arrays_meet_in_one_expression():
    """Operators look functions up by native dtype, which must be of one kind on the tape and beside it."""

    def f(x):
        made_inside = uf.ones((2,)) * 2.0 + uf.ones((2,))
        return uf.sum((x * 0.5 + x) * made_inside * 2.0)

    with uf.use_backend("toy"):
        assert uf.grad(f)(uf.ones(2)).tolist() == [9.0, 9.0]
