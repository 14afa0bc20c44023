"""Wordings that several families share."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from unifw.errors import ArgumentError


def unknown_name(family: str, name: object, known: Iterable[str]) -> ArgumentError:
    """Return the error for a string that names nothing, with the closest name that does.

    >>> raise unknown_name("activation", "rellu", ["relu", "gelu"])
    Traceback (most recent call last):
    unifw.errors.ArgumentError: No activation is called 'rellu'. Did you mean 'relu'? Known are: gelu, relu.
    """
    names = sorted(set(known))
    close = difflib.get_close_matches(str(name), names, n=1)
    suggestion = f" Did you mean {close[0]!r}?" if close else ""
    return ArgumentError(f"No {family} is called {name!r}.{suggestion} Known are: {', '.join(names)}.")
