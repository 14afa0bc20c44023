"""What all tests share: a fixture that runs a test on every backend, and Keras on JAX as an oracle."""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "jax")  # read when Keras is imported, so before any test module does
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import pytest

from unifw.backend import KNOWN, get_backend, missing_framework, use_backend

OURS = ("numpy", "jax", "torch", "tensorflow")  # torch is imported before TensorFlow: the other order has segfaulted


@pytest.fixture(params=OURS)
def backend(request):
    """Each of our backends in turn, made current; skipped if its framework is not installed."""
    if missing_framework(request.param) is not None:
        pytest.skip(f"{KNOWN[request.param].requires} is not installed: {KNOWN[request.param].install}")
    with use_backend(get_backend(request.param)) as chosen:
        yield chosen
