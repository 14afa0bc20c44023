"""Support as data: what a backend does natively, by composition, or not at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import attrgetter
from typing import Any, Final, Literal, final

from unifw import dtypes
from unifw.backend._interface import Backend
from unifw.backend._unsupported import unsupported

Support = Literal["native", "composite", "unsupported"]
ANSWERED: Final = (
    "value_and_grad",
    "vjp",
    "jvp",
    "jit",
    "vmap",
    "cond",
    "while_loop",
    "scan",
    "checkpoint",
    "custom_vjp",
    "set_threads",
    "memory_stats",
    "reset_memory_stats",
)
"""Members of `Backend` that each backend must answer: implement, or call unsupported."""

_ELSEWHERE: Final = "x.to_backend('numpy')"


@final
@dataclass(frozen=True, slots=True)
class Operation:
    """What one backend makes of something users call.

    Attributes:
        family: the heading it stands under.
        name: as users write it behind ``uf.``: "linalg.svd"; for what no function stands for, the member of `Backend`.
        support: "native", "composite" or "unsupported".
        reason: why it is unsupported.
        hint: what to do instead.
    """

    family: str
    name: str
    support: Support
    reason: str = ""
    hint: str = ""


def composites() -> tuple[str, ...]:
    """Return the names of all operations that have a default over `xp`.

    >>> "softmax" in composites()
    True
    """
    return tuple(sorted(name for name in dir(Backend) if getattr(getattr(Backend, name), "__composite__", False)))


def namespace_functions() -> tuple[str, ...]:
    """Return the names of all functions of `xp` that unifw calls, as "xp.add" and "xp.linalg.svd".

    >>> "xp.linalg.svd" in namespace_functions()
    True
    """
    recorded = _recorded()
    calls = {
        call
        for part in recorded.values()
        for functions in part.values()
        for calls in functions.values()
        for call in calls
    }
    return tuple(sorted(call for call in calls if call.startswith("xp.")))


def support_table(backend: Backend) -> dict[str, Support]:
    """Return native, composite or unsupported per operation of the interface: what a plug-in implements.

    Keys are the members of `Backend` ("jit", "softmax") and the functions of `xp` that unifw calls ("xp.add",
    "xp.linalg.svd"). The docs, the conformance kit and the profiler read this table, so they cannot disagree with the
    code. `operations_of` says it for what users call.
    """
    return {name: _member(backend, name).support for name in (*ANSWERED, *composites(), *namespace_functions())}


def operations_of(backend: Backend) -> tuple[Operation, ...]:
    """Return what a backend makes of everything users call, by family.

    - *native*: the framework's own, or the plug-in's: the function of `xp` or the member of `Backend` of that name.
    - *composite*: unifw computes it from others of the backend's.
    - *unsupported*: the backend says why not; or it lacks a dtype, or a function the operation needs.

    It runs nothing: which functions an operation calls was recorded by the conformance kit, on NumPy.

    >>> from unifw.backend import get_backend
    >>> {each.name: each.support for each in operations_of(get_backend("numpy"))}["linalg.svd"]
    'native'
    """
    functions = _recorded()["functions"]
    shown = {_provider(name, calls) for family in functions.values() for name, calls in family.items()}
    answered = [name for name in ANSWERED if name not in shown]
    behind = [name for name in composites() if name not in shown]
    return (
        *(_dtype(backend, dtype) for dtype in dtypes.ALL),
        *(_function(backend, family, name, calls) for family, of in functions.items() for name, calls in of.items()),
        *(_member(backend, name, "Behind layers, optimizers and gradients") for name in behind),
        *(_member(backend, name, "Measurements") for name in answered),
    )


def _dtype(backend: Backend, dtype: dtypes.DType) -> Operation:
    if dtype in backend.capabilities.dtypes:
        return Operation("Dtypes", dtype.name, "native")
    return Operation("Dtypes", dtype.name, "unsupported", "it is not among its capabilities.dtypes", _ELSEWHERE)


def _function(backend: Backend, family: str, name: str, calls: list[str]) -> Operation:
    provider = _provider(name, calls)
    for call in (provider, *calls):
        found = _member(backend, call) if call else None
        if found and found.support == "unsupported":
            return Operation(family, name, "unsupported", found.reason, found.hint)
    return Operation(family, name, _member(backend, provider).support if provider else "composite")


def _provider(name: str, calls: list[str]) -> str:
    """Return which of the calls does by itself what the function of this name does; "" if it takes several."""
    last = name.rpartition(".")[2]
    candidates = (f"xp.{name}", f"xp.{last}", last, f"random_{last}", "array[key]")
    return next((each for each in candidates if each in calls), "")


def _member(backend: Backend, name: str, family: str = "") -> Operation:
    """Return the answer for a member of `Backend`, a function of its namespace, or a dtype."""
    if name.startswith("xp."):
        return _of_namespace(backend, name, family)
    if name.startswith("dtype."):
        dtype = dtypes.as_dtype(name.partition(".")[2])
        lacking = f"its arrays cannot have dtype {dtype.name}"
        has = dtype in backend.capabilities.dtypes
        return Operation(family, name, "native") if has else Operation(family, name, "unsupported", lacking, _ELSEWHERE)
    member = getattr(type(backend), name, None)
    if isinstance(member, unsupported):
        return Operation(family, name, "unsupported", member.reason, member.hint)
    if not getattr(member, "__composite__", False):
        return Operation(family, name, "native")
    for call in _recorded()["composites"]["all"].get(name, ()):
        needed = _member(backend, call)
        if needed.support == "unsupported":
            return Operation(family, name, "unsupported", needed.reason, needed.hint)
    return Operation(family, name, "composite")


def _of_namespace(backend: Backend, path: str, family: str) -> Operation:
    _, *extension, name = path.split(".")
    try:
        attrgetter(".".join([*extension, name]))(backend.xp)
    except AttributeError:
        lacking = next((each for each in extension if not hasattr(backend.xp, each)), ".".join([*extension, name]))
        return Operation(family, path, "unsupported", f"its namespace has no {lacking!r}", _ELSEWHERE)
    return Operation(family, path, "native")


@cache
def _recorded() -> dict[str, dict[str, dict[str, list[str]]]]:
    """Return what `unifw.testing` recorded: which functions of the interface each operation calls."""
    found: Any = json.loads(files("unifw.backend").joinpath("_operations.json").read_text("utf-8"))
    return found  # type: ignore[no-any-return]
