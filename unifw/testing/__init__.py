"""The conformance kit: what a backend must do, as tests that anybody can run on theirs.

>>> from unifw.testing import BackendConformance
>>> class TestMine(BackendConformance):
...     backend_name = "mine"

in a test file is all a plug-in's author writes; pytest does the rest, and prints a scorecard at the end. Cases follow
from what the backend declares: dtypes it does not have, and operations it calls unsupported, are not tested.
Differences are judged by `backend.tolerances` alone. What cannot be right yet is listed in `backend.known_failures`,
from a part of the test's name to the reason and an upstream link; such a test must fail. Passing is an error, and so
is a part that no test has in its name.

This is the only package of unifw that needs pytest.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    *(
        f"unifw.testing.{name}"
        for name in (
            "_compilation _composites _control_flow _conversion _difference_quotients _elementwise _expect "
            "_gradient_contract _gradients _identity _mapping _namespace _promotion _public _randomness _transforms"
        ).split()
    )
)

from unifw.testing._conformance import BackendConformance  # noqa: E402 - after assertions were told to explain
from unifw.testing._recording import Recorded, record  # noqa: E402
from unifw.testing._scorecard import KitResult, run_kit, scorecard  # noqa: E402
from unifw.testing._scorecard import table as scorecard_table  # noqa: E402
from unifw.testing._support_matrix import support_matrix  # noqa: E402

__all__ = [
    "BackendConformance",
    "KitResult",
    "Recorded",
    "record",
    "run_kit",
    "scorecard",
    "scorecard_table",
    "support_matrix",
]
