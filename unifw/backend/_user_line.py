"""Where in the user's program something happens: for messages about code rather than about values."""

from __future__ import annotations

import inspect
import os
import sys
import sysconfig
from typing import Final

from unifw.backend._registry import KNOWN, loaded_modules

_UNIFW: Final = __name__.partition(".")[0]
_BETWEEN: Final = ("optree", *(known.requires for known in KNOWN.values()))  # they call what they are given back


def user_line() -> str:
    """Return ``"file:line"`` of the innermost call that is neither ours, a plug-in's, a framework's nor Python's.

    Under a transform that is the line of the function which is traced. Empty if there is none, as in a thread of ours.
    """
    ours = tuple(filter(None, map(_place, (_UNIFW, *loaded_modules(), *_BETWEEN))))
    standard_library = sysconfig.get_path("stdlib") + os.sep
    frame = inspect.currentframe()
    while frame is not None:
        path = frame.f_code.co_filename
        of_python = path.startswith("<frozen ") or (path.startswith(standard_library) and "-packages" not in path)
        if not of_python and not path.startswith(ours):
            return f"{_short(path)}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def _place(name: str) -> str | None:
    """Return the folder of the package that holds a module, or its file if it is in none."""
    module = sys.modules.get(name.partition(".")[0])
    file = getattr(module, "__file__", None)
    return os.path.dirname(file) + os.sep if file and hasattr(module, "__path__") else file  # noqa: PTH120 - as below


def _short(path: str) -> str:
    here = os.getcwd() + os.sep  # noqa: PTH109 - as code objects spell it
    return path.removeprefix(here)
