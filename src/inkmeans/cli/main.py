"""The command ``inkmeans``: its sub-commands, its exit codes and how it words errors."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import Annotated

import typer

from inkmeans.cli import compare, datasets, evaluate, explore, predict, run, suggest_k
from inkmeans.cli.output import print_error, print_note
from inkmeans.errors import DownloadError, InkmeansError
from inkmeans.progress import Stop

__all__ = ["DONE", "FAILED", "WRONG", "app", "main"]

DONE, FAILED, WRONG = 0, 1, 2
"""Exit codes: all went well; the work failed; what was asked for is wrong."""

# typer exports only the children of what all wrong arguments raise, and its home has moved.
_ClickError = typer.BadParameter.__mro__[2]

_INTERRUPTED = 130  # what newer typers return for Ctrl-C; older ones raise Abort

# rich's help pages double the time that --help takes, so help is plain text.
app = typer.Typer(
    name="inkmeans",
    help="Cluster images of handwritten digits; evaluate, draw and report what came of it.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("compare")(compare.compare)
app.add_typer(datasets.app)
app.command("evaluate")(evaluate.evaluate)
app.command("predict")(predict.predict)
app.command("suggest-k")(suggest_k.suggest_k)
app.command("explore")(explore.explore)


def _print_version(wanted: bool) -> None:
    if wanted:
        from inkmeans import __version__
        from inkmeans.cli.output import engine_name

        typer.echo(f"inkmeans {__version__} (engine: {engine_name()})")
        raise typer.Exit(DONE)


@app.callback(invoke_without_command=True)
def _front(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and the engine in use, and exit.",
        ),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(WRONG)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code.

    Parameters
    ----------
    arguments : sequence of str, default=None
        What stands behind the program's name; None takes it from `sys.argv`.

    Raises
    ------
    SystemExit
        Always: code 0 when all went well, 1 when the work failed or was stopped, 2 when what
        was asked for is wrong.

    Examples
    --------
    >>> from inkmeans.cli.main import main
    >>> main(["run", "--help"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    SystemExit: 0
    """
    warnings.showwarning = _show_warning  # type: ignore[assignment]
    code = _guarded(sys.argv[1:] if arguments is None else list(arguments))
    try:
        sys.stdout.flush()
    except OSError:  # the reader went away: `inkmeans ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _guarded(arguments: list[str]) -> int:
    """Run the command; turn whatever goes wrong into two lines and an exit code."""
    try:
        code = app(arguments, prog_name="inkmeans", standalone_mode=False)
        if code == _INTERRUPTED:
            raise KeyboardInterrupt  # noqa: TRY301 - the two typers meet here
    except (KeyboardInterrupt, typer.Abort, Stop):
        print_error("stopped before the end", "nothing half-written is left; run it again")
        return FAILED
    except BrokenPipeError:
        return FAILED
    except Exception as error:
        if os.environ.get("INKMEANS_TRACEBACK"):
            traceback.print_exception(error)
        code, message, hint = _explain(error)
        print_error(message, hint)
    return code if isinstance(code, int) else DONE


def _explain(error: Exception) -> tuple[int, str, str]:
    """Give the exit code, what is wrong, and what to do about it."""
    if isinstance(error, InkmeansError):
        code = FAILED if isinstance(error, DownloadError) else WRONG
        return code, error.message, error.hint
    if isinstance(error, _ClickError):
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "inkmeans"
        return WRONG, error.format_message(), f"see: {path} --help"  # type: ignore[attr-defined]
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("inkmeans"):
        return WRONG, f"{error.name} is not installed", "run: python -m pip install inkmeans"
    if isinstance(error, MemoryError):
        return FAILED, "out of memory", "try fewer images, fewer clusters or --reduce pca:64"
    what = " ".join(str(error).split()) or "no message"
    return (
        FAILED,
        f"{type(error).__name__}: {what} (not foreseen: this may be a bug)",
        "set INKMEANS_TRACEBACK=1 and run it again to see where; please report it",
    )


def _show_warning(message: Warning | str, *_: object) -> None:
    print_note(f"warning: {message}")
