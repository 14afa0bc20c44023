"""Settings, and where they come from.

Every setting has one name, found in this order: an argument or context (not here), a call such as
`uf.set_backend("jax")` (not here), the environment variable, the configuration file, the default.

The file is TOML: `$UNIFW_CONFIG`, or `~/.config/unifw/config.toml`, for example::

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
_SETTINGS: Final = ("backend", "device", "floatx")


def setting(name: str) -> str | None:
    """Return a setting from the environment or the configuration file, or None."""
    return os.environ.get(f"UNIFW_{name.upper()}") or _file(_path()).get(name)


def _path() -> Path:
    return Path(os.environ.get("UNIFW_CONFIG") or "~/.config/unifw/config.toml").expanduser()


@cache
def _file(path: Path) -> dict[str, str]:
    """Read the configuration file once; a missing one is empty, a wrong one is an error that names it."""
    try:
        content = tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
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
