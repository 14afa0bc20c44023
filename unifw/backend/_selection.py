"""Which backend and device new tensors go to.

Precedence: argument > `with use_backend(...)` > `set_backend(...)` > `UNIFW_BACKEND` > configuration file > the first
installed of `unifw.config.DEFAULT_BACKEND_ORDER`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from unifw import config
from unifw.backend._interface import Backend
from unifw.backend._registry import get_backend, installed
from unifw.errors import BackendError, DeviceError, UnknownBackendError

_context_backend: ContextVar[Backend | None] = ContextVar("unifw_backend", default=None)
_context_device: ContextVar[str | None] = ContextVar("unifw_device", default=None)


class _Process:
    backend: Backend | None = None  # from set_backend
    default: Backend | None = None  # from environment, file or order; resolved once
    devices: dict[tuple[Backend, str], str] = {}  # noqa: RUF012 - a cache: (backend, requested) -> checked


def current_backend() -> Backend:
    """Return the backend new tensors go to, loading it if need be."""
    backend = _context_backend.get() or _Process.backend or _Process.default
    if backend is None:
        named = config.setting("backend")
        backend = _Process.default = get_backend(_first_installed()) if named is None else _from_settings(named)
    return backend


def _from_settings(name: str) -> Backend:
    try:
        return get_backend(name)
    except BackendError as error:
        raise type(error)(f"{error} The name comes from the {config.source('backend')}.") from error.__cause__


def _first_installed() -> str:
    available = installed()
    for name in config.DEFAULT_BACKEND_ORDER:
        if name in available:
            return name
    raise UnknownBackendError(
        "No backend is registered: the installation of unifw is incomplete. Run: pip install unifw"
    )


def set_backend(name: str) -> None:
    """Make a backend the process's default for new tensors; existing tensors keep theirs.

    >>> import unifw as uf
    >>> uf.set_backend("numpy")
    >>> uf.asarray([1.0]).backend.name
    'numpy'
    """
    _Process.backend = get_backend(name)


@contextmanager
def use_backend(backend: str | Backend) -> Iterator[Backend]:
    """Send new tensors to a backend inside a `with` block (this thread or task only).

    >>> import unifw as uf
    >>> with uf.use_backend("numpy"):
    ...     uf.zeros(2).backend.name
    'numpy'
    """
    chosen = backend if isinstance(backend, Backend) else get_backend(backend)
    token = _context_backend.set(chosen)
    try:
        yield chosen
    finally:
        _context_backend.reset(token)


def current_device(backend: Backend) -> str | None:
    """Return the device asked for by context, `UNIFW_DEVICE` or file, checked; None means the backend's default.

    A backend without devices (`capabilities.device_kinds` is empty: the abstract one, and tapes over it) has nothing to
    choose from. A tape over a real backend has that backend's devices.
    """
    requested = _context_device.get()
    named = requested or config.setting("device")
    if named is None or not backend.capabilities.device_kinds:
        return None
    try:
        return check_device(backend, named)
    except DeviceError as error:
        if requested is not None:
            raise
        raise DeviceError(f"{error} The name comes from the {config.source('device')}.") from error


def check_device(backend: Backend, device: str) -> str:
    """Return the device as the backend names it ("cuda" is "cuda:0"), or as it is if the backend has no devices.

    Raises:
        DeviceError: if it is not there, with those that are.
    """
    if not backend.capabilities.device_kinds:
        return device
    key = (backend, device)  # not its name, which all tapes share
    if key not in _Process.devices:
        present = backend.devices()
        match = [each for each in present if each in (device, f"{device}:0")]
        if not match:
            raise DeviceError(f"Backend {backend.name!r} has no device {device!r} here. Present: {', '.join(present)}.")
        _Process.devices[key] = match[0]
    return _Process.devices[key]


@contextmanager
def use_device(device: str) -> Iterator[None]:
    """Put new tensors on a device inside a `with` block (this thread or task only).

    >>> import unifw as uf
    >>> with uf.use_backend("numpy"), uf.use_device("cpu"):
    ...     uf.zeros(2).device
    'cpu'
    """
    check_device(current_backend(), device)
    token = _context_device.set(device)
    try:
        yield
    finally:
        _context_device.reset(token)


def devices() -> tuple[str, ...]:
    """Return the devices of the current backend, its default first."""
    return current_backend().devices()
