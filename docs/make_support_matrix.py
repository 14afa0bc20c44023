"""Writes docs/support-matrix.md from the code, and what it is made from; run it after an operation or override changes.

First `unifw/backend/_operations.json`: which functions of a backend each operation calls, recorded by running the
conformance kit's example of it. Then the page, from `unifw.backend.operations_of`.
"""

from __future__ import annotations

import json
from pathlib import Path

from unifw.testing import Recorded, record, support_matrix

ROOT = Path(__file__).parents[1]
HEAD = """# Support matrix

Made by `python docs/make_support_matrix.py`; a test keeps it up to date. `unifw backends --matrix` prints it for
what is installed, third-party backends included.

- *native*: the framework's own function, or the plug-in's, does it;
- *composite*: unifw computes it from other functions of the backend: correct, differentiable, and as fast as these;
- *unsupported*: the backend says so, and why; the reasons stand at the end.

Names are as users write them behind `uf.`; under the last two headings, the members of `unifw.backend.Backend`.

"""


def one_line_each(recorded: Recorded) -> str:
    """Return JSON with a line per operation, so that a change of one is a line of the diff."""
    parts = []
    for part, families in recorded.items():
        blocks = []
        for family, operations in families.items():
            lines = ",\n".join(f"   {json.dumps(name)}: {json.dumps(calls)}" for name, calls in operations.items())
            blocks.append(f"  {json.dumps(family)}: {{\n{lines}\n  }}")
        parts.append(f" {json.dumps(part)}: {{\n" + ",\n".join(blocks) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    (ROOT / "unifw" / "backend" / "_operations.json").write_text(one_line_each(record()))
    page = HEAD + support_matrix(["torch", "tensorflow", "jax", "numpy"])
    (ROOT / "docs" / "support-matrix.md").write_text(page)
