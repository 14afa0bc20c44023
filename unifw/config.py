"""Settings, and where they come from.

Every setting has one name, found in this order: an argument or context (not here), a call such as
`uf.set_backend("jax")` (not here), the environment variable, the configuration file, the default.

The file is TOML: `$UNIFW_CONFIG`, which must exist, or else `~/.config/unifw/config.toml` if it exists, for example::

    backend = "jax"
    device = "cpu"
    floatx = "float32"
    strict = true

| setting | environment variable | meaning | default |
|---|---|---|---|
| backend | `UNIFW_BACKEND` | where new tensors go | first installed of `DEFAULT_BACKEND_ORDER` |
| device | `UNIFW_DEVICE` | the device of new tensors | the backend's first |
| floatx | `UNIFW_FLOATX` | dtype of new parameters and of float data given to layers | `float32` |
| strict | `UNIFW_STRICT` | whether implicit conversions that frameworks disagree on raise; see `strict` | `false` |
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final

from unifw import dtypes
from unifw.errors import ArgumentError

DEFAULT_BACKEND_ORDER: Final = ("torch", "jax", "tensorflow", "numpy")
_DEFAULT_FILE: Final = "~/.config/unifw/config.toml"
_SETTINGS: Final = ("backend", "device", "floatx", "strict")
_TRUE: Final = ("1", "true", "yes", "on")
_FALSE: Final = ("0", "false", "no", "off")


def setting(name: str) -> str | None:
    """Return a setting from the environment or the configuration file, or None."""
    return os.environ.get(_variable(name)) or _from_file(name)


def source(name: str) -> str:
    """Return where a setting comes from, for messages about its value: a variable or the file."""
    return f"environment variable {_variable(name)}" if os.environ.get(_variable(name)) else f"file {_path()}"


def _variable(name: str) -> str:
    return f"UNIFW_{name.upper()}"


def _path() -> str:
    return os.path.expanduser(os.environ.get("UNIFW_CONFIG") or _DEFAULT_FILE)  # noqa: PTH111 - Path raises without a home


def _from_file(name: str) -> str | None:
    return _file(_path(), is_asked_for=bool(os.environ.get("UNIFW_CONFIG"))).get(name)


@cache
def _file(path: str, *, is_asked_for: bool) -> dict[str, str]:
    """Read the configuration file once; an error names it, as does a file that was asked for and is not there."""
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        if not is_asked_for:
            return {}
        raise ArgumentError(
            f"UNIFW_CONFIG names the configuration file {path}, which does not exist. Correct the path, or unset it."
        ) from error
    except OSError as error:
        raise ArgumentError(
            f"The configuration file {path} cannot be read: {error.strerror}. Put a readable TOML file there, or name "
            "another with UNIFW_CONFIG."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ArgumentError(f"The configuration file {path} is not valid TOML: {error}.") from error
    unknown = sorted(set(content) - set(_SETTINGS))
    if unknown:
        raise ArgumentError(
            f"The configuration file {path} has unknown settings {unknown}. Known are: {', '.join(_SETTINGS)}."
        )
    return {name: str(value) for name, value in content.items()}


class _State:
    floatx: dtypes.DType | None = None
    strict: bool | None = None
    was_strict = False


_context_strict: ContextVar[bool | None] = ContextVar("unifw_strict", default=None)

may_be_strict = True
"""False once it is known that nobody in this process wanted strict mode: what is looked at before `is_strict`."""


def floatx() -> str:
    """Return the name of the default float dtype of layers, as `keras.config.floatx` does.

    >>> floatx()
    'float32'
    """
    if _State.floatx is None:
        _State.floatx = _float_dtype(setting("floatx") or "float32")
    return _State.floatx.name


def set_floatx(value: dtypes.DTypeLike) -> None:
    """Set the dtype that new parameters get and to which layers cast float inputs.

    Args:
        value: "float16", "bfloat16", "float32" or "float64".

    Raises:
        ArgumentError: for any other dtype.
    """
    _State.floatx = _float_dtype(value)


def _float_dtype(value: dtypes.DTypeLike) -> dtypes.DType:
    dtype = dtypes.as_dtype(value)
    if dtype not in dtypes.FLOATS:
        known = ", ".join(each.name for each in dtypes.FLOATS)
        raise ArgumentError(f"floatx must be a floating-point dtype, got {dtype.name}. Write one of: {known}.")
    return dtype


def is_strict() -> bool:
    """Return whether implicit conversions raise here: by `strict`, `set_strict`, `UNIFW_STRICT` or the file.

    Raises:
        ArgumentError: if the variable or the file says neither yes nor no.

    >>> is_strict()
    False
    """
    chosen = _context_strict.get()
    if chosen is None:
        chosen = _State.strict
        if chosen is None:
            set_strict(_truth("strict", setting("strict") or "false"))
            return is_strict()
    return chosen


def set_strict(value: bool) -> None:
    """Make strict mode the process's default, or lenient mode; see `strict`."""
    _State.strict = bool(value)
    _note(_State.strict)


@contextmanager
def strict(value: bool = True) -> Iterator[None]:
    """Raise `ImplicitConversionError` inside a `with` block (this thread or task only) for conversions nobody wrote.

    These are the promotions that the Array API standard leaves undefined, where frameworks give different dtypes or
    fail (integers or booleans with floats, a Python float with integers, `mean` of integers, uint64 with signed
    integers, float16 with bfloat16), and casts of data to a smaller or another dtype (float64 data in a float32
    layer). What does not raise gives the result it gives otherwise. Where nothing is converted, it costs nothing.

    Args:
        value: False is lenient inside of strict.

    >>> import unifw as uf
    >>> with uf.config.strict():
    ...     uf.asarray([1, 2]) * 0.5
    Traceback (most recent call last):
    unifw.errors.ImplicitConversionError: Strict mode, <doctest unifw.config.strict[1]>:2: multiply() ...
    """
    _note(bool(value))
    token = _context_strict.set(bool(value))
    try:
        yield
    finally:
        _context_strict.reset(token)


def _note(wanted: bool) -> None:
    global may_be_strict  # noqa: PLW0603 - a name of the module is the cheapest thing to look at
    _State.was_strict = _State.was_strict or wanted
    may_be_strict = _State.was_strict or _State.strict is None


def _truth(name: str, value: str) -> bool:
    if value.lower() in (*_TRUE, *_FALSE):
        return value.lower() in _TRUE
    raise ArgumentError(
        f"The setting {name} says yes or no, got {value!r} from the {source(name)}. Write one of: "
        f"{', '.join((*_TRUE, *_FALSE))}."
    )
