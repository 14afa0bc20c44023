"""Tests of the backends; what their helpers assert is explained like a test's own assertions."""

import pytest

pytest.register_assert_rewrite("tests.backends.tensorflow_arrays", "tests.backends.torch_arrays")
