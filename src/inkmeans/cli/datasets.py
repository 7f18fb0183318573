"""``inkmeans datasets``: which there are, where they lie, and how to get one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inkmeans.cli.output import Json, Quiet, console, make_table, print_json
from inkmeans.cli.progress import show_progress

if TYPE_CHECKING:
    from inkmeans.datasets import Dataset

__all__ = ["app"]

app = typer.Typer(name="datasets", help="List the data sets, fetch one, or say where one is.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of a data set in the list.")]


@app.callback(invoke_without_command=True)
def _front(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_datasets()


@app.command("list")
def list_datasets(as_json: Json = False) -> None:
    """List the data sets that can be asked for by name."""
    from inkmeans.datasets import DATASETS

    rows = [_describe(record) for record in DATASETS.values()]
    if as_json:
        print_json(rows)
        return
    table = make_table(("name", "here", "to fetch", "licence", "what it is"))
    for column in table.columns:
        column.justify = "left"
    table.columns[-1].no_wrap = False
    for row in rows:
        size = f"{row['bytes'] / 2**20:.0f} MB" if row["bytes"] else "-"
        here = "yes" if row["here"] else "no"
        table.add_row(row["name"], here, size, row["licence"], row["summary"])
    console(sys.stdout).print(table)


@app.command()
def fetch(name: Name, as_json: Json = False, quiet: Quiet = False) -> None:
    """Fetch a data set, unless it is here already, and print where it is."""
    from inkmeans import datasets

    with show_progress(as_json=as_json, quiet=quiet) as progress:
        datasets.fetch(name, progress=progress)
    _print_place(name, as_json=as_json)


@app.command()
def where(name: Name, as_json: Json = False) -> None:
    """Print where a data set is on this machine, or would be."""
    _print_place(name, as_json=as_json)


def _print_place(name: str, *, as_json: bool) -> None:
    from inkmeans import datasets

    place, here = datasets.where(name), datasets.is_here(name)
    if as_json:
        print_json({"name": name, "path": str(place), "here": here})
    else:
        typer.echo(str(place))


def _describe(record: Dataset) -> dict[str, Any]:
    from inkmeans.datasets import is_here

    return {
        "name": record.name,
        "here": is_here(record.name),
        "bytes": record.size,
        "origin": record.origin,
        "licence": record.licence,
        "address": record.address,
        "summary": record.summary,
    }
