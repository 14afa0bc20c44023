"""What `scorecard` runs: the kit on the backend that it sets."""

from __future__ import annotations

from typing import ClassVar, final

from unifw.testing._conformance import BackendConformance


@final
class TestConformance(BackendConformance):
    """The kit on one backend."""

    backend_name: ClassVar[str] = "numpy"
