"""``inkmeans evaluate``: how good a saved model is on any data set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from inkmeans.cli.output import Json, Quiet, console, make_table, number, print_json
from inkmeans.cli.progress import show_progress

__all__ = ["evaluate"]


def evaluate(
    model: Annotated[
        Path,
        typer.Argument(metavar="MODEL", help="A run's model file, or a saved recogniser."),
    ],
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="A data set's name, a file or a folder.")
    ],
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Score a saved model on a data set."""
    from inkmeans.datasets import load
    from inkmeans.evaluate import Scores
    from inkmeans.experiment import evaluate_model
    from inkmeans.recognise import load_any

    loaded = load_any(model)
    with show_progress(as_json=as_json, quiet=quiet) as progress:
        digits = load(data, progress=progress)
        scores = evaluate_model(loaded, digits, progress=progress)
    if as_json:
        records = [{"split": split, **part.to_dict()} for split, part in scores.items()]
        print_json({"model": str(model), "dataset": digits.source.name, "scores": records})
        return
    table = make_table(("score", *scores, "labels"))
    table.columns[-1].justify = "left"
    columns = {split: part.to_dict() for split, part in scores.items()}
    for name in next(iter(columns.values())):
        digits_shown = 0 if name in ("n_images", "inertia") else 4
        values = (number(column[name], digits_shown) for column in columns.values())
        table.add_row(name, *values, Scores.LABEL_USE[name])
    console(sys.stdout).print(table)
