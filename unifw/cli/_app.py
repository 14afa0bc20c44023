"""The command line: `unifw profile FILE`, `unifw backends`. Turns options into calls, and errors into exit codes.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | nothing could be measured; a backend failed the conformance kit |
| 2 | what was given is wrong; the message says what to write instead |
| 129, 130, 143 | ended by a hang-up of the terminal, by Ctrl-C, by SIGTERM; no process or file is left behind |
"""

from __future__ import annotations

import contextlib
import signal
import sys
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

from unifw.errors import UnifwError

if TYPE_CHECKING:
    from types import FrameType

    from rich.console import Console

app = typer.Typer(
    help="Write a deep-learning model once; decide which framework runs it when it runs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_QUICK_ROUNDS: Final = 16
_INTERRUPTED: Final = 130
_ENDED: Final = "\nunifw: interrupted; every worker has been ended."


@app.command("profile")
def profile_command(
    target: Annotated[str, typer.Argument(metavar="FILE[:MODEL]", help="A Python file with a compiled model.")],
    data: Annotated[
        str, typer.Option(metavar="FILE:NAME", help="The batch (x, y), `batch` of the same file by default.")
    ] = "",
    backends: Annotated[str, typer.Option(help="Such as jax,torch; all that are installed by default.")] = "",
    variants: Annotated[str, typer.Option(help="eager, compiled, or both.")] = "eager,compiled",
    threads: Annotated[int, typer.Option(help="CPU threads for every backend.")] = 1,
    rounds: Annotated[int, typer.Option(help="Samples per variant and launch, at most.")] = 20,
    launches: Annotated[int, typer.Option(help="Processes per variant: intervals come from their spread.")] = 3,
    time_budget: Annotated[float, typer.Option(help="Seconds for all rounds; compiling comes on top.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Of weights, dropout, and the order of measurements.")] = 0,
    baseline: Annotated[
        str, typer.Option(help="The variant ratios are to, such as torch/eager; the fastest by default.")
    ] = "",
    json: Annotated[str, typer.Option(metavar="FILE", help="Also write all raw results, as JSON.")] = "",
    quick: Annotated[
        bool, typer.Option("--quick", help="One launch, few rounds: a first look, with wider intervals.")
    ] = False,
) -> None:
    """Train one model on every backend, check that all compute the same, and say which is fastest, with its doubt."""
    from unifw.cli._progress import progress
    from unifw.profiler import analyse, check_writable, profile, render, save_report

    if json:
        check_writable(json)
    with progress() as notify:
        report = profile(
            target, data=data, backends=_names(backends), variants=_names(variants), threads=threads,
            rounds=min(rounds, _QUICK_ROUNDS) if quick else rounds, launches=1 if quick else launches,
            time_budget=time_budget, seed=seed, baseline=baseline, notify=notify,
        )  # fmt: skip
    render(report, _console())
    if json:
        save_report(report, json)
    if not analyse(report).measured:
        raise typer.Exit(1)


@app.command("backends")
def backends_command(
    matrix: Annotated[
        bool, typer.Option("--matrix", help="Print what each makes of every operation: native, composite, unsupported.")
    ] = False,
    check: Annotated[
        str, typer.Option(metavar="NAME", help="Run the conformance kit on one, and print its scorecard; needs pytest.")
    ] = "",
    backends: Annotated[str, typer.Option(help="Such as jax,torch; all that are known by default.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """List the backends: versions and devices, and for what is missing the command that installs it.

    Example: unifw backends --matrix --backends jax,numpy
    """
    if check:
        from unifw.cli._check import check_backend

        lines, passed = check_backend(check)
        typer.echo("\n".join(lines))
        raise typer.Exit(0 if passed else 1)
    from unifw.cli._backends import as_json, table
    from unifw.cli._matrix import matrix_table, notes
    from unifw.profiler import survey_backends

    statuses = survey_backends(names=_names(backends), operations=matrix)
    if json:
        typer.echo(as_json(statuses, operations=matrix))
        return
    console = _console()
    if matrix:
        console.print(matrix_table(statuses))
        for line in notes(statuses):
            console.print(line, markup=False, highlight=False)
    else:
        console.print(table(statuses))


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _console() -> Console:
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=160)


class _TerminatedError(BaseException):
    """SIGTERM or SIGHUP, as an exception, so that every `with` block cleans up."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    raise _TerminatedError(number)


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGTERM, _terminate)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup ignores it
        signal.signal(signal.SIGHUP, _terminate)
    try:
        code = app(standalone_mode=False)
        if code == _INTERRUPTED:  # typer caught Ctrl-C
            typer.echo(_ENDED, err=True)
    except UnifwError as error:
        typer.echo(f"unifw: {error}", err=True)
        code = 2
    except (KeyboardInterrupt, typer.Abort):
        typer.echo(_ENDED, err=True)
        code = _INTERRUPTED
    except _TerminatedError as error:
        with contextlib.suppress(OSError):  # after a hang-up nobody may listen
            typer.echo("unifw: terminated; every worker has been ended.", err=True)
        code = 128 + error.number
    except typer.Exit as error:
        code = error.exit_code
    except Exception as error:
        show = getattr(error, "show", None)  # click's usage errors know how to print themselves
        if show is None:
            raise
        show()
        code = 2
    sys.exit(code if isinstance(code, int) else 0)
