"""What is wrong with a profile file is said in the file's own terms: what, why, and what to write."""

from __future__ import annotations

import numpy as np
import pytest

import unifw as uf
from unifw.errors import ProfileError
from unifw.profiler._userfile import check_exists, get_batch, get_model, load_module, split_target

MODEL = """
import numpy as np
import unifw as uf
model = uf.Sequential([uf.layers.Dense(2)])
model.compile(optimizer="sgd", loss="mse")
"""


@pytest.fixture
def write(tmp_path):
    def create(text: str, name: str = "net.py"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return create


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("net.py", ("net.py", "model")),
        ("net.py:build", ("net.py", "build")),
        ("a/b.py:m", ("a/b.py", "m")),
        ("odd:name/net.py", ("odd:name/net.py", "model")),
    ],
)
def test_file_and_name(text: str, parts: tuple[str, str]) -> None:
    assert split_target(text, "model") == parts


def test_a_file_that_is_not_there_names_its_neighbours(write) -> None:
    path = write("")
    with pytest.raises(ProfileError, match=r"does not exist. Python files there: net\.py"):
        check_exists(str(path.with_name("ner.py")))


def test_a_directory_is_not_a_file(tmp_path) -> None:
    with pytest.raises(ProfileError, match="is a directory"):
        check_exists(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "x = 1\nraise ValueError('no data')\n",
            r"ValueError: no data \(net\.py, line 2: raise ValueError",
        ),
        ("def f():\n    return 1 / 0\nf()\n", r"division by zero \(net\.py, line 2: return 1 / 0\)"),
        ("import not_there\n", r"No module named 'not_there' \(net\.py, line 1"),
        ("x = = 1\n", r"SyntaxError.*line 1: x = = 1"),
        ("import sys; sys.exit(4)\n", r"exit code 4.*__main__"),
    ],
)
def test_a_file_that_raises_is_shown_with_its_line(write, text: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        load_module(write(text))


def test_a_file_may_import_its_neighbours_and_is_not_main(write) -> None:
    write("value = 3\n", "unifw_test_neighbour.py")
    module = load_module(write("from unifw_test_neighbour import value\nassert __name__ != '__main__'\n"))
    assert module.value == 3


def model_of(path, name: str = "model"):
    return get_model(load_module(path), name, path)


def batch_of(path, name: str = "batch"):
    return get_batch(load_module(path), name, path)


def test_a_model_or_a_function_that_returns_one(write) -> None:
    assert isinstance(model_of(write(MODEL)), uf.Model)
    assert isinstance(model_of(write(MODEL + "def make():\n    return model\n"), "make"), uf.Model)


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("", "model", r"net\.py has no 'model'. A profile file looks like this"),
        (MODEL, "net", r"net\.py has no 'net'. It has the model 'model': write net\.py:model"),
        ("model = 3", "model", "is of type int, not a model"),
        ("def model():\n    return None", "model", "is of type NoneType, not a model"),
        ("def model():\n    return 1 / 0", "model", r"Calling model\(\) of net\.py raised: ZeroDivisionError.*line 2"),
        (
            "import sys\ndef model():\n    sys.exit(5)",
            "model",
            r"Calling model\(\) .* with exit code 5\. Let it return",
        ),
        ("def model(size):\n    return size", "model", "TypeError"),
        (MODEL.replace("model.compile", "0 and model.compile"), "model", r"is not compiled.*model\.compile\("),
    ],
)
def test_what_is_not_a_compiled_model(write, text: str, name: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        model_of(write(text), name)


@pytest.mark.parametrize(
    "text", ["batch = (np.ones((4, 3)), np.ones(4))", "def batch():\n    return [np.ones((4, 3)), [1, 2, 3, 4]]"]
)
def test_a_batch_or_a_function_that_returns_one(write, text: str) -> None:
    x, y = batch_of(write("import numpy as np\n" + text))
    assert (x.shape, y.shape) == ((4, 3), (4,))
    assert isinstance(y, np.ndarray)


def test_a_batch_may_have_sample_weights(write) -> None:
    arrays = batch_of(write("import numpy as np\nbatch = (np.ones((4, 3)), np.ones(4), np.arange(4.0))"))
    assert [array.shape for array in arrays] == [(4, 3), (4,), (4,)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"net\.py has no 'batch', so there is nothing to feed.*--data FILE:NAME"),
        ("batch = np.ones(3)", "is of type ndarray of length 3. Make it a tuple"),
        ("batch = (np.ones(3),)", r"is of type tuple of length 1\. Make it a tuple.*or \(x, y, sample_weight\)"),
        ("batch = 3", "is of type int. Make it a tuple"),
        ("batch = (np.ones((4, 3)), np.ones(5))", r"x of 'batch' in net\.py has shape \(4, 3\) and y \(5,\)"),
        ("batch = (np.ones((0, 3)), np.ones(0))", "at least 1"),
        ("batch = (np.ones((4, 3)), np.ones(4), np.ones(3))", r"and y \(4,\), sample_weight \(3,\): the first axis"),
        ("batch = (np.ones((4, 3)), 1.0)", r"and y \(\): the first axis"),
        ("batch = ([[1.0, 2.0], [3.0]], np.ones(2))", "x of 'batch' in net.py cannot be made one array.*Pad it"),
        ("batch = ([np.ones((2, 3))] * 2, np.ones(2))", r"x of 'batch' in net.py is a list of 2 arrays.*np\.stack"),
        ("batch = ({'a': np.ones(2)}, np.ones(2))", "is a dict of 1 arrays"),
        ("batch = (np.ones(2), np.array(['cat', 'dog']))", "y of 'batch' .*dtype <U3"),
        ("def batch():\n    raise SystemExit(3)", r"Calling batch\(\) of net.py ended the program with exit code 3"),
        ("batch = (np.array([object()]), np.ones(1))", "dtype object"),
        ("def batch():\n    return open('/not/there')", r"Calling batch\(\) of net\.py raised: FileNotFoundError"),
    ],
)
def test_what_is_not_a_batch(write, text: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        batch_of(write("import numpy as np\n" + text))
