"""The profiler: one model, every backend, one process each; the same weights, checked results, and a verdict.

>>> from unifw import profiler  # doctest: +SKIP
>>> report = profiler.profile("examples/digits_cnn.py", backends=["jax", "numpy"])  # doctest: +SKIP
>>> profiler.save_report(report, "report.json")  # doctest: +SKIP
>>> print(profiler.render_text(report))  # doctest: +SKIP

| file | idea |
|---|---|
| `_profile` | what a user asks for, checked |
| `_coordinator` | starts workers, asks in turn, collects |
| `_process`, `_protocol` | processes that end with us; JSON lines over pipes of their own |
| `_worker`, `_subject`, `_userfile` | inside a worker: commands, the model, the user's file |
| `_clock`, `_measure`, `_schedule`, `_noise`, `_threads`, `_memory` | how one thing is measured |
| `_results`, `_codec` | what was measured, frozen; JSON |
| `_statistics`, `_parity`, `_verdict`, `_analysis` | what it means: pure functions |
| `_render` | the table |
| `_survey` | what is installed, each backend asked in a process of its own |
"""

from unifw.profiler._analysis import Analysis, BreakEven, Row, analyse
from unifw.profiler._codec import check_writable, from_json, load_report, save_report, to_json
from unifw.profiler._profile import profile
from unifw.profiler._render import render, render_text
from unifw.profiler._results import (
    SCHEMA_VERSION,
    Environment,
    Failure,
    Launch,
    Memory,
    Noise,
    Quantity,
    Report,
    Sample,
    Settings,
    Threads,
    Variant,
    VariantResult,
    WarmUp,
)
from unifw.profiler._statistics import Interval
from unifw.profiler._survey import BackendStatus, survey_backends
from unifw.profiler._verdict import Verdict

__all__ = [
    "SCHEMA_VERSION",
    "Analysis",
    "BackendStatus",
    "BreakEven",
    "Environment",
    "Failure",
    "Interval",
    "Launch",
    "Memory",
    "Noise",
    "Quantity",
    "Report",
    "Row",
    "Sample",
    "Settings",
    "Threads",
    "Variant",
    "VariantResult",
    "Verdict",
    "WarmUp",
    "analyse",
    "check_writable",
    "from_json",
    "load_report",
    "profile",
    "render",
    "render_text",
    "save_report",
    "survey_backends",
    "to_json",
]
