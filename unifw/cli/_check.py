"""`unifw backends --check NAME`: the conformance kit, and its scorecard."""

from __future__ import annotations

import importlib.util

from unifw.backend import get_backend
from unifw.errors import UnifwError


def check_backend(name: str, *options: str) -> tuple[list[str], bool]:
    """Run the kit on a backend.

    Args:
        name: as users write it.
        *options: of pytest, such as ``"-k", "gradient"``.

    Returns:
        The lines of the scorecard, with the tests that failed below, and whether none did.

    Raises:
        BackendError: if the backend cannot be loaded.
        UnifwError: if pytest, which runs the kit, is not installed.
    """
    get_backend(name)
    if importlib.util.find_spec("pytest") is None:
        raise UnifwError("The conformance kit is run by pytest, which is not installed. Run: pip install pytest")
    from unifw.testing import run_kit, scorecard_table

    result = run_kit(name, *options)
    if not result.scores:
        return [f"No test of the conformance kit could be run on {name!r}:", *result.output.splitlines()[-20:]], False
    lines = [f"conformance of backend {name!r}", *scorecard_table(result.scores)]
    if result.failed:
        lines += ["failed:", *(f"  {test}" for test in result.failed)]
    return lines, not result.failed
