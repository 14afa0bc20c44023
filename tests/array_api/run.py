"""Run the array-api-tests suite (data-apis) over unifw: `python tests/array_api/run.py --suite PATH --backend jax`.

See README.md beside this file. Ends with 1 if a test fails, or if one that is listed as a known failure passes or is
not found.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BACKENDS = ("numpy", "torch", "jax", "tensorflow")
OUTCOMES = ("passed", "failed", "error", "errors", "skipped", "xfailed", "xpassed")


def command(arguments: argparse.Namespace, known_failures: Path) -> list[str]:
    """Return the suite's own command line."""
    return [
        *(sys.executable, "-m", "pytest", *(arguments.tests or ["array_api_tests"])),
        *("-q", "-rfEX", "--tb=short", "--disable-warnings", "-p", "no:cacheprovider"),
        *("--max-examples", str(arguments.max_examples), "--hypothesis-disable-deadline"),
        *("--xfails-file", str(known_failures), "-o", "xfail_strict=True"),
        *(["--hypothesis-seed", str(arguments.seed)] if arguments.seed is not None else []),
    ]


def counts(output: str) -> dict[str, int]:
    """Return how many tests had each outcome, from pytest's last line."""
    found = re.findall(rf"(\d+) ({'|'.join(OUTCOMES)})\b", output.strip().splitlines()[-1])
    return {outcome: int(number) for number, outcome in found}


def run(arguments: argparse.Namespace, backend: str) -> bool:
    """Run the suite on one backend; print the counts, and what went wrong. Return whether all is as it should be."""
    known_failures = HERE / "xfails" / f"{backend}.txt"
    environment = os.environ | {
        "ARRAY_API_TESTS_MODULE": "unifw",
        "ARRAY_API_TESTS_VERSION": "2025.12",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "backends"), os.environ.get("PYTHONPATH", "")]),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "UNIFW_BACKEND": backend,
    }
    finished = subprocess.run(
        command(arguments, known_failures), cwd=arguments.suite, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    found = counts(finished.stdout) if finished.stdout.strip() else {}
    listed = sum(1 for line in known_failures.read_text().splitlines() if line.startswith("array_api_tests"))
    print(f"{backend:<12}", ", ".join(f"{number} {outcome}" for outcome, number in found.items()), f"({listed} listed)")
    good = finished.returncode == 0 and found.get("passed", 0) > 0
    if not arguments.tests and found.get("xfailed", 0) < listed:
        print(f"  {listed} failures are listed, of which {found.get('xfailed', 0)} came about: strike out the others.")
        good = False
    if finished.returncode != 0:
        lines = [line for line in finished.stdout.splitlines() if line.startswith(("FAILED", "ERROR", "XPASS"))]
        print("\n".join(f"  {line}" for line in lines) or finished.stdout[-4000:] + finished.stderr[-4000:])
    return good


def main() -> int:
    """Read the arguments, and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", type=Path, required=True, help="a checkout of array-api-tests with its submodule")
    parser.add_argument("--backend", choices=[*BACKENDS, "all"], default="all")
    parser.add_argument("--max-examples", type=int, default=100, help="hypothesis examples per test (100)")
    parser.add_argument("--seed", type=int, help="hypothesis seed; by default each run looks at other examples")
    parser.add_argument("tests", nargs="*", help="files or tests of the suite; all by default")
    arguments = parser.parse_args()
    if not (arguments.suite / "array-api" / "spec").is_dir():
        parser.error(f"{arguments.suite} is no checkout of array-api-tests with its submodule; see README.md.")
    chosen = BACKENDS if arguments.backend == "all" else [arguments.backend]
    good = [run(arguments, backend) for backend in chosen]  # all of them, whatever the first one says
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
