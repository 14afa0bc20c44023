"""What importing costs: no framework with unifw, and no other framework with a backend. And the law of the layers."""

from __future__ import annotations

import importlib.util

import pytest

FRAMEWORKS = ("torch", "tensorflow", "jax", "keras", "sklearn")
LOADED = f"import sys; print(*[name for name in {FRAMEWORKS!r} if name in sys.modules])"
TRAIN = """
import unifw as uf
x = uf.asarray([[1.0, 2.0]])
def loss(w):
    return uf.mean(uf.square(x @ w))
gradient = uf.grad(loss)(uf.ones((2, 1)))
assert gradient.shape == (2, 1)
"""


def test_importing_unifw_imports_no_framework(run_python):
    assert run_python(f"import unifw; {LOADED}") == ""


def test_importing_every_module_of_the_core_imports_no_framework(run_python):
    program = """
import importlib, pkgutil, unifw
for module in pkgutil.walk_packages(unifw.__path__, "unifw."):
    if not module.name.startswith("unifw.testing") and "__main__" not in module.name:
        importlib.import_module(module.name)
"""
    assert run_python(f"{program}\n{LOADED}") == ""


@pytest.mark.parametrize(("backend", "own"), [("numpy", ""), ("torch", "torch"), ("jax", "jax")])
def test_using_one_backend_imports_no_other_framework(run_python, backend, own):
    if own and importlib.util.find_spec(own) is None:
        pytest.skip(f"{own} is not installed: pip install 'unifw[{own}]'")
    assert run_python(f"{TRAIN}\n{LOADED}", UNIFW_BACKEND=backend) == own


def test_using_tensorflow_imports_nothing_that_tensorflow_does_not(run_python):
    """TensorFlow imports what Keras imports: no more than that may be there."""
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("tensorflow is not installed: pip install 'unifw[tensorflow]'")
    alone = run_python(f"import tensorflow; {LOADED}")
    assert "torch" not in alone
    assert run_python(f"{TRAIN}\n{LOADED}", UNIFW_BACKEND="tensorflow") == alone


def test_listing_backends_imports_none(run_python):
    program = "from unifw.backend import installed, registered; assert 'numpy' in installed(); registered()"
    assert run_python(f"{program}; {LOADED}") == ""


def test_layers_import_downwards_only():
    """The contracts in pyproject.toml, checked by import-linter."""
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    assert lint_imports() == EXIT_STATUS_SUCCESS
