"""Finding and loading backends through the entry-point group `unifw.backends`.

Our own four are found the same way as everybody else's. Listing names imports nothing.
"""

from __future__ import annotations

import difflib
import importlib.util
import threading
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from unifw.backend._interface import INTERFACE_VERSION, Backend
from unifw.errors import (
    ArgumentError,
    BackendBrokenError,
    BackendConflictError,
    BackendError,
    BackendNotInstalledError,
    BackendVersionError,
    UnknownBackendError,
)

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP: Final = "unifw.backends"


@dataclass(frozen=True, slots=True)
class KnownBackend:
    """A backend that can be installed: the module that must be there, and the command that brings it."""

    name: str
    requires: str
    install: str


# What we can tell a user about a backend that is not (fully) there. Data for messages only.
KNOWN: Final[dict[str, KnownBackend]] = {
    known.name: known
    for known in (
        KnownBackend("jax", "jax", "pip install 'unifw[jax]'"),
        KnownBackend("numpy", "numpy", "pip install unifw"),
        KnownBackend("tensorflow", "tensorflow", "pip install 'unifw[tensorflow]'"),
        KnownBackend("torch", "torch", "pip install 'unifw[torch]'"),
    )
}

_loaded: dict[str, Backend] = {}
_lock = threading.RLock()


@cache
def _entry_points() -> dict[str, tuple[EntryPoint, ...]]:
    from importlib.metadata import entry_points  # a third of unifw's import time, if done at the top

    found: dict[str, tuple[EntryPoint, ...]] = {}
    for entry in entry_points(group=GROUP):
        others = found.get(entry.name, ())
        if not any(other.value == entry.value for other in others):  # an editable install can list itself twice
            found[entry.name] = (*others, entry)
    return found


def registered() -> tuple[str, ...]:
    """Return the names of all registered backends, sorted, installed framework or not."""
    return tuple(sorted(_entry_points()))


def installed() -> tuple[str, ...]:
    """Return the names of the registered backends whose framework can be found; imports nothing."""
    return tuple(name for name in registered() if missing_framework(name) is None)


def loaded_modules() -> tuple[str, ...]:
    """Return the modules of the backends that have been loaded."""
    return tuple(type(backend).__module__ for backend in _loaded.values())


def missing_framework(name: str) -> KnownBackend | None:
    """Return what is missing for a registered backend we know, else None."""
    known = KNOWN.get(name)
    return known if known and importlib.util.find_spec(known.requires) is None else None


def get_backend(name: str) -> Backend:
    """Return the backend of that name, loading it on first use.

    Raises:
        UnknownBackendError: nobody registered or knows the name.
        BackendNotInstalledError: known, but its framework is missing.
        BackendBrokenError: loading it raised (the cause is chained), or gave no backend of that name.
        BackendConflictError: two distributions claim the name.
        BackendVersionError: written for another version of the interface.
        ArgumentError: the name is not a string.
    """
    if not isinstance(name, str):
        raise ArgumentError(
            f"A backend is named by a string, got {name!r} of type {type(name).__name__}. Write one of: "
            f"{', '.join(map(repr, registered()))}."
        )
    backend = _loaded.get(name)
    if backend is None:
        with _lock:
            backend = _loaded.get(name) or _loaded.setdefault(name, _load(name))
    return backend


def _load(name: str) -> Backend:
    claims = _entry_points().get(name, ())
    if not claims:
        raise _unknown(name)
    if len(claims) > 1:
        owners = " and ".join(sorted(f"{claim.dist.name if claim.dist else '?'} ({claim.value})" for claim in claims))
        raise BackendConflictError(
            f"Backend {name!r} is claimed twice: by {owners}. Uninstall one of the two distributions."
        )
    missing = missing_framework(name)
    if missing:
        raise BackendNotInstalledError(
            f"Backend {name!r} needs {missing.requires!r}, which is not installed. Run: {missing.install}"
        )
    try:
        backend_class = _checked(name, claims[0].value, claims[0].load())
        return backend_class()
    except (BackendBrokenError, BackendVersionError):
        raise
    except (Exception, SystemExit) as error:  # a plug-in that exits shall not end the program that asks for it
        raise BackendBrokenError(
            f"Backend {name!r} is installed, but loading {claims[0].value!r} failed with "
            f"{type(error).__name__}: {error}. Reinstall the framework, or choose another backend with UNIFW_BACKEND."
        ) from error


def _unknown(name: str) -> BackendError:
    known = KNOWN.get(name)
    if known:
        return BackendNotInstalledError(f"Backend {name!r} is known but not installed. Run: {known.install}")
    names = registered()
    lower = {each.lower(): each for each in (*KNOWN, *names)}
    close = difflib.get_close_matches(name.lower(), lower, n=1)
    suggestion = f" Did you mean {lower[close[0]]!r}?" if close else ""
    return UnknownBackendError(
        f"No backend is called {name!r}.{suggestion} Registered are: {', '.join(names) or 'none'}. "
        f"A third-party backend must be installed and declare the entry point group {GROUP!r}."
    )


def _checked(name: str, value: str, loaded: Any) -> type[Backend]:
    """Return what an entry point gave if it is a backend's class, for this interface and of this name."""
    if not isinstance(loaded, type):
        raise BackendBrokenError(
            f"Backend {name!r} is registered as {value!r}, which is not a class but {loaded!r}. The entry point must "
            "name the backend's class, not a function or an instance."
        )
    _check_version(name, loaded)
    if not issubclass(loaded, Backend):
        raise BackendBrokenError(
            f"Backend {name!r} is registered as {value!r}, which is not a subclass of unifw.backend.Backend. Derive "
            "the class from it."
        )
    own = getattr(loaded, "name", None)
    if own != name:
        raise BackendBrokenError(
            f"Backend {name!r} is registered as {value!r}, which calls itself {own!r}. A backend has one name: "
            f"write name = {name!r} in the class, or correct the entry point."
        )
    return loaded


def _check_version(name: str, loaded: type) -> None:
    stated = (each for each in loaded.__mro__ if each is not Backend and "interface_version" in vars(each))
    version = next((vars(each)["interface_version"] for each in stated), None)
    if version == INTERFACE_VERSION:
        return
    if not isinstance(version, int):
        raise BackendVersionError(
            f"Backend {name!r} does not state the version of the backend interface it was written for. Write "
            f"interface_version = {INTERFACE_VERSION} in the class."
        )
    raise BackendVersionError(
        f"Backend {name!r} was written for version {version} of the backend interface; this unifw has version "
        f"{INTERFACE_VERSION}. Upgrade {'unifw' if version > INTERFACE_VERSION else 'the backend'}."
    )
