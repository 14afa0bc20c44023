"""Settings, and where they come from.

Every setting has one name, found in this order: an argument or context (not here), a call such as
`uf.set_backend("jax")` (not here), the environment variable, the configuration file, the default.

The file is TOML: `$UNIFW_CONFIG`, which must exist, or else `~/.config/unifw/config.toml` if it exists, for example::

    backend = "jax"
    device = "cpu"
    floatx = "float32"

| setting | environment variable | meaning | default |
|---|---|---|---|
| backend | `UNIFW_BACKEND` | where new tensors go | first installed of `DEFAULT_BACKEND_ORDER` |
| device | `UNIFW_DEVICE` | the device of new tensors | the backend's first |
| floatx | `UNIFW_FLOATX` | dtype of new parameters and of float data given to layers | `float32` |
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from unifw import dtypes
from unifw.errors import ArgumentError

DEFAULT_BACKEND_ORDER: Final = ("torch", "jax", "tensorflow", "numpy")
_DEFAULT_FILE: Final = "~/.config/unifw/config.toml"
_SETTINGS: Final = ("backend", "device", "floatx")


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
