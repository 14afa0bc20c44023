"""Writes docs/support-matrix.md from the code; run it after a backend gains or loses an override."""

from __future__ import annotations

from pathlib import Path

from unifw.testing import support_matrix

HEAD = """# Support matrix

Made by `python docs/make_support_matrix.py` from `unifw.backend.support_table`; a test keeps it up to date.

*native*: the backend's own implementation; *composite*: the default, written once over the backend's namespace;
*unsupported*: the backend says so, and why.

"""

Path(__file__).with_name("support-matrix.md").write_text(HEAD + support_matrix(["torch", "tensorflow", "jax", "numpy"]))
