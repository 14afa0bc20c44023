"""Finding and loading backends through the entry-point group `unifw.backends`.

Our own four are found the same way as everybody else's. Listing names imports nothing.
"""

from __future__ import annotations

import difflib
import importlib.util
import threading
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from unifw.backend._interface import INTERFACE_VERSION, Backend
from unifw.errors import (
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


def missing_framework(name: str) -> KnownBackend | None:
    """Return what is missing for a registered backend we know, else None."""
    known = KNOWN.get(name)
    return known if known and importlib.util.find_spec(known.requires) is None else None


def get_backend(name: str) -> Backend:
    """Return the backend of that name, loading it on first use.

    Raises:
        UnknownBackendError: nobody registered or knows the name.
        BackendNotInstalledError: known, but its framework is missing.
        BackendBrokenError: loading it raised; the cause is chained.
        BackendConflictError: two distributions claim the name.
        BackendVersionError: written for another version of the interface.
    """
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
        backend_class = claims[0].load()
        _check_version(name, backend_class)
        return backend_class()  # type: ignore[no-any-return]
    except BackendVersionError:
        raise
    except Exception as error:
        raise BackendBrokenError(
            f"Backend {name!r} is installed, but loading {claims[0].value!r} failed with "
            f"{type(error).__name__}: {error}. Reinstall the framework, or choose another backend with UNIFW_BACKEND."
        ) from error


def _unknown(name: str) -> BackendError:
    known = KNOWN.get(name)
    if known:
        return BackendNotInstalledError(f"Backend {name!r} is known but not installed. Run: {known.install}")
    names = registered()
    close = difflib.get_close_matches(name, names, n=1)
    suggestion = f" Did you mean {close[0]!r}?" if close else ""
    return UnknownBackendError(
        f"No backend is called {name!r}.{suggestion} Registered are: {', '.join(names) or 'none'}. "
        f"A third-party backend must be installed and declare the entry point group {GROUP!r}."
    )


def _check_version(name: str, backend_class: type[Backend]) -> None:
    version = getattr(backend_class, "interface_version", None)
    if version != INTERFACE_VERSION:
        newer = isinstance(version, int) and version > INTERFACE_VERSION
        raise BackendVersionError(
            f"Backend {name!r} was written for version {version} of the backend interface; this unifw has version "
            f"{INTERFACE_VERSION}. Upgrade {'unifw' if newer else 'the backend'}."
        )
