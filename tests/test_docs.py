"""What the documentation shows runs: doctests of the package, and the Python blocks of the pages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUNNABLE = ["README.md", "docs/index.md"]
PAGES = sorted(path.relative_to(ROOT) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def blocks(page):
    return re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("page", "block"),
    [pytest.param(page, block, id=f"{page}-{index}") for page in RUNNABLE for index, block in enumerate(blocks(page))],
)
def test_python_blocks_run(run_python, page, block):
    run_python(block, UNIFW_BACKEND="numpy")


def test_the_toy_backend_in_the_guide_is_the_one_that_is_tested():
    """Each line of the guide's example code, spaces and comments aside, stands in the toy backend."""

    def code(line):
        return re.sub(r"\s+", " ", line.split("  #")[0].split("   #")[0]).strip()

    toy = {code(line) for line in (ROOT / "tests/toy_backend/unifw_toy/__init__.py").read_text().splitlines()}
    shown = [block for block in blocks("docs/add-a-backend.md") if not re.search("known_failures|Test", block)]
    optional = {"tolerances = DEFAULT_TOLERANCES"}
    missing = [line for block in shown for line in map(code, block.splitlines()) if line not in toy | optional]
    assert len(shown) == 2
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_between_pages_lead_somewhere(page):
    text = re.sub(r"^```.*?^```", "", (ROOT / page).read_text(), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert ((ROOT / page).parent / link).exists(), f"{page} links to {link}"


def test_doctests_of_the_package_run(tmp_path):
    """In a process of their own, since some choose a backend for the process."""
    environment = os.environ | {"UNIFW_BACKEND": "numpy", "HOME": str(tmp_path)}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "backends"), os.environ.get("PYTHONPATH", "")])
    options = ["-q", "-p", "no:cacheprovider", "--doctest-modules", "--ignore=unifw/testing/_run.py", "unifw"]
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
