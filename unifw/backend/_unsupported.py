"""Saying no through the interface: `vmap = unsupported("reason", hint="what to do instead")`."""

from __future__ import annotations

from typing import Any, NoReturn, final

from unifw.errors import UnsupportedError


@final
class unsupported:  # noqa: N801 - reads as a statement in a class body
    """A method a backend declares it cannot offer.

    On the class it is itself, so that tools can read `reason` and `hint`; on an instance, calling it raises.
    """

    def __init__(self, reason: str, *, hint: str = "") -> None:
        self.reason = reason
        self.hint = hint
        self.operation = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.operation = name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self

        def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
            message = f"Backend {instance.name!r} does not support {self.operation}: {self.reason}."
            raise UnsupportedError(f"{message} Hint: {self.hint}." if self.hint else message)

        return refuse
