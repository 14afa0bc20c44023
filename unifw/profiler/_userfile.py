"""Reading a profile file: ordinary Python with a `model` and a `batch`. What is wrong with it is said in its terms."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np

from unifw.errors import ProfileError

EXAMPLE: Final = """\
    import unifw as uf
    model = uf.Sequential([uf.layers.Dense(10)])
    model.compile(optimizer="adam", loss=uf.losses.SparseCategoricalCrossentropy(from_logits=True))
    batch = (x, y)  # NumPy arrays
    if __name__ == "__main__":
        model.fit(*batch)"""


BATCH_PARTS: Final = ("x", "y", "sample_weight")


def split_target(text: str, default: str) -> tuple[str, str]:
    """Split `FILE:NAME`; the name is optional.

    >>> split_target("net.py:build", "model")
    ('net.py', 'build')
    >>> split_target("net.py", "model")
    ('net.py', 'model')
    """
    file, colon, name = text.rpartition(":")
    return (file, name) if colon and name.isidentifier() else (text, default)


def check_exists(file: str) -> Path:
    """Return the path of a profile file.

    Raises:
        ProfileError: if there is no such file, with those that are near.
    """
    path = Path(file)
    if path.is_file():
        return path.resolve()
    here = path.parent if path.parent.is_dir() else Path()
    near = ", ".join(sorted(each.name for each in here.glob("*.py"))[:8])
    kind = "is a directory" if path.is_dir() else "does not exist"
    raise ProfileError(
        f"The profile file {file!r} {kind}. "
        + (f"Python files there: {near}." if near else f"Write a Python file with a model and a batch:\n{EXAMPLE}")
    )


def load_module(file: Path) -> ModuleType:
    """Run a profile file as a module, under a name other than `__main__`.

    Raises:
        ProfileError: if it raises, with the line of the file where it did.
    """
    name = f"unifw_profile_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ProfileError(f"{file.name!r} is not a Python file. Write its name with the ending .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.argv = [str(file)]
    with contextlib.suppress(ValueError):
        sys.path.remove(str(file.parent))
    sys.path.insert(0, str(file.parent))
    try:
        spec.loader.exec_module(module)
    except SystemExit as error:
        raise ProfileError(
            f"{file.name} ended the program with exit code {error.code} while it was imported. "
            'Put what trains or parses arguments under `if __name__ == "__main__":`.'
        ) from error
    except Exception as error:
        raise ProfileError(f"{file.name} raised while it was imported: {explain(error, file)}") from error
    return module


def explain(error: BaseException, file: Path) -> str:
    """Return an exception in one paragraph, with the last line of the user's file on its way."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).name == file.name:
        return f"SyntaxError: {error.msg} (line {error.lineno}: {(error.text or '').strip()})"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
    return f"{text} ({file.name}, line {frames[-1].lineno}: {frames[-1].line})" if frames else text


def get_model(module: ModuleType, name: str, file: Path) -> Any:
    """Return the model, calling it if it is a function without arguments.

    Raises:
        ProfileError: if there is none, or it is not a compiled model.
    """
    if not hasattr(module, name):
        models = [key for key, value in vars(module).items() if _is_model(value)]
        hint = (
            f"It has the model {models[0]!r}: write {file.name}:{models[0]}."
            if models
            else f"A profile file looks like this:\n{EXAMPLE}"
        )
        raise ProfileError(f"{file.name} has no {name!r}. {hint}")
    model = getattr(module, name)
    if callable(model) and not _is_model(model):
        model = _call(model, name, file)
    if not _is_model(model):
        raise ProfileError(
            f"{name!r} of {file.name} is of type {type(model).__name__}, not a model. "
            f"Make it a unifw.Model, or a function without arguments that returns one."
        )
    if not getattr(model, "compiled", False):
        raise ProfileError(
            f"{name!r} of {file.name} is not compiled, so the profiler does not know its loss and optimizer. "
            f'Write, for example: {name}.compile(optimizer="adam", loss="sparse_categorical_crossentropy")'
        )
    return model


def get_batch(module: ModuleType, name: str, file: Path) -> tuple[np.ndarray[Any, Any], ...]:
    """Return the batch (x, y), or (x, y, sample_weight), as NumPy arrays of equal length; called if it is a function.

    Raises:
        ProfileError: if there is none, or it is something else.
    """
    if not hasattr(module, name):
        raise ProfileError(
            f"{file.name} has no {name!r}, so there is nothing to feed the model. "
            f"Write {name} = (x, y) with NumPy arrays, or say where it is: --data FILE:NAME."
        )
    batch = getattr(module, name)
    if callable(batch):
        batch = _call(batch, name, file)
    if not isinstance(batch, tuple | list) or len(batch) not in (2, 3):
        kind = f"{type(batch).__name__} of length {len(batch)}" if hasattr(batch, "__len__") else type(batch).__name__
        raise ProfileError(
            f"{name!r} of {file.name} is of type {kind}. Make it a tuple (x, y) of two NumPy arrays, "
            "or (x, y, sample_weight) of three."
        )
    arrays = {label: _array(each, label, name, file) for label, each in zip(BATCH_PARTS, batch, strict=False)}
    lengths = {array.shape[:1] for array in arrays.values()}
    if len(lengths) > 1 or () in lengths or not arrays["x"].size:
        x, *rest = (f"{label} {array.shape}" for label, array in arrays.items())
        raise ProfileError(
            f"x of {name!r} in {file.name} has shape {x[2:]} and {', '.join(rest)}: the first axis is the batch, "
            "and must be of the same length, at least 1."
        )
    return tuple(arrays.values())


def _array(value: Any, label: str, name: str, file: Path) -> np.ndarray[Any, Any]:
    where = f"{label} of {name!r} in {file.name}"
    if isinstance(value, dict) or (isinstance(value, tuple | list) and any(getattr(each, "ndim", 0) for each in value)):
        raise ProfileError(
            f"{where} is a {type(value).__name__} of {len(value)} arrays; the profiler feeds models of one input and "
            "one target. Join them in one array and take it apart in the model, or np.stack(...) them if that is meant."
        )
    try:
        array = np.asarray(value)
    except ValueError as error:  # nested lists of different lengths
        raise ProfileError(
            f"{where} cannot be made one array: {error}. Pad it to one length, and give it as a NumPy array."
        ) from error
    if array.dtype.kind in "OUSMm":
        raise ProfileError(
            f"{where} is not one array of numbers (NumPy makes it dtype {array.dtype}). "
            "Convert it to a NumPy array of numbers first."
        )
    return array


def _call(function: Any, name: str, file: Path) -> Any:
    try:
        return function()
    except SystemExit as error:
        raise ProfileError(
            f"Calling {name}() of {file.name} ended the program with exit code {error.code}. Let it return instead."
        ) from error
    except Exception as error:
        raise ProfileError(f"Calling {name}() of {file.name} raised: {explain(error, file)}") from error


def _is_model(value: Any) -> bool:
    import unifw

    return isinstance(value, unifw.Model)
