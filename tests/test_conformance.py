"""The conformance kit over our own four backends. torch comes first: it must be imported before TensorFlow."""

from __future__ import annotations

from unifw.testing import BackendConformance


class TestTorch(BackendConformance):
    backend_name = "torch"


class TestJax(BackendConformance):
    backend_name = "jax"


class TestTensorflow(BackendConformance):
    backend_name = "tensorflow"


class TestNumpy(BackendConformance):
    backend_name = "numpy"
