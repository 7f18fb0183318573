"""``inkmeans suggest-k``: what several criteria say of the number of clusters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inkmeans.cli.output import Json, Quiet, print_json
from inkmeans.cli.progress import show_progress

__all__ = ["suggest_k"]


def suggest_k(  # noqa: PLR0917 - one parameter an option
    dataset: Annotated[
        str, typer.Option(help="A data set's name, a file or a folder.", metavar="NAME|PATH")
    ] = "mnist",
    clusters: Annotated[
        str, typer.Option(help="Numbers of clusters to try.", metavar="FIRST-LAST|K,K,...")
    ] = "2-30",
    features: Annotated[str, typer.Option(help="What to cluster.", metavar="NAME")] = "deskewed",
    reduce: Annotated[
        str, typer.Option(help="Dimensionality reduction; none is none.", metavar="NAME:D|none")
    ] = "pca:32",
    sample: Annotated[
        str, typer.Option(help="Training images to look at, drawn at random.", metavar="N")
    ] = "4000",
    seed: Annotated[
        str, typer.Option(help="Decides everything that is random.", metavar="N")
    ] = "0",
    out: Annotated[
        Path, typer.Option(help="The folder that gets the picture and the JSON.", metavar="DIR")
    ] = Path("suggest-k"),
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Suggest a number of clusters, and say why; no label is used."""
    from inkmeans.experiment import SuggestOptions, parse_number
    from inkmeans.experiment.suggestion.options import parse_range

    options = SuggestOptions(
        dataset=dataset,
        clusters=parse_range(clusters, "--clusters"),
        features=features,
        reduce=None if reduce.strip() == "none" else reduce.strip(),
        sample=parse_number(sample, "--sample"),
        seed=parse_number(seed, "--seed"),
        out=out,
    )
    from inkmeans.experiment import suggest_k as ask  # heavy: wrong options are told before it

    with show_progress(as_json=as_json, quiet=quiet) as progress:
        found = ask(options, progress=progress)
    if as_json:
        print_json({"files": [str(path) for path in found.files], **found.to_dict()})
    elif quiet:
        typer.echo(str(found.suggestion.n_clusters or "-"))
    else:
        for line in found.words:
            typer.echo(line)
        typer.echo(f"Picture: {found.files[1]}")
