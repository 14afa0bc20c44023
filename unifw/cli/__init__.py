"""The command `unifw`."""

from unifw.cli._app import main

__all__ = ["main"]
