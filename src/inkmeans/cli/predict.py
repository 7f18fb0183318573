"""``inkmeans predict``: which cluster, and which digit, images are."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from inkmeans.cli.output import Json, Quiet, print_json, print_note
from inkmeans.cli.progress import show_progress

__all__ = ["predict"]

UNKNOWN = "-"  # stands for the digit of a cluster without a name


def predict(
    model: Annotated[
        Path,
        typer.Argument(metavar="MODEL", help="A run's model file, or a saved recogniser."),
    ],
    images: Annotated[
        list[str],
        typer.Argument(metavar="IMAGE...", help="IDX, NPY or picture files such as PNG."),
    ],
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say which cluster, and which digit, images are."""
    from inkmeans.experiment import predict_files
    from inkmeans.recognise import load_any

    loaded = load_any(model)
    with show_progress(as_json=as_json, quiet=quiet) as progress:
        found = predict_files(loaded, images, progress=progress)
    if not (as_json or quiet):
        for prediction in found:
            if prediction.intake.polarity != "as given" or prediction.intake.note:
                print_note(f"{prediction.name}: {prediction.intake}")
    if as_json:
        print_json([{**asdict(prediction), "done": str(prediction.intake)} for prediction in found])
        return
    for prediction in found:
        digit = UNKNOWN if prediction.digit is None else prediction.digit
        typer.echo(f"{prediction.name}\t{prediction.cluster}\t{digit}")
