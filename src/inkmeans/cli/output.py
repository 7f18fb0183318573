"""What all commands share: where output goes, and how errors, tables and JSON look."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = [
    "Json",
    "Quiet",
    "console",
    "engine_name",
    "make_table",
    "number",
    "print_error",
    "print_json",
    "print_note",
]

Json = Annotated[
    bool, typer.Option("--json", help="For machines: the result as JSON, progress as JSON lines.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress; only the result, and errors.")
]

_PIPED_WIDTH = 200  # a table that no terminal shows need not be folded


def console(stream: IO[str]) -> Console:
    """Make a rich console on a stream; NO_COLOR is honoured, pipes get plain wide lines."""
    from rich.console import Console

    wide = None if stream.isatty() else _PIPED_WIDTH
    return Console(file=stream, width=wide, highlight=False, soft_wrap=False)


def make_table(columns: Sequence[str], *, title: str | None = None) -> Table:
    """Make an empty table: the first column to the left, figures to the right.

    Examples
    --------
    >>> from inkmeans.cli.output import make_table
    >>> [column.justify for column in make_table(["features", "k"]).columns]
    ['left', 'right']
    """
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left", no_wrap=True)
    return table


def number(value: float | None, digits: int = 4) -> str:
    """Write a score for people; what does not apply is a dash.

    Examples
    --------
    >>> from inkmeans.cli.output import number
    >>> number(0.89697), number(None), number(1501819.25, 0)
    ('0.8970', '-', '1,501,819')
    """
    return "-" if value is None else f"{value:,.{digits}f}"


def print_error(message: str, hint: str = "") -> None:
    """Print an error as one line, and what to do about it as another, on standard error."""
    typer.secho("error: ", nl=False, err=True, fg=_colour(typer.colors.RED), bold=_coloured())
    typer.echo(_one_line(message), err=True)
    if hint:
        typer.secho("hint: ", nl=False, err=True, fg=_colour(typer.colors.CYAN))
        typer.echo(_one_line(hint), err=True)


def print_note(text: str) -> None:
    """Print one line for people on standard error."""
    typer.echo(_one_line(text), err=True)


def print_json(value: Any) -> None:
    """Print a value as JSON on standard output; what is not finite becomes null."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def engine_name() -> str:
    """Name what computes the distances here.

    Returns
    -------
    str
        ``"avx512vnni"``, ``"avx2"``, ``"neon"``, ``"portable"`` or ``"numpy"``; ``"none"``
        where there is no engine.
    """
    try:
        from inkmeans.engine import level
    except ImportError:
        return "none"
    return str(level())


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _coloured() -> bool:
    from os import environ

    return sys.stderr.isatty() and not environ.get("NO_COLOR")


def _colour(name: str) -> str | None:
    return name if _coloured() else None
